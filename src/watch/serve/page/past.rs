//! The releases of a stack, each with the way back to it.

use maud::{Markup, html};

use super::at;
use crate::plan::short_id;
use crate::watch::past::Past;

/// `orders` is the id of the form that holds the token, where orders are taken.
pub fn section(stack: &str, releases: &[Past], orders: Option<&str>) -> Markup {
    html! {
        h2 { "Releases" }
        @if releases.is_empty() { p { "None is recorded yet." } } @else {
            table.past {
                thead { tr { th { "Release" } th { "When" } th { "Who" } th { "Commit" } th { "Plan" } th { "Result" } th { "Go back" } } }
                tbody { @for one in releases { (row(stack, one, orders)) } }
            }
        }
    }
}

fn row(stack: &str, one: &Past, orders: Option<&str>) -> Markup {
    html! {
        tr {
            td { "#" (one.number) }
            td data-is="When" { @if let Some(time) = &one.at { (at(time)) } }
            td data-is="Who" { (one.who) }
            td data-is="Commit" { @if let Some(commit) = &one.commit { code { (commit) } } }
            td data-is="Plan" { @if let Some(plan) = &one.plan_id { code { (short_id(plan)) } } }
            td data-is="Result" { (one.result) }
            td {
                @if let Some(form) = orders.filter(|_| one.can_go_back) {
                    button form=(form) formaction={ "/stacks/" (stack) "/rollback/" (one.number) } { "Roll back to #" (one.number) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_had_succeeded_can_be_gone_back_to() {
        let one = |number: u64, can_go_back: bool| Past {
            number,
            at: Some("2026-11-20T12:00:00Z".into()),
            who: "<b>ana".into(),
            commit: Some("4f1c2aa".into()),
            plan_id: Some("p-266d85f7d305cae946efddb5ff4e1c00".into()),
            result: "applied".into(),
            can_go_back,
        };
        let all = [one(3, false), one(2, false), one(1, true)];
        let text = section("web", &all, Some("orders")).into_string();
        assert_eq!(text.matches("<button").count(), 1, "{text}");
        assert!(text.contains(r#"<button form="orders" formaction="/stacks/web/rollback/1">"#), "{text}");
        assert!(text.contains("&lt;b&gt;ana") && text.contains("p-266d-85f7-d305"), "{text}");
        assert!(!section("web", &all, None).into_string().contains("<button"));
        assert!(section("web", &[], None).into_string().contains("None is recorded"));
    }
}
