//! What would be changed: what somebody who says yes has seen.

use maud::{Markup, html};
use serde_json::Value;

use crate::plan::Op;
use crate::plan::document::{Change, Document, Field};

pub fn section(plan: &Document) -> Markup {
    html! {
        h2 { "Plan " code { (plan.short_id()) } }
        @for diagnostic in &plan.preflight { p.trouble { (diagnostic.message) } }
        @for one in &plan.changes { (change(one)) }
        @if plan.changes.is_empty() { p { "Nothing is to be changed." } }
    }
}

fn change(change: &Change) -> Markup {
    html! {
        h3 { (change.action.as_str()) " " code { (change.address) } }
        @if let Some(words) = tasks(change) { p { (words) } }
        @if !change.fields.is_empty() {
            ul.plan { @for one in &change.fields { li { (field(one)) } } }
        }
        @if let Some(diff) = &change.content_diff { pre { @for line in diff.lines() { (diff_line(line)) } } }
    }
}

/// `2 tasks restart, 1 stops`: what it does to what runs.
fn tasks(change: &Change) -> Option<String> {
    let impact = &change.impact;
    let of = |n: u64, verb: &str| (n > 0).then(|| format!("{n} {verb}{}", if n == 1 { "s" } else { "" }));
    let counts =
        [of(impact.tasks_restarted, "restart"), of(impact.tasks_stopped, "stop"), of(impact.tasks_started, "start")];
    let mut parts: Vec<String> = counts.into_iter().flatten().collect();
    if impact.downtime {
        parts.push("nothing runs meanwhile".to_owned());
    }
    (!parts.is_empty()).then(|| format!("Tasks: {}", parts.join(", ")))
}

/// Each begins with its sign, for who sees no colour.
fn diff_line(line: &str) -> Markup {
    html! {
        @match line.as_bytes().first() {
            Some(b'+') => ins { (line) },
            Some(b'-') => del { (line) },
            _ => (line),
        }
        "\n"
    }
}

/// In words too, for who hears it.
fn field(field: &Field) -> Markup {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (before, after) = (shown(&field.before), shown(&field.after));
    html! {
        code { (field.path) } ": "
        @if field.sensitive { "another value, which is not shown" }
        @else if field.unknown { "known when it is done" }
        @else {
            @match field.op {
                Op::Add => { "added " ins { (after) } }
                Op::Remove => { "removed " del { (before) } }
                Op::Replace => { "from " del { (before) } " to " ins { (after) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::document::sample;

    #[test]
    fn a_plan_is_shown_as_it_is_and_as_nothing_else() {
        let mut plan = sample::document(&sample::everything());
        let text = section(&plan).into_string();
        for change in &plan.changes {
            assert!(text.contains(&format!("{} <code>{}</code>", change.action.as_str(), change.address)), "{text}");
        }
        let hostile = section(&sample::document(&sample::hostile())).into_string();
        assert!(!hostile.contains("<script") && !hostile.contains("<img") && !hostile.contains("<b>"), "{hostile}");
        let evil = "<img src=x>";
        plan.changes[0].address = evil.into();
        let of = |sensitive: bool, op: Op| Field {
            path: "/labels/a".into(),
            op,
            before: evil.into(),
            after: Value::Null,
            effect: crate::plan::Effect::Scale,
            origin: crate::plan::drift::Origin::Yours,
            sensitive,
            unknown: false,
            span: None,
        };
        plan.changes[0].fields = vec![of(false, Op::Replace), of(false, Op::Remove), of(true, Op::Add)];
        plan.changes[0].content_diff = Some(format!("-{evil}"));
        let text = section(&plan).into_string();
        assert!(
            !text.contains(evil) && text.contains("from <del>&lt;img src=x&gt;</del> to <ins>null</ins>"),
            "{text}"
        );
        assert!(text.contains("another value, which is not shown"), "{text}");
    }
}
