//! What one run may read and copy. A file of a few lines can name others, or one of them, a million times.

use std::cell::Cell;
use std::path::Path;

use super::options::{FileError, Files};
use super::yaml::{MAX_BYTES, MAX_NODES};

/// Files that Compose files name, each as often as it is named.
pub const MAX_READS: usize = 10_000;
/// Bytes of all of them.
pub const MAX_READ_BYTES: usize = 64 << 20;

/// The files of a run, and what is left of its limits.
pub struct Budget<'a> {
    files: &'a dyn Files,
    reads: Left,
    bytes: Left,
    lines: Left,
    copies: Left,
}

/// A limit has been reached: for the first time, or before.
#[derive(Debug, PartialEq, Eq)]
pub enum Spent {
    Now,
    Before,
}

impl<'a> Budget<'a> {
    pub fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            reads: Left::new(MAX_READS),
            bytes: Left::new(MAX_READ_BYTES),
            lines: Left::new(MAX_NODES),
            copies: Left::new(MAX_BYTES),
        }
    }

    /// Whether there is such a file; looking costs nothing.
    pub fn has(&self, path: &Path) -> bool {
        self.files.read(path).is_ok()
    }

    /// One more line of an `env_file`; there are [`MAX_NODES`].
    pub fn line(&self) -> Result<(), Spent> {
        self.lines.spend(1)
    }

    /// No service can be copied any more, and that has been said.
    pub fn no_copies(&self) -> bool {
        self.copies.over.get()
    }

    /// A service that is copied by `extends`, in bytes of a file that has it written out; such a file has [`MAX_BYTES`].
    pub fn copy(&self, bytes: usize) -> Result<(), Spent> {
        self.copies.spend(bytes)
    }
}

impl Files for Budget<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        // Once is enough.
        if self.bytes.over.get() || self.lines.over.get() {
            return Err(FileError::Spent);
        }
        let refused = |spent, why| match spent {
            Spent::Now => FileError::Unreadable(why),
            Spent::Before => FileError::Spent,
        };
        let why = format!("more than {MAX_READS} files are named, counted each time");
        self.reads.spend(1).map_err(|spent| refused(spent, why))?;
        let bytes = self.files.read(path)?;
        let why = format!("with it, more than {} MB of files are named", MAX_READ_BYTES >> 20);
        self.bytes.spend(bytes.len()).map_err(|spent| refused(spent, why))?;
        Ok(bytes)
    }
}

struct Left {
    amount: Cell<usize>,
    over: Cell<bool>,
}

impl Left {
    fn new(amount: usize) -> Self {
        Self { amount: Cell::new(amount), over: Cell::new(false) }
    }

    fn spend(&self, amount: usize) -> Result<(), Spent> {
        match self.amount.get().checked_sub(amount) {
            _ if self.over.get() => Err(Spent::Before),
            Some(rest) => {
                self.amount.set(rest);
                Ok(())
            }
            None => {
                self.over.set(true);
                Err(Spent::Now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_it_can_be_spent_and_what_is_past_it_is_said_once() {
        let left = Left::new(5);
        assert_eq!(left.spend(4), Ok(()));
        assert_eq!(left.spend(1), Ok(()));
        assert_eq!(left.spend(0), Ok(()));
        assert_eq!(left.spend(1), Err(Spent::Now));
        assert_eq!(left.spend(1), Err(Spent::Before));
    }
}
