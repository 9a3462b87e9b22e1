//! What was checked against the live swarm before anything is written.

use super::layout::{margin, pad};
use super::view::PlanView;
use crate::diagnostic::Severity;
use crate::ui::Tone;
use crate::ui::theme::columns;
use crate::ui::wrap::wrap;

pub fn preflight(view: &PlanView) -> String {
    if view.plan.preflight.is_empty() {
        return String::new();
    }
    let theme = view.theme;
    let mut out = format!("\n{}\n", theme.paint(Tone::Bold, "Preflight"));
    for diagnostic in &view.plan.preflight {
        let (word, tone) = match diagnostic.severity {
            Severity::Error => ("FAIL", Tone::Danger),
            Severity::Warning => ("warn", Tone::Warn),
            Severity::Note => ("note", Tone::Calm),
        };
        let label = pad(&theme.paint(tone, word), 4);
        let place = theme.paint(Tone::Dim, &view.place(diagnostic.primary.as_ref().map(|label| label.span), None));
        let message = format!("{} {}", diagnostic.code, view.clean(&diagnostic.message));
        let line = format!("  {label}  {message}");
        if columns(&line) + columns(&place) + 2 <= theme.width {
            out.push_str(&margin(&line, &place, theme.width));
        } else {
            let message = wrap(&message, theme.width, "        ");
            out.push_str(&format!("  {label}  {}\n", message.trim_start()));
            if !place.is_empty() {
                out.push_str(&margin("", &place, theme.width));
            }
        }
        for text in diagnostic.help.iter().chain(diagnostic.secondary.iter().map(|label| &label.text)) {
            out.push_str(&format!("{}\n", wrap(&view.clean(text), theme.width, "          ")));
        }
    }
    out
}
