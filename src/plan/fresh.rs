//! Whether a plan that was approved still fits: compared with one that is made from the same files now.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::approved::{Approved, ApprovedChange, ApprovedField};
use super::ground::{Expect, Footing};
use super::{Operation, Plan};
use crate::swarm::Kind;

/// What came of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Freshness {
    /// The new plan does what was approved. What moved meanwhile and makes no difference, a sentence each.
    Fits {
        moved: Vec<String>,
    },
    /// Everything that was approved is live already.
    Done,
    Stale(Vec<Stale>),
}

/// An object that is no longer as the plan saw it, so that something else would be done than was approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Stale {
    /// `service/web`.
    pub address: String,
    /// The end of a sentence that begins with the address.
    pub why: String,
    pub fields: Vec<StaleField>,
}

/// One field of it. Values are `None` where there is none, and where it is sensitive.
#[derive(Clone, Debug, PartialEq)]
pub struct StaleField {
    pub path: String,
    pub when_planned: Option<Value>,
    pub now: Option<Value>,
    pub wanted: Option<Value>,
    pub sensitive: bool,
}

impl Stale {
    pub fn new(address: impl Into<String>, why: impl Into<String>) -> Self {
        Self { address: address.into(), why: why.into(), fields: Vec::new() }
    }
}

/// `fresh` is made from the same files, options and image digests, and from what is live now.
pub fn freshness(approved: &Approved, fresh: &Plan) -> Freshness {
    if approved.cluster_id != fresh.cluster.id {
        let why = format!(
            "is another one: the plan is for swarm {} ({}), this is swarm {} ({})",
            approved.cluster_id, approved.endpoint, fresh.cluster.id, fresh.cluster.endpoint
        );
        return Freshness::Stale(vec![Stale::new("cluster", why)]);
    }
    let now = Approved::of(fresh);
    if now.changes.is_empty() && !approved.changes.is_empty() {
        return Freshness::Done;
    }
    let mut comparison = Comparison { approved, now: &now, moved: Vec::new(), stale: BTreeMap::new() };
    let changed = comparison.objects();
    comparison.operations(&changed);
    let Comparison { mut moved, stale, .. } = comparison;
    if !stale.is_empty() {
        return Freshness::Stale(stale.into_values().collect());
    }
    if !approved.decision.is(&now.decision) {
        return Freshness::Stale(vec![Stale::new("plan", "would do the same in another order than approved")]);
    }
    moved.sort();
    Freshness::Fits { moved }
}

/// The same for one object alone: why something else would be done to it than was approved, if so.
pub fn freshness_of(approved: &Approved, fresh: &Plan, address: &str) -> Option<Stale> {
    let now = Approved::of(fresh);
    let mut comparison = Comparison { approved, now: &now, moved: Vec::new(), stale: BTreeMap::new() };
    let changed = comparison.objects();
    comparison.operations(&changed);
    comparison.stale.remove(address)
}

struct Comparison<'a> {
    approved: &'a Approved,
    now: &'a Approved,
    moved: Vec<String>,
    stale: BTreeMap<String, Stale>,
}

