//! Lines of a given width: something at the left, something at the right margin.

use crate::ui::theme::columns;

/// `left`, and `right` at the right margin; on a line of its own where both do not fit.
pub fn margin(left: &str, right: &str, width: usize) -> String {
    let used = columns(left) + columns(right);
    if right.trim_end().is_empty() {
        format!("{}\n", left.trim_end())
    } else if used + 2 <= width || left.is_empty() {
        format!("{left}{}{}\n", " ".repeat(width.saturating_sub(used)), right.trim_end())
    } else {
        format!("{}\n{}{}\n", left.trim_end(), " ".repeat(width.saturating_sub(columns(right))), right.trim_end())
    }
}

/// Parts three spaces apart, on as many lines as they need.
pub fn flow(parts: &[String], width: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let length = columns(part);
        if used > 0 && used + 3 + length > width {
            out.push('\n');
            used = 0;
        }
        if used > 0 {
            out.push_str("   ");
            used += 3;
        }
        out.push_str(part);
        used += length;
    }
    out.push('\n');
    out
}

/// `text` and blanks up to `width` columns.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_part_moves_down_rather_than_out() {
        assert_eq!(margin("ab", "cd", 6), "ab  cd\n");
        assert_eq!(margin("abc", "cd", 6), "abc\n    cd\n");
        assert_eq!(margin("abc", "", 2), "abc\n");
        assert_eq!(flow(&["a".into(), "b".into(), "cc".into()], 6), "a   b\ncc\n");
    }
}
