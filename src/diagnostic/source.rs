//! The texts that spans point into.

use std::sync::Arc;

use super::{FileId, Span};

/// One text, as it was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as the person named it, for display.
    pub path: String,
    pub text: Arc<str>,
    /// Byte at which each line starts.
    lines: Vec<u32>,
}

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
        let text = text.into();
        let lines = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        self.files.push(SourceFile { path: path.into(), text, lines });
        FileId(self.files.len() as u32 - 1)
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
        let start = self.lines[line] as usize;
        let column = self.text.get(start..byte as usize).map_or(0, |s| s.chars().count()) as u32 + 1;
        Position { line: line as u32 + 1, column, byte }
    }
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
}
