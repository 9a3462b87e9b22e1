//! A drawing that stands by itself: no script, no font, light or dark as the reader has it.

use maud::{Markup, PreEscaped, html as markup};

use super::layout::{HEIGHT, Layout, Place, layout};
use super::{Edge, Graph, Link, Node, NodeKind};
use crate::ui::drawing::number;
use crate::ui::theme::{columns, visible};

/// Longest label in columns; the whole name is in the title.
const LONGEST: usize = 34;

const STYLE: &str = "
svg { background: #fff; } text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1c2024; }
.column { fill: #5d6570; font-size: 11px; } .word { font-size: 10px; fill: #5d6570; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
rect { fill: #f4f6f8; stroke: #5d6570; } .port { fill: #e6f5ea; stroke: #14743a; } .network { fill: #e4f3f8; stroke: #0b6380; }
.volume { fill: #fdf3e0; stroke: #8a5300; } .secret { fill: #fdeceb; stroke: #b3261e; } .config { fill: #fff; }
.external { stroke-dasharray: 4 3; } path { fill: none; stroke: #9aa3ad; } .after, .publishes { stroke: #1c2024; }
.uses { stroke-dasharray: 2 3; } .arrow { fill: #1c2024; stroke: none; }
@media (prefers-color-scheme: dark) {
  svg { background: #14171a; } text { fill: #e4e7eb; } .column, .word { fill: #9aa3ad; } .word { stroke: #14171a; }
  rect { fill: #1d2125; stroke: #9aa3ad; } .port { fill: #16301f; stroke: #6fd08c; } .network { fill: #10303b; stroke: #6cc6e6; }
  .volume { fill: #33260f; stroke: #f0b95b; } .secret { fill: #3a1a19; stroke: #ff8f87; } .config { fill: #14171a; }
  path { stroke: #5d6570; } .after, .publishes { stroke: #e4e7eb; } .arrow { fill: #e4e7eb; }
}
";

pub fn svg(graph: &Graph) -> String {
    let layout = layout(graph, label);
    let title = graph.title.as_deref().unwrap_or("stack");
    let drawing = markup! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (number(layout.width)) " " (number(layout.height)) }
            width=(number(layout.width)) height=(number(layout.height)) role="img" {
            title { (visible(title)) }
            style { (PreEscaped(STYLE)) }
            defs {
                marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto" {
                    path class="arrow" d="M0 0L8 4L0 8z" {}
                }
            }
            @for (name, x, width) in &layout.columns {
                text class="column" x=(number(x + width / 2.0)) y="24" text-anchor="middle" { (name) }
            }
            @for (index, edge) in graph.edges.iter().enumerate() { (line(index, edge, &layout)) }
            @for (node, place) in graph.nodes.iter().zip(&layout.places) { (a_box(node, place)) }
        }
    };
    format!("{}\n", drawing.into_string())
}

/// What stands in the box.
fn label(node: &Node) -> String {
    let name = visible(&node.name);
    let text = match node.kind {
        NodeKind::Service | NodeKind::Port => name.into_owned(),
        kind => format!("{} {name}", kind.as_str()),
    };
    if columns(&text) <= LONGEST { text } else { format!("{}...", text.chars().take(LONGEST - 3).collect::<String>()) }
}

fn a_box(node: &Node, place: &Place) -> Markup {
    let external = if node.external { " external" } else { "" };
    let round = if node.kind == NodeKind::Port { HEIGHT / 2.0 } else { 5.0 };
    markup! {
        g {
            title { (node.kind.as_str()) " " (visible(&node.name)) @if node.external { ", external" } }
            rect class={ (node.kind.as_str()) (external) } x=(number(place.x)) y=(number(place.y))
                 width=(number(place.width)) height=(number(HEIGHT)) rx=(number(round)) {}
            text x=(number(place.x + place.width / 2.0)) y=(number(place.y + HEIGHT / 2.0 + 4.0)) text-anchor="middle" {
                (label(node))
            }
        }
    }
}

/// From the right of one box to the left of the other, through the columns between them.
fn line(index: usize, edge: &Edge, layout: &Layout) -> Markup {
    let (Some(from), Some(to)) = (layout.places.get(edge.from), layout.places.get(edge.to)) else { return markup! {} };
    let start = (from.x + from.width, from.y + HEIGHT / 2.0);
    let end = (to.x, to.y + HEIGHT / 2.0);
    let mut path = format!("M{} {}", number(start.0), number(start.1));
    let mut at = start;
    for way in layout.ways.get(index).into_iter().flatten() {
        path.push_str(&curve(at, (way.x, way.y)));
        at = (way.x + way.width, way.y);
        path.push_str(&format!("H{}", number(at.0)));
    }
    path.push_str(&curve(at, end));
    let (class, arrow) = match edge.link {
        Link::Publishes => ("publishes", Some("url(#arrow)")),
        Link::After(_) => ("after", Some("url(#arrow)")),
        Link::Uses => ("uses", None),
    };
    markup! {
        path class=(class) d=(path) marker-end=[arrow] {}
        @if !edge.link.label().is_empty() {
            text class="word" x=(number((at.0 + end.0) / 2.0)) y=(number((at.1 + end.1) / 2.0 + 3.5))
                 text-anchor="middle" { (edge.link.label()) }
        }
    }
}

/// Leaves and comes in level.
fn curve(from: (f64, f64), to: (f64, f64)) -> String {
    let bend = ((to.0 - from.0) / 2.0).abs().max(30.0);
    let [a, b, c, d, e, f] = [from.0 + bend, from.1, to.0 - bend, to.1, to.0, to.1].map(number);
    format!("C{a} {b} {c} {d} {e} {f}")
}
