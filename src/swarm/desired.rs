//! What the files want the swarm to store. Names stand where a swarm has ids.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compose::model::{Content, DependsOnCondition};
use crate::diagnostic::Span;

/// The kinds of objects that a stack is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Network,
    Config,
    Secret,
    Service,
}

impl Kind {
    /// As in an address: `service/web`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Config => "config",
            Self::Secret => "secret",
            Self::Service => "service",
        }
    }
}

/// Where each part of a spec was written, by Compose path within its section: `/image`, `/environment/LOG_LEVEL`,
/// `/deploy/replicas`, `/ports/8080:80`, `/volumes/~1data` (see [`super::join`]). The empty path is the object itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(pub BTreeMap<String, Span>);

impl Origins {
    /// The place of `path`, or of the nearest thing around it.
    pub fn nearest(&self, path: &str) -> Option<Span> {
        let mut path = path;
        loop {
            if let Some(span) = self.0.get(path) {
                return Some(*span);
            }
            path = &path[..path.rfind('/')?];
        }
    }
}

/// Everything the files want, in key order.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The stack's name.
    pub stack: String,
    pub networks: Vec<DesiredNetwork>,
    pub configs: Vec<DesiredConfig>,
    pub secrets: Vec<DesiredSecret>,
    pub services: Vec<DesiredService>,
    /// Objects of others that must exist before anything is written.
    pub external: Vec<ExternalObject>,
    /// Values that no output may show (literal secrets in environment, contents): see `plan::redact`.
    pub sensitive: Sensitive,
    /// Names that `x-stackup.sensitive` marks: of variables, labels, options and configs.
    pub sensitive_names: BTreeSet<String>,
    /// `x-stackup.ignore`: Compose paths that the cluster owns, `deploy.replicas` or `web:deploy.replicas`.
    pub ignore: Vec<String>,
    /// `x-stackup.volatile`: keys of services whose image's tag is left out of a plan's id where a digest says which image it is.
    pub volatile_tags: BTreeSet<String>,
}

/// Values to hide. `Debug` shows none of them.
#[derive(Clone, Default)]
pub struct Sensitive(pub BTreeSet<String>);

impl std::fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sensitive(…)")
    }
}

/// A network to have.
#[derive(Clone, Debug)]
pub struct DesiredNetwork {
    pub key: String,
    /// Swarm name.
    pub name: String,
    /// Body of `POST /networks/create`.
    pub body: Value,
    pub origins: Origins,
}

/// A config to have.
#[derive(Clone, Debug)]
pub struct DesiredConfig {
    pub key: String,
    /// Swarm name of the first version.
    pub name: String,
    /// ConfigSpec without `Data`.
    pub spec: Value,
    pub content: Content,
    /// This very version and no other: going back names it.
    pub exact: bool,
    pub origins: Origins,
}

/// A secret to have.
#[derive(Clone, Debug)]
pub struct DesiredSecret {
    pub key: String,
    /// Swarm name of the first version.
    pub name: String,
    /// SecretSpec without `Data`.
    pub spec: Value,
    /// `None` for a secret with a driver.
    pub content: Option<Content>,
    /// This very version and no other: going back names it.
    pub exact: bool,
    pub origins: Origins,
}

/// A service to have.
#[derive(Clone, Debug)]
pub struct DesiredService {
    pub key: String,
    /// Swarm name.
    pub name: String,
    /// ServiceSpec as docker would send it, with network names in `Networks[].Target`, empty `ConfigID`/`SecretID`, the
    /// image as written (`:latest` added), no platforms, and `ForceUpdate` 0.
    pub spec: Value,
    pub origins: Origins,
    /// Keys of the services that come before it.
    pub depends_on: BTreeMap<String, DependsOnCondition>,
    /// `x-stackup.wave`, if written.
    pub wave: Option<u32>,
}

/// Something that must be there and is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalObject {
    pub kind: Kind,
    /// Compose key.
    pub key: String,
    /// Swarm name.
    pub name: String,
    pub span: Option<Span>,
}
