//! What is no longer as a plan saw it, field by field.

use serde_json::Value;

use super::table::align;
use super::theme::{Theme, Tone, visible};
use crate::diagnostic::Scrub;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::plan::redact::MASK;
use crate::plan::{Stale, StaleField};
use crate::swarm::segments;

/// Longer values are cut: the plan shows them whole.
const WIDEST: usize = 48;

/// A line an object, and under it a table: field, when planned, now, planned value.
pub fn text(head: &str, objects: &[Stale], theme: &Theme, scrub: Scrub) -> String {
    let mut out = format!("{} {}\n", theme.paint(Tone::Bad, "error:"), visible(&scrub(head)));
    for object in objects {
        let line = format!("  {} {}", object.address, object.why);
        out.push_str(&visible(&scrub(&line)));
        out.push('\n');
        out.push_str(&table(object, scrub));
    }
    out
}

/// The table alone; nothing where no field is known.
pub fn table(object: &Stale, scrub: Scrub) -> String {
    if object.fields.is_empty() {
        return String::new();
    }
    let mut lines = vec!["    FIELD\tWHEN PLANNED\tNOW\tPLANNED VALUE".to_owned()];
    for field in &object.fields {
        let cell = |value: &Option<Value>| cell(field, value, scrub);
        let path = visible(&scrub(&path(field))).into_owned();
        lines.push(format!("    {path}\t{}\t{}\t{}", cell(&field.when_planned), cell(&field.now), cell(&field.wanted)));
    }
    align(&lines.join("\n")) + "\n"
}

/// `deploy.replicas`
fn path(field: &StaleField) -> String {
    segments(&field.path).collect::<Vec<_>>().join(".")
}

fn cell(field: &StaleField, value: &Option<Value>, scrub: Scrub) -> String {
    let text = match value {
        _ if field.sensitive => return MASK.to_owned(),
        None => return "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let text = visible(&scrub(&text)).replace(['\t', '\n'], " ");
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The same for programs.
pub fn diagnostics(objects: &[Stale]) -> Diagnostics {
    let mut all = Diagnostics::default();
    for object in objects {
        let paths: Vec<String> = object.fields.iter().map(path).collect();
        let paths = if paths.is_empty() { String::new() } else { format!(": {}", paths.join(", ")) };
        let message = format!("`{}` {}{paths}", object.address, object.why);
        all.push(Diagnostic::error(code::PLAN_STALE, message).help("plan again").about(object.address.clone()));
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnostic::nothing_to_hide;

    #[test]
    fn a_table_says_what_was_and_what_is() {
        let field = |path: &str, sensitive| StaleField {
            path: path.to_owned(),
            when_planned: Some(json!(2)),
            now: Some(json!(5)),
            wanted: None,
            sensitive,
        };
        let object = Stale {
            address: "service/web".to_owned(),
            why: "was changed by somebody since it was planned".to_owned(),
            fields: vec![field("/deploy/replicas", false), field("/environment/DB_PASSWORD", true)],
        };
        let shown = text("plan p-1 is stale", &[object], &Theme::default(), &nothing_to_hide);
        let expected = [
            "error: plan p-1 is stale",
            "  service/web was changed by somebody since it was planned",
            "    FIELD                     WHEN PLANNED   NOW           PLANNED VALUE",
            "    deploy.replicas           2              5             -",
            "    environment.DB_PASSWORD   (sensitive)    (sensitive)   (sensitive)",
            "",
        ];
        assert_eq!(shown, expected.join("\n"));
    }
}
