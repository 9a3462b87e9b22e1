//! Files that stackup writes for itself: readable by nobody else, whole or not at all, and never over somebody's own.

use std::io::{Read, Write};
use std::path::Path;

use super::files::words;
use crate::plan::saved::begins_as_ours;
use crate::system::private;

/// A saved file is at most as large.
const MOST_BYTES: u64 = 64 << 20;

/// Writes `bytes`, for nobody else to read, in one step. A sentence's end says why not.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if path.exists() && !path.is_file() {
        return Err("is no file".to_owned());
    }
    if path.is_file() && !is_ours(path)? {
        return Err("is there and is not a file of stackup: it is not overwritten".to_owned());
    }
    replace(path, bytes)
}

/// The same, whatever is there: for files whose names are ours alone.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let name = path.file_name().ok_or("names no file")?;
    let part = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let unwritable = |error: std::io::Error| format!("cannot be written: {}", words(&error));
    let mut file = private::options().create(true).truncate(true).open(&part).map_err(unwritable)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // Not every system renames a file that is open.
    drop(file);
    let written = written.and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        // What is half written helps nobody; that it cannot be removed either changes nothing.
        let _ = std::fs::remove_file(&part);
        unwritable(error)
    })
}

/// All of a file. A sentence's end says why not.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {}", words(&error));
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok(bytes)
}

/// Stackup wrote the file, by its first bytes.
pub fn is_ours(path: &Path) -> Result<bool, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {}", words(&error));
    let mut start = Vec::new();
    // Enough for the first block of a compressed one.
    std::fs::File::open(path).and_then(|file| file.take(256 << 10).read_to_end(&mut start)).map_err(unreadable)?;
    Ok(begins_as_ours(&start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::saved::pack;
    use crate::system::testing::is_private;

    #[test]
    fn is_private_and_spares_what_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.stackup");
        let bytes = pack("x", serde_json::json!({"t": "y".repeat(100_000)})).unwrap();
        write(&path, &bytes).unwrap();
        assert!(is_private(&path));
        write(&path, &bytes).unwrap();
        assert_eq!(read(&path).unwrap(), bytes);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

        let other = folder.path().join("compose.yml");
        std::fs::write(&other, "services: {}").unwrap();
        assert!(write(&other, &bytes).unwrap_err().contains("not overwritten"));
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "services: {}");
        assert!(write(&folder.path().join("no/where"), &bytes).is_err());
    }
}
