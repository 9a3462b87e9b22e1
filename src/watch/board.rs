//! What is known of sources and stacks, for whoever asks while the loop goes on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::lead::Rank;
use super::machine::{SourceState, StackState};
use super::past::Past;
use crate::plan::document::Document;

/// Groups of equal failures that are kept of a rollout.
const MOST_EVIDENCE: usize = 20;

/// One stack, as the API tells it.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct StackView {
    pub name: String,
    pub source: String,
    pub commit: Option<String>,
    pub sync: &'static str,
    pub drift: bool,
    pub release: Option<u64>,
    /// The plan that waits, or that goes on.
    pub plan_id: Option<String>,
    /// Why it is as it is.
    pub message: String,
    pub suspended: bool,
    pub last: LastView,
}

/// The last rollout.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct LastView {
    pub result: Option<String>,
    pub at: Option<String>,
    pub plan_id: Option<String>,
    pub message: String,
}

/// One source.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct SourceView {
    pub commit: Option<String>,
    /// Why it cannot be followed.
    pub problem: Option<String>,
    pub tried: bool,
}

impl StackView {
    pub fn new(name: &str, stack: &StackState) -> Self {
        let last = &stack.memory.last;
        Self {
            name: name.to_owned(),
            source: stack.source.clone(),
            commit: stack.commit.clone(),
            sync: stack.shown().as_str(),
            drift: stack.drift,
            release: stack.release,
            plan_id: stack.plan_id.clone(),
            message: stack.message.clone(),
            suspended: stack.memory.suspended,
            last: LastView {
                result: Some(last.result.clone()).filter(|result| !result.is_empty()),
                at: last.at.map(seconds),
                plan_id: last.plan_id.clone(),
                message: last.message.clone(),
            },
        }
    }
}

fn seconds(at: Timestamp) -> String {
    at.round(jiff::Unit::Second).unwrap_or(at).to_string()
}

impl SourceView {
    pub fn new(source: &SourceState) -> Self {
        let problem = source.trouble.as_ref().map(|trouble| format!("{} ({})", trouble.message, trouble.code));
        Self { commit: source.commit.clone(), problem, tried: source.tried }
    }
}

/// Written by the loop, read by everybody.
#[derive(Debug, Default)]
pub struct Board(Mutex<Known>);

#[derive(Clone, Debug, Default)]
struct Known {
    stacks: BTreeMap<String, StackView>,
    sources: BTreeMap<String, SourceView>,
    /// What each stack would have to change, as it was last looked at; swept.
    plans: BTreeMap<String, Arc<Document>>,
    /// Of each stack, newest first.
    releases: BTreeMap<String, Arc<Vec<Past>>>,
    /// What tasks left behind that failed in the last rollout of a stack, as its events told it.
    evidence: BTreeMap<String, Vec<Value>>,
    ready: bool,
    rank: Rank,
}

impl Board {
    fn known(&self) -> MutexGuard<'_, Known> {
        // Each write is whole, so nothing is broken by one who died in between.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_stack(&self, view: StackView) {
        self.known().stacks.insert(view.name.clone(), view);
    }

    pub fn forget(&self, stack: &str) {
        let mut known = self.known();
        known.stacks.remove(stack);
        known.plans.remove(stack);
        known.releases.remove(stack);
        known.evidence.remove(stack);
    }

    /// Nothing where there is nothing to change.
    pub fn set_plan(&self, stack: &str, plan: Option<Document>) {
        let mut known = self.known();
        match plan {
            Some(plan) => drop(known.plans.insert(stack.to_owned(), Arc::new(plan))),
            None => drop(known.plans.remove(stack)),
        }
    }

    pub fn plan(&self, stack: &str) -> Option<Arc<Document>> {
        self.known().plans.get(stack).cloned()
    }

    pub fn set_releases(&self, stack: &str, releases: Vec<Past>) {
        self.known().releases.insert(stack.to_owned(), Arc::new(releases));
    }

    pub fn releases(&self, stack: &str) -> Arc<Vec<Past>> {
        self.known().releases.get(stack).cloned().unwrap_or_default()
    }

    /// Another rollout begins.
    pub fn forget_evidence(&self, stack: &str) {
        self.known().evidence.remove(stack);
    }

    /// An event of the kind `evidence`, swept.
    pub fn add_evidence(&self, stack: &str, line: Value) {
        let mut known = self.known();
        let kept = known.evidence.entry(stack.to_owned()).or_default();
        if kept.len() < MOST_EVIDENCE {
            kept.push(line);
        }
    }

    pub fn evidence(&self, stack: &str) -> Vec<Value> {
        self.known().evidence.get(stack).cloned().unwrap_or_default()
    }

    /// All there are.
    pub fn set_sources(&self, sources: BTreeMap<String, SourceView>) {
        self.known().sources = sources;
    }

    /// The first look at every source is over, and at every stack that one of them named.
    pub fn set_ready(&self, ready: bool) {
        self.known().ready = ready;
    }

    pub fn is_ready(&self) -> bool {
        self.known().ready
    }

    pub fn set_rank(&self, rank: Rank) {
        self.known().rank = rank;
    }

    /// Whether this watcher leads, or who does.
    pub fn rank(&self) -> Rank {
        self.known().rank.clone()
    }

    pub fn stack(&self, name: &str) -> Option<StackView> {
        self.known().stacks.get(name).cloned()
    }

    pub fn stacks(&self) -> Vec<StackView> {
        self.known().stacks.values().cloned().collect()
    }

    pub fn sources(&self) -> BTreeMap<String, SourceView> {
        self.known().sources.clone()
    }
}
