//! Values as block YAML. A text stays without quotes only where every reader takes it for the same text, YAML 1.1
//! readers (`yes`, `0440`, `1_000`, `22:22`) included.

use serde_json::Value;

use super::origin::Origins;
use super::tree::{Form, Piece};

/// Comments of longer lines follow at once; those of the others stand in one column.
const COLUMN: usize = 56;

pub fn text(root: &Piece, origins: Option<&Origins<'_>>) -> String {
    let mut page = Page { out: String::new(), notes: Vec::new(), origins };
    match &root.form {
        Form::Map(entries) if !entries.is_empty() => page.mapping(entries, 0, None),
        _ => {
            page.scalar(root);
            page.end(None);
        }
    }
    page.finish()
}

struct Page<'a> {
    out: String,
    /// The ends of lines that get a comment.
    notes: Vec<(usize, String)>,
    origins: Option<&'a Origins<'a>>,
}

/// A comment stands where the place is another than that of the entry around it, which is `outer`.
impl Page<'_> {
    fn mapping(&mut self, entries: &[(String, Piece)], depth: usize, outer: Option<&str>) {
        for (key, value) in entries {
            self.indent(depth);
            self.entry(key, value, depth, outer, None);
        }
    }

    /// `key: value`, from where the line stands. `item` is the place of a list item that begins on this line.
    fn entry(&mut self, key: &str, value: &Piece, depth: usize, outer: Option<&str>, item: Option<&str>) {
        let own = self.origin(value);
        let place = own.as_deref().or(item).or(outer);
        let note = place.filter(|p| Some(*p) != outer);
        word(key, &mut self.out);
        self.out.push(':');
        match &value.form {
            Form::Map(entries) if !entries.is_empty() => {
                self.end(note);
                self.mapping(entries, depth + 1, place);
            }
            Form::List(items) if !items.is_empty() => {
                self.end(note);
                self.list(items, depth + 1, place);
            }
            _ => {
                self.out.push(' ');
                self.scalar(value);
                self.end(note);
            }
        }
    }

    fn list(&mut self, items: &[Piece], depth: usize, outer: Option<&str>) {
        for item in items {
            self.indent(depth);
            self.out.push_str("- ");
            let own = self.origin(item);
            let place = own.as_deref().or(outer);
            let note = place.filter(|p| Some(*p) != outer);
            match &item.form {
                Form::Map(entries) if !entries.is_empty() => {
                    for (i, (key, value)) in entries.iter().enumerate() {
                        if i > 0 {
                            self.indent(depth + 1);
                        }
                        match i {
                            0 => self.entry(key, value, depth + 1, outer, place),
                            _ => self.entry(key, value, depth + 1, place, None),
                        }
                    }
                }
                Form::List(inner) if !inner.is_empty() => {
                    self.end(note);
                    self.list(inner, depth + 1, place);
                }
                _ => {
                    self.scalar(item);
                    self.end(note);
                }
            }
        }
    }

    fn origin(&self, piece: &Piece) -> Option<String> {
        self.origins.and_then(|origins| origins.of(piece))
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    fn end(&mut self, note: Option<&str>) {
        if let Some(note) = note {
            self.notes.push((self.out.len(), note.to_owned()));
        }
        self.out.push('\n');
    }

    fn scalar(&mut self, piece: &Piece) {
        match &piece.form {
            Form::Scalar(Value::String(text)) => word(text, &mut self.out),
            Form::Scalar(other) => self.out.push_str(&other.to_string()),
            Form::List(_) => self.out.push_str("[]"),
            Form::Map(_) => self.out.push_str("{}"),
        }
    }

    /// With the comments, in a column as far as lines are short.
    fn finish(self) -> String {
        let Self { out, notes, .. } = self;
        let width = |end: usize| {
            let line = out.get(..end).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
            line.chars().count()
        };
        let widths: Vec<usize> = notes.iter().map(|(end, _)| width(*end)).collect();
        let column = widths.iter().copied().filter(|w| *w <= COLUMN).max().unwrap_or_default();
        let mut with = String::with_capacity(out.len() + notes.len() * 40);
        let mut done = 0;
        for ((end, note), width) in notes.into_iter().zip(widths) {
            with.push_str(out.get(done..end).unwrap_or_default());
            with.extend(std::iter::repeat_n(' ', column.saturating_sub(width) + 2));
            with.push_str("# ");
            with.push_str(&note);
            done = end;
        }
        with.push_str(out.get(done..).unwrap_or_default());
        with
    }
}

fn word(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (' '..='~').contains(&c) || (c >= '\u{A1}' && c.is_alphanumeric()) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02X}", c as u32)),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push_str(&format!("\\U{:08X}", c as u32)),
        }
    }
    out.push('"');
}

/// Starts with a letter or a path, and holds nothing that YAML might look at twice.
fn is_plain(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    let reserved = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"].contains(&word.as_str());
    let good = |c: char| c.is_ascii_alphanumeric() || " -_./:=@+$(){}[]<>^*;|~%,&!?'".contains(c);
    // 10s, 1m30s
    let duration =
        text.ends_with('s') && text.chars().all(|c| c.is_ascii_digit() || "hms.".contains(c)) && text.len() > 1;
    let word_like = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '$')
        && text.chars().all(good)
        && !text.contains(": ")
        && !text.ends_with([' ', ':'])
        && !reserved;
    word_like || (duration && text.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_readers_may_take_for_something_else() {
        for (value, written) in [
            ("plain", "plain"),
            ("a: b", "\"a: b\""),
            ("a:b", "a:b"),
            ("1m30s", "1m30s"),
            ("yes", "\"yes\""),
            ("0440", "\"0440\""),
            ("1.5", "\"1.5\""),
            ("", "\"\""),
            ("a\nb", "\"a\\nb\""),
            ("~", "\"~\""),
            ("- a", "\"- a\""),
            ("a #b", "\"a #b\""),
            ("/a b", "/a b"),
            ("\u{1b}", "\"\\x1B\""),
        ] {
            let mut out = String::new();
            word(value, &mut out);
            assert_eq!(out, written);
        }
    }
}
