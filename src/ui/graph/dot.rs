//! Graphviz' DOT.

use super::{Graph, Link, Node, NodeKind};
use crate::ui::theme::visible;

pub fn dot(graph: &Graph) -> String {
    let mut out = String::from(
        "digraph stack {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", shape=box];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    if let Some(title) = &graph.title {
        out.push_str(&format!("  label={};\n", quoted(title)));
    }
    for (wave, services) in graph.waves() {
        out.push_str(&format!("  subgraph cluster_wave{wave} {{\n    label=\"wave {wave}\";\n"));
        for (index, node) in services.iter().filter_map(|index| Some((*index, graph.nodes.get(*index)?))) {
            out.push_str(&format!("    {}\n", line(index, node)));
        }
        out.push_str("  }\n");
    }
    for (index, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.kind != NodeKind::Service) {
        out.push_str(&format!("  {}\n", line(index, node)));
    }
    for edge in &graph.edges {
        let how = match edge.link {
            Link::Publishes => String::new(),
            Link::After(_) => format!(" [label=\"{}\"]", edge.link.label()),
            Link::Uses => " [style=dashed, dir=none]".to_owned(),
        };
        out.push_str(&format!("  n{} -> n{}{how};\n", edge.from, edge.to));
    }
    out.push_str("}\n");
    out
}

fn line(index: usize, node: &Node) -> String {
    let (shape, word) = match node.kind {
        NodeKind::Service => ("box", ""),
        NodeKind::Port => ("oval", ""),
        NodeKind::Network => ("hexagon", "network "),
        NodeKind::Volume => ("cylinder", "volume "),
        NodeKind::Config => ("note", "config "),
        NodeKind::Secret => ("note", "secret "),
    };
    let style = if node.external { ", style=dashed" } else { "" };
    format!("n{index} [shape={shape}, label={}{style}];", quoted(&format!("{word}{}", node.name)))
}

/// A backslash begins an escape in DOT.
fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(text).replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_end_its_quotes() {
        assert_eq!(quoted("a\"b\\N\n"), "\"a\\\"b\\\\N\\\\n\"");
    }
}
