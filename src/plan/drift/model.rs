//! One difference between the last release and what is live.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::{Effect, FieldChange, Op, Redactor};
use crate::swarm::{Kind, LiveService};

/// Who made a difference between the files and what is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The files.
    Yours,
    /// Somebody, outside stackup; the files say what the release said.
    Drift,
    /// Both, and not the same.
    Both,
    /// Somebody did by hand what the files now say.
    AlreadyLive,
}

impl Origin {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yours => "yours",
            Self::Drift => "drift",
            Self::Both => "both",
            Self::AlreadyLive => "already_live",
        }
    }
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Changed,
    Removed,
    /// It carries the stack's label, and no release knows it.
    Unmanaged,
    /// Written again as it was.
    Resubmitted,
}

impl What {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Unmanaged => "unmanaged",
            Self::Resubmitted => "resubmitted",
        }
    }
}

/// One difference between the last release and what is live.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    pub kind: Kind,
    /// Compose key.
    pub key: String,
    /// Swarm name.
    pub name: String,
    pub what: What,
    /// Compose path of the field; empty where it is about the whole object.
    pub path: String,
    /// Compose-shaped; `None` where there is none or it is sensitive.
    pub applied: Option<Value>,
    pub live: Option<Value>,
    pub sensitive: bool,
    /// What putting it back does to running tasks.
    pub effect: Effect,
    /// Only where the files were asked too.
    pub origin: Option<Origin>,
    /// `Version.Index` now.
    pub index: Option<u64>,
    /// The last write of it.
    pub at: Option<Timestamp>,
}

impl Drift {
    /// About a whole object.
    pub(super) fn whole(kind: Kind, key: &str, name: &str, what: What) -> Self {
        Self {
            kind,
            key: key.to_owned(),
            name: name.to_owned(),
            what,
            path: String::new(),
            applied: None,
            live: None,
            sensitive: false,
            effect: Effect::None,
            origin: None,
            index: None,
            at: None,
        }
    }

    /// A field as the differ gives it, which goes from live back to applied.
    pub(super) fn field(kind: Kind, key: &str, name: &str, field: FieldChange) -> Self {
        Self {
            path: field.path,
            applied: field.after,
            live: field.before,
            sensitive: field.sensitive,
            effect: field.effect,
            ..Self::whole(kind, key, name, What::Changed)
        }
    }

    pub(super) fn of_service(mut self, live: &LiveService) -> Self {
        (self.index, self.at) = (Some(live.version), live.updated);
        self
    }

    /// `service/web`.
    pub fn address(&self) -> String {
        format!("{}/{}", self.kind.as_str(), self.key)
    }

    /// A difference that counts: what was written again as it was does not.
    pub fn counts(&self) -> bool {
        matches!(self.what, What::Changed | What::Removed)
    }

    /// Takes sensitive values out of it.
    pub fn redact(&mut self, redactor: &Redactor) {
        let (before, after) = (self.live.take(), self.applied.take());
        let field = FieldChange::new(self.path.as_str(), Op::Replace, before, after, self.effect, None);
        let mut field = FieldChange { sensitive: self.sensitive, ..field };
        redactor.field(&mut field);
        (self.live, self.applied, self.sensitive) = (field.before, field.after, field.sensitive);
    }
}
