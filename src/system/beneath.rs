//! A file beneath the top of a folder: no link leads out of it, and nobody can put one there in between.

use std::fs::File;
use std::io::Error;
use std::path::Path;

/// Why it is not given.
#[derive(Debug)]
pub enum Refused {
    /// It leads out of the folder.
    Outside,
    /// Links lead in a circle.
    Circle,
    /// A pipe, a device, a folder.
    NoFile,
    Io(Error),
}

/// The top, held open: it stays the same one even when its path is given to another.
#[cfg(unix)]
pub fn top(path: &Path) -> Result<File, Error> {
    File::open(path)
}

/// There is nothing that keeps a link, a junction or a stream with another name from leading out in between.
#[cfg(windows)]
pub fn top(_: &Path) -> Result<File, Error> {
    Err(Error::new(
        std::io::ErrorKind::Unsupported,
        "on Windows nothing keeps a link from leading out of it: read it on Linux",
    ))
}

/// The kernel sees to it. `root` is the real path of `top`, for kernels that do not.
#[cfg(target_os = "linux")]
pub fn open(top: &File, root: &Path, path: &Path) -> Result<File, Refused> {
    use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::Errno;

    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    match openat2(top, path, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS) {
        Ok(file) => Ok(File::from(file)),
        Err(Errno::XDEV) => Err(Refused::Outside),
        Err(Errno::LOOP) => Err(Refused::Circle),
        // Kernels before 5.6, and sandboxes that do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => looked_up(root, path),
        Err(error) => Err(Refused::Io(error.into())),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
pub fn open(_: &File, root: &Path, path: &Path) -> Result<File, Refused> {
    looked_up(root, path)
}

#[cfg(windows)]
pub fn open(_: &File, root: &Path, _: &Path) -> Result<File, Refused> {
    top(root).map_err(Refused::Io)
}

#[cfg(unix)]
fn looked_up(root: &Path, path: &Path) -> Result<File, Refused> {
    let real = root.join(path).canonicalize().map_err(Refused::Io)?;
    if !real.starts_with(root) {
        return Err(Refused::Outside);
    }
    if !real.metadata().map_err(Refused::Io)?.is_file() {
        return Err(Refused::NoFile);
    }
    File::open(real).map_err(Refused::Io)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::system::testing::symlink;

    #[test]
    fn where_the_kernel_does_not_see_to_it_a_link_leads_nowhere_else_either() {
        let all = tempfile::tempdir().unwrap();
        let root = all.path().canonicalize().unwrap().join("in");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(all.path().join("secret"), "s").unwrap();
        std::fs::write(root.join("a"), "a").unwrap();
        symlink("../secret", &root.join("up"));
        symlink("a", &root.join("inside"));
        assert!(matches!(looked_up(&root, Path::new("up")), Err(Refused::Outside)));
        assert!(matches!(looked_up(&root, Path::new("..")), Err(Refused::Outside)));
        assert!(matches!(looked_up(&root, Path::new("")), Err(Refused::NoFile)));
        assert!(looked_up(&root, Path::new("inside")).is_ok());
    }
}
