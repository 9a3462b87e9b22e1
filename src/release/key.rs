//! The swarm's key: 32 random bytes in the config `stackup.key`, which managers alone can read.
//!
//! A secret cannot be read back. Its HMAC under this key, kept in a label, says whether its content is still the same,
//! and says nothing else: a plain digest would give a weak secret away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::engine::{EngineError, Reader, Writer};
use crate::plan::SecretKey;
use crate::swarm::LiveConfig;

pub const NAME: &str = "stackup.key";
const BYTES: usize = 32;
/// Somebody else's key that was made at the same moment may take as long to be seen.
const LOOKS: usize = 10;

/// `None` where no apply has needed one yet.
pub async fn read(reader: &Reader) -> Result<Option<SecretKey>, EngineError> {
    Ok(reader.config(NAME).await?.as_ref().and_then(of))
}

/// The same in what was read already: `find` knows configs by name.
pub fn among<'a>(find: impl FnOnce(&str) -> Option<&'a LiveConfig>) -> Option<SecretKey> {
    find(NAME).and_then(of)
}

fn of(config: &LiveConfig) -> Option<SecretKey> {
    config.data.as_ref().filter(|data| !data.is_empty()).map(|data| SecretKey(data.to_vec()))
}

/// The key that is there, or a new one.
pub async fn read_or_make(writer: &Writer) -> Result<SecretKey, EngineError> {
    for _ in 0..LOOKS {
        if let Some(key) = read(writer.reader()).await? {
            return Ok(key);
        }
        let mut key = vec![0; BYTES];
        getrandom::fill(&mut key).map_err(|e| EngineError::Local(format!("no random bytes for the key: {e}")))?;
        let spec = json!({ "Name": NAME, "Labels": {}, "Data": STANDARD.encode(&key) });
        match writer.create_config(&spec).await {
            Ok(_) => return Ok(SecretKey(key)),
            // Another apply was quicker: theirs is the key.
            Err(error) if error.status() == Some(409) => {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            Err(error) => return Err(error),
        }
    }
    Err(EngineError::Local(format!("the config `{NAME}` is there and cannot be read")))
}
