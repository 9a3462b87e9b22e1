//! Every text of a tree.

use super::template::{Expanded, Problem, ProblemKind, expand};
use crate::compose::Environment;
use crate::compose::yaml::{Kind, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, closest, code};

/// Replaces variables in all values. What a replaced text becomes (a number, true or false) its place decides.
pub fn interpolate(node: &mut Node, environment: &Environment, sources: &Sources, diagnostics: &mut Diagnostics) {
    let span = node.span;
    match &mut node.kind {
        Kind::Text(text) if text.contains('$') => {
            let Expanded { text: new, changed, problems } = expand(text, environment);
            for problem in problems {
                let place = narrow(span, text, &problem, sources);
                let written = text.get(problem.start..problem.end).unwrap_or_default();
                let below = Below { written, template: text, start: problem.start };
                diagnostics.push(below.diagnostic(problem.kind, environment).at(place));
            }
            *text = new;
            node.interpolated = changed;
        }
        Kind::List(items) => {
            for item in items {
                interpolate(item, environment, sources, diagnostics);
            }
        }
        Kind::Map(map) => {
            for entry in &mut map.entries {
                interpolate(&mut entry.value, environment, sources, diagnostics);
            }
        }
        _ => {}
    }
}

/// The problem's own bytes, where the file has the text as it is; else the whole value.
fn narrow(span: Span, text: &str, problem: &Problem, sources: &Sources) -> Span {
    let source = sources.get(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize));
    let offset = source.and_then(|s| s.find(text)).map(|o| o as u32);
    match offset {
        Some(o) => {
            Span { start: span.start + o + problem.start as u32, end: span.start + o + problem.end as u32, ..span }
        }
        None => span,
    }
}

struct Below<'a> {
    written: &'a str,
    template: &'a str,
    start: usize,
}

impl Below<'_> {
    fn diagnostic(&self, kind: ProblemKind, environment: &Environment) -> Diagnostic {
        match kind {
            ProblemKind::Invalid => {
                let around: String = self.template.get(self.start..).unwrap_or_default().chars().take(12).collect();
                Diagnostic::error(code::INVALID_SUBSTITUTION, "this `$` starts no variable".to_owned())
                    .help(format!("write `${around}` for a dollar sign, or `${{NAME}}` for a variable"))
            }
            ProblemKind::Dropped => {
                Diagnostic::warning(code::DROPPED_DOLLAR, "this `$` starts no variable and is dropped, as docker does")
                    .help("write `$$` for a dollar sign")
            }
            ProblemKind::Unset(name) => {
                let near = closest(&name, environment.keys().map(String::as_str));
                let like = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                Diagnostic::warning(code::UNSET_VARIABLE, format!("`{name}` is not set, so this is empty"))
                    .help(format!("set it in the environment or in `.env`, or write `${{{name}:-default}}`{like}"))
            }
            ProblemKind::Required { name, message } => {
                let why = if message.is_empty() { String::new() } else { format!(": {message}") };
                Diagnostic::error(code::REQUIRED_VARIABLE, format!("`{name}` must be set{why}"))
                    .help(format!("export {name}=…, or put `{name}=…` into `.env`"))
            }
            ProblemKind::Swallowed { name } => Diagnostic::warning(
                code::SWALLOWED_TEXT,
                format!("`{}` is one variable with an operator, as docker reads it", self.written),
            )
            .help(format!("write `${{{name}}}` where only the variable is meant")),
        }
    }
}
