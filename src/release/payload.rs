//! Releases as bytes: JSON, compressed, in pieces that the engine takes.

use std::io::Read;

use serde::{Deserialize, Serialize};

use super::model::{Head, Record};
use crate::plan::sha256;

/// Another format is another number; a reader that does not know it says so.
const FORMAT: u32 = 1;
/// A config holds less than 1,024,000 bytes.
const PIECE: usize = 1_000_000;
/// A record up to this size lives in its head: a list of heads stays quick.
const INLINE: usize = 32 * 1024;
const LEVEL: i32 = 6;
/// Nothing that stackup wrote unpacks to more.
const LARGEST: u64 = 512 << 20;

/// The data of a head's config.
#[derive(Serialize, Deserialize)]
struct Envelope {
    format: u32,
    head: Head,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<Record>,
    /// Pieces that hold the record, where it is not here.
    #[serde(default)]
    parts: u64,
    /// Of all pieces, one after the other.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sha256: String,
}

/// A head as it was read.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub head: Head,
    /// `None` where it is in parts.
    pub record: Option<Record>,
    pub parts: u64,
    pub sha256: String,
}

/// What to write: the parts first, the head last.
pub(super) struct Packed {
    pub head: Vec<u8>,
    pub parts: Vec<Vec<u8>>,
}

pub(super) fn pack(head: &Head, record: &Record) -> Result<Packed, String> {
    let body = compress(&json(record)?)?;
    let inline = body.len() <= INLINE;
    let parts: Vec<Vec<u8>> = if inline { Vec::new() } else { body.chunks(PIECE).map(<[u8]>::to_vec).collect() };
    let envelope = Envelope {
        format: FORMAT,
        head: head.clone(),
        record: inline.then(|| record.clone()),
        parts: parts.len() as u64,
        sha256: if inline { String::new() } else { sha256(&body) },
    };
    Ok(Packed { head: compress(&json(&envelope)?)?, parts })
}

/// Opens the data of a head.
pub(super) fn open(data: &[u8]) -> Result<Opened, String> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let text = decompress(data)?;
    let format: Format = read(&text)?;
    if format.format != FORMAT {
        return Err(format!("it has format {}, which a newer stackup wrote", format.format));
    }
    let envelope: Envelope = read(&text)?;
    Ok(Opened { head: envelope.head, record: envelope.record, parts: envelope.parts, sha256: envelope.sha256 })
}

/// Puts the pieces of a record together.
pub(super) fn join(pieces: &[u8], expected: &str) -> Result<Record, String> {
    if sha256(pieces) != expected {
        return Err("its parts are not what was written".to_owned());
    }
    read(&decompress(pieces)?)
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|e| e.to_string())
}

/// No word of the parser: it may quote what it read.
fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|e| format!("it makes no sense at line {}, column {}", e.line(), e.column()))
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>, String> {
    zstd::bulk::compress(bytes, LEVEL).map_err(|e| e.to_string())
}

fn decompress(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let decoder = zstd::Decoder::new(bytes).map_err(|_| "it cannot be unpacked")?;
    let read = decoder.take(LARGEST + 1).read_to_end(&mut text).map_err(|_| "it cannot be unpacked")?;
    if read as u64 > LARGEST { Err("it unpacks to more than anybody wrote".to_owned()) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::release::model::{Origin, Verdict};
    use crate::swarm::{Recorded, RecordedService};

    fn head() -> Head {
        Head {
            number: 3,
            verdict: Verdict::Applied,
            origin: Origin::Rollback(1),
            at: "2026-11-20T12:00:00Z".parse().unwrap(),
            who: "ana@b".into(),
            commit: Some("4f1c2aa".into()),
            dirty: true,
            plan_id: None,
            needs: BTreeSet::new(),
        }
    }

    fn record(noise: usize) -> Record {
        // Digests do not compress.
        let noise: String = (0..noise).map(|n| sha256(&n.to_le_bytes())).collect();
        let service = RecordedService {
            key: "web".into(),
            name: "s_web".into(),
            id: "1".into(),
            index: 1,
            update_started: None,
            spec: json!({"Labels": {"noise": noise}}),
            depends_on: Default::default(),
            wave: None,
        };
        Record {
            stack: Recorded { stack: "s".into(), services: vec![service], ..Recorded::default() },
            ledger: Vec::new(),
        }
    }

    #[test]
    fn a_small_record_is_in_its_head() {
        let packed = pack(&head(), &record(1)).unwrap();
        assert!(packed.parts.is_empty());
        let opened = open(&packed.head).unwrap();
        assert_eq!((opened.head, opened.record), (head(), Some(record(1))));
    }

    #[test]
    fn a_large_one_is_in_pieces_that_the_engine_takes() {
        let packed = pack(&head(), &record(80_000)).unwrap();
        assert!(packed.parts.len() > 2 && packed.parts.iter().all(|p| p.len() < 1_024_000 && !p.is_empty()));
        assert!(packed.head.len() < 4_000);
        let opened = open(&packed.head).unwrap();
        assert_eq!((opened.parts, opened.record), (packed.parts.len() as u64, None));
        let mut all = packed.parts.concat();
        assert_eq!(join(&all, &opened.sha256).unwrap(), record(80_000));
        all[7] ^= 1;
        assert!(join(&all, &opened.sha256).unwrap_err().contains("not what was written"));
    }

    #[test]
    fn what_is_no_record_is_an_error_in_words() {
        for data in [&b""[..], b"x", b"{\"format\":1}"] {
            assert!(open(data).is_err());
        }
        let other = compress(br#"{"format":2,"new":"field"}"#).unwrap();
        assert_eq!(open(&other).unwrap_err(), "it has format 2, which a newer stackup wrote");
        let secret = compress(br#"{"format":1,"head":"hunter2"}"#).unwrap();
        assert!(!open(&secret).unwrap_err().contains("hunter2"));
    }
}
