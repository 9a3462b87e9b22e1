//! What is known of a stack before a plan is made: its releases, and the record that its live state is measured against.

use std::collections::BTreeSet;

use super::look::{lock_details, lock_holder};
use crate::diagnostic::code::{LOCKED, OTHER_TOOL, RECORD_DAMAGED};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::{EngineError, Reader};
use crate::plan::{self, Base, drift};
use crate::release::history::{self, History, Unreadable};
use crate::release::lease::{self, Held, Standing, Timing};
use crate::release::model::{Head, Need};
use crate::swarm::{Kind, Recorded, Snapshot};

/// The releases of a stack, and the newest record.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub history: History,
    /// Of the newest release.
    pub recorded: Option<Recorded>,
    /// Why the newest release cannot be read.
    pub damaged: Option<String>,
    /// Somebody who holds the stack.
    pub lock: Option<Held>,
}

/// Lists the releases and reads the newest.
pub async fn known(reader: &Reader, stack: &str) -> Result<Known, EngineError> {
    let (history, lock) = tokio::try_join!(history::list(reader, stack), lease::look(reader, stack))?;
    with_record(reader, stack, history, lock).await
}

/// With the newest record, which `reader` is asked for where its head does not hold it.
pub(super) async fn with_record(
    reader: &Reader,
    stack: &str,
    history: History,
    lock: Option<Held>,
) -> Result<Known, EngineError> {
    let (mut recorded, mut damaged) = (None, None);
    if let Some(newest) = history.newest() {
        match history::read(reader, stack, newest).await {
            Ok(record) => recorded = Some(record.stack),
            Err(Unreadable::Engine(error)) => return Err(error),
            Err(broken) => damaged = Some(broken.to_string()),
        }
    }
    Ok(Known { history, recorded, damaged, lock })
}

impl Known {
    fn newest(&self) -> Option<&Head> {
        self.history.newest()?.head.as_ref().ok()
    }

    /// For the head of a plan.
    pub fn base(&self, live: &Snapshot) -> Base {
        let standing = match (&self.recorded, &self.damaged) {
            // What is live is neither the old nor the new release; where the one who worked on it died, too.
            _ if self.lock.as_ref().is_some_and(|held| held.standing(&Timing::default()) != Standing::Manual) => {
                plan::Standing::BeingApplied
            }
            (_, Some(_)) => plan::Standing::Unreadable,
            (None, None) => plan::Standing::Unrecorded,
            (Some(recorded), None) if drift::deployed_by_other(recorded, live) => plan::Standing::OtherTool,
            (Some(_), None) => plan::Standing::Recorded,
        };
        let head = self.newest();
        Base {
            standing,
            release: self.history.newest().map(|e| e.number),
            applied_by: head.map(|h| h.who.clone()),
            at: head.map(|h| h.at.to_string()),
            commit: head.and_then(|h| h.commit.clone()),
        }
    }

    /// What makes the comparison a two-way one, and who is in the way of an apply.
    pub fn notes(&self, base: &Base) -> Diagnostics {
        let mut notes = Diagnostics::default();
        let in_the_way = |held: &&Held| matches!(held.standing(&Timing::default()), Standing::Live | Standing::Manual);
        if let Some(held) = self.lock.as_ref().filter(in_the_way) {
            let message = format!("{} is locked: {}", self.history.stack, lock_holder(held));
            notes.push(Diagnostic::note(LOCKED, message).help(lock_details(held).join("\n")));
        }
        if let Some(held) = self.lock.as_ref().filter(|held| held.is_left()) {
            let message = format!("{} was left half done: {}", self.history.stack, lock_holder(held));
            notes.push(Diagnostic::note(LOCKED, message).help(lock_details(held).join("\n")));
        }
        match base.standing {
            plan::Standing::OtherTool => notes.push(
                Diagnostic::note(
                    OTHER_TOOL,
                    format!(
                        "last deployed by another tool since release #{}; treating live as base",
                        base.release.unwrap_or_default()
                    ),
                )
                .help(format!(
                    "the next apply records a release again; `stackup adopt {}` does now",
                    self.history.stack
                )),
            ),
            plan::Standing::Unreadable => {
                let why = self.damaged.clone().unwrap_or_default();
                notes.push(
                    Diagnostic::warning(RECORD_DAMAGED, format!("{why}; treating live as base"))
                        .help(format!("older ones: `stackup history {}`", self.history.stack)),
                );
            }
            plan::Standing::Unrecorded | plan::Standing::Recorded | plan::Standing::BeingApplied => {}
        }
        notes
    }

    /// Versions of configs and secrets that a kept release needs.
    pub fn kept(&self) -> BTreeSet<(Kind, String)> {
        self.needed(usize::MAX)
    }

    /// The same when one more release is recorded, if the oldest is forgotten for it then.
    pub fn kept_then(&self) -> Option<BTreeSet<(Kind, String)>> {
        (self.history.entries.len() >= history::KEPT).then(|| self.needed(history::KEPT - 1))
    }

    fn needed(&self, newest: usize) -> BTreeSet<(Kind, String)> {
        let heads = self.history.entries.iter().take(newest).filter_map(|e| e.head.as_ref().ok());
        heads.flat_map(|head| head.needs.iter().map(Need::object)).collect()
    }
}
