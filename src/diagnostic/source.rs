//! The texts that spans point into.

use std::ops::Range;
use std::sync::Arc;

use super::{FileId, Span};

/// One text, as it was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as the person named it, for display; `stdin` for `-`.
    pub path: String,
    pub text: Arc<str>,
    /// Byte at which each line starts.
    lines: Vec<u32>,
    /// Characters before every `STEP`th byte: a line may be megabytes long, and thousands of problems stand in it.
    characters: Vec<u32>,
}

const STEP: usize = 1024;

/// A place as people count: from 1. `column` counts characters, `byte` is the offset in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
    pub byte: u32,
}

/// All texts of one run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let (path, text) = (path.into(), text.into());
        let path = if path == "-" { "stdin".to_owned() } else { path };
        let lines = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        let mut characters = vec![0];
        for step in text.as_bytes().chunks(STEP) {
            characters.push(characters.last().copied().unwrap_or_default() + starts(step));
        }
        self.files.push(SourceFile { path, text, lines, characters });
        FileId(self.files.len() as u32 - 1)
    }

    /// Puts a `*` for each byte of these places of a text: no excerpt shows them, and whatever follows stays where it is.
    pub fn hide(&mut self, id: FileId, places: &[Range<usize>]) {
        let Some(file) = self.files.get_mut(id.0 as usize) else { return };
        let mut bytes = file.text.as_bytes().to_vec();
        for place in places {
            let hidden = bytes.get_mut(place.clone()).unwrap_or_default();
            hidden.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
        }
        let (path, text) = (file.path.clone(), String::from_utf8_lossy(&bytes).into_owned());
        let mut other = Self::default();
        other.add(path, text);
        if let Some(hidden) = other.files.pop() {
            *file = hidden;
        }
    }

    /// `None` for an id of other sources.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// Where a span starts, as people count.
    pub fn start(&self, span: Span) -> Option<Position> {
        self.get(span.file).map(|f| f.position(span.start))
    }

    /// Where a span ends, as people count.
    pub fn end(&self, span: Span) -> Option<Position> {
        self.get(span.file).map(|f| f.position(span.end))
    }

    /// `path:line` for the margin of a line of output.
    pub fn place(&self, span: Span) -> Option<String> {
        let file = self.get(span.file)?;
        Some(format!("{}:{}", file.path, file.position(span.start).line))
    }
}

impl SourceFile {
    /// A line from 0, without its end. Empty past the last.
    pub fn line(&self, number: usize) -> &str {
        let Some(start) = self.lines.get(number) else { return "" };
        let end = self.lines.get(number + 1).map_or(self.text.len(), |next| *next as usize - 1);
        let line = self.text.get(*start as usize..end).unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// A byte offset (clamped to the text) as line and column.
    pub fn position(&self, byte: u32) -> Position {
        let byte = byte.min(self.text.len() as u32);
        let line = self.lines.partition_point(|start| *start <= byte) - 1;
        let column = self.characters_before(byte) - self.characters_before(self.lines[line]) + 1;
        Position { line: line as u32 + 1, column, byte }
    }

    fn characters_before(&self, byte: u32) -> u32 {
        let step = byte as usize / STEP;
        let rest = self.text.as_bytes().get(step * STEP..byte as usize).unwrap_or_default();
        self.characters.get(step).copied().unwrap_or_default() + starts(rest)
    }
}

/// Characters that start in these bytes.
fn starts(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| **b & 0xC0 != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.yml", "x: é\ny: 2\n");
        let at = |start| sources.start(Span { file, start, end: start }).unwrap();
        assert_eq!((at(0).line, at(0).column), (1, 1));
        assert_eq!((at(5).line, at(5).column), (1, 5));
        assert_eq!((at(6).line, at(6).column), (2, 1));
        assert_eq!((at(99).line, at(99).column), (3, 1));
        let lines: Vec<&str> = (0..4).map(|n| sources.get(file).unwrap().line(n)).collect();
        assert_eq!(lines, ["x: é", "y: 2", "", ""]);
    }

    #[test]
    fn columns_of_a_long_line_are_counted_in_steps() {
        let mut sources = Sources::default();
        let text = format!("a\n{}x", "é".repeat(3 * STEP));
        let file = sources.add("a.yml", text.as_str());
        for characters in [0, 1, STEP / 2 - 1, STEP / 2, STEP, 2 * STEP + 7, 3 * STEP] {
            let start = 2 + 2 * characters as u32;
            assert_eq!(sources.start(Span { file, start, end: start }).unwrap().column, characters as u32 + 1);
        }
        assert_eq!(sources.start(Span { file, start: 9999, end: 9999 }).unwrap().column, 3 * STEP as u32 + 2);
    }
}
