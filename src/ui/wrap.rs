//! Prose in lines. For sentences only: a value is never broken.

use super::theme::columns;

/// `text` in lines of at most `width` columns, each after `indent`. A word that is longer stands alone; what stands
/// between backticks is one word, for people copy it.
pub fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in words(text) {
        let length = columns(&word);
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
        out.push_str(&word);
        column += length;
    }
    out
}

/// Split at blanks, but for those between two backticks.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut left = text.matches('`').count();
    for piece in text.split_whitespace() {
        match words.last_mut().filter(|_| open) {
            Some(word) => {
                word.push(' ');
                word.push_str(piece);
            }
            None => words.push(piece.to_owned()),
        }
        let ticks = piece.matches('`').count();
        left -= ticks.min(left);
        // One that nothing closes opens nothing.
        open = (open ^ (ticks % 2 == 1)) && left > 0;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_between_backticks_stays_whole() {
        assert_eq!(wrap("speak to it: `-H ssh://U@H` or (`a b`)", 18, ""), "speak to it:\n`-H ssh://U@H` or\n(`a b`)");
        assert_eq!(wrap("a ` b c", 4, ""), "a `\nb c");
    }

    #[test]
    fn breaks_between_words_only() {
        assert_eq!(wrap("aa bb cc", 6, " "), " aa bb\n cc");
        assert_eq!(wrap("aaaaaaaaaa b", 6, "  "), "  aaaaaaaaaa\n  b");
        assert_eq!(wrap("", 6, " "), "");
    }
}
