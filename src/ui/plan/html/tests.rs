use super::*;
use crate::plan::document::sample::{document, everything, hostile, nothing};
use crate::plan::document::{Change, NodeTasks, Placement};

/// Elements that the page may have, and attributes that may name something.
fn check(page: &str) {
    for element in ["<script", "<img", "<iframe", "<link", "<a ", "<object", "<form", "<base"] {
        assert!(!page.contains(element), "{element}");
    }
    for attribute in [" src=", " href=", " onclick=", " onload=", " onerror=", "url("] {
        assert!(!page.contains(attribute), "{attribute}");
    }
}

#[test]
fn everything_as_a_page() {
    let page = html(&document(&everything()));
    check(&page);
    insta::assert_snapshot!(page.replace("><", ">\n<"));
}

#[test]
fn a_page_is_well_formed() {
    for plan in [everything(), nothing(), hostile()] {
        let page = html(&document(&plan));
        for element in [
            "html", "head", "body", "main", "details", "summary", "div", "span", "svg", "figure", "ul", "li", "rect",
            "polygon", "path", "text", "section", "h3", "p",
        ] {
            let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
    }
}

#[test]
fn no_value_becomes_markup() {
    let page = html(&document(&hostile()));
    assert!(page.contains("&lt;script&gt;") && page.contains("&lt;img src=x onerror=alert(1)&gt;"));
    let text = page.replace("onerror=alert(1)&gt;", "").replace("src=x", "");
    check(&text);
    assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{200b}']));
    assert!(page.lines().all(|line| !line.trim_start().starts_with("::")));
}

#[test]
fn a_page_does_not_grow_without_end() {
    let mut plan = document(&everything());
    let (web, placed) = (plan.changes[1].clone(), plan.placement[0].clone());
    plan.changes = (0..5000).map(|n| Change { address: format!("service/web{n}"), ..web.clone() }).collect();
    plan.placement = (0..5000).map(|n| Placement { address: format!("service/web{n}"), ..placed.clone() }).collect();
    for placement in &mut plan.placement {
        placement.nodes =
            (0..300).map(|n| NodeTasks { node: format!("node-{n:03}"), min: n % 4, max: n % 4 + n % 7 }).collect();
    }
    let page = html(&plan);
    check(&page);
    assert!(page.len() < 3_000_000, "{}", page.len());
    for told in ["the first 200 of 5000 changes", "And 2800 more changes.", "and 4988 more services", "node-000 and "] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn no_changes_is_a_page_too() {
    assert!(html(&document(&nothing())).contains("No changes."));
}
