//! How things are kept in files: canonical JSON that begins with what it is, compressed where it is large.

use std::io::Read;

use serde_json::{Value, json};

use crate::plan::digest::canonical;

/// Sorts before every other key, so that it is the first thing in the file.
const MAGIC_KEY: &str = "$magic";
/// Larger texts are compressed.
const PLAIN_UP_TO: usize = 64 << 10;
/// What is larger is nobody's plan, and does not fill the memory.
const MOST_BYTES: u64 = 256 << 20;
/// How every zstd frame begins.
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// The format's major version that is read.
const MAJOR: &str = "1";

/// Why a file is not what it should be; a sentence's end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    #[error("is not a file of stackup")]
    Foreign,
    #[error("is a `{0}` of stackup")]
    OtherKind(String),
    #[error("has format {0}, which this stackup (up to {MAJOR}.x) cannot read")]
    OtherFormat(String),
    #[error("is damaged: {0}")]
    Damaged(String),
}

/// The bytes of a file that holds `content`, an object.
pub fn pack(magic: &str, content: Value) -> Result<Vec<u8>, UnpackError> {
    let mut whole = content;
    whole[MAGIC_KEY] = json!(magic);
    whole["format_version"] = json!(format!("{MAJOR}.0"));
    let mut text = String::new();
    canonical(&whole, &mut text);
    text.push('\n');
    if text.len() <= PLAIN_UP_TO {
        return Ok(text.into_bytes());
    }
    zstd::bulk::compress(text.as_bytes(), 0).map_err(|error| UnpackError::Damaged(error.to_string()))
}

/// What [`pack`] was given.
pub fn unpack(magic: &str, bytes: &[u8]) -> Result<Value, UnpackError> {
    unpack_with(magic, bytes, |text| Ok((serde_json::from_slice(text)?, ()))).map(|(value, ())| value)
}

/// The same, by who `read`s some of it in a form of his own. The first of the two tells what the file is.
pub fn unpack_with<T>(
    magic: &str,
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> serde_json::Result<(Value, T)>,
) -> Result<(Value, T), UnpackError> {
    if !begins_as_ours(bytes) {
        return Err(UnpackError::Foreign);
    }
    let damaged = |error: String| UnpackError::Damaged(error);
    let mut unpacked = Vec::new();
    let text = match bytes.starts_with(&ZSTD) {
        true => {
            let read = reader(bytes)?.take(MOST_BYTES).read_to_end(&mut unpacked);
            read.map_err(|error| damaged(error.to_string()))?;
            unpacked.as_slice()
        }
        false => bytes,
    };
    let (value, rest) = read(text).map_err(|error| damaged(error.to_string()))?;
    let word = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if word(MAGIC_KEY) != magic {
        return Err(UnpackError::OtherKind(word(MAGIC_KEY)));
    }
    let format = word("format_version");
    if format.split('.').next() != Some(MAJOR) {
        return Err(UnpackError::OtherFormat(format));
    }
    Ok((value, rest))
}

/// The first bytes of a file say that stackup wrote it.
pub fn begins_as_ours(bytes: &[u8]) -> bool {
    let head = format!("{{\"{MAGIC_KEY}\":");
    let mut start = vec![0; head.len()];
    reader(bytes).is_ok_and(|mut reader| reader.read_exact(&mut start).is_ok()) && start == head.as_bytes()
}

fn reader(bytes: &[u8]) -> Result<Box<dyn Read + '_>, UnpackError> {
    if !bytes.starts_with(&ZSTD) {
        return Ok(Box::new(bytes));
    }
    match zstd::stream::read::Decoder::with_buffer(bytes) {
        Ok(decoder) => Ok(Box::new(decoder)),
        Err(error) => Err(UnpackError::Damaged(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_ones_are_text_and_large_ones_compressed() {
        let small = pack("a", json!({"z": 1, "b": 2})).unwrap();
        assert_eq!(
            String::from_utf8(small.clone()).unwrap(),
            "{\"$magic\":\"a\",\"b\":2,\"format_version\":\"1.0\",\"z\":1}\n"
        );
        let large = json!({"text": "x".repeat(70_000)});
        let packed = pack("a", large.clone()).unwrap();
        assert!(packed.starts_with(&ZSTD) && packed.len() < 1000);
        assert!(begins_as_ours(&small) && begins_as_ours(&packed));
        assert_eq!(unpack("a", &packed).unwrap()["text"], large["text"]);
    }

    #[test]
    fn what_is_not_ours_is_said() {
        let ours = pack("a", json!({})).unwrap();
        assert_eq!(unpack("b", &ours), Err(UnpackError::OtherKind("a".to_owned())));
        assert_eq!(unpack("a", b"services: {}"), Err(UnpackError::Foreign));
        assert_eq!(unpack("a", b""), Err(UnpackError::Foreign));
        assert_eq!(unpack("a", &ZSTD), Err(UnpackError::Foreign));
        let newer = br#"{"$magic":"a","format_version":"2.0"}"#;
        assert_eq!(unpack("a", newer), Err(UnpackError::OtherFormat("2.0".to_owned())));
        let torn = &ours[..ours.len() - 5];
        assert!(matches!(unpack("a", torn), Err(UnpackError::Damaged(_))));
    }
}
