//! Files and folders for this user alone.
//!
//! On Unix by their mode, wherever they are. On Windows a file has the access list of the folder that it is made in: below a
//! user's profile that is the user, the administrators and the system; elsewhere it is what that folder says (docs/windows.md).

use std::fs::{DirBuilder, OpenOptions};
use std::io::Result;
use std::path::Path;

/// To write a file that nobody else may read, once `create` or `create_new` is said.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A folder that is not there yet.
pub fn folder(path: &Path) -> Result<()> {
    builder().create(path)
}

/// A folder and those above it, as far as they are not there.
pub fn folders(path: &Path) -> Result<()> {
    builder().recursive(true).create(path)
}

#[cfg_attr(not(unix), allow(unused_mut))]
fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::system::testing::mode;

    #[test]
    fn nobody_else_may_read_them() {
        let all = tempfile::tempdir().unwrap();
        folder(&all.path().join("a")).unwrap();
        assert!(folder(&all.path().join("a")).is_err());
        folders(&all.path().join("a/b/c")).unwrap();
        folders(&all.path().join("a/b/c")).unwrap();
        let file = all.path().join("a/b/f");
        options().create_new(true).open(&file).unwrap();
        assert_eq!(["a", "a/b", "a/b/c"].map(|path| mode(&all.path().join(path))), [Some(0o700); 3]);
        assert_eq!(mode(&file), Some(0o600));
    }
}
