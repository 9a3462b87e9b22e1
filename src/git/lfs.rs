//! Files of Git LFS: a pointer is in the repository, the bytes are elsewhere. `git lfs` fetches them, for it speaks to servers as
//! git does, over ssh and https, with the same credentials for the same host.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{GitError, Mirror};

const HEAD: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
/// Longest pointer, by the specification.
const LONGEST: usize = 1024;

/// What stands for the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pointer {
    /// 64 hex digits.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

impl Pointer {
    /// It says that it is one.
    pub fn is_meant(bytes: &[u8]) -> bool {
        bytes.starts_with(HEAD)
    }

    /// `None` for what only begins like one, and for one with extensions, which are programs.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes.get(..bytes.len().min(LONGEST))?.strip_prefix(HEAD)?).ok()?;
        let mut lines = text.lines();
        let sha256 = lines.next()?.strip_prefix("oid sha256:")?.to_owned();
        let size = lines.next()?.strip_prefix("size ")?.parse().ok()?;
        let is_digest = sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (is_digest && lines.next().is_none() && bytes.len() <= LONGEST).then_some(Self { sha256, size })
    }

    fn text(&self) -> String {
        format!("{}oid sha256:{}\nsize {}\n", String::from_utf8_lossy(HEAD), self.sha256, self.size)
    }

    fn path(&self, git_dir: &Path) -> PathBuf {
        let part = |range| self.sha256.get(range).unwrap_or_default();
        git_dir.join("lfs/objects").join(part(0..2)).join(part(2..4)).join(&self.sha256)
    }

    /// The bytes, where they are here and are what they should be.
    pub fn content(&self, git_dir: &Path) -> Option<Vec<u8>> {
        let path = self.path(git_dir);
        let bytes = match path.metadata().ok()?.len() == self.size {
            true => std::fs::read(&path).ok()?,
            false => Vec::new(),
        };
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if bytes.len() as u64 != self.size || digest != self.sha256 {
            // Where it stays, it is found to be wrong again.
            let _ = std::fs::remove_file(&path);
            return None;
        }
        Some(bytes)
    }
}

/// Brings the bytes here. Why not: a sentence.
pub(super) async fn fetch(mirror: &Mirror, pointer: &Pointer, left: Duration) -> Result<(), String> {
    let wrong = |why: &dyn Display| format!("it is kept by Git LFS, and cannot be had: {why}");
    mirror.lfs(&pointer.text(), left).await.map_err(|error: GitError| wrong(&error))?;
    match pointer.content(&mirror.git_dir()) {
        Some(_) => Ok(()),
        None => Err(wrong(&"what came is not what its pointer names")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_pointer_is_one() {
        let head = String::from_utf8_lossy(HEAD);
        let oid = "1d4ec54228961734754398bdb9db995e7a58facb4eb4fd0ca47da12802de973a";
        let good = format!("{head}oid sha256:{oid}\nsize 10\n");
        let pointer = Pointer::read(good.as_bytes()).unwrap();
        assert_eq!((pointer.size, pointer.text()), (10, good.clone()));
        for bad in [
            format!("{head}oid sha256:{oid}\n"),
            format!("{head}oid sha256:../../../../etc/passwd\nsize 10\n"),
            format!("{head}oid sha256:{}\nsize 10\n", oid.to_uppercase()),
            format!("{head}oid sha256:{oid}\nsize -1\n"),
            format!("{head}ext-0-x sha256:{oid}\noid sha256:{oid}\nsize 10\n"),
            format!("{good}{}", "x\n".repeat(1000)),
            format!("{good}more\n"),
        ] {
            assert!(Pointer::is_meant(bad.as_bytes()) && Pointer::read(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn bytes_that_are_others_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let digest: String = Sha256::digest(b"good").iter().map(|byte| format!("{byte:02x}")).collect();
        let pointer = Pointer { sha256: digest, size: 4 };
        let path = pointer.path(folder.path());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        for (bytes, good) in [("good", true), ("evil", false), ("longer", false), ("", false)] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(pointer.content(folder.path()).is_some(), good, "{bytes}");
            assert_eq!(path.exists(), good, "{bytes}");
        }
    }
}
