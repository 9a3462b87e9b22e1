//! Colour, glyphs and width: decided once by `cli`, handed to every renderer.

use std::borrow::Cow;

use owo_colors::{OwoColorize, Style};
use unicode_width::UnicodeWidthStr;

/// How text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub color: bool,
    /// No character beyond ASCII in what we draw ourselves; values stay as they are.
    pub ascii: bool,
    /// Columns of the terminal, or what `COLUMNS` says.
    pub width: usize,
}

impl Default for Theme {
    fn default() -> Self {
        Self { color: false, ascii: false, width: 80 }
    }
}

/// What a piece of text means; the theme knows its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    /// Something appears, or all is well.
    Good,
    /// Something goes away, or an error.
    Bad,
    /// Changes while tasks keep running.
    Calm,
    /// Tasks restart, or a warning.
    Warn,
    /// Downtime.
    Danger,
    /// What matters less.
    Dim,
    Bold,
}

impl Theme {
    /// `text` in the colour of `tone`, or as it is.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() || tone == Tone::Plain {
            return text.to_owned();
        }
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Good => Style::new().green(),
            Tone::Bad => Style::new().red(),
            Tone::Calm => Style::new().cyan(),
            Tone::Warn => Style::new().yellow(),
            Tone::Danger => Style::new().red().bold(),
            Tone::Dim => Style::new().dimmed(),
            Tone::Bold => Style::new().bold(),
        };
        text.style(style).to_string()
    }

    /// One of two spellings.
    pub fn glyph(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }
}

/// Columns that `text` takes on a terminal; escape sequences take none.
pub fn columns(text: &str) -> usize {
    if text.contains('\u{1b}') { plain(text).width() } else { text.width() }
}

/// `text` without escape sequences.
fn plain(text: &str) -> Cow<'_, str> {
    Cow::Owned(anstream::adapter::strip_str(text).to_string())
}

/// Control characters made visible, so that no value can move the cursor, forge a line or turn its letters around.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if acts(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Does something other than to stand there: controls, line and paragraph separators, what sets the direction of
/// writing, what is invisible. The joiners of words and emoji stay.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_turn_its_letters_around() {
        assert_eq!(visible("x\u{202e}y\u{2066}z\u{200b}\u{2028}"), "x\\u{202e}y\\u{2066}z\\u{200b}\\u{2028}");
        assert_eq!(visible("👩\u{200d}💻"), "👩\u{200d}💻");
    }

    #[test]
    fn colour_takes_no_columns() {
        let theme = Theme { color: true, ..Theme::default() };
        let red = theme.paint(Tone::Danger, "über");
        assert_ne!(red, "über");
        assert_eq!(columns(&red), 4);
        assert_eq!(columns("名前"), 4);
    }

    #[test]
    fn a_value_cannot_move_the_cursor() {
        assert_eq!(visible("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        assert_eq!(visible("naïve"), "naïve");
    }
}
