//! Everything that the text of a plan is made from.

use super::{change, header, outside, preflight, summary};
use crate::diagnostic::SpanJson;
use crate::plan::document::Document;
use crate::ui::plan::runner::without_commands;
use crate::ui::plan::words;
use crate::ui::theme::{Theme, visible};

/// A plan and how to show it.
#[derive(Clone, Copy)]
pub struct PlanView<'a> {
    pub plan: &'a Document,
    /// One line an object, without its fields.
    pub compact: bool,
    /// Long diffs and digests in full.
    pub full: bool,
    pub theme: &'a Theme,
}

impl PlanView<'_> {
    /// The whole text. One line where there is nothing to do.
    pub fn render(&self) -> String {
        if self.plan.is_empty() && self.plan.failures() == 0 {
            return without_commands(&summary::no_changes(self));
        }
        let mut out = header::header(self);
        out.push_str(&outside::outside(self));
        out.push_str(&change::waves(self));
        out.push_str(&change::orphans(self));
        out.push_str(&preflight::preflight(self));
        out.push_str(&summary::summary(self));
        without_commands(&out)
    }

    /// Foreign text without characters that act on a terminal. What nobody may see is not in the document.
    pub(super) fn clean(&self, text: &str) -> String {
        visible(text).into_owned()
    }

    /// `docker-compose.yml:4`, or `:4` in the file that a line above has named.
    pub(super) fn place(&self, span: Option<&SpanJson>, named: Option<&SpanJson>) -> String {
        let Some(span) = span else { return String::new() };
        match named {
            Some(named) if named.file == span.file => format!(":{}", span.start.line),
            _ => words::place(span),
        }
    }
}
