//! Every text of a tree.

use super::template::{Expanded, Problem, ProblemKind, expand};
use crate::compose::Environment;
use crate::compose::yaml::{Kind, MAX_BYTES, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, Span, closest, code};

/// Replaces variables in all values. What a replaced text becomes (a number, true or false) its place decides.
pub fn interpolate(node: &mut Node, environment: &Environment, sources: &Sources, diagnostics: &mut Diagnostics) {
    Walk { environment, sources, diagnostics, room: Some(MAX_BYTES) }.node(node);
}

struct Walk<'a> {
    environment: &'a Environment,
    sources: &'a Sources,
    diagnostics: &'a mut Diagnostics,
    /// Bytes that variables may still add; `None` past the limit.
    room: Option<usize>,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node) {
        let span = node.span;
        match &mut node.kind {
            Kind::Text(text) if text.contains('$') => {
                let Expanded { text: new, changed, problems } = expand(text, self.environment, &mut self.room);
                self.say(problems, text, span);
                *text = new;
                node.interpolated = changed;
            }
            Kind::List(items) => items.iter_mut().for_each(|item| self.node(item)),
            Kind::Map(map) => map.entries.iter_mut().for_each(|entry| self.node(&mut entry.value)),
            _ => {}
        }
    }

    fn say(&mut self, problems: Vec<Problem>, text: &str, span: Span) {
        let start = if problems.is_empty() { None } else { as_written(span, text, self.sources) };
        for problem in problems {
            if self.diagnostics.is_full(problem.kind.severity()) {
                self.diagnostics.omit(1);
                continue;
            }
            let place =
                start.map_or(span, |s| Span { start: s + problem.start as u32, end: s + problem.end as u32, ..span });
            let written = text.get(problem.start..problem.end).unwrap_or_default();
            let below = Below { written, template: text, start: problem.start };
            self.diagnostics.push(below.diagnostic(problem.kind, self.environment).at(place));
        }
    }
}

/// Where the text starts, if the file has it as it is.
fn as_written(span: Span, text: &str, sources: &Sources) -> Option<u32> {
    let source = sources.get(span.file)?.text.get(span.start as usize..span.end as usize)?;
    source.find(text).map(|offset| span.start + offset as u32)
}

impl ProblemKind {
    fn severity(&self) -> Severity {
        match self {
            Self::Invalid | Self::Required { .. } | Self::TooLong => Severity::Error,
            Self::Dropped | Self::Unset(_) | Self::Swallowed { .. } => Severity::Warning,
        }
    }
}

/// The name of a `${NAME` that nothing closes.
fn unclosed(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("${").filter(|rest| !rest.contains('}'))?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty())
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
                let rest = self.template.get(self.start..).unwrap_or_default();
                let around: String = rest.chars().take(12).collect();
                let problem = Diagnostic::error(code::INVALID_SUBSTITUTION, "this `$` starts no variable".to_owned());
                problem.help(match unclosed(rest) {
                    Some(name) => format!("close it: `${{{name}}}`; or write `$${{{name}` for a dollar sign"),
                    None => format!("write `${around}` for a dollar sign, or `${{NAME}}` for a variable"),
                })
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
            ProblemKind::TooLong => {
                let message = format!("the variables of this file stand for more than {} MB", MAX_BYTES >> 20);
                Diagnostic::error(code::FILE_TOO_LARGE, message)
                    .help("large data belongs in a file of its own, named by `configs` or `secrets`")
            }
            ProblemKind::Swallowed { name } => Diagnostic::warning(
                code::SWALLOWED_TEXT,
                format!("`{}` is one variable with an operator, as docker reads it", self.written),
            )
            .help(format!("write `${{{name}}}` where only the variable is meant")),
        }
    }
}
