//! What must survive a restart, in one file that is replaced whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::machine::Memory;
use crate::app::private_file;

/// Raised when an older program could not make sense of the file.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    stacks: BTreeMap<String, Memory>,
}

/// The file of one stackup.yaml.
#[derive(Clone, Debug)]
pub struct MemoryFile(PathBuf);

impl MemoryFile {
    /// Below `state`; each stackup.yaml has its own.
    pub fn of(state: &Path, settings: &Path) -> Self {
        let whole = std::path::absolute(settings).unwrap_or_else(|_| settings.to_owned());
        let name = Sha256::digest(whole.to_string_lossy().as_bytes());
        let name: String = name.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self(state.join(format!("watch-{name}.json")))
    }

    /// Nothing where there is no file. Words for a person where there is one that makes no sense.
    pub fn read(&self) -> Result<BTreeMap<String, Memory>, String> {
        let bytes = match std::fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(format!("{} cannot be read: {error}", self.0.display())),
        };
        match serde_json::from_slice::<Kept>(&bytes) {
            Ok(kept) if kept.version == VERSION => Ok(kept.stacks),
            Ok(kept) => {
                Err(format!("{} is of version {}, and this program knows {VERSION}", self.0.display(), kept.version))
            }
            Err(error) => Err(format!("{} makes no sense: {error}", self.0.display())),
        }
    }

    /// All of it or none.
    pub fn write(&self, stacks: BTreeMap<String, Memory>) -> Result<(), String> {
        let text = serde_json::to_vec(&Kept { version: VERSION, stacks }).map_err(|error| error.to_string())?;
        private_file::replace(&self.0, &text).map_err(|why| format!("{} {why}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_and_nonsense_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = MemoryFile::of(folder.path(), Path::new("stackup.yaml"));
        assert_eq!(file.read().unwrap(), BTreeMap::new());
        let memory = Memory { suspended: true, synced: Some("abc".into()), ..Memory::default() };
        let all = BTreeMap::from([("web".to_owned(), memory)]);
        file.write(all.clone()).unwrap();
        assert_eq!(file.read().unwrap(), all);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_ne!(MemoryFile::of(folder.path(), Path::new("/other.yaml")).0, file.0);
        // Half a file, and one of a later program.
        std::fs::write(&file.0, "{\"version\":1,\"sta").unwrap();
        assert!(file.read().is_err());
        std::fs::write(&file.0, "{\"version\":2,\"stacks\":{}}").unwrap();
        assert!(file.read().unwrap_err().contains("version 2"));
    }
}
