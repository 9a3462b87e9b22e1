use super::*;
use crate::plan::Action;
use crate::plan::document::sample::{document, everything, hostile, nothing};
use crate::plan::document::{Document, Placement};

#[test]
fn everything_as_a_comment() {
    insta::assert_snapshot!(markdown(&document(&everything()), COMMENT));
}

#[test]
fn no_changes_is_said_shortly() {
    let text = markdown(&document(&nothing()), COMMENT);
    assert!(text.starts_with("### `getstartedlab`: no changes\n"), "{text}");
    assert!(text.contains("p-6c1f-90ab-22e4"));
}

/// The text outside of blocks and spans of code, as CommonMark has them.
fn outside(text: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<usize> = None;
    for line in text.lines() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            Some(length) if ticks >= length && line.trim_matches('`').is_empty() => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => out.push_str(&format!("{}\n", spans_out(line))),
        }
    }
    assert_eq!(fence, None, "a fence is open at the end");
    out
}

fn spans_out(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let ticks = rest[at..].chars().take_while(|c| *c == '`').count();
        let body = &rest[at + ticks..];
        let mut from = 0;
        let end = loop {
            let Some(next) = body[from..].find('`').map(|n| n + from) else { break None };
            let run = body[next..].chars().take_while(|c| *c == '`').count();
            if run == ticks {
                break Some(next + run);
            }
            from = next + run;
        };
        rest = &body[end.expect("a span that ends")..];
    }
    out.push_str(rest);
    out
}

#[test]
fn no_value_gets_out_of_its_code() {
    let text = markdown(&document(&hostile()), COMMENT);
    let outside = outside(&text);
    for hostile in ["@everyone", "script", "onerror", "evil.example", "::set-output", "<b>", "[x]"] {
        assert!(text.contains(hostile), "{hostile} is not in the sample");
        assert!(!outside.contains(hostile), "{hostile} got out:\n{outside}");
    }
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{200b}']));
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")));
    // A bar in a name makes no column.
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 5), "{rows:#?}");
}

fn of_services(count: usize) -> Document {
    let mut plan = everything();
    let web = plan.changes[1].clone();
    plan.changes = (0..count)
        .map(|n| {
            let mut change = web.clone();
            change.key = format!("web{n}");
            change
        })
        .collect();
    document(&plan)
}

#[test]
fn a_comment_keeps_to_its_limit() {
    let plan = of_services(60);
    let whole = markdown(&plan, usize::MAX);
    let mut last = usize::MAX;
    for limit in [whole.chars().count() + 400, 60_000, 30_000, 15_000, 8_000, 6_000] {
        let text = markdown(&plan, limit);
        let size = text.chars().count();
        assert!(size <= limit && size <= last, "{size} characters, {limit} allowed");
        last = size;
        outside(&text);
        assert!(text.contains("| `web59` | restart |") && text.contains("p-6c1f-90ab-22e4"), "{limit}");
    }
    // The id is worth more than the limit.
    let text = markdown(&plan, 10);
    assert!(text.contains("| and 60 restart |") && text.contains("p-6c1f-90ab-22e4"));
    assert!(!text.contains("```"));
}

#[test]
fn a_thousand_services_fit_into_a_comment() {
    let mut plan = of_services(3000);
    plan.changes[2999].action = Action::Remove;
    let placed = plan.placement[0].clone();
    plan.placement = (0..3000).map(|n| Placement { address: format!("service/web{n}"), ..placed.clone() }).collect();
    let text = markdown(&plan, COMMENT);
    assert!(text.chars().count() <= COMMENT);
    assert!(text.contains("| `web2999` | **remove** |") && text.contains("p-6c1f-90ab-22e4"), "{text}");
    let counted = text.lines().find(|line| line.starts_with("| and ")).unwrap();
    let left: usize = counted.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    assert_eq!(text.matches("| restart |").count() + left, 2999, "{counted}");
    // There is room for places where the table is short.
    let text = markdown(&Document { changes: plan.changes[..50].to_vec(), ..plan }, COMMENT);
    assert!(text.contains("<summary>Placement</summary>") && text.contains("| and 2960 more services |"), "{text}");
}

#[test]
fn what_is_left_out_is_said() {
    let plan = of_services(30);
    let whole = markdown(&plan, usize::MAX);
    assert!(whole.contains("serve\n") && !whole.contains("Left out"));
    let size = whole.chars().count();
    // Some room is kept for this very sentence.
    let without_context = markdown(&plan, size + 300);
    assert!(without_context.contains("Left out for want of room: unchanged lines. "), "{without_context}");
    assert!(!without_context.contains("       serve\n") && without_context.contains("LOG_LEVEL"));
    assert!(markdown(&plan, size / 2).contains("the fields of "));
}
