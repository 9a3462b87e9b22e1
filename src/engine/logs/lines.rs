//! Pieces of text to lines.

use super::LogLine;

/// A line is cut here; some programs never end one.
const LONGEST: usize = 1 << 20;

/// Joins pieces of each stream until their lines end.
#[derive(Debug, Default)]
pub(super) struct Lines {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Lines {
    pub fn push(&mut self, stderr: bool, text: &[u8], line: &mut (dyn FnMut(LogLine) + Send)) {
        let held = if stderr { &mut self.err } else { &mut self.out };
        for piece in text.split_inclusive(|byte| *byte == b'\n') {
            held.extend_from_slice(piece);
            if piece.ends_with(b"\n") || held.len() > LONGEST {
                line(finished(stderr, held));
            }
        }
    }

    /// The log is over: what is left is a line too.
    pub fn end(&mut self, line: &mut (dyn FnMut(LogLine) + Send)) {
        for (stderr, held) in [(false, &mut self.out), (true, &mut self.err)] {
            if !held.is_empty() {
                line(finished(stderr, held));
            }
        }
    }
}

fn finished(stderr: bool, held: &mut Vec<u8>) -> LogLine {
    let text = String::from_utf8_lossy(held).trim_end_matches(['\r', '\n']).to_owned();
    held.clear();
    LogLine { stderr, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_and_each_stream_is_by_itself() {
        let mut seen = Vec::new();
        let mut lines = Lines::default();
        let mut note = |line: LogLine| seen.push((line.stderr, line.text));
        lines.push(false, b"par", &mut note);
        lines.push(true, b"oops\r\n", &mut note);
        lines.push(false, b"tial\n\nlast \xff", &mut note);
        lines.end(&mut note);
        let texts: Vec<_> = seen.iter().map(|(stderr, text)| (*stderr, text.as_str())).collect();
        assert_eq!(texts, [(true, "oops"), (false, "partial"), (false, ""), (false, "last \u{fffd}")]);
    }
}