impl<'a> Comparison<'a> {
    /// Objects with another spec than when planned; those that came, went, or are others are stale by that alone.
    fn objects(&mut self) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        let (approved, now) = (self.approved, self.now);
        for then in &approved.ground.0 {
            let address = self.address(then);
            let found = now.ground.find(then.kind, &then.name).filter(|f| f.expect == Expect::Present);
            let why = match (then.expect, found) {
                (Expect::Absent, None) => continue,
                (Expect::Absent, Some(_)) => "exists now; when planned it did not",
                (Expect::Present, None) => "is gone; when planned it was there",
                (Expect::Present, Some(found)) if found.id != then.id => {
                    "was removed and created again since it was planned"
                }
                (Expect::Present, Some(found)) if found.labelled != then.labelled => match found.labelled {
                    true => "carries the stack's label now; when planned it did not",
                    false => "no longer carries the stack's label",
                },
                (Expect::Present, Some(found)) => {
                    if found.spec_digest != then.spec_digest {
                        changed.insert(address);
                    } else if found.index != then.index {
                        self.moved.push(format!("{} was written since, and is the same", then.title()));
                    }
                    continue;
                }
            };
            self.stale.entry(address.clone()).or_insert_with(|| Stale::new(address, why));
        }
        for found in now.ground.0.iter().filter(|f| f.labelled) {
            if approved.ground.find(found.kind, &found.name).is_none() {
                let address = self.address(found);
                let why = "carries the stack's label; when planned it was not there";
                self.stale.entry(address.clone()).or_insert_with(|| Stale::new(address, why));
            }
        }
        changed
    }

    fn operations(&mut self, changed: &BTreeSet<String>) {
        let keyed = !(self.approved.decision.incomplete || self.now.decision.incomplete);
        let by_address = |approved: &'a Approved| -> BTreeMap<&'a str, &'a Operation> {
            approved.decision.operations.iter().map(|one| (one.address.as_str(), one)).collect()
        };
        let (then, now) = (by_address(self.approved), by_address(self.now));
        let all: BTreeSet<&str> = then.keys().chain(now.keys()).copied().collect();
        for address in all {
            let same = match (then.get(address), now.get(address)) {
                (Some(then), Some(now)) => then.is(now, keyed),
                _ => false,
            };
            let changed = changed.contains(address);
            if same {
                if changed {
                    self.moved.push(format!("{address} was changed since, and what is done to it is the same"));
                }
                continue;
            }
            let (planned, fresh) = (self.approved.change(address), self.now.change(address));
            let sealed = |path: &str| {
                let hmac = |operation: Option<&&Operation>| {
                    operation.and_then(|one| one.sealed.iter().find(|s| s.path == path)).map(|s| s.hmac.clone())
                };
                (hmac(then.get(address)), hmac(now.get(address)))
            };
            let fields = fields(planned, fresh, &sealed);
            let why = match (planned, fresh) {
                _ if changed => "was changed by somebody since it was planned".to_owned(),
                (Some(planned), None) => format!("needs no {} any more", planned.action),
                (None, Some(fresh)) => format!("needs a {} now; when planned it did not", fresh.action),
                _ => "would be done otherwise than approved".to_owned(),
            };
            let stale = self.stale.entry(address.to_owned()).or_insert_with(|| Stale::new(address, why));
            stale.fields = fields;
        }
        // Relied on, and not written: nothing that is done depends on it.
        let known = |address: &String| then.contains_key(address.as_str()) || now.contains_key(address.as_str());
        for address in changed.iter().filter(|address| !known(address)) {
            self.moved.push(format!("{address} was changed since, and nothing is done to it"));
        }
    }

    /// As a change of the one or the other plan calls the object, else by its name.
    fn address(&self, footing: &Footing) -> String {
        let named = |change: &&ApprovedChange| change.kind == footing.kind && change.name == footing.name;
        let change = self.approved.changes.iter().find(named).or_else(|| self.now.changes.iter().find(named));
        change.map_or_else(|| by_name(footing.kind, &footing.name), |change| change.address.clone())
    }
}

fn by_name(kind: Kind, name: &str) -> String {
    format!("{}/{name}", kind.as_str())
}

/// The HMACs of one hidden value, as far as known.
type ThenAndNow = (Option<String>, Option<String>);

/// What the two disagree on. `sealed` gives the HMACs of a hidden value, as far as known.
fn fields(
    planned: Option<&ApprovedChange>,
    fresh: Option<&ApprovedChange>,
    sealed: &dyn Fn(&str) -> ThenAndNow,
) -> Vec<StaleField> {
    let of = |change: Option<&'_ ApprovedChange>| -> BTreeMap<String, ApprovedField> {
        change.into_iter().flat_map(|c| &c.fields).map(|f| (f.path.clone(), f.clone())).collect()
    };
    let (planned, fresh) = (of(planned), of(fresh));
    let paths: BTreeSet<&String> = planned.keys().chain(fresh.keys()).collect();
    let mut rows = Vec::new();
    for path in paths {
        let row = match (planned.get(path), fresh.get(path)) {
            (Some(a), Some(b)) if a == b => match sealed(path) {
                (Some(then), Some(now)) if then != now => (a.before.clone(), b.before.clone(), a.after.clone(), true),
                _ => continue,
            },
            (Some(a), Some(b)) => (a.before.clone(), b.before.clone(), a.after.clone(), a.sensitive || b.sensitive),
            // It is as it was to become.
            (Some(a), None) => (a.before.clone(), a.after.clone(), a.after.clone(), a.sensitive),
            // It was as the files want it.
            (None, Some(b)) => (b.after.clone(), b.before.clone(), b.after.clone(), b.sensitive),
            (None, None) => continue,
        };
        let (when_planned, now, wanted, sensitive) = row;
        rows.push(StaleField { path: path.clone(), when_planned, now, wanted, sensitive });
    }
    rows
}
