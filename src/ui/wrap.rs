//! Prose in lines. For sentences only: a value is never broken.

use super::theme::columns;

/// `text` in lines of at most `width` columns, each after `indent`. A word that is longer stands alone.
pub fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = columns(word);
        if column > 0 && column + 1 + length <= width {
            out.push(' ');
            column += 1;
        } else {
            if column > 0 {
                out.push('\n');
            }
            out.push_str(indent);
            column = columns(indent);
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words_only() {
        assert_eq!(wrap("aa bb cc", 6, " "), " aa bb\n cc");
        assert_eq!(wrap("aaaaaaaaaa b", 6, "  "), "  aaaaaaaaaa\n  b");
        assert_eq!(wrap("", 6, " "), "");
    }
}
