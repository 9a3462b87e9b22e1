//! A stack as stackup left it. A release records it; drift is measured against it, and going back starts from it.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Kind;
use crate::compose::model::Content;

/// Everything of a stack that an apply left live. Specs are whole, values of environment too: `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub stack: String,
    pub services: Vec<RecordedService>,
    pub networks: Vec<RecordedNetwork>,
    pub configs: Vec<RecordedConfig>,
    pub secrets: Vec<RecordedSecret>,
    /// Objects of others that services refer to.
    #[serde(default)]
    pub external: Vec<RecordedExternal>,
    /// Names that the files call sensitive: of variables, labels, options and configs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sensitive_names: BTreeSet<String>,
    /// Compose paths that the cluster owns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
}

impl std::fmt::Debug for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorded({}, {} services)", self.stack, self.services.len())
    }
}

impl Recorded {
    /// By swarm name.
    pub fn service(&self, name: &str) -> Option<&RecordedService> {
        self.services.iter().find(|s| s.name == name)
    }
}

/// A service, and what only the files knew of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedService {
    /// Compose key.
    pub key: String,
    /// Swarm name.
    pub name: String,
    pub id: String,
    /// `Version.Index` when it was recorded.
    pub index: u64,
    /// `UpdateStatus.StartedAt` when it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_started: Option<Timestamp>,
    /// The live spec, networks and the config of a credential spec by name.
    pub spec: Value,
    /// Keys of the services that come before it, with Compose's words for how far they must be.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub depends_on: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<u32>,
}

/// Its spec holds values of environment.
impl std::fmt::Debug for RecordedService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordedService({}, index {})", self.name, self.index)
    }
}

/// A network, as it would be created again.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedNetwork {
    pub key: String,
    pub name: String,
    pub id: String,
    /// Body of `POST /networks/create`.
    pub body: Value,
}

/// A config that a service uses.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedConfig {
    pub key: String,
    /// The very version.
    pub name: String,
    pub id: String,
    /// `Version.Index` when it was recorded.
    pub index: u64,
    /// ConfigSpec without `Data`.
    pub spec: Value,
    /// `None` where the files call it sensitive: then the live object is all there is.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "encode", deserialize_with = "decode")]
    pub content: Option<Content>,
}

/// A secret that a service uses; its bytes are in the swarm's own object and nowhere else.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedSecret {
    pub key: String,
    /// The very version.
    pub name: String,
    pub id: String,
    /// `Version.Index` when it was recorded.
    pub index: u64,
    /// SecretSpec without `Data`; the HMAC of its content is in its labels.
    pub spec: Value,
}

/// Something that services refer to and that is not the stack's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordedExternal {
    #[serde(serialize_with = "kind_word", deserialize_with = "word_kind")]
    pub kind: Kind,
    pub name: String,
}

fn encode<S: Serializer>(content: &Option<Content>, to: S) -> Result<S::Ok, S::Error> {
    match content {
        Some(content) => to.serialize_some(&STANDARD.encode(&content.0)),
        None => to.serialize_none(),
    }
}

fn decode<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Content>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    let bytes = STANDARD.decode(text).map_err(|_| serde::de::Error::custom("content is no base64"))?;
    Ok(Some(Content(bytes.into())))
}

fn kind_word<S: Serializer>(kind: &Kind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(kind.as_str())
}

fn word_kind<'de, D: Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
    let word = String::deserialize(from)?;
    let all = [Kind::Network, Kind::Config, Kind::Secret, Kind::Service];
    all.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| serde::de::Error::custom("no kind of object"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_and_debug_shows_no_value() {
        let recorded = Recorded {
            stack: "s".into(),
            services: vec![RecordedService {
                key: "web".into(),
                name: "s_web".into(),
                id: "1".into(),
                index: 7,
                update_started: Some("2026-11-20T12:00:00Z".parse().unwrap()),
                spec: json!({"TaskTemplate": {"ContainerSpec": {"Env": ["DB_PASSWORD=hunter2"]}}}),
                depends_on: BTreeMap::from([("db".into(), "service_healthy".into())]),
                wave: Some(2),
            }],
            networks: Vec::new(),
            configs: vec![RecordedConfig {
                key: "c".into(),
                name: "s_c".into(),
                id: "2".into(),
                index: 3,
                spec: json!({"Name": "s_c"}),
                content: Some(Content(vec![0, 159, 255].into())),
            }],
            secrets: Vec::new(),
            external: vec![RecordedExternal { kind: Kind::Secret, name: "shared".into() }],
            sensitive_names: BTreeSet::from(["PIN".into()]),
            ignore: vec!["deploy.replicas".into()],
        };
        let text = serde_json::to_string(&recorded).unwrap();
        assert_eq!(serde_json::from_str::<Recorded>(&text).unwrap(), recorded);
        assert!(!format!("{recorded:?}").contains("hunter2"));
    }
}
