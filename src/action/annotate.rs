//! Problems on the lines of the files. GitHub shows ten of a kind, so the rest is counted.

use std::collections::BTreeSet;

use crate::diagnostic::{DiagnosticJson, Severity, SpanJson};
use crate::ui::diagnostic::{escape_data, escape_property};
use crate::ui::visible;

/// One place and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    pub severity: Severity,
    /// From the top of the repository.
    pub place: Option<Place>,
    pub title: String,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub end_line: u32,
    /// Of a span within one line.
    pub columns: Option<(u32, u32)>,
}

/// Characters of a message; the runner cuts at 4,096.
const LONGEST: usize = 4_000;

/// An exit code that is not 0 takes one of the ten errors.
const ERRORS: usize = 9;
const OTHERS: usize = 10;

impl Place {
    /// `in_repository` tells how a file is called from the top.
    pub fn of(span: &SpanJson, in_repository: &dyn Fn(&str) -> String) -> Self {
        Self {
            file: in_repository(&span.file),
            line: span.start.line,
            end_line: span.end.line,
            columns: (span.start.line == span.end.line).then_some((span.start.column, span.end.column)),
        }
    }
}

impl Annotation {
    /// `in_repository` tells how a file is called from the top.
    pub fn of(one: &DiagnosticJson, in_repository: &dyn Fn(&str) -> String) -> Self {
        let place = one.span.as_ref().map(|span| Place::of(span, in_repository));
        let help = one.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        let labels: String = one
            .labels
            .iter()
            .map(|label| format!("\n{}:{}: {}", in_repository(&label.span.file), label.span.start.line, label.text))
            .collect();
        let message = format!("{}{labels}{help}", one.message);
        Self { severity: one.severity, place, title: one.code.clone(), message }
    }

    fn command(&self) -> String {
        let mut properties = Vec::new();
        if let Some(place) = &self.place {
            properties.push(format!("file={}", escape_property(&place.file)));
            properties.push(format!("line={},endLine={}", place.line, place.end_line));
            if let Some((from, to)) = place.columns {
                properties.push(format!("col={from},endColumn={to}"));
            }
        }
        properties.push(format!("title={}", escape_property(&visible_lines(&self.title))));
        let message: String = visible_lines(&self.message).chars().take(LONGEST).collect();
        format!("::{} {}::{}\n", kind(self.severity), properties.join(","), escape_data(&message))
    }
}

/// Without anything that acts, but with its lines.
fn visible_lines(text: &str) -> String {
    text.split('\n').map(|line| visible(line.trim_end_matches('\r')).into_owned()).collect::<Vec<_>>().join("\n")
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// Workflow commands: errors first, and of each kind those in `changed` files first.
pub fn commands(mut all: Vec<Annotation>, changed: &BTreeSet<String>) -> String {
    let elsewhere = |one: &Annotation| !one.place.as_ref().is_some_and(|place| changed.contains(&place.file));
    all.sort_by_key(|one| {
        (one.severity, elsewhere(one), one.place.as_ref().map(|place| (place.file.clone(), place.line)))
    });
    all.dedup();
    let mut out = String::new();
    for (severity, most) in [(Severity::Error, ERRORS), (Severity::Warning, OTHERS), (Severity::Note, OTHERS)] {
        let of: Vec<&Annotation> = all.iter().filter(|one| one.severity == severity).collect();
        let shown = if of.len() > most { most - 1 } else { of.len() };
        of.iter().take(shown).for_each(|one| out.push_str(&one.command()));
        if of.len() > shown {
            let kind = kind(severity);
            out.push_str(&format!("::{kind} title=stackup::+{} more, see the summary of the job\n", of.len() - shown));
        }
    }
    out
}

/// Whether some would not be shown: then it matters which files the pull request changes.
pub fn too_many(all: &[Annotation]) -> bool {
    let of = |severity| all.iter().filter(|one| one.severity == severity).count();
    of(Severity::Error) > ERRORS || of(Severity::Warning) > OTHERS || of(Severity::Note) > OTHERS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(severity: Severity, file: &str, line: u32) -> Annotation {
        let place = Some(Place { file: file.into(), line, end_line: line, columns: Some((1, 2)) });
        Annotation { severity, place, title: "SU0201".into(), message: format!("m{line}") }
    }

    #[test]
    fn ten_of_a_kind_changed_files_first() {
        let mut all: Vec<Annotation> = (1..=12).map(|n| one(Severity::Error, "old.yml", n)).collect();
        all.push(one(Severity::Error, "new.yml", 99));
        all.extend((1..=10).map(|n| one(Severity::Warning, "old.yml", n)));
        all.push(one(Severity::Note, "old.yml", 1));
        assert!(too_many(&all));
        let text = commands(all, &BTreeSet::from(["new.yml".to_owned()]));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.iter().filter(|line| line.starts_with("::error ")).count(), 9);
        assert_eq!(lines.iter().filter(|line| line.starts_with("::warning ")).count(), 10);
        assert_eq!(lines.first(), Some(&"::error file=new.yml,line=99,endLine=99,col=1,endColumn=2,title=SU0201::m99"));
        assert!(lines.contains(&"::error title=stackup::+5 more, see the summary of the job"), "{text}");
        assert_eq!(lines.last(), Some(&"::notice file=old.yml,line=1,endLine=1,col=1,endColumn=2,title=SU0201::m1"));
    }

    #[test]
    fn nothing_hostile_ends_a_command() {
        let hostile = Annotation {
            severity: Severity::Error,
            place: Some(Place { file: "a,b:c.yml".into(), line: 1, end_line: 3, columns: None }),
            title: "x\n::set-output name=a::b".into(),
            message: "50%0A\r\n::error::forged\u{1b}[31m ##[add-mask]x".into(),
        };
        let text = commands(vec![hostile], &BTreeSet::new());
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with(
            "::error file=a%2Cb%3Ac.yml,line=1,endLine=3,title=x%0A%3A%3Aset-output name=a%3A%3Ab::50%250A"
        ));
        assert!(!text.contains('\u{1b}'));
    }
}
