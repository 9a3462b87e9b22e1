//! What swarm put back while nobody followed it: whoever had begun the apply was gone. A watcher that changes itself dies of
//! its own update, and the one that swarm brings back must not try the same again.

use jiff::Timestamp;

use super::apply::{Cancel, Outcome};
use super::deliver::{Actor, Begun, Delivered, Locking, NotStarted, begin, give_back};
use super::event::{Event, EventSink};
use super::exit::{Changed, ExitCode};
use super::ledger::{Entry, Fate, Ledger};
use super::plan::Planned;
use super::record::{self, After};
use crate::diagnostic::code::NOT_RECORDED;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::Reader;
use crate::release::lease::{Timing, Wait};
use crate::swarm::{Kind, LiveService, Snapshot, UpdateState};

/// Services that an apply of the same commit had written, and that swarm put back.
#[derive(Debug)]
pub struct Undone<'a> {
    services: Vec<&'a LiveService>,
    planned: &'a Planned,
    /// When that apply began, by the swarm's clock.
    pub since: Timestamp,
}

/// Nothing where the plan is of another commit than what was left, or nothing of it was put back.
pub fn undone<'a>(planned: &'a Planned, wait: &Wait) -> Option<Undone<'a>> {
    let held = planned.live.known.lock.as_ref()?;
    let commit = planned.plan.source.commit.as_deref().filter(|_| !planned.plan.source.dirty)?;
    if held.holder.commit != commit || !wait.standing(held, &Timing::default()).is_over() {
        return None;
    }
    let since = held.left_since()?;
    let of_plan = planned.plan.changes.iter().filter(|change| change.kind == Kind::Service);
    let services = of_plan.filter_map(|change| planned.live.snapshot.service(&change.name));
    let services: Vec<&LiveService> = services.filter(|service| was_put_back(service, since)).collect();
    (!services.is_empty()).then_some(Undone { services, planned, since })
}

fn was_put_back(service: &LiveService, since: Timestamp) -> bool {
    let back = |state: &UpdateState| {
        matches!(state, UpdateState::RollbackStarted | UpdateState::RollbackPaused | UpdateState::RollbackCompleted)
    };
    service.update.as_ref().is_some_and(|update| back(&update.state) && update.started.is_some_and(|at| at >= since))
}

impl Undone<'_> {
    /// Swarm has not come to its end with it.
    pub fn goes_on(&self) -> bool {
        let state = |service: &&LiveService| service.update.as_ref().map(|update| update.state.clone());
        self.services.iter().any(|service| state(service) == Some(UpdateState::RollbackStarted))
    }

    /// For a person: what was put back, and what the newest task that failed said.
    pub fn words(&self) -> String {
        let snapshot = &self.planned.live.snapshot;
        let names: Vec<&str> = self.services.iter().map(|service| service.name.as_str()).collect();
        let why = self.services.iter().find_map(|service| complaint(service, snapshot, self.since));
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        format!("swarm rolled {} back while nobody followed it{why}", names.join(" and "))
    }

    /// As a person would have called the end of that apply.
    pub fn exit(&self) -> ExitCode {
        let all = self.services.len() == self.planned.plan.changes.len();
        let back = |service: &&LiveService| {
            service.update.as_ref().is_some_and(|update| update.state == UpdateState::RollbackCompleted)
        };
        if all && self.services.iter().all(back) { ExitCode::RolledBack } else { ExitCode::Failed }
    }

    /// Writes the release that the one who is gone could not write; of the stack nothing is changed.
    pub async fn record(
        &self,
        reader: &Reader,
        locking: Locking,
        actor: &Actor,
        sink: &mut dyn EventSink,
        cancel: Cancel,
    ) -> Result<Delivered, NotStarted> {
        let Begun { lease, writer, known } = begin(self.planned, reader, locking, actor, sink, &cancel).await?;
        let mut outcome = self.outcome();
        sink.emit(Timestamp::now(), &Event::of_ledger(&outcome.ledger));
        let after = After {
            planned: self.planned,
            history: &known.history,
            desired: &self.planned.basis.desired,
            previous: known.recorded.as_ref(),
            outcome: &outcome,
        };
        let release = match record::after_apply(after, false, &actor.who, &writer).await {
            Ok(number) => Some(number),
            Err(error) => {
                let message = format!("the release could not be recorded: {error}");
                outcome.diagnostics.push(Diagnostic::warning(NOT_RECORDED, message));
                None
            }
        };
        if let Some(lease) = lease {
            give_back(lease, &self.planned.plan.stack, sink, &cancel).await;
        }
        Ok(Delivered { outcome, release, previous: known.history.newest().map(|entry| entry.number) })
    }

    fn outcome(&self) -> Outcome {
        let ledger = self.planned.plan.changes.iter().map(|change| {
            let back = self.services.iter().any(|service| service.name == change.name);
            Entry {
                address: change.address(),
                action: change.action.as_str(),
                fate: if back { Fate::Reverted } else { Fate::Skipped },
                why: if back { "rolled back by swarm".to_owned() } else { String::new() },
            }
        });
        Outcome {
            exit: self.exit(),
            changed: Changed::Yes,
            ledger: Ledger(ledger.collect()),
            failures: Vec::new(),
            stale: Vec::new(),
            diagnostics: Diagnostics::default(),
            elapsed: jiff::SignedDuration::ZERO,
            can_go_on: true,
        }
    }
}

/// `task: non-zero exit (3)`, of the newest task that failed since.
fn complaint(service: &LiveService, snapshot: &Snapshot, since: Timestamp) -> Option<String> {
    let failed = snapshot.tasks_of(&service.id).filter(|task| !task.error.is_empty() && task.created >= Some(since));
    failed.max_by_key(|task| task.created).map(|task| task.error.clone())
}
