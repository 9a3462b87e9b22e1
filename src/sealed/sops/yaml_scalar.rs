//! A text as Go's yaml.v3 writes it: plain where it can be, else quoted, and lines beneath a `|`.

use super::document::Setting;
use crate::compose::yaml::{Kind, resolve};

pub fn written(text: &str, setting: Setting) -> String {
    let found = Found::of(text);
    if text.contains('\n') && !setting.flow {
        return if found.fits_block() { block(text, setting) } else { double(text) };
    }
    if setting.flow || text.is_empty() || means_other(text) {
        return double(text);
    }
    match (found.fits_plain(), found.fits_single()) {
        (true, _) => text.to_owned(),
        (false, true) => format!("'{}'", text.replace('\'', "''")),
        (false, false) => double(text),
    }
}

/// What it would be read as without quotes, by YAML 1.2 or 1.1.
fn means_other(text: &str) -> bool {
    let old = ["y", "yes", "on", "n", "no", "off"];
    let cased = |word: &&str| {
        let upper = word.to_ascii_uppercase();
        let title = format!("{}{}", upper.get(..1).unwrap_or_default(), word.get(1..).unwrap_or_default());
        text == *word || text == upper || text == title
    };
    !matches!(resolve(text), Kind::Text(_))
        || text == "<<"
        || crate::compose::yaml::date(text).is_some()
        || old.iter().any(cased)
        || base_60(text)
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn base_60(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let first = parts.next().is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()) && digits(part));
    let mut rest = parts.peekable();
    let sixty = |part: &str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    first && rest.peek().is_some() && rest.all(sixty) && digits(fraction)
}

/// What in a text stands against a style.
#[derive(Default)]
struct Found {
    /// Signs that mean something in YAML.
    sign: bool,
    lines: bool,
    tab: bool,
    /// Not printable, or a break of lines other than `\n`.
    special: bool,
    space_at_an_end: bool,
    ends_in_space: bool,
    break_at_an_end: bool,
    space_after_break: bool,
    space_before_break: bool,
}

impl Found {
    fn of(text: &str) -> Self {
        let mut found = Self { sign: text.starts_with("---") || text.starts_with("..."), ..Self::default() };
        let last = text.chars().count().saturating_sub(1);
        let (mut before, mut chars) = (None, text.chars().enumerate().peekable());
        while let Some((i, c)) = chars.next() {
            let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
            let followed = chars.peek().is_none_or(|(_, next)| blank(*next));
            let preceded = before.is_none_or(blank);
            found.sign |= match c {
                '#' => preceded,
                ':' => followed,
                '?' | '-' => i == 0 && followed,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => i == 0,
                _ => false,
            };
            found.tab |= c == '\t';
            found.special |= c != '\t' && !printable(c);
            match c {
                ' ' => {
                    found.space_at_an_end |= i == 0 || i == last;
                    found.ends_in_space |= i == last;
                    found.space_after_break |= before == Some('\n');
                }
                '\n' => {
                    found.lines = true;
                    found.break_at_an_end |= i == 0 || i == last;
                    found.space_before_break |= before == Some(' ');
                }
                _ => {}
            }
            before = Some(c);
        }
        found
    }

    fn fits_plain(&self) -> bool {
        !(self.sign || self.lines || self.tab || self.special || self.space_at_an_end || self.break_at_an_end)
    }

    fn fits_single(&self) -> bool {
        !(self.lines || self.tab || self.special)
    }

    fn fits_block(&self) -> bool {
        !(self.special || self.space_before_break || self.ends_in_space)
    }
}

fn printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// `|`, and the lines; the newline after the last is that of the file.
fn block(text: &str, setting: Setting) -> String {
    let body = text.strip_suffix('\n');
    let keeps = match body {
        None => "-",
        Some(body) if body.is_empty() || body.ends_with('\n') => "+",
        Some(_) => "",
    };
    let step =
        if text.starts_with([' ', '\n']) { (setting.indent - setting.parent).to_string() } else { String::new() };
    let mut block = format!("|{step}{keeps}");
    for line in body.unwrap_or(text).split('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.extend(std::iter::repeat_n(' ', setting.indent));
            block.push_str(line);
        }
    }
    block
}

fn double(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\0' => quoted.push_str("\\0"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            '\u{1b}' => quoted.push_str("\\e"),
            '\u{85}' => quoted.push_str("\\N"),
            '\u{2028}' => quoted.push_str("\\L"),
            '\u{2029}' => quoted.push_str("\\P"),
            c if printable(c) => quoted.push(c),
            c => match u32::from(c) {
                code @ 0..=0xff => quoted.push_str(&format!("\\x{code:02X}")),
                code @ 0..=0xffff => quoted.push_str(&format!("\\u{code:04X}")),
                code => quoted.push_str(&format!("\\U{code:08X}")),
            },
        }
    }
    quoted.push('"');
    quoted
}
