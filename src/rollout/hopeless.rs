//! Failures that no restart makes better.

use std::collections::BTreeSet;

use super::{Failure, Observation};
use crate::swarm::{Task, TaskState};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Image,
    Mount,
    Execute,
}

/// Times that must have been tried: one failure may be a registry that hiccups.
const TRIES: usize = 2;

/// `error` is `Status.Err`.
pub(super) fn classify(state: TaskState, error: &str) -> Option<Class> {
    let error = error.to_lowercase();
    let has = |part: &str| error.contains(part);
    if !matches!(state, TaskState::Rejected | TaskState::Failed) {
        return None;
    }
    if has("no such image") || has("manifest unknown") || has("pull access denied") || has("repository does not exist")
    {
        return Some(Class::Image);
    }
    if has("invalid mount config") || has("bind source path does not exist") {
        return Some(Class::Mount);
    }
    let runtime = has("oci runtime") || has("starting container failed") || has("failed to create shim");
    if has("exec format error")
        || has("executable file not found")
        || (runtime && (has("no such file or directory") || has("permission denied")))
    {
        return Some(Class::Execute);
    }
    None
}

/// The failure that every node which tried came to, if there is one.
pub(super) fn hopeless(ours: &[&Task], observation: &Observation<'_>) -> Option<Failure> {
    let tried: BTreeSet<_> =
        ours.iter().filter(|t| t.state >= TaskState::Preparing).filter_map(|t| t.node.as_ref()).collect();
    let failed: Vec<_> = ours.iter().filter_map(|t| classify(t.state, &t.error).map(|class| (class, *t))).collect();
    let (class, _) = *failed.first()?;
    let same: Vec<_> = failed.iter().filter(|(c, _)| *c == class).map(|(_, t)| *t).collect();
    let nodes: BTreeSet<_> = same.iter().filter_map(|t| t.node.as_ref()).collect();
    // A task that came further on some node shows that it can be done.
    let came_further = ours.iter().any(|t| t.state == TaskState::Running || t.state == TaskState::Complete);
    if came_further || nodes != tried || same.len() < TRIES {
        return None;
    }
    let newest = same.iter().max_by_key(|t| t.created)?;
    let error = match observation.node_name(newest) {
        Some(node) => format!("{} (on {node})", newest.error),
        None => newest.error.clone(),
    };
    Some(match class {
        Class::Image => Failure::ImageNotFound { error },
        Class::Mount => Failure::InvalidMount { error },
        Class::Execute => Failure::CannotExecute { error },
    })
}
