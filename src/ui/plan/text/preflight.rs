//! What was checked against the live swarm before anything is written.

use super::layout::{margin, pad};
use super::placement;
use super::view::PlanView;
use crate::diagnostic::{DiagnosticJson, Severity};
use crate::ui::Tone;
use crate::ui::theme::columns;
use crate::ui::wrap::wrap;

pub fn preflight(view: &PlanView) -> String {
    let fitting = placement::fitting(view);
    if view.plan.preflight.is_empty() && fitting.is_empty() {
        return String::new();
    }
    let theme = view.theme;
    let mut out = format!("\n{}\n", theme.paint(Tone::Bold, "Preflight"));
    let ok = pad(&theme.paint(Tone::Good, "ok"), 4);
    for line in fitting {
        out.push_str(&format!("  {ok}  {}\n", wrap(&line, theme.width, "        ").trim_start()));
    }
    for diagnostic in &view.plan.preflight {
        let (word, tone) = match diagnostic.severity {
            Severity::Error => ("FAIL", Tone::Danger),
            Severity::Warning => ("warn", Tone::Warn),
            Severity::Note => ("note", Tone::Calm),
        };
        let label = pad(&theme.paint(tone, word), 4);
        let place = theme.paint(Tone::Dim, &view.place(diagnostic.span.as_ref(), None));
        let message = format!("{} {}", view.clean(&diagnostic.code), view.clean(&diagnostic.message));
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
        for text in diagnostic.help.iter().chain(others(diagnostic)) {
            out.push_str(&format!("{}\n", wrap(&view.clean(text), theme.width, "          ")));
        }
    }
    out
}

/// What is said of other places than its own.
fn others(diagnostic: &DiagnosticJson) -> impl Iterator<Item = &String> {
    let own = |span| diagnostic.span.as_ref() == Some(span);
    diagnostic.labels.iter().filter(move |label| !own(&label.span)).map(|label| &label.text)
}
