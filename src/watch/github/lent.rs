//! A token for git: at a path that git's helper can read, and on no disk.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

/// As long as this is held.
#[derive(Debug)]
pub struct Lent {
    path: PathBuf,
    _file: File,
}

impl Lent {
    /// Words where it cannot be lent.
    pub fn new(token: &SecretString) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("a token cannot be handed to git: {error}");
        let (mut file, path) = memory().map_err(wrong)?;
        file.write_all(token.expose_secret().as_bytes()).map_err(wrong)?;
        Ok(Self { path, _file: file })
    }

    /// For who runs as this user, while this process lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A file in memory.
#[cfg(target_os = "linux")]
fn memory() -> std::io::Result<(File, PathBuf)> {
    use std::os::fd::AsRawFd as _;
    let file = File::from(rustix::fs::memfd_create("stackup-token", rustix::fs::MemfdFlags::CLOEXEC)?);
    let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
    Ok((file, path))
}

/// There is none: a file that only this user may read.
#[cfg(not(target_os = "linux"))]
fn memory() -> std::io::Result<(File, PathBuf)> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut name = [0_u8; 16];
    getrandom::fill(&mut name).map_err(|error| std::io::Error::other(error.to_string()))?;
    let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = std::env::temp_dir().join(format!("stackup-{name}"));
    let file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
    Ok((file, path))
}

#[cfg(not(target_os = "linux"))]
impl Drop for Lent {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process_reads_it_as_often_as_it_likes_and_nothing_shows_it() {
        let lent = Lent::new(&SecretString::from("ghs_marker")).unwrap();
        for _ in 0..2 {
            let output = std::process::Command::new("head").args(["-n", "1"]).arg(lent.path()).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), "ghs_marker");
        }
        assert!(lent.path().is_file() && !format!("{lent:?}").contains("marker"));
        let path = lent.path().to_owned();
        drop(lent);
        assert!(!path.exists());
    }
}
