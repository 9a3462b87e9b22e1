//! What swarm put back while nobody followed it: whoever had begun the apply was gone. A watcher that changes itself dies of
//! its own update, and the one that swarm brings back must not try the same again.

use jiff::Timestamp;

use super::apply::{Cancel, Outcome};
use super::deliver::{Actor, Begun, Delivered, Locking, NotStarted, begin, give_back};
use super::event::{Event, EventSink};
use super::exit::{Changed, ExitCode};
use super::ledger::{Entry, Fate, Ledger};
use super::looks::Looks;
use super::plan::Planned;
use super::record::{self, After};
use crate::diagnostic::code::NOT_RECORDED;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::Reader;
use crate::release::lease::{Timing, Wait};
use crate::rollout::COME_BACK;
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

/// How far swarm has come with putting a service back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Return {
    /// It is at it, or its tasks may still come back: `rollback_completed` does not mean that they run.
    Going,
    /// Its tasks run again.
    Restored,
    /// It gave up, or the tasks had the time that a rollout gives them.
    Stuck,
}

/// `now` by the swarm's clock, as all times of a service.
fn way_back(service: &LiveService, now: Timestamp) -> Return {
    let Some(update) = &service.update else { return Return::Stuck };
    let run = service.running.zip(service.wanted).is_none_or(|(running, wanted)| running >= wanted);
    let waits = update.completed.is_some_and(|since| now.duration_since(since) < COME_BACK);
    match update.state {
        UpdateState::RollbackStarted => Return::Going,
        UpdateState::RollbackCompleted if run => Return::Restored,
        UpdateState::RollbackCompleted if waits => Return::Going,
        _ => Return::Stuck,
    }
}

impl Undone<'_> {
    fn is(&self, wanted: Return) -> impl Fn(&&LiveService) -> bool {
        let now = self.planned.live.snapshot.taken.unwrap_or_else(Timestamp::now);
        move |service| way_back(service, now) == wanted
    }

    /// Swarm has not come to its end with it.
    pub fn goes_on(&self) -> bool {
        self.services.iter().any(self.is(Return::Going))
    }

    /// For a person: what was put back, and what the newest task that failed said.
    pub fn words(&self) -> String {
        let snapshot = &self.planned.live.snapshot;
        let names: Vec<&str> = self.services.iter().map(|service| service.name.as_str()).collect();
        let why = self.services.iter().find_map(|service| complaint(service, snapshot, self.since));
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let stuck = match self.services.iter().any(self.is(Return::Stuck)) {
            true => ", and not all of the tasks before run again",
            false => "",
        };
        format!("swarm rolled {} back while nobody followed it{stuck}{why}", names.join(" and "))
    }

    /// As a person would have called the end of that apply.
    pub fn exit(&self) -> ExitCode {
        let all = self.services.len() == self.planned.plan.changes.len();
        let restored = self.is(Return::Restored);
        if all && self.services.iter().all(restored) { ExitCode::RolledBack } else { ExitCode::Failed }
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
        let release = match record::after_apply(after, false, &actor.who, &Looks::Own, &writer).await {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::look::testing::{at, service};
    use crate::swarm::UpdateStatus;

    #[test]
    fn a_rollback_is_over_when_its_tasks_run_or_had_their_time() {
        let seen = |state: UpdateState, completed: Option<i64>, running: Option<u64>| {
            let update =
                UpdateStatus { state, started: Some(at(100)), completed: completed.map(at), message: String::new() };
            let service = LiveService { update: Some(update), running, wanted: Some(2), ..service("web") };
            way_back(&service, at(0))
        };
        use UpdateState::{RollbackCompleted, RollbackPaused, RollbackStarted};
        assert_eq!(seen(RollbackStarted, None, Some(2)), Return::Going);
        assert_eq!(seen(RollbackCompleted, Some(1), Some(2)), Return::Restored);
        assert_eq!(seen(RollbackCompleted, Some(1), Some(1)), Return::Going);
        assert_eq!(seen(RollbackCompleted, Some(61), Some(1)), Return::Stuck);
        assert_eq!(seen(RollbackPaused, None, Some(1)), Return::Stuck);
        // An engine that does not count its tasks.
        assert_eq!(seen(RollbackCompleted, Some(1), None), Return::Restored);
    }
}
