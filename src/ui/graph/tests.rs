use std::io::Write;
use std::process::{Command, Stdio};

use super::sample::{hostile, shop};
use super::*;
use crate::plan::document::sample::HOSTILE;

fn graph() -> Graph {
    Graph::of(&shop(), Some("shop".to_owned()))
}

fn nasty() -> Graph {
    Graph::of(&hostile(HOSTILE), Some(HOSTILE.join(" ")))
}

#[test]
fn a_shop_as_mermaid() {
    insta::assert_snapshot!(mermaid(&graph()));
}

#[test]
fn a_shop_as_dot() {
    insta::assert_snapshot!(dot(&graph()));
}

#[test]
fn a_shop_as_svg() {
    insta::assert_snapshot!(svg(&graph()).replace("><", ">\n<"));
}

#[test]
fn waves_follow_dependencies() {
    let graph = graph();
    let names = |wave: u32| -> Vec<&str> {
        graph.waves()[&wave].iter().map(|index| graph.nodes[*index].name.as_str()).collect()
    };
    assert_eq!((names(1), names(2), names(3)), (vec!["db", "lonely"], vec!["web", "worker"], vec!["proxy"]));
}

#[test]
fn a_path_of_the_host_is_no_volume() {
    let volumes: Vec<String> =
        graph().nodes.into_iter().filter(|node| node.kind == NodeKind::Volume).map(|node| node.name).collect();
    assert_eq!(volumes, ["rows", "uploads"]);
}

#[test]
fn nothing_is_a_graph_too() {
    let empty = Graph::default();
    assert_eq!(mermaid(&empty), "flowchart LR\n");
    assert!(svg(&empty).contains("</svg>"));
    draws(&dot(&empty), 0);
}

/// Only signs that mean nothing stand between the quotes that we set.
#[test]
fn no_name_gets_out_of_mermaid() {
    let text = mermaid(&nasty());
    let labels: Vec<&str> = text.lines().filter(|line| line.trim().starts_with('n') && line.contains("[\"")).collect();
    assert!(labels.len() >= HOSTILE.len());
    for line in labels {
        let inside = line.split_once("[\"").unwrap().1;
        let inside = inside.rsplit_once("\"").unwrap().0;
        assert!(!inside.contains(['"', '`', '<', '>', '[', ']', '{', '}', '|', '@', '\n', '\u{1b}']), "{inside}");
    }
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")));
}

#[test]
fn no_name_gets_out_of_svg() {
    let text = svg(&nasty());
    for bad in ["<script", "<img", "\u{1b}", "\u{202e}"] {
        assert!(!text.contains(bad), "{bad}");
    }
    assert!(text.contains("&lt;script&gt;"));
    for element in ["svg", "g", "rect", "text", "path", "title"] {
        let opened = text.matches(&format!("<{element}>")).count() + text.matches(&format!("<{element} ")).count();
        assert_eq!(opened, text.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn boxes_do_not_lie_on_each_other() {
    for graph in [graph(), nasty()] {
        let layout = layout::layout(&graph, |node| node.name.chars().take(30).collect());
        for (n, a) in layout.places.iter().enumerate() {
            assert!(a.x >= 0.0 && a.x + a.width <= layout.width && a.y + layout::HEIGHT <= layout.height, "{a:?}");
            for b in layout.places.iter().skip(n + 1) {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + layout::HEIGHT <= b.y
                    || b.y + layout::HEIGHT <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
        }
    }
}

/// Graphviz itself reads it, and finds as many nodes.
#[test]
fn graphviz_draws_the_dot() {
    for graph in [graph(), nasty()] {
        draws(&dot(&graph), graph.nodes.len());
    }
}

fn draws(text: &str, nodes: usize) {
    let child = Command::new("dot").arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        println!("not tested: no `dot` here (Debian's graphviz)");
        return;
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    let plain = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(plain.lines().filter(|line| line.starts_with("node ")).count(), nodes, "{plain}");
}
