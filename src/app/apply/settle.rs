//! An apply with nothing to write. The planned specs are live, and may yet not run: an earlier rollout was paused, goes on,
//! or never came to anything. Then it is followed to its end, for "done" is said of what runs and of nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use super::flight::{Direction, Flight};
use super::options::{ApplyOptions, Cancel, OnFailure};
use super::outcome::Outcome;
use super::run::{Halt, Run};
use super::stand_in::stand_in;
use crate::app::basis::Again;
use crate::app::event::{Event, EventSink};
use crate::app::plan::Planned;
use crate::engine::Writer;
use crate::plan::{Plan, spec_digest};
use crate::rollout::{Accepted, Expectation, Limits, Rollout, Touch};
use crate::swarm::{LiveService, ServiceMode, Snapshot, Task, TaskState, UpdateState};

const POLL: Duration = Duration::from_millis(500);

/// What is live as planned and does not run as it should. `None` where there is nothing of that kind.
pub fn unsettled(planned: &Planned) -> Option<Unsettled> {
    let mut found = Vec::new();
    for wanted in planned.basis.desired.services.iter().filter(|s| planned.basis.options.selects(&s.key)) {
        let Some(live) = planned.live.snapshot.service(&wanted.name) else { continue };
        if !is_settled(live, &planned.live.snapshot) {
            found.push((stand_in(&wanted.key, live, wanted.origins.nearest("")), live.clone()));
        }
    }
    let (changes, services): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let plan = Plan { changes, ..planned.plan.clone() };
    (!services.is_empty()).then_some(Unsettled { plan, services })
}

/// Services that are live as planned and do not run as they should.
pub struct Unsettled {
    /// Its changes stand for these services, and are never written.
    plan: Plan,
    services: Vec<LiveService>,
}

impl Unsettled {
    /// The plan to explain the outcome with.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Follows them; writes nothing.
    pub async fn follow(
        &self,
        again: &dyn Again,
        writer: &Writer,
        options: &ApplyOptions,
        sink: &mut dyn EventSink,
        cancel: Cancel,
    ) -> Outcome {
        // There is nothing to go back to: this run wrote nothing.
        let options = ApplyOptions { on_failure: OnFailure::Continue, ..options.clone() };
        let mut run = Run::new(&self.plan, again, writer, &options, sink, cancel);
        run.ledger.0.iter_mut().for_each(|entry| entry.action = "none");
        if let Err(halt) = run.watch(&self.services).await {
            run.halt(halt);
        }
        let outcome = run.outcome();
        sink.emit(jiff::Timestamp::now(), &Event::of_ledger(&outcome.ledger));
        outcome
    }
}

impl Run<'_> {
    async fn watch(&mut self, services: &[LiveService]) -> Result<(), Halt> {
        self.clock = super::clock::Clock::new(self.writer.reader().clock().await?);
        for (i, live) in services.iter().enumerate() {
            let Some(change) = self.plan.changes.get(i) else { continue };
            let (address, key) = (change.address(), change.key.clone());
            let expectation = Expectation::of(&key, &live.name, &live.spec, Touch::Watched);
            let accepted = Accepted {
                id: live.id.clone(),
                digest: spec_digest(&live.spec),
                version: live.version,
                written: began(live),
            };
            let limits = Limits { progress: self.options.progress_deadline, until: self.until() };
            let rollout = Rollout::new(expectation, accepted, limits, self.clock.now());
            self.set(i, crate::app::ledger::Fate::Going, "");
            let message = format!("{key} is live as planned and does not run as it should: following it");
            self.tell(Event::ApplyStart { address, action: "none", wanted: live.wanted, message });
            self.flights.push(Flight::new(i, Direction::Forward, rollout));
        }
        self.follow_all(POLL).await
    }
}

/// When the version that is to run was written: what failed since belongs to it.
fn began(live: &LiveService) -> Option<jiff::Timestamp> {
    match &live.update {
        Some(update) if update.state != UpdateState::Completed => update.started,
        _ => None,
    }
}

/// Runs as wanted, as far as one look can tell.
fn is_settled(live: &LiveService, snapshot: &Snapshot) -> bool {
    let state = live.update.as_ref().map(|u| &u.state);
    if matches!(
        state,
        Some(
            UpdateState::Updating
                | UpdateState::Paused
                | UpdateState::RollbackStarted
                | UpdateState::RollbackPaused
                | UpdateState::Other(_)
        )
    ) {
        return false;
    }
    match live.mode() {
        ServiceMode::Replicated { replicas } => {
            live.running.is_none_or(|n| n + did_their_work(live, snapshot) >= replicas)
        }
        ServiceMode::Global => live.running.zip(live.wanted).is_none_or(|(running, wanted)| running >= wanted),
        ServiceMode::ReplicatedJob { completions, .. } => live.completed.is_none_or(|n| n >= completions),
        ServiceMode::GlobalJob => live.completed.zip(live.wanted).is_none_or(|(done, wanted)| done >= wanted),
    }
}

/// Slots whose newest task ended with 0 and is not started again.
fn did_their_work(live: &LiveService, snapshot: &Snapshot) -> u64 {
    if !Expectation::of("", "", &live.spec, Touch::Watched).one_shot() {
        return 0;
    }
    let mut newest: BTreeMap<Option<u64>, &Task> = BTreeMap::new();
    for task in snapshot.tasks_of(&live.id) {
        let known = newest.entry(task.slot).or_insert(task);
        if task.created > known.created {
            *known = task;
        }
    }
    let done = |t: &&&Task| t.state == TaskState::Complete && t.exit_code.unwrap_or_default() == 0;
    newest.values().filter(done).count() as u64
}
