//! What an apply wrote that died before it saw the end of it: whoever comes next sees to that.

use std::time::Duration;

use jiff::Timestamp;

use super::flight::{Direction, Flight};
use super::options::{ApplyOptions, OnFailure};
use super::run::{Halt, Run};
use super::stand_in::stand_in;
use crate::app::event::Event;
use crate::app::ledger::Fate;
use crate::plan::{Plan, spec_digest};
use crate::rollout::{Accepted, Expectation, Limits, Rollout, Touch};
use crate::swarm::{Kind, LiveService, unscoped};

/// What the ledger calls it.
const FOLLOW: &str = "follow";
/// Time between two looks.
const POLL: Duration = Duration::from_millis(250);

impl Run<'_> {
    /// Follows the services that were written since an apply began that died, and that this plan leaves as they are: what
    /// is planned must be live and healthy before anybody says so.
    pub(super) async fn left(&mut self) -> Result<(), Halt> {
        let Some(since) = self.options.left_since.filter(|_| !self.options.detach && !self.stop) else { return Ok(()) };
        let live = self.writer.reader().services(Some(&self.plan.stack)).await?;
        let left: Vec<&LiveService> = live.iter().filter(|service| self.is_left(service, since)).collect();
        if left.is_empty() {
            return Ok(());
        }
        let changes =
            left.iter().map(|service| stand_in(unscoped(&self.plan.stack, &service.name), service, None)).collect();
        let plan = Plan { changes, ..self.plan.clone() };
        // Nothing of it was written here, so there is nothing to put back.
        let options = ApplyOptions { on_failure: OnFailure::Stop, ..self.options.clone() };
        let mut run = Run::new(&plan, self.again, self.writer, &options, &mut *self.sink, self.cancel.clone());
        (run.clock, run.started) = (self.clock, self.started);
        let ended = run.follow(&left).await;
        if let Err(halt) = ended {
            run.halt(halt);
        }
        let Run { mut ledger, exit, failures, error, forbidden, stop, .. } = run;
        ledger.0.iter_mut().for_each(|entry| entry.action = FOLLOW);
        self.ledger.0.extend(ledger.0);
        self.failures.extend(failures);
        self.exit = self.exit.worse(exit);
        self.stop |= stop;
        (self.error, self.forbidden) = (self.error.take().or(error), self.forbidden.take().or(forbidden));
        Ok(())
    }

    fn is_left(&self, service: &LiveService, since: Timestamp) -> bool {
        let written = service.created.max(service.updated).is_some_and(|at| at >= since);
        let planned = self.plan.changes.iter().any(|c| c.kind == Kind::Service && c.name == service.name);
        let orphan = self.plan.orphans.iter().any(|o| o.kind == Kind::Service && o.name == service.name);
        written && !planned && !orphan
    }

    async fn follow(&mut self, services: &[&LiveService]) -> Result<(), Halt> {
        for (i, service) in services.iter().enumerate() {
            let Some(change) = self.plan.changes.get(i) else { continue };
            let message = format!("{}: following what the apply before left under way", change.key);
            self.tell(Event::Refresh { message });
            let touch = if service.update.is_some() { Touch::Replaced } else { Touch::Created };
            let expectation = Expectation::of(&change.key, &change.name, &service.spec, touch);
            let limits = Limits { progress: self.options.progress_deadline, until: self.until() };
            let rollout = Rollout::new(expectation, accepted(service), limits, self.clock.now());
            self.set(i, Fate::Going, "");
            self.flights.push(Flight::new(i, Direction::Forward, rollout));
        }
        self.follow_all(POLL).await
    }
}

/// The write as swarm took it then, as far as it still tells.
fn accepted(service: &LiveService) -> Accepted {
    let written = service.update.as_ref().and_then(|update| update.started).or(service.created);
    Accepted { id: service.id.clone(), digest: spec_digest(&service.spec), version: service.version, written }
}
