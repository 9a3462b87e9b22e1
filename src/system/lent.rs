//! A secret for a child: at a path that it can read, and on no disk where the system can do that.

use std::io::Result;
use std::path::{Path, PathBuf};

/// As long as this is held.
#[derive(Debug)]
pub struct Lent {
    path: PathBuf,
    #[cfg(unix)]
    _file: std::fs::File,
}

impl Lent {
    #[cfg(unix)]
    pub fn new(secret: &[u8]) -> Result<Self> {
        let (mut file, path) = memory()?;
        std::io::Write::write_all(&mut file, secret)?;
        Ok(Self { path, _file: file })
    }

    /// Neither is there a file without a disk, nor one that is known to be for this user alone.
    #[cfg(windows)]
    pub fn new(_: &[u8]) -> Result<Self> {
        Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "Windows has no files that lie on no disk"))
    }

    /// For who runs as this user, while this process lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A file in memory.
#[cfg(target_os = "linux")]
fn memory() -> Result<(std::fs::File, PathBuf)> {
    use std::os::fd::AsRawFd as _;
    let file = std::fs::File::from(rustix::fs::memfd_create("stackup-token", rustix::fs::MemfdFlags::CLOEXEC)?);
    let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
    Ok((file, path))
}

/// There is none: a file that only this user may read.
#[cfg(all(unix, not(target_os = "linux")))]
fn memory() -> Result<(std::fs::File, PathBuf)> {
    let mut name = [0_u8; 16];
    getrandom::fill(&mut name).map_err(|error| std::io::Error::other(error.to_string()))?;
    let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = std::env::temp_dir().join(format!("stackup-{name}"));
    let file = super::private::options().create_new(true).open(&path)?;
    Ok((file, path))
}

#[cfg(all(unix, not(target_os = "linux")))]
impl Drop for Lent {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.path);
    }
}
