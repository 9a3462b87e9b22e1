//! For tests of all rooms: links, modes and pipes, as far as the system has them.

use std::path::Path;

/// `link` to a file that may not be there.
#[cfg(unix)]
pub fn symlink(target: impl AsRef<Path>, link: &Path) {
    std::os::unix::fs::symlink(target, link).unwrap();
}

#[cfg(windows)]
pub fn symlink(target: impl AsRef<Path>, link: &Path) {
    std::os::windows::fs::symlink_file(target, link).unwrap();
}

/// Who may do what with it; `None` where files have no such thing.
#[cfg(unix)]
pub fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(std::fs::metadata(path).unwrap().permissions().mode() & 0o777)
}

#[cfg(windows)]
pub fn mode(_: &Path) -> Option<u32> {
    None
}

/// What [`mode`] is to be.
pub fn is_private(path: &Path) -> bool {
    mode(path).is_none_or(|mode| mode & 0o077 == 0)
}

#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(windows)]
pub fn set_mode(_: &Path, _: u32) {}

/// A pipe that nobody writes into.
#[cfg(unix)]
pub fn pipe(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR).unwrap();
}
