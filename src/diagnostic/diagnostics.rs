//! One problem, and a list of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Code, Span};

/// How much a problem matters. Errors stop a command before its first write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One problem: what, where, why, and what to type next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// One sentence, lower case first, no full stop, names in backticks.
    pub message: String,
    pub primary: Option<Label>,
    /// Other places that matter: "defined here", "overridden here".
    pub secondary: Vec<Label>,
    /// What to write or type instead.
    pub help: Option<String>,
    /// What it is about in a plan, such as `service/web`.
    pub address: Option<String>,
}

impl Diagnostic {
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: abridged(message.into()),
            primary: None,
            secondary: Vec::new(),
            help: None,
            address: None,
        }
    }

    pub fn at(mut self, span: Span) -> Self {
        self.primary = Some(Label { span, text: String::new() });
        self
    }

    pub fn at_with(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(abridged(help.into()));
        self
    }

    pub fn about(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }
}

/// Bytes of a sentence. What a file says is repeated in it, and may be megabytes long.
const LONGEST: usize = 1_000;

fn abridged(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Problems of one severity that are kept. A file made to hurt has millions.
const MOST: usize = 5_000;

/// Every problem found so far, in the order found; past 5,000 of a severity they are only counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    /// By severity.
    counts: [usize; 3],
    omitted: usize,
}

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.is_full(diagnostic.severity) {
            self.omitted += 1;
            return;
        }
        self.counts[diagnostic.severity as usize] += 1;
        self.kept.push(diagnostic);
    }

    /// Another of this severity would only be counted: no need to look for its words.
    pub fn is_full(&self, severity: Severity) -> bool {
        self.counts[severity as usize] >= MOST
    }

    /// Counts problems that nobody wrote down.
    pub fn omit(&mut self, problems: usize) {
        self.omitted += problems;
    }

    /// How many were counted only.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        for other in others {
            self.push(other);
        }
    }

    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.counts[severity as usize]
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.kept.iter_mut()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.kept.iter()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.kept.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;

    #[test]
    fn what_a_file_says_is_not_repeated_for_pages() {
        let long = format!("`{}é` is no number", "1".repeat(LONGEST - 2));
        let problem = Diagnostic::error(code::BAD_NUMBER, &long).help(&long);
        assert_eq!(problem.message, format!("`{}…", "1".repeat(LONGEST - 2)));
        assert_eq!(problem.help, Some(problem.message));
    }
}
