//! `NAME=value`, a line each. What SOPS says about the file are variables too.

use super::cipher::Kind;
use super::document::{Document, Leaf, Plain, Setting, remarks};
use super::metadata::Metadata;
use crate::sealed::SealError;

const OWN: &str = "sops_";

pub fn read(bytes: &[u8]) -> Result<Document, SealError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SealError::Form("it is not UTF-8".to_owned()))?;
    let (mut leaves, mut own, mut said, mut start) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let (begin, end) = (start, start + whole.len());
        start = end;
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            return Err(SealError::Form(format!("line {} of it is no NAME=value", number + 1)));
        };
        if let Some(name) = name.strip_prefix(OWN) {
            own.push(begin..end);
            said.push((name.to_owned(), value.to_owned()));
            continue;
        }
        let at = begin + name.len() + 1;
        leaves.push(Leaf {
            path: vec![name.to_owned()],
            at: at..at + value.len(),
            value: Plain::Text(value.replace("\\n", "\n")),
            setting: Setting::default(),
        });
    }
    let metadata = Metadata::flat(said.into_iter())?;
    let remarks = remarks(text, "#ENC[AES256_GCM,", &leaves);
    Ok(Document { text: text.to_owned(), leaves, remarks, metadata, own })
}

/// A newline is written as `\n`.
pub fn written(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Bool => text.to_ascii_lowercase(),
        _ => text.replace('\n', "\\n"),
    }
}
