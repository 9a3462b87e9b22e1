//! What a plan stands on: every object that it touches or relies on, as it was when the plan was made.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Change;
use super::digest::spec_digest;
use crate::swarm::{Desired, Kind, Lookup, NAMESPACE_LABEL};

/// By kind and name, once each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ground(pub Vec<Footing>);

/// One object, or that there is none of this name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Footing {
    pub kind: Kind,
    pub name: String,
    pub expect: Expect,
    pub id: Option<String>,
    /// `None` for networks: theirs says nothing.
    pub index: Option<u64>,
    /// `sha256:…` of the normalised spec; `None` for networks, which swarm cannot change.
    pub spec_digest: Option<String>,
    /// It carries the label of the plan's stack.
    pub labelled: bool,
}

/// Whether there was an object of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    Present,
    Absent,
}

impl Footing {
    /// `service web_app`, for people.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind.as_str(), self.name)
    }
}

impl Ground {
    pub fn find(&self, kind: Kind, name: &str) -> Option<&Footing> {
        self.0.iter().find(|footing| footing.kind == kind && footing.name == name)
    }
}

pub(super) fn ground(desired: &Desired, snapshot: &Lookup, changes: &[Change]) -> Ground {
    let mut names: BTreeSet<(Kind, &str)> = changes.iter().map(|c| (c.kind, c.name.as_str())).collect();
    names.extend(desired.networks.iter().map(|n| (Kind::Network, n.name.as_str())));
    names.extend(desired.configs.iter().map(|c| (Kind::Config, c.name.as_str())));
    names.extend(desired.secrets.iter().map(|s| (Kind::Secret, s.name.as_str())));
    names.extend(desired.services.iter().map(|s| (Kind::Service, s.name.as_str())));
    names.extend(desired.external.iter().map(|e| (e.kind, e.name.as_str())));
    names.extend(snapshot.own_networks().map(|n| (Kind::Network, n.name.as_str())));
    names.extend(snapshot.own_configs().map(|c| (Kind::Config, c.name.as_str())));
    names.extend(snapshot.own_secrets().map(|s| (Kind::Secret, s.name.as_str())));
    names.extend(snapshot.own_services().map(|s| (Kind::Service, s.name.as_str())));
    // What is written was digested for its preconditions.
    let digests: HashMap<(Kind, &str), &String> = changes
        .iter()
        .filter_map(|c| Some(((c.kind, c.name.as_str()), c.preconditions.spec_digest.as_ref()?)))
        .collect();
    let digest = |kind: Kind, name: &str, spec: &Value| match digests.get(&(kind, name)) {
        Some(digest) => (*digest).clone(),
        None => spec_digest(spec),
    };
    Ground(names.into_iter().map(|(kind, name)| footing(kind, name, snapshot, &digest)).collect())
}

fn footing(kind: Kind, name: &str, snapshot: &Lookup, digest: &dyn Fn(Kind, &str, &Value) -> String) -> Footing {
    let ours = |label: Option<&str>| label == Some(snapshot.stack.as_str());
    let found = match kind {
        Kind::Network => snapshot.network(name).map(|n| {
            let label = n.labels.get(NAMESPACE_LABEL).map(String::as_str);
            (&n.id, None, None, ours(label))
        }),
        Kind::Config => snapshot
            .config(name)
            .map(|c| (&c.id, Some(c.version), Some(digest(kind, name, &c.spec)), ours(c.label(NAMESPACE_LABEL)))),
        Kind::Secret => snapshot
            .secret(name)
            .map(|s| (&s.id, Some(s.version), Some(digest(kind, name, &s.spec)), ours(s.label(NAMESPACE_LABEL)))),
        Kind::Service => snapshot
            .service(name)
            .map(|s| (&s.id, Some(s.version), Some(digest(kind, name, &s.spec)), ours(s.label(NAMESPACE_LABEL)))),
    };
    let name = name.to_owned();
    match found {
        Some((id, index, spec_digest, labelled)) => {
            Footing { kind, name, expect: Expect::Present, id: Some(id.clone()), index, spec_digest, labelled }
        }
        None => {
            Footing { kind, name, expect: Expect::Absent, id: None, index: None, spec_digest: None, labelled: false }
        }
    }
}
