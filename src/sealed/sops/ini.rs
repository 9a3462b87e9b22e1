//! Sections of `name = value`.

use super::cipher::Kind;
use super::document::{Document, Leaf, Plain, Setting, remarks};
use super::metadata::Metadata;
use crate::sealed::SealError;

const OWN: &str = "sops";
/// What stands before the first section belongs to this one.
const FIRST: &str = "DEFAULT";

pub fn read(bytes: &[u8]) -> Result<Document, SealError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SealError::Form("it is not UTF-8".to_owned()))?;
    let (mut leaves, mut own, mut said, mut start) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let (mut section, mut blank) = (FIRST.to_owned(), None);
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let (begin, end) = (start, start + whole.len());
        start = end;
        let line = whole.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim().to_owned();
            // The empty line that parts it from what stands before is its own too.
            own.extend(blank.filter(|_| section == OWN));
        }
        blank = line.is_empty().then_some(begin..end);
        if section == OWN {
            own.push(begin..end);
        }
        if line.is_empty() || line.starts_with(['[', ';', '#']) {
            continue;
        }
        let Some(sign) = whole.find(['=', ':']) else {
            return Err(SealError::Form(format!("line {} of it is no name = value", number + 1)));
        };
        let (name, rest) = (whole.get(..sign).unwrap_or_default(), whole.get(sign + 1..).unwrap_or_default());
        let (name, value) = (name.trim(), rest.trim());
        if section == OWN {
            said.push((name.to_owned(), value.to_owned()));
            continue;
        }
        let at = begin + sign + 1 + (rest.len() - rest.trim_start().len());
        leaves.push(Leaf {
            path: vec![section.clone(), name.to_owned()],
            at: at..at + value.len(),
            value: Plain::Text(plain(value)),
            setting: Setting::default(),
        });
    }
    let metadata = Metadata::flat(said.into_iter())?;
    let remarks = remarks(text, "ENC[AES256_GCM,", &leaves);
    let remarks = remarks.into_iter().filter(|remark| own.iter().all(|own| !own.contains(&remark.at.start))).collect();
    Ok(Document { text: text.to_owned(), leaves, remarks, metadata, own })
}

/// Without quotes and what is remarked at the end of the line.
fn plain(value: &str) -> String {
    if let Some(rest) = value.strip_prefix('`') {
        return rest.split('`').next().unwrap_or_default().to_owned();
    }
    let value = value.split(['#', ';']).next().unwrap_or_default().trim();
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value).to_owned()
}

/// Quoted where it would be read as something else.
pub fn written(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Bool => text.to_ascii_lowercase(),
        _ if text.contains(['\n', '`']) => format!("\"\"\"{text}\"\"\""),
        _ if text.contains(['#', ';']) => format!("`{text}`"),
        _ if text.trim().len() != text.len() => format!("\"{text}\""),
        _ => text.to_owned(),
    }
}
