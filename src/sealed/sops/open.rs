//! From a file to what is in it: every value decrypted where it stands, and the digest of all of them compared.

use std::ops::Range;

use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use super::cipher::{DataKey, Kind, Value, is_sealed};
use super::document::{Document, Leaf, Plain};
use super::metadata::Metadata;
use super::{Format, dotenv, ini, json, yaml};
use crate::sealed::open::{Hidden, Opened};
use crate::sealed::{Keys, SealError, age};

/// Stands where a value stood that nobody may see.
pub const MASK: &str = "(sensitive)";

/// What the digest begins with where it is about encrypted values only: SHA-256 of `sops`.
const ONLY_ENCRYPTED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b, 0x0b, 0x97, 0x5b,
    0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// Decrypts, and checks that nothing was changed.
pub fn open(format: Format, bytes: &[u8], keys: &Keys) -> Result<Opened, SealError> {
    let document = read(format, bytes)?;
    let metadata = &document.metadata;
    let key = data_key(metadata, keys)?;
    let mut digest = Sha512::new();
    if metadata.mac_only_encrypted() {
        digest.update(ONLY_ENCRYPTED);
    }
    let mut edits = Edits::default();
    for leaf in &document.leaves {
        let sealed = is_encrypted(metadata, leaf)?;
        if !sealed && metadata.mac_only_encrypted() {
            continue;
        }
        match &leaf.value {
            Plain::Null => {}
            Plain::Text(text) if sealed && !text.is_empty() => {
                let value = key.decrypt(text, &bound(&leaf.path)).ok_or_else(|| changed(leaf))?;
                digest.update(&*value.bytes);
                edits.secret(format, leaf, &value)?;
            }
            Plain::Text(text) | Plain::Word(text) => digest.update(text),
        }
    }
    let said = key.decrypt(&metadata.mac, &metadata.lastmodified);
    let found: String = digest.finalize().iter().map(|byte| format!("{byte:02X}")).collect();
    if said.is_none_or(|said| *said.bytes != *found.as_bytes()) {
        return Err(SealError::Changed(
            "values of it were changed, added, taken out or moved after it was encrypted: its digest does not match"
                .to_owned(),
        ));
    }
    for remark in &document.remarks {
        let found = remark.paths.iter().find_map(|path| key.decrypt(&remark.text, &bound(path)));
        // One that was never encrypted looks the same to SOPS.
        if let Some(text) = found.filter(|value| value.kind == Kind::Comment).and_then(|value| utf8(&value)) {
            edits.replace(remark.at.clone(), &text, true);
            edits.hidden.push(Hidden { name: None, text });
        }
    }
    if format == Format::Binary {
        return whole(edits);
    }
    Ok(edits.finish(&document))
}

/// The file with a word for each value that is encrypted.
pub fn mask(format: Format, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    if format == Format::Binary {
        return Ok(MASK.as_bytes().to_vec());
    }
    let document = read(format, bytes)?;
    let mut edits = Edits::default();
    for leaf in &document.leaves {
        if matches!(&leaf.value, Plain::Text(text) if is_sealed(text)) {
            let word = Value { kind: Kind::Text, bytes: Zeroizing::new(MASK.as_bytes().to_vec()) };
            edits.secret(format, leaf, &word)?;
        }
    }
    Ok(edits.finish(&document).bytes.to_vec())
}

fn read(format: Format, bytes: &[u8]) -> Result<Document, SealError> {
    match format {
        Format::Yaml => yaml::read(bytes),
        Format::Json | Format::Binary => json::read(bytes),
        Format::Dotenv => dotenv::read(bytes),
        Format::Ini => ini::read(bytes),
    }
}

fn data_key(metadata: &Metadata, keys: &Keys) -> Result<DataKey, SealError> {
    let mut why = SealError::NotForUs;
    for recipient in metadata.recipients()? {
        match age::decrypt(recipient.enc.trim().as_bytes(), keys) {
            Ok(key) => return DataKey::new(&key).ok_or_else(|| SealError::Form("its key has not 32 bytes".to_owned())),
            Err(SealError::NotForUs) => {}
            Err(other) => why = other,
        }
    }
    Err(why)
}

