//! The lines of a file that labels point at, fit to be shown: swept, without control characters, cut to the screen.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::diagnostic::Scrub;
use crate::diagnostic::{Label, SourceFile};
use crate::ui::theme::{acts, visible};

/// A longer line is not shown.
const LONGEST_LINE: usize = 64 << 10;

/// Some lines of one file. Offsets of miette's spans point into `text`; line and column numbers are the file's.
#[derive(Debug)]
pub struct Excerpt {
    name: String,
    text: String,
    lines: Vec<Line>,
    /// True column (from 0) of each label, by its offset in `text`.
    columns: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Line {
    /// From 0.
    number: usize,
    /// Bytes in `text`, without the newline.
    start: usize,
    end: usize,
}

impl Excerpt {
    /// The lines of `labels`, each at most `width` characters, and the labels in terms of the excerpt. A label of several
    /// lines is shown on its first.
    pub fn new(file: &SourceFile, labels: &[(&Label, bool)], width: usize, scrub: Scrub) -> (Self, Vec<LabeledSpan>) {
        let mut excerpt = Self {
            name: visible(&file.path).into_owned(),
            text: String::new(),
            lines: Vec::new(),
            columns: Vec::new(),
        };
        let mut spans = Vec::new();
        let mut wanted: Vec<usize> = labels.iter().map(|(label, _)| line_of(file, label)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        for number in wanted {
            let here: Vec<&(&Label, bool)> =
                labels.iter().filter(|(label, _)| line_of(file, label) == number).collect();
            spans.extend(excerpt.push_line(file, number, &here, width, scrub));
        }
        (excerpt, spans)
    }

    fn push_line(
        &mut self,
        file: &SourceFile,
        number: usize,
        labels: &[&(&Label, bool)],
        width: usize,
        scrub: Scrub,
    ) -> Vec<LabeledSpan> {
        let raw = match file.line(number) {
            // It would be swept and measured for each of thousands of problems, to show a hand's breadth.
            line if line.len() > LONGEST_LINE => "...",
            line => line,
        };
        let shown = scrub(raw);
        // Where each label starts and ends in the swept line, in characters.
        let places: Vec<(usize, usize)> =
            labels.iter().map(|(label, _)| place(file, label, raw, &shown, scrub)).collect();
        let characters: Vec<char> = shown.chars().map(|c| if acts(c) && c != '\t' { '\u{fffd}' } else { c }).collect();
        let focus = places.first().copied().unwrap_or_default();
        let window = Window::around(focus, characters.len(), width);

        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        // Byte of each shown character, and one past the last.
        let mut bytes = Vec::with_capacity(window.to - window.from + 2);
        if window.from > 0 {
            self.text.push_str("...");
        }
        for c in characters.iter().skip(window.from).take(window.to - window.from) {
            bytes.push(self.text.len());
            self.text.push(*c);
        }
        bytes.push(self.text.len());
        if window.to < characters.len() {
            self.text.push_str("...");
        }
        // Something to point at behind the last character.
        self.text.push(' ');
        bytes.push(self.text.len());
        self.lines.push(Line { number, start, end: self.text.len() });

        let byte_at = |character: usize| {
            let index = character.saturating_sub(window.from).min(window.to - window.from);
            bytes.get(index).copied().unwrap_or(start)
        };
        let mut spans = Vec::new();
        for ((label, primary), (from, to)) in labels.iter().zip(places) {
            let offset = byte_at(from);
            // An empty span still has a place to show.
            let next = bytes.iter().copied().find(|byte| *byte > offset).unwrap_or(self.text.len());
            let length = byte_at(to).max(next) - offset;
            let text = (!label.text.is_empty()).then(|| visible(&scrub(&label.text)).into_owned());
            let column = file.position(label.span.start).column.saturating_sub(1) as usize;
            self.columns.push((offset, column));
            spans.push(match primary {
                true => LabeledSpan::new_primary_with_span(text, (offset, length)),
                false => LabeledSpan::new_with_span(text, (offset, length)),
            });
        }
        spans
    }
}

fn line_of(file: &SourceFile, label: &Label) -> usize {
    file.position(label.span.start).line.saturating_sub(1) as usize
}

/// First and one past the last character of a label in the swept line.
fn place(file: &SourceFile, label: &Label, raw: &str, shown: &str, scrub: Scrub) -> (usize, usize) {
    let (start, end) = (file.position(label.span.start), file.position(label.span.end));
    let length = raw.chars().count();
    let from = (start.column.saturating_sub(1) as usize).min(length);
    let to = if end.line == start.line { (end.column.saturating_sub(1) as usize).clamp(from, length) } else { length };
    if raw == shown {
        return (from, to);
    }
    // A sweep changes lengths: what stands before and behind the label is swept by itself and tells its place.
    let before: String = raw.chars().take(from).collect();
    let behind: String = raw.chars().skip(to).collect();
    let total = shown.chars().count();
    let from = scrub(&before).chars().count().min(total);
    let to = total.saturating_sub(scrub(&behind).chars().count()).clamp(from, total);
    (from, to)
}

/// The characters of a line that are shown.
struct Window {
    from: usize,
    to: usize,
}

impl Window {
    /// As much of the label as fits, with a little of what stands before it.
    fn around((start, _end): (usize, usize), length: usize, width: usize) -> Self {
        if length <= width {
            return Self { from: 0, to: length };
        }
        // Room for three dots at both ends.
        let room = width.saturating_sub(6).max(10);
        let from = if start <= room / 2 { 0 } else { (start - room / 4).min(length - room.min(length)) };
        Self { from, to: (from + room).min(length) }
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let touched: Vec<&Line> =
            self.lines.iter().filter(|line| line.start <= end && span.offset() <= line.end).collect();
        let (Some(first), Some(last)) = (touched.first(), touched.last()) else {
            return Err(MietteError::OutOfBounds);
        };
        // Lines that are not neighbours in the file are not shown as neighbours.
        if last.number - first.number + 1 != touched.len() {
            return Err(MietteError::OutOfBounds);
        }
        let data = self.text.as_bytes().get(first.start..last.end).ok_or(MietteError::OutOfBounds)?;
        let column = self.columns.iter().find(|(offset, _)| *offset == span.offset()).map_or(0, |(_, column)| *column);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            (first.start, last.end - first.start).into(),
            first.number,
            column,
            touched.len(),
        )))
    }
}
