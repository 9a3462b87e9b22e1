//! What a system knows of a file beside its bytes.

use std::fs::Metadata;
use std::io::Result;
use std::path::Path;

/// A named pipe, which may have to be waited for.
#[cfg(unix)]
pub fn is_pipe(data: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&data.file_type())
}

/// Windows has none among its files.
#[cfg(windows)]
pub fn is_pipe(_: &Metadata) -> bool {
    false
}

/// A text that changes when the file does.
#[cfg(unix)]
pub fn mark(data: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    format!("{}.{} {} {}", data.mtime(), data.mtime_nsec(), data.size(), data.ino())
}

#[cfg(windows)]
pub fn mark(data: &Metadata) -> String {
    use std::os::windows::fs::MetadataExt as _;
    format!("{} {} {}", data.last_write_time(), data.file_size(), data.creation_time())
}

/// Somebody else than its owner may write it. `None` where nobody can tell.
#[cfg(unix)]
pub fn others_may_write(data: &Metadata) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(data.permissions().mode() & 0o022 != 0)
}

/// An access list is not looked into.
#[cfg(windows)]
pub fn others_may_write(_: &Metadata) -> Option<bool> {
    None
}

/// A link to a folder.
#[cfg(unix)]
pub fn link_folder(there: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(there, link)
}

#[cfg(windows)]
pub fn link_folder(there: &Path, link: &Path) -> Result<()> {
    std::os::windows::fs::symlink_dir(there, link)
}