/// By the rule of the file, or by the looks. What is in clear where it should not be was written by somebody without a key.
fn is_encrypted(metadata: &Metadata, leaf: &Leaf) -> Result<bool, SealError> {
    let looks = matches!(&leaf.value, Plain::Text(text) if is_sealed(text));
    match metadata.is_encrypted(&leaf.path) {
        None => Ok(looks),
        Some(false) => Ok(false),
        Some(true) => match &leaf.value {
            Plain::Null => Ok(true),
            Plain::Text(text) if text.is_empty() || looks => Ok(true),
            _ => Err(SealError::Changed(format!("`{}` stands in it in clear", leaf.path.join(".")))),
        },
    }
}

/// What a value is bound to.
fn bound(path: &[String]) -> String {
    format!("{}:", path.join(":"))
}

fn changed(leaf: &Leaf) -> SealError {
    SealError::Changed(format!("`{}` of it was changed or moved after it was encrypted", leaf.path.join(".")))
}

fn utf8(value: &Value) -> Option<Zeroizing<String>> {
    String::from_utf8(value.bytes.to_vec()).ok().map(Zeroizing::new)
}

/// A binary file is one value.
fn whole(mut edits: Edits) -> Result<Opened, SealError> {
    let Some(Edit { bytes, .. }) = edits.all.pop().filter(|_| edits.all.is_empty()) else {
        return Err(SealError::Form("it has not one value".to_owned()));
    };
    let places = std::iter::once(0..bytes.len()).collect();
    Ok(Opened { bytes, hidden: edits.hidden, places })
}

/// What is to stand elsewhere instead.
#[derive(Default)]
struct Edits {
    all: Vec<Edit>,
    hidden: Vec<Hidden>,
}

struct Edit {
    at: Range<usize>,
    bytes: Zeroizing<Vec<u8>>,
    secret: bool,
}

impl Edits {
    fn secret(&mut self, format: Format, leaf: &Leaf, value: &Value) -> Result<(), SealError> {
        let name = leaf.path.last().cloned();
        if format == Format::Binary {
            let text = Zeroizing::new(String::from_utf8_lossy(&value.bytes).into_owned());
            self.hidden.push(Hidden { name: None, text });
            self.all.push(Edit { at: leaf.at.clone(), bytes: value.bytes.clone(), secret: true });
            return Ok(());
        }
        let no_text = || SealError::Form(format!("`{}` of it is no text", leaf.path.join(".")));
        let text = utf8(value).ok_or_else(no_text)?;
        let shown = Zeroizing::new(match format {
            Format::Yaml => yaml::written(value.kind, &text, leaf.setting),
            Format::Json | Format::Binary => json::written(value.kind, &text),
            Format::Dotenv => dotenv::written(value.kind, &text),
            Format::Ini => ini::written(value.kind, &text),
        });
        self.replace(leaf.at.clone(), &shown, true);
        self.hidden.push(Hidden { name, text });
        Ok(())
    }

    fn replace(&mut self, at: Range<usize>, text: &str, secret: bool) {
        self.all.push(Edit { at, bytes: Zeroizing::new(text.as_bytes().to_vec()), secret });
    }

    fn finish(mut self, document: &Document) -> Opened {
        for own in &document.own {
            self.replace(own.clone(), "", false);
        }
        self.all.sort_by_key(|edit| edit.at.start);
        let text = document.text.as_bytes();
        let length = text.len() + self.all.iter().map(|edit| edit.bytes.len()).sum::<usize>();
        // At its full length from the start: no copy of what is in it is left behind.
        let (mut bytes, mut places, mut done) = (Zeroizing::new(Vec::with_capacity(length)), Vec::new(), 0);
        for Edit { at, bytes: new, secret } in &self.all {
            if at.start < done {
                continue;
            }
            bytes.extend_from_slice(text.get(done..at.start).unwrap_or_default());
            if *secret {
                places.push(bytes.len()..bytes.len() + new.len());
            }
            bytes.extend_from_slice(new);
            done = at.end;
        }
        bytes.extend_from_slice(text.get(done..).unwrap_or_default());
        Opened { bytes, hidden: self.hidden, places }
    }
}
