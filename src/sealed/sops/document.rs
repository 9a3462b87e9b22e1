//! A file as SOPS sees it: values in order, what leads to each, and where it stands.

use std::ops::Range;

use super::metadata::Metadata;

/// What a value is as long as nobody has decrypted anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    /// Nothing is said about it by anybody.
    Null,
    Text(String),
    /// A number, truth or date, as the digest of the file has it.
    Word(String),
}

/// Where a value stands, for who writes another one there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// Between `{}` or `[]`.
    pub flow: bool,
    /// Column that lines of a text of several lines begin at.
    pub indent: usize,
    /// Column of what it is in.
    pub parent: usize,
}

#[derive(Clone, Debug)]
pub struct Leaf {
    /// Keys; positions in lists are none.
    pub path: Vec<String>,
    /// Bytes of the file.
    pub at: Range<usize>,
    pub value: Plain,
    pub setting: Setting,
}

/// A comment that was encrypted.
#[derive(Clone, Debug)]
pub struct Remark {
    pub at: Range<usize>,
    pub text: String,
    /// Ways that may lead to it: a comment belongs to what is around it, which cannot always be told.
    pub paths: Vec<Vec<String>>,
}

#[derive(Debug)]
pub struct Document {
    pub text: String,
    pub leaves: Vec<Leaf>,
    pub remarks: Vec<Remark>,
    pub metadata: Metadata,
    /// What is SOPS' own, in order.
    pub own: Vec<Range<usize>>,
}

/// Encrypted texts between `begin` and the `]` that ends each, outside of the leaves.
pub fn remarks(text: &str, begin: &str, leaves: &[Leaf]) -> Vec<Remark> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices(begin) {
        let inside = leaves.iter().any(|leaf| leaf.at.contains(&at));
        let start = text.get(at..).and_then(|rest| rest.find("ENC[")).map(|skip| at + skip);
        let Some(start) = start.filter(|_| !inside) else { continue };
        let Some(end) = text.get(start..).and_then(|rest| rest.find(']')).map(|length| start + length + 1) else {
            continue;
        };
        let after = leaves.iter().find(|leaf| leaf.at.start >= end);
        let before = leaves.iter().rev().find(|leaf| leaf.at.end <= start);
        let mut paths: Vec<Vec<String>> = Vec::new();
        for leaf in [after, before].into_iter().flatten() {
            paths.extend((0..=leaf.path.len()).rev().map(|n| leaf.path.get(..n).unwrap_or_default().to_vec()));
        }
        if paths.is_empty() {
            paths.push(Vec::new());
        }
        all.push(Remark { at: start..end, text: text.get(start..end).unwrap_or_default().to_owned(), paths });
    }
    all
}
