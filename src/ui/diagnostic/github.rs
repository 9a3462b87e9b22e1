//! GitHub's workflow commands: annotations on the lines of a pull request.

use crate::diagnostic::Scrub;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources};

/// One command a problem, errors first: GitHub shows only the first ten of a kind.
pub fn github(diagnostics: &Diagnostics, sources: &Sources, scrub: Scrub) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity);
    sorted.into_iter().map(|diagnostic| command(diagnostic, sources, scrub)).collect()
}

fn command(diagnostic: &Diagnostic, sources: &Sources, scrub: Scrub) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(label) = &diagnostic.primary
        && let Some(file) = sources.get(label.span.file)
        && let (Some(start), Some(end)) = (sources.start(label.span), sources.end(label.span))
    {
        properties.push(("file", file.path.clone()));
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        // GitHub refuses columns on a span of several lines.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", format!("{}: {}", diagnostic.code, diagnostic.code.title)));
    let properties: Vec<String> =
        properties.into_iter().map(|(name, value)| format!("{name}={}", escape_property(&value))).collect();
    let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    // An annotation has one place; the others are told.
    let others: String = diagnostic
        .secondary
        .iter()
        .filter_map(|label| Some(format!("\n{}: {}", sources.place(label.span)?, label.text)))
        .collect();
    let message = scrub(&format!("{}{others}{help}", diagnostic.message));
    format!("::{kind} {}::{}\n", properties.join(","), escape_data(&message))
}

/// The message of a workflow command: one line, `%` doubled up as `%25`.
pub fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command: a colon or a comma would end it.
pub fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::nothing_to_hide;
    use crate::diagnostic::{Span, code};

    #[test]
    fn nothing_in_a_message_or_a_path_ends_the_command() {
        let mut sources = Sources::default();
        let file = sources.add("a,b:c.yml", "x: 1\ny: 2\n");
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::warning(code::NO_ENGINE, "50%\n::error::forged"));
        diagnostics.push(
            Diagnostic::error(code::UNKNOWN_KEY, "m")
                .at(Span { file, start: 5, end: 6 })
                .also(Span { file, start: 0, end: 1 }, "first here")
                .help("write `image`"),
        );
        diagnostics.push(Diagnostic::error(code::UNKNOWN_KEY, "long").at(Span { file, start: 0, end: 6 }));
        assert_eq!(
            github(&diagnostics, &sources, &nothing_to_hide),
            "::error file=a%2Cb%3Ac.yml,line=2,endLine=2,col=1,endColumn=2,title=SU0201%3A unknown key\
             ::m%0Aa,b:c.yml:1: first here%0Ahelp: write `image`\n\
             ::error file=a%2Cb%3Ac.yml,line=1,endLine=2,title=SU0201%3A unknown key::long\n\
             ::warning title=SU0601%3A no engine answers::50%25%0A::error::forged\n"
        );
    }
}
