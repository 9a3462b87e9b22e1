//! A body as it comes: so much of it, and for so long.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

/// Why it was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMuch {
    Bytes,
    Time,
    Broken,
}

/// Hands over every piece. The bytes, or nothing where there are more than `keep`.
pub async fn read(
    body: Incoming,
    limit: u64,
    keep: usize,
    patience: Duration,
    take: impl FnMut(&[u8]),
) -> Result<Option<Vec<u8>>, TooMuch> {
    if body.size_hint().lower() > limit {
        return Err(TooMuch::Bytes);
    }
    timeout(patience, pieces(body, limit, keep, take)).await.unwrap_or(Err(TooMuch::Time))
}

async fn pieces(
    mut body: Incoming,
    limit: u64,
    keep: usize,
    mut take: impl FnMut(&[u8]),
) -> Result<Option<Vec<u8>>, TooMuch> {
    let (mut total, mut kept) = (0_u64, Some(Vec::new()));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| TooMuch::Broken)?;
        let Some(bytes) = frame.data_ref() else { continue };
        total += bytes.len() as u64;
        if total > limit {
            return Err(TooMuch::Bytes);
        }
        take(bytes);
        kept = kept.filter(|kept: &Vec<u8>| kept.len() + bytes.len() <= keep);
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(bytes);
        }
    }
    Ok(kept)
}
