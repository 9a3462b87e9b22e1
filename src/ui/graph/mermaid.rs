//! A Mermaid flowchart, which GitHub and GitLab draw.

use super::{Graph, Link, Node, NodeKind};
use crate::ui::theme::visible;

pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (wave, services) in graph.waves() {
        out.push_str(&format!("  subgraph wave{wave}[\"wave {wave}\"]\n"));
        for (index, node) in services.iter().filter_map(|index| Some((*index, graph.nodes.get(*index)?))) {
            out.push_str(&format!("    {}\n", shape(index, node)));
        }
        out.push_str("  end\n");
    }
    for (index, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.kind != NodeKind::Service) {
        out.push_str(&format!("  {}\n", shape(index, node)));
    }
    for edge in &graph.edges {
        let line = match edge.link {
            Link::Publishes => "-->".to_owned(),
            Link::After(_) => format!("-->|{}|", edge.link.label()),
            Link::Uses => "-.-".to_owned(),
        };
        out.push_str(&format!("  n{} {line} n{}\n", edge.from, edge.to));
    }
    for (kind, style) in [
        (NodeKind::Port, "fill:#e6f5ea,stroke:#14743a,color:#14743a"),
        (NodeKind::Network, "fill:#e4f3f8,stroke:#0b6380,color:#0b6380"),
        (NodeKind::Volume, "fill:#fdf3e0,stroke:#8a5300,color:#8a5300"),
        (NodeKind::Config, "fill:#f4f6f8,stroke:#5d6570,color:#1c2024"),
        (NodeKind::Secret, "fill:#fdeceb,stroke:#b3261e,color:#b3261e"),
    ] {
        let of: Vec<String> = graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.kind == kind)
            .map(|(n, _)| format!("n{n}"))
            .collect();
        if !of.is_empty() {
            out.push_str(&format!(
                "  classDef {} {style}\n  class {} {}\n",
                kind.as_str(),
                of.join(","),
                kind.as_str()
            ));
        }
    }
    out
}

/// Names stand in the text only; ids are ours.
fn shape(index: usize, node: &Node) -> String {
    let name = escape(&visible(&node.name));
    let external = if node.external { "<br>external" } else { "" };
    let text = match node.kind {
        NodeKind::Service | NodeKind::Port => format!("{name}{external}"),
        kind => format!("{} {name}{external}", kind.as_str()),
    };
    match node.kind {
        NodeKind::Service => format!("n{index}[\"{text}\"]"),
        NodeKind::Port => format!("n{index}([\"{text}\"])"),
        NodeKind::Network => format!("n{index}{{{{\"{text}\"}}}}"),
        NodeKind::Volume => format!("n{index}[(\"{text}\")]"),
        NodeKind::Config | NodeKind::Secret => format!("n{index}[/\"{text}\"/]"),
    }
}

/// Whatever means something to Mermaid, Markdown or HTML as the number of its character.
fn escape(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " -_./:()".contains(c);
    text.chars().map(|c| if plain(c) { c.to_string() } else { format!("#{};", c as u32) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_means_anything() {
        assert_eq!(escape("a\"b`c<d>#e;f"), "a#34;b#96;c#60;d#62;#35;e#59;f");
        assert_eq!(escape("443 -> 8443/tcp (host)"), "443 -#62; 8443/tcp (host)");
    }
}
