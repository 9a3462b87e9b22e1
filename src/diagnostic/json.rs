//! Diagnostics with their places resolved: what programs read, and what a document keeps without the texts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Diagnostic, Position, Scrub, Severity, Sources, Span};

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosticJson {
    /// Stable, such as `SU0201`; `stackup explain` tells more.
    pub code: String,
    pub severity: Severity,
    /// What it is about, such as `service/web`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub message: String,
    /// What to write or type instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<SpanJson>,
    /// Other places that matter.
    pub labels: Vec<LabelJson>,
}

/// A place and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LabelJson {
    pub text: String,
    pub span: SpanJson,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpanJson {
    /// As it was named on the command line.
    pub file: String,
    pub start: PositionJson,
    /// One past the last character.
    pub end: PositionJson,
}

/// A place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PositionJson {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// In bytes from the start of the file, from 0.
    pub byte: u32,
}

impl DiagnosticJson {
    pub fn new(diagnostic: &Diagnostic, sources: &Sources, scrub: Scrub) -> Self {
        Self {
            code: diagnostic.code.id.to_owned(),
            severity: diagnostic.severity,
            address: diagnostic.address.as_deref().map(scrub),
            message: scrub(&diagnostic.message),
            help: diagnostic.help.as_deref().map(scrub),
            span: diagnostic.primary.as_ref().and_then(|label| SpanJson::new(label.span, sources, scrub)),
            labels: diagnostic
                .primary
                .iter()
                .filter(|label| !label.text.is_empty())
                .chain(&diagnostic.secondary)
                .filter_map(|label| {
                    Some(LabelJson { text: scrub(&label.text), span: SpanJson::new(label.span, sources, scrub)? })
                })
                .collect(),
        }
    }
}

impl SpanJson {
    /// `None` for a span of other sources.
    pub fn new(span: Span, sources: &Sources, scrub: Scrub) -> Option<Self> {
        Some(Self {
            file: scrub(&sources.get(span.file)?.path),
            start: sources.start(span)?.into(),
            end: sources.end(span)?.into(),
        })
    }
}

impl From<Position> for PositionJson {
    fn from(position: Position) -> Self {
        Self { line: position.line, column: position.column, byte: position.byte }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{code, nothing_to_hide};

    #[test]
    fn says_where_in_lines_columns_and_bytes() {
        let mut sources = Sources::default();
        let file = sources.add("a.yml", "é: 1\ny: 2\n");
        let diagnostic = Diagnostic::error(code::UNKNOWN_KEY, "m")
            .at(Span { file, start: 6, end: 7 })
            .also(Span { file, start: 0, end: 2 }, "first here")
            .about("service/web");
        let json = serde_json::to_value(DiagnosticJson::new(&diagnostic, &sources, &nothing_to_hide)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "code": "SU0201", "severity": "error", "address": "service/web", "message": "m",
                "span": {"file": "a.yml", "start": {"line": 2, "column": 1, "byte": 6},
                         "end": {"line": 2, "column": 2, "byte": 7}},
                "labels": [{"text": "first here",
                            "span": {"file": "a.yml", "start": {"line": 1, "column": 1, "byte": 0},
                                     "end": {"line": 1, "column": 2, "byte": 2}}}],
            })
        );
    }
}
