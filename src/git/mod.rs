//! Repositories: at which commit files are, and following remotes without a work tree.
//!
//! The `git` program fetches, for it has the transports and credentials; libgit2 reads what came. No input of a remote, and
//! no file of a repository, is ever given to git as anything but an argument behind `--end-of-options`.

mod access;
mod address;
mod describe;
mod elsewhere;
#[cfg(test)]
#[cfg(unix)]
mod elsewhere_tests;
mod error;
mod failure;
mod fetch;
mod lfs;
mod mirror;
mod module;
mod openpgp;
mod program;
mod reference;
mod signature;
#[cfg(test)]
#[cfg(unix)]
mod tests;
mod tree;

pub use access::Access;
pub use address::{Address, Transport};
pub use describe::{State, describe};
pub use elsewhere::Beyond;
pub use error::GitError;
pub use fetch::{Change, Fetched};
pub use mirror::{Mirror, Remote};
pub use program::{Limits, Program, VARIABLES};
pub use reference::{Reference, is_id};
pub use signature::{Signed, Signers, SshSigners, Unsigned};
pub use tree::{ReadError, Summary, Tree};
