//! `!reset` and `!override`: a later file takes a value of an earlier one away, or replaces it whole.

use super::yaml::{Directive, Kind, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};

/// A value of earlier files that goes before this file is merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// Keys from the top level, such as `services`, `web`, `ports`.
    pub path: Vec<String>,
    /// Where the tag's value stands.
    pub span: Span,
}

/// All tagged values of a tree. Those of `!reset` are taken out; those of `!override` stay.
pub fn take(root: &mut Node, diagnostics: &mut Diagnostics) -> Vec<Cleared> {
    let mut cleared = Vec::new();
    walk(root, &mut Vec::new(), &mut cleared, diagnostics);
    cleared
}

fn walk(node: &mut Node, path: &mut Vec<String>, cleared: &mut Vec<Cleared>, diagnostics: &mut Diagnostics) {
    match &mut node.kind {
        Kind::Map(map) => {
            for entry in &mut map.entries {
                path.push(entry.key.value.clone());
                if entry.value.directive.is_some() {
                    cleared.push(Cleared { path: path.clone(), span: entry.key.span });
                }
                walk(&mut entry.value, path, cleared, diagnostics);
                path.pop();
            }
            map.entries.retain(|e| e.value.directive != Some(Directive::Reset));
        }
        Kind::List(items) => {
            for item in items.iter().filter(|i| i.directive.is_some()) {
                let problem = Diagnostic::warning(code::UNKNOWN_TAG, "a tag on one item of a list has no effect");
                diagnostics.push(problem.at(item.span).help("put `!reset` or `!override` behind the key of the list"));
            }
            // An item that is empty because of its tag is none.
            items.retain(|i| i.directive != Some(Directive::Reset));
        }
        _ => {}
    }
}
