//! Diagnostics as people read them: what, the line with the place underlined, what to write instead.

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles};
use owo_colors::Style;

use super::excerpt::Excerpt;
use crate::diagnostic::Scrub;
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Label, Severity, Sources};
use crate::ui::theme::{Theme, Tone, visible};
use crate::ui::wrap::wrap;

/// All problems in the order found, an empty line between them. Empty where there are none.
pub fn text(diagnostics: &Diagnostics, sources: &Sources, theme: &Theme, scrub: Scrub) -> String {
    let blocks: Vec<String> = diagnostics.iter().map(|diagnostic| one(diagnostic, sources, theme, scrub)).collect();
    blocks.join("\n")
}

fn one(diagnostic: &Diagnostic, sources: &Sources, theme: &Theme, scrub: Scrub) -> String {
    let mut out = header(diagnostic, theme, scrub);
    let handler = handler(diagnostic, theme);
    for file in files(diagnostic, sources) {
        out.push_str(&snippet(diagnostic, file, sources, &handler, theme, scrub));
    }
    if let Some(help) = &diagnostic.help {
        out.push_str(&advice(&scrub(help), theme));
    }
    out
}

/// `  help: what to do`, in lines that leave commands whole.
fn advice(help: &str, theme: &Theme) -> String {
    let indent = "        ";
    let lines: Vec<String> = help.lines().map(|line| wrap(&visible(line), theme.width, indent)).collect();
    format!("  {} {}\n", theme.paint(Tone::Calm, "help:"), lines.join("\n").trim_start())
}

/// `error[SU0201]: message`. Never wrapped: it holds names that people copy.
fn header(diagnostic: &Diagnostic, theme: &Theme, scrub: Scrub) -> String {
    let tone = match diagnostic.severity {
        Severity::Error => Tone::Danger,
        Severity::Warning => Tone::Warn,
        Severity::Note => Tone::Calm,
    };
    let head = theme.paint(tone, &format!("{}[{}]", diagnostic.severity.as_str(), diagnostic.code));
    let message = scrub(&diagnostic.message);
    let lines: Vec<String> = message.lines().map(|line| visible(line).into_owned()).collect();
    format!("{head}{} {}\n", theme.paint(Tone::Bold, ":"), theme.paint(Tone::Bold, &lines.join("\n  ")))
}

/// The files that the labels point into, the primary's first.
fn files(diagnostic: &Diagnostic, sources: &Sources) -> Vec<FileId> {
    let mut files = Vec::new();
    for label in diagnostic.primary.iter().chain(&diagnostic.secondary) {
        if !files.contains(&label.span.file) && sources.get(label.span.file).is_some() {
            files.push(label.span.file);
        }
    }
    files
}

fn snippet(
    diagnostic: &Diagnostic,
    id: FileId,
    sources: &Sources,
    handler: &GraphicalReportHandler,
    theme: &Theme,
    scrub: Scrub,
) -> String {
    let Some(file) = sources.get(id) else { return String::new() };
    let labels: Vec<(&Label, bool)> = diagnostic
        .primary
        .iter()
        .map(|label| (label, true))
        .chain(diagnostic.secondary.iter().map(|label| (label, false)))
        .filter(|(label, _)| label.span.file == id)
        .collect();
    let margin = 8;
    let (excerpt, spans) = Excerpt::new(file, &labels, theme.width.saturating_sub(margin), scrub);
    drawn(handler, &Shown { excerpt, labels: spans })
}

fn handler(diagnostic: &Diagnostic, theme: &Theme) -> GraphicalReportHandler {
    let mut characters = if theme.ascii { ThemeCharacters::ascii() } else { ThemeCharacters::unicode() };
    if theme.ascii {
        characters.lbot = '\'';
    }
    // The header is ours; miette draws what is below it.
    (characters.error, characters.warning, characters.advice) = (String::new(), String::new(), String::new());
    let mut styles = if theme.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    if theme.color {
        styles.link = Style::new().cyan();
        let own = match diagnostic.severity {
            Severity::Error => Style::new().red().bold(),
            Severity::Warning => Style::new().yellow().bold(),
            Severity::Note => Style::new().cyan().bold(),
        };
        styles.highlights = highlights(diagnostic, own);
    }
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(theme.width)
        .with_context_lines(0)
        .with_links(false)
        .with_break_words(false)
        .without_syntax_highlighting()
}

/// miette colours labels in the order of their places; the primary's is the severity's.
fn highlights(diagnostic: &Diagnostic, own: Style) -> Vec<Style> {
    let Some(primary) = &diagnostic.primary else { return vec![Style::new().blue()] };
    let mut places: Vec<(u32, bool)> = diagnostic
        .secondary
        .iter()
        .filter(|label| label.span.file == primary.span.file)
        .map(|label| (label.span.start, false))
        .chain([(primary.span.start, true)])
        .collect();
    places.sort_by_key(|(start, _)| *start);
    places.into_iter().map(|(_, primary)| if primary { own } else { Style::new().blue() }).collect()
}

/// Without the line where miette puts the message, and without blanks at the ends of lines.
fn drawn(handler: &GraphicalReportHandler, shown: &Shown) -> String {
    let mut text = String::new();
    if handler.render_report(&mut text, shown).is_err() {
        return String::new();
    }
    text.lines().skip_while(|line| line.trim().is_empty()).map(|line| format!("{}\n", line.trim_end())).collect()
}

/// What miette draws of a diagnostic.
#[derive(Debug)]
struct Shown {
    excerpt: Excerpt,
    labels: Vec<LabeledSpan>,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests;
