//! `services.NAME.volumes` and service-level `tmpfs`, in long form.

use super::{Bytes, Text};
use crate::diagnostic::Spanned;

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountType {
    Volume,
    Bind,
    Tmpfs,
    Npipe,
    Image,
    Cluster,
}

/// One mount.
#[derive(Clone, Debug)]
pub struct Mount {
    pub kind: MountType,
    /// A key of `volumes`, a path, or none. Bind sources are absolute by now.
    pub source: Option<Text>,
    pub target: Text,
    pub read_only: Option<Spanned<bool>>,
    pub consistency: Option<Text>,
    /// `bind` was written (even if empty).
    pub bind: bool,
    pub propagation: Option<Text>,
    pub no_copy: Option<Spanned<bool>>,
    pub subpath: Option<Text>,
    pub tmpfs_size: Option<Spanned<Bytes>>,
    /// Permission bits.
    pub tmpfs_mode: Option<Spanned<u32>>,
}
