//! One line a problem: `file:line:col: error[SU0201]: message`, as compilers write it and editors read it.

use crate::diagnostic::Scrub;
use crate::diagnostic::{Diagnostics, Sources};
use crate::ui::theme::visible;

/// One line a problem. A problem without a place has no prefix.
pub fn compact(diagnostics: &Diagnostics, sources: &Sources, scrub: Scrub) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(label) = &diagnostic.primary
            && let (Some(file), Some(at)) = (sources.get(label.span.file), sources.start(label.span))
        {
            out.push_str(&format!("{}:{}:{}: ", visible(&file.path), at.line, at.column));
        }
        let message = scrub(&diagnostic.message);
        out.push_str(&format!("{}[{}]: {}", diagnostic.severity.as_str(), diagnostic.code, visible(&message)));
        for label in &diagnostic.secondary {
            if let (Some(file), Some(at)) = (sources.get(label.span.file), sources.start(label.span)) {
                let text = scrub(&label.text);
                out.push_str(&format!(" ({}: {}:{}:{})", visible(&text), visible(&file.path), at.line, at.column));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::nothing_to_hide;
    use crate::diagnostic::{Diagnostic, Span, code};

    #[test]
    fn one_line_a_problem_whatever_the_message() {
        let mut sources = Sources::default();
        let file = sources.add("a.yml", "x: 1\ny: 2\n");
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(
            Diagnostic::error(code::UNKNOWN_KEY, "two\nlines")
                .at(Span { file, start: 5, end: 6 })
                .also(Span { file, start: 0, end: 1 }, "first here"),
        );
        diagnostics.push(Diagnostic::warning(code::NO_ENGINE, "nowhere"));
        assert_eq!(
            compact(&diagnostics, &sources, &nothing_to_hide),
            "a.yml:2:1: error[SU0201]: two\\nlines (first here: a.yml:1:1)\nwarning[SU0601]: nowhere\n"
        );
    }
}
