//! What cannot be done safely on this system, and why.

/// Following sources, and being a step of a workflow.
#[cfg(unix)]
pub const UNATTENDED: Option<&str> = None;

/// Nobody sits there who would see it go wrong.
#[cfg(windows)]
pub const UNATTENDED: Option<&str> = Some(
    "Windows keeps no link from leading out of a folder, ends no program with all that it started, and lends no token to git \
     without a disk",
);
