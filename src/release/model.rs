//! A release: who left what live, and how it went.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::swarm::{Kind, Recorded};

/// How the apply behind a release ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All of it is live.
    Applied,
    /// Submitted; nobody followed it.
    Submitted,
    /// Something is left failed, paused or half done.
    Failed,
    /// The versions before are live again.
    RolledBack,
}

/// What made a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    Apply,
    /// `stackup rollback` to this release.
    Rollback(u64),
    /// `stackup adopt`: what was live already.
    Adopt,
    /// `stackup drift --accept`.
    Accept,
}

/// The head of a release: what a list needs, and no spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub number: u64,
    pub verdict: Verdict,
    pub origin: Origin,
    pub at: Timestamp,
    /// `ana@build-3`.
    pub who: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub dirty: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// Versions of configs and secrets without which one could not go back to it.
    pub needs: BTreeSet<Need>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A config or secret by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    Config(String),
    Secret(String),
}

impl Need {
    pub fn of((kind, name): (Kind, String)) -> Self {
        if kind == Kind::Secret { Self::Secret(name) } else { Self::Config(name) }
    }

    pub fn object(&self) -> (Kind, String) {
        match self {
            Self::Config(name) => (Kind::Config, name.clone()),
            Self::Secret(name) => (Kind::Secret, name.clone()),
        }
    }
}

/// What became of one object; sentences hold no sensitive value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// `service/web`.
    pub address: String,
    pub action: String,
    pub fate: String,
    pub why: String,
}

/// The whole of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub stack: Recorded,
    #[serde(default)]
    pub ledger: Vec<Fate>,
}

impl Head {
    /// One may go back to it.
    pub fn succeeded(&self) -> bool {
        matches!(self.verdict, Verdict::Applied | Verdict::Submitted)
    }

    /// For people and machines alike: `applied`, `rolled-back`, `rollback to #3`.
    pub fn result(&self) -> String {
        match (self.verdict, self.origin) {
            (Verdict::Applied, Origin::Adopt) => "adopted".to_owned(),
            (Verdict::Applied, Origin::Accept) => "accepted".to_owned(),
            (Verdict::Applied, Origin::Rollback(to)) => format!("rollback to #{to}"),
            (verdict, Origin::Rollback(to)) => format!("rollback to #{to} {}", verdict.as_str()),
            (verdict, _) => verdict.as_str().to_owned(),
        }
    }
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Submitted => "submitted",
            Self::Failed => "failed",
            Self::RolledBack => "rolled-back",
        }
    }
}
