//! Foreign text in Markdown. It stands only where nothing in it means anything: in spans and blocks of code.

use crate::ui::theme::visible;

/// The longest run of backticks in `text`.
pub fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A span of code: no mention, link, tag or emphasis is read in it.
pub fn code(text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // Blanks beside backticks are taken away again, one on each side.
    let pad = if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The same in a cell of a table, where a bar ends the cell even in code.
pub fn code_cell(text: &str) -> String {
    let mut out = String::new();
    let mut backslashes = 0;
    for c in code(text).chars() {
        if c == '|' {
            // An odd one before it would escape the escape.
            out.push_str(if backslashes % 2 == 1 { "\\\\|" } else { "\\|" });
        } else {
            out.push(c);
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
    }
    out
}

/// A block of code whose fence is longer than any in it. `lines` have no character that acts.
pub fn block(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_longer_than_what_is_in_it() {
        for (text, span) in [
            ("web", "`web`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("", "`  `"),
            ("@all <b>\n", "`@all <b>\\n`"),
            ("x\u{202e}y", "`x\\u{202e}y`"),
        ] {
            assert_eq!(code(text), span);
        }
    }

    #[test]
    fn a_bar_ends_no_cell() {
        for (text, cell) in [("a|b", "`a\\|b`"), ("a\\|b", "`a\\\\\\|b`"), ("a\\\\|b", "`a\\\\\\|b`")] {
            assert_eq!(code_cell(text), cell, "{text}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_in_it() {
        assert_eq!(block("diff", &["+ ````".to_owned()]), "`````diff\n+ ````\n`````\n");
    }
}
