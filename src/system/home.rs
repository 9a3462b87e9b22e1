//! The variable that says where a person's own files are.

/// `~`, and docker's `~/.docker`.
#[cfg(unix)]
pub const VARIABLE: &str = "HOME";

/// The same, as docker has it there. HOME is what shells from elsewhere set.
#[cfg(windows)]
pub const VARIABLE: &str = "USERPROFILE";
