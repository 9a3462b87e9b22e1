//! Everything that the text of a plan is made from.

use jiff::Timestamp;

use super::{change, header, preflight, summary};
use crate::diagnostic::{Sources, Span};
use crate::plan::Plan;
use crate::ui::Scrub;
use crate::ui::theme::{Theme, visible};

/// A plan and how to show it.
#[derive(Clone, Copy)]
pub struct PlanView<'a> {
    pub plan: &'a Plan,
    pub sources: &'a Sources,
    /// Why the stack is called what it is called: `argument`, `name: in docker-compose.yml`.
    pub named_by: Option<&'a str>,
    /// The clock, for ages.
    pub now: Option<Timestamp>,
    /// One line an object, without its fields.
    pub compact: bool,
    /// Long diffs and digests in full.
    pub full: bool,
    pub theme: &'a Theme,
    pub scrub: Scrub<'a>,
}

impl PlanView<'_> {
    /// The whole text. One line where there is nothing to do.
    pub fn render(&self) -> String {
        if self.plan.is_empty() && !self.plan.preflight.has_errors() {
            return summary::no_changes(self);
        }
        let mut out = header::header(self);
        out.push_str(&change::waves(self));
        out.push_str(&change::orphans(self));
        out.push_str(&preflight::preflight(self));
        out.push_str(&summary::summary(self));
        out
    }

    /// Foreign text: swept, and without characters that act on a terminal.
    pub(super) fn clean(&self, text: &str) -> String {
        visible(&(self.scrub)(text)).into_owned()
    }

    /// `docker-compose.yml:4`, or `:4` in the file that a line above has named.
    pub(super) fn place(&self, span: Option<Span>, named: Option<Span>) -> String {
        let Some(span) = span else { return String::new() };
        let (Some(file), Some(at)) = (self.sources.get(span.file), self.sources.start(span)) else {
            return String::new();
        };
        match named {
            Some(named) if named.file == span.file => format!(":{}", at.line),
            _ => format!("{}:{}", visible(&file.path), at.line),
        }
    }
}
