//! What stands in a saved plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::envelope::{UnpackError, pack, unpack};
use crate::plan::document::Document;
use crate::plan::{Approved, PlanOptions, ResolveImage, ResolvedImage};

/// The kind of file.
const MAGIC: &str = "stackup-plan";

/// A plan as it was shown, what must still hold, and what is needed to make it again. No sensitive value is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    pub document: Document,
    pub approved: Approved,
    pub inputs: Inputs,
    pub options: SavedOptions,
    /// What registries said, by image.
    pub images: BTreeMap<String, ResolvedImage>,
}

/// The files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The folder that the names start from.
    pub folder: String,
    /// Compose files as named, in their order.
    pub files: Vec<String>,
    pub env_files: Vec<String>,
    /// All that were read, but for the contents of configs and secrets: those are part of the decision.
    pub digests: Vec<FileDigest>,
}

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    pub path: String,
    /// Hex. Only of Compose files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Hex HMAC of the digest under the swarm's key, for files of variables: they may hold little else than a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hmac: Option<String>,
}

/// The flags that planning heeds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedOptions {
    pub prune: bool,
    pub allow_empty: bool,
    pub recreate_networks: bool,
    pub target: Vec<String>,
    pub exclude: Vec<String>,
    pub replace: Vec<String>,
    pub ignore: Vec<String>,
    pub resolve: ResolveImage,
    pub skip_preflight: Vec<String>,
    /// Services that do not change get their registry's credentials anew.
    pub renew_credentials: bool,
    /// Warnings that are errors.
    pub deny_all: bool,
    pub deny: Vec<String>,
}

impl SavedOptions {
    pub fn of(options: &PlanOptions) -> Self {
        Self {
            prune: options.prune,
            allow_empty: options.allow_empty,
            recreate_networks: options.recreate_networks,
            target: options.target.clone(),
            exclude: options.exclude.clone(),
            replace: options.replace.clone(),
            ignore: options.ignore.clone(),
            resolve: options.resolve,
            skip_preflight: options.skip_preflight.clone(),
            renew_credentials: !options.renewed.is_empty(),
            deny_all: false,
            deny: Vec::new(),
        }
    }

    pub fn plan_options(&self) -> PlanOptions {
        PlanOptions {
            prune: self.prune,
            allow_empty: self.allow_empty,
            recreate_networks: self.recreate_networks,
            target: self.target.clone(),
            exclude: self.exclude.clone(),
            replace: self.replace.clone(),
            ignore: self.ignore.clone(),
            resolve: self.resolve,
            skip_preflight: self.skip_preflight.clone(),
            ..PlanOptions::default()
        }
    }
}

impl Saved {
    /// The bytes of the file.
    pub fn pack(&self) -> Result<Vec<u8>, UnpackError> {
        let value = serde_json::to_value(self).map_err(|error| UnpackError::Damaged(error.to_string()))?;
        pack(MAGIC, value)
    }

    pub fn unpack(bytes: &[u8]) -> Result<Self, UnpackError> {
        serde_json::from_value(unpack(MAGIC, bytes)?).map_err(|error| UnpackError::Damaged(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::document::sample::{document, everything};

    #[test]
    fn comes_back_as_it_was_saved() {
        let plan = everything();
        let options = PlanOptions {
            prune: true,
            allow_empty: true,
            recreate_networks: true,
            target: vec!["a".to_owned()],
            exclude: vec!["b".to_owned()],
            replace: vec!["c".to_owned()],
            ignore: vec!["d".to_owned()],
            resolve: ResolveImage::Changed,
            skip_preflight: vec!["e".to_owned()],
            ..PlanOptions::default()
        };
        let saved = Saved {
            document: document(&plan),
            approved: Approved::of(&plan),
            inputs: Inputs { files: vec!["a.yml".to_owned()], ..Inputs::default() },
            options: SavedOptions::of(&options),
            images: BTreeMap::from([("a:1".to_owned(), ResolvedImage::default())]),
        };
        let read = Saved::unpack(&saved.pack().unwrap()).unwrap();
        assert_eq!(read, saved);
        assert_eq!(SavedOptions::of(&read.options.plan_options()), saved.options);
        assert_eq!(read.pack(), saved.pack());
    }
}
