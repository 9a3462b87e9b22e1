//! The nodes, and the tasks that each gets, drawn: a box a task, a dashed one where swarm chooses.

use std::collections::BTreeMap;

use maud::{Markup, html as markup};

use crate::plan::Verdict;
use crate::plan::document::{Document, Placement, Range};
use crate::ui::diagnostic::count;
use crate::ui::plan::words;
use crate::ui::theme::visible;

/// Nodes drawn one by one; those that get the same are one.
const NODES: usize = 24;
/// Services drawn on a node.
const SERVICES: usize = 12;
/// Boxes drawn for a service; more are a number.
const BOXES: u64 = 10;
/// Services told beneath the drawing.
const TOLD: usize = 20;

/// Nothing where no task is placed.
pub fn places(plan: &Document) -> Markup {
    let told: Vec<&Placement> = plan.placement.iter().filter(|one| one.tasks > 0).collect();
    if told.is_empty() {
        return markup! {};
    }
    let cards = cards(&told);
    let (drawn, rest) = cards.split_at(cards.len().min(NODES));
    let unlike: usize = rest.iter().map(|card| card.nodes.len()).sum();
    let homeless: Vec<&Placement> = told.iter().copied().filter(|one| one.verdict != Verdict::Fits).collect();
    markup! {
        h2 { "Where the tasks go" }
        p.dim {
            "In the end, of the services that are written. " span.box {} " in any case, " span.box.maybe {} " if swarm chooses so."
        }
        div.nodes {
            @for card in drawn { (node(card)) }
            @if !homeless.is_empty() { (nowhere(&homeless)) }
        }
        @if unlike > 0 { p.dim { "And " (count(unlike as u64, "more node")) "." } }
        (peaks(&told))
    }
}

/// Nodes that get the same.
struct Card<'a> {
    nodes: Vec<&'a str>,
    tasks: Vec<(&'a str, Range)>,
}

fn cards<'a>(told: &[&'a Placement]) -> Vec<Card<'a>> {
    let mut by_node: BTreeMap<&str, Vec<(&str, Range)>> = BTreeMap::new();
    for placement in told {
        for node in &placement.nodes {
            let tasks = Range { min: node.min, max: node.max };
            by_node.entry(&node.node).or_default().push((placement.key(), tasks));
        }
    }
    let mut places: BTreeMap<Vec<(&str, u64, u64)>, usize> = BTreeMap::new();
    let mut cards: Vec<Card> = Vec::new();
    for (node, tasks) in by_node {
        let alike = tasks.iter().map(|(service, range)| (*service, range.min, range.max)).collect();
        let at = *places.entry(alike).or_insert(cards.len());
        match cards.get_mut(at) {
            Some(card) => card.nodes.push(node),
            None => cards.push(Card { nodes: vec![node], tasks }),
        }
    }
    cards
}

fn node(card: &Card) -> Markup {
    let all =
        Range { min: card.tasks.iter().map(|(_, r)| r.min).sum(), max: card.tasks.iter().map(|(_, r)| r.max).sum() };
    let names = match card.nodes.as_slice() {
        [] => String::new(),
        [one] => visible(one).into_owned(),
        [first, others @ ..] => format!("{} and {} more", visible(first), others.len()),
    };
    let (shown, more) = card.tasks.split_at(card.tasks.len().min(SERVICES));
    markup! {
        section.node {
            h3 { (names) }
            p.dim { (tasks(all)) @if card.nodes.len() > 1 { " each" } }
            ul { @for (service, range) in shown { (service_on(service, *range)) } }
            @if !more.is_empty() { p.dim { "and " (count(more.len() as u64, "more service")) } }
        }
    }
}

fn tasks(range: Range) -> String {
    if range.min == range.max { count(range.max, "task") } else { format!("{} tasks", words::range(range)) }
}

fn service_on(service: &str, range: Range) -> Markup {
    let drawn = range.max <= BOXES;
    markup! {
        li {
            span.what { (visible(service)) } " " span.dim { (words::range(range)) }
            @if drawn {
                span.boxes aria-hidden="true" {
                    @for _ in 0..range.min { span.box {} }
                    @for _ in range.min..range.max { span.box.maybe {} }
                }
            }
        }
    }
}

/// Services of which some task finds no node.
fn nowhere(homeless: &[&Placement]) -> Markup {
    let (shown, more) = homeless.split_at(homeless.len().min(SERVICES));
    markup! {
        section.node.nowhere {
            h3 { "no node" }
            ul {
                @for one in shown {
                    li {
                        span.what { (visible(one.key())) } " "
                        span.bad { (words::verdict(one.verdict)) } ", "
                        (words::range(one.placed)) " of " (one.tasks) " placed"
                    }
                }
            }
            @if !more.is_empty() { p.dim { "and " (count(more.len() as u64, "more service")) } }
        }
    }
}

fn peaks(told: &[&Placement]) -> Markup {
    let all: Vec<_> = told.iter().filter_map(|one| Some((one, one.peak.as_ref()?))).collect();
    let (shown, more) = all.split_at(all.len().min(TOLD));
    markup! {
        @if !all.is_empty() {
            ul.facts {
                @for (one, peak) in shown {
                    li {
                        (visible(one.key())) ": " (count(peak.tasks, "task")) " at its peak, "
                        @if !one.exact { "about " } (visible(&words::nodes(&peak.nodes)))
                    }
                }
                @if !more.is_empty() { li { "and " (count(more.len() as u64, "more service")) " with a peak" } }
            }
        }
    }
}
