//! What Go's yaml.v3 reads and the scanner does not, so that files which docker has read for years are read here too.
//!
//! `"text"# comment`: YAML wants a space before the `#`, which is said. `key:\ttext`: that is YAML, but the scanner
//! takes the tab for an indentation where a letter follows.

use std::borrow::Cow;
use std::ops::Range;

use super::arena::{self, Arena};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Span, code};

/// Bytes that may be read anew: each comment or tab costs another look at the file.
const PATIENCE: usize = 32 << 20;

/// Reads the first document. `None` after an error.
pub fn build(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Arena> {
    let mut seen = Cow::Borrowed(text);
    let mut stuck = Vec::new();
    let mut spent = 0;
    loop {
        let mut found = Diagnostics::default();
        let result = arena::build(file, &seen, &mut found);
        let at = result.as_ref().err().filter(|_| spent <= PATIENCE);
        let comment = at.and_then(|at| behind_a_token(&seen, *at));
        let Some(odd) = comment.clone().or_else(|| at.and_then(|at| behind_a_colon(&seen, *at))) else {
            diagnostics.extend(stuck.into_iter().map(warning));
            diagnostics.extend(found);
            return result.ok();
        };
        spent += text.len();
        stuck.extend(comment.map(|c| Span { file, start: c.start as u32, end: c.start as u32 + 1 }));
        // As many bytes as before, so that every place stays what it is.
        let blank = " ".repeat(odd.len());
        seen.to_mut().replace_range(odd, &blank);
    }
}

/// The comment that begins at `at` and sticks to a quote or bracket before it.
fn behind_a_token(text: &str, at: u32) -> Option<Range<usize>> {
    let (before, rest) = text.split_at_checked(at as usize)?;
    let sticks = rest.starts_with('#') && before.ends_with(['"', '\'', ']', '}']);
    sticks.then(|| at as usize..at as usize + rest.find(['\n', '\r']).unwrap_or(rest.len()))
}

/// The blanks that end at `at`, a tab among them, behind the colon of a key.
fn behind_a_colon(text: &str, at: u32) -> Option<Range<usize>> {
    let before = text.get(..at as usize)?;
    let start = before.trim_end_matches([' ', '\t']).len();
    let tab = before.get(start..)?.contains('\t');
    (tab && before.get(..start)?.ends_with(':')).then_some(start..at as usize)
}

fn warning(span: Span) -> Diagnostic {
    Diagnostic::warning(
        code::STUCK_COMMENT,
        "a comment needs a space before its `#`; docker reads it, other programs may not",
    )
    .at(span)
    .help("put a space before the `#`")
}
