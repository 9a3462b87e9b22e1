//! Where the tasks of a service go.

use crate::plan::Verdict;
use crate::plan::document::{NodeTasks, Placement, Range};

/// Nodes named one by one.
const NAMED: usize = 6;

/// `web fits, also at its peak of 7 tasks (n1 3, n2 4)`, of one whose tasks all find a node.
pub fn fitting(placement: &Placement) -> String {
    let (what, spots) = match &placement.peak {
        Some(peak) => (format!("fits, also at its peak of {} tasks", peak.tasks), &peak.nodes),
        // A job goes on with the nodes that it has.
        None if placement.placed.min < placement.tasks => {
            let at_a_time = range(placement.placed);
            (format!("fits, {at_a_time} of {} tasks at a time", placement.tasks), &placement.nodes)
        }
        None => ("fits".to_owned(), &placement.nodes),
    };
    let sure = if placement.exact { "" } else { "about " };
    format!("{} {what} ({sure}{})", placement.key(), nodes(spots))
}

/// Whether its tasks find a node.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => "fits",
        Verdict::MayNotFit => "may not fit",
        Verdict::DoesNotFit => "does not fit",
        Verdict::MayGetStuck => "may get stuck",
        Verdict::GetsStuck => "gets stuck",
    }
}

/// `n1 2, n2 1-2`, or `1-2 on each of 40 nodes`.
pub fn nodes(nodes: &[NodeTasks]) -> String {
    if nodes.len() <= NAMED {
        let named: Vec<String> =
            nodes.iter().map(|n| format!("{} {}", n.node, range(Range { min: n.min, max: n.max }))).collect();
        return named.join(", ");
    }
    let (min, max) = (nodes.iter().map(|n| n.min).min(), nodes.iter().map(|n| n.max).max());
    let on_each = Range { min: min.unwrap_or(0), max: max.unwrap_or(0) };
    format!("{} on each of {} nodes", range(on_each), nodes.len())
}

/// `2`, `1-2`
pub fn range(range: Range) -> String {
    if range.min == range.max { range.min.to_string() } else { format!("{}-{}", range.min, range.max) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_nodes_by_name_many_by_number() {
        let on = |node: &str, min, max| NodeTasks { node: node.to_owned(), min, max };
        let few = [on("n1", 2, 2), on("n2", 0, 1)];
        assert_eq!(nodes(&few), "n1 2, n2 0-1");
        let many: Vec<_> = (0..40).map(|n| on(&format!("n{n}"), 1, 1 + n % 2)).collect();
        assert_eq!(nodes(&many), "1-2 on each of 40 nodes");
    }
}
