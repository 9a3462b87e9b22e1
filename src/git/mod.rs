//! Repositories: at which commit files are, and following remotes without a work tree.
//!
//! The `git` program fetches, for it has the transports and credentials; libgit2 reads what came. No input of a remote, and
//! no file of a repository, is ever given to git as anything but an argument behind `--end-of-options`.

mod access;
mod address;
mod describe;
mod error;
mod failure;
mod mirror;
mod program;
mod reference;
mod signature;
#[cfg(test)]
mod tests;
mod tree;

pub use access::Access;
pub use address::{Address, Transport};
pub use describe::{State, describe};
pub use error::GitError;
pub use mirror::{Change, Fetched, Mirror, Remote};
pub use program::{Limits, Program, VARIABLES};
pub use reference::{Reference, is_id};
pub use signature::{Signed, Signers, Unsigned};
pub use tree::{ReadError, Summary, Tree};
