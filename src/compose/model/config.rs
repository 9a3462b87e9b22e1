//! `configs.NAME`, `secrets.NAME`, and how a service uses them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Extensions, External, Labels, Text};
use crate::diagnostic::{Span, Spanned};

/// Bytes of a config or a secret. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Content(pub Arc<[u8]>);

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content(…)")
    }
}

/// A config or a secret.
#[derive(Clone, Debug)]
pub struct FileObject {
    pub span: Span,
    pub external: Option<External>,
    /// `name:`, used as it is.
    pub name: Option<Text>,
    /// Absolute path of `file:`.
    pub file: Option<Text>,
    /// Bytes of the file, of `content:` or of the variable of `environment:`; `None` for external objects, for those
    /// with a driver, and where contents were not asked for.
    pub content: Option<Content>,
    /// `content:` as written (configs only).
    pub inline: Option<Text>,
    /// The variable of `environment:`.
    pub environment: Option<Text>,
    /// Secrets only.
    pub driver: Option<Text>,
    pub driver_opts: BTreeMap<String, Text>,
    pub template_driver: Option<Text>,
    pub labels: Labels,
    pub extensions: Extensions,
}

/// One entry of a service's `configs` or `secrets`.
#[derive(Clone, Debug)]
pub struct FileReference {
    /// Key of the top-level section.
    pub source: Text,
    pub target: Option<Text>,
    pub uid: Option<Text>,
    pub gid: Option<Text>,
    /// Permission bits.
    pub mode: Option<Spanned<u32>>,
}
