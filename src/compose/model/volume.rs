//! `volumes.NAME`.

use std::collections::BTreeMap;

use super::{Extensions, External, Labels, Text};
use crate::diagnostic::Span;

/// A named volume.
#[derive(Clone, Debug)]
pub struct Volume {
    pub span: Span,
    pub external: Option<External>,
    /// `name:`, used as it is.
    pub name: Option<Text>,
    pub driver: Option<Text>,
    pub driver_opts: BTreeMap<String, Text>,
    pub labels: Labels,
    pub extensions: Extensions,
}
