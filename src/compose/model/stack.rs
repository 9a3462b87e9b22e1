//! The whole of what the files say.

use std::collections::BTreeMap;

use super::{FileObject, Network, Service, Text, Volume};
use crate::diagnostic::Spanned;

/// Extension keys (`x-…`) as plain JSON.
pub type Extensions = BTreeMap<String, Spanned<serde_json::Value>>;

/// A checked, merged Compose document. Keys are Compose keys, not swarm names.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    pub version: Option<Text>,
    pub name: Option<Text>,
    pub services: BTreeMap<String, Service>,
    pub networks: BTreeMap<String, Network>,
    pub volumes: BTreeMap<String, Volume>,
    pub secrets: BTreeMap<String, FileObject>,
    pub configs: BTreeMap<String, FileObject>,
    pub extensions: Extensions,
}

/// `external:`; the object is somebody else's and is used under this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// `name:`, `external.name`, or the key.
    pub name: Text,
}
