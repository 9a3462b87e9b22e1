//! `services.NAME.logging`.

use std::collections::BTreeMap;

use super::Text;

/// The log driver and its options.
#[derive(Clone, Debug, Default)]
pub struct Logging {
    pub driver: Option<Text>,
    pub options: BTreeMap<String, Text>,
}
