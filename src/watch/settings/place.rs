//! A value in the file, by what leads to it.

use crate::compose::yaml::{Kind, Node};
use crate::diagnostic::Span;

/// From a mapping or list to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

/// `stacks[0].source`
pub fn shown(path: &[Step]) -> String {
    path.iter().fold(String::new(), |all, step| match step {
        Step::Item(item) => format!("{all}[{item}]"),
        Step::Key(key) if all.is_empty() => key.clone(),
        Step::Key(key) => format!("{all}.{key}"),
    })
}

/// Where the value stands; the key of a list or mapping, and the nearest that there is of what is missing.
pub fn place(root: &Node, path: &[Step]) -> Span {
    let (mut node, mut span) = (root, root.span);
    for step in path {
        let next = match (&node.kind, step) {
            (Kind::Map(map), Step::Key(key)) => map.entry(key).map(|e| (&e.value, e.key.span)),
            (Kind::List(items), Step::Item(item)) => items.get(*item).map(|i| (i, i.span)),
            _ => None,
        };
        let Some((value, key)) = next else { return span };
        (node, span) = (value, if value.as_map().is_some() || value.as_list().is_some() { key } else { value.span });
    }
    span
}
