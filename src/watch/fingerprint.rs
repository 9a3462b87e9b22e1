//! What is live of a stack, told from what was, without keeping any of it.

use std::collections::BTreeMap;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::swarm::Snapshot;
use crate::system::private;

/// A key of this machine's own: without it nobody can try what a spec may have held.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// From a file, made where there is none. Words for a person where it can be neither read nor written.
    pub fn keep(path: &Path) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
        match std::fs::read(path) {
            Ok(bytes) => {
                let exact = <[u8; 32]>::try_from(bytes.as_slice());
                return exact.map(Self).map_err(|_| format!("{} has no 32 bytes: remove it", path.display()));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(wrong(error)),
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| format!("no random bytes: {error}"))?;
        match private::options().create_new(true).open(path) {
            Ok(mut file) => std::io::Write::write_all(&mut file, &key).map(|()| Self(key)).map_err(wrong),
            // Another process was quicker.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::keep(path),
            Err(error) => Err(wrong(error)),
        }
    }
}

/// `service/web_app` to an HMAC of its spec, for all objects of the stack that have one.
pub fn fingerprint(live: &Snapshot, key: &Key) -> BTreeMap<String, String> {
    let services = live.own_services().map(|s| (format!("service/{}", s.name), &*s.spec));
    let configs = live.own_configs().map(|c| (format!("config/{}", c.name), &c.spec));
    let secrets = live.own_secrets().map(|s| (format!("secret/{}", s.name), &s.spec));
    services.chain(configs).chain(secrets).map(|(name, spec)| (name, digest(spec, key))).collect()
}

fn digest(spec: &Value, key: &Key) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.0) else { return String::new() };
    mac.update(spec.to_string().as_bytes());
    mac.finalize().into_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = Key::keep(&path).unwrap();
        assert!(crate::system::testing::is_private(&path));
        assert_eq!(Key::keep(&path).unwrap().0, first.0);
        let spec = serde_json::json!({"Name": "a"});
        assert_eq!(digest(&spec, &first), digest(&spec.clone(), &first));
        assert_ne!(digest(&spec, &first), digest(&spec, &Key([0; 32])));
        std::fs::write(&path, "short").unwrap();
        assert!(Key::keep(&path).is_err());
    }
}
