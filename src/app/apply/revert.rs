//! What follows the end of a rollout, and going back.

use super::flight::Direction;
use super::options::OnFailure;
use super::outcome::ServiceFailure;
use super::run::{Halt, Run};
use super::service::{self, NotWritten};
use crate::app::event::{Event, EvidenceEvent};
use crate::app::exit::ExitCode;
use crate::app::ledger::Fate;
use crate::plan::Write;
use crate::rollout::{Failure, Verdict};

impl Run<'_> {
    /// Writes the end of flight `i` into the ledger, tells it, and does what `--on-failure` asks.
    pub(super) async fn ended(&mut self, i: usize, verdict: Verdict) -> Result<(), Halt> {
        let Some(flight) = self.flight(i) else { return Ok(()) };
        let (change, direction, seconds) = (flight.change, flight.direction, flight.started.elapsed().as_secs_f64());
        match (direction, verdict) {
            (Direction::Forward, Verdict::Verified) => {
                self.show_output(i).await;
                self.verified(i, change, seconds);
            }
            (Direction::Forward, Verdict::Failed(failure)) => return self.failed(i, change, failure).await,
            (Direction::Forward, Verdict::StillGoing { why }) => {
                self.set(change, Fate::Going, format!("{why}; swarm goes on with it"));
                self.note_failure(i, change, "deadline", why, false);
                self.stop_or_go_on();
                if self.options.on_failure == OnFailure::Rollback {
                    return self.revert(change).await;
                }
                self.exit = self.exit.worse(ExitCode::Deadline);
            }
            (Direction::Back, verdict) => self.went_back(i, change, &verdict),
        }
        Ok(())
    }

    fn stop_or_go_on(&mut self) {
        self.stop |= self.options.on_failure != OnFailure::Continue;
    }

    fn verified(&mut self, i: usize, change: usize, seconds: f64) {
        let (Some(flight), Some(planned)) = (self.flight(i), self.plan.changes.get(change)) else { return };
        let progress = flight.rollout.progress();
        let expectation = flight.rollout.expectation();
        let counts = format!("{}/{}", progress.healthy, progress.wanted);
        let words = if expectation.is_job() {
            format!("{counts} complete")
        } else if expectation.one_shot() && flight.rollout.all_ended() {
            format!("{counts} ended with 0")
        } else if expectation.probed {
            format!("{counts} healthy for {:#}", expectation.monitor)
        } else {
            format!("{counts} {}", expectation.held_words())
        };
        self.set(change, Fate::Done, words.clone());
        self.tell(Event::ApplyComplete {
            address: planned.address(),
            action: planned.action.as_str(),
            seconds,
            message: format!("{} verified: {words}, live spec = planned spec", planned.key),
        });
    }

    async fn failed(&mut self, i: usize, change: usize, failure: Failure) -> Result<(), Halt> {
        let reverted = failure.is_reverted();
        let fate = if reverted { Fate::Reverted } else { Fate::Failed };
        self.set(change, fate, failure.to_string());
        self.note_failure(i, change, failure.as_str(), failure.to_string(), reverted);
        self.stop_or_go_on();
        let meddled = matches!(failure, Failure::Superseded | Failure::Gone);
        if self.options.on_failure == OnFailure::Rollback && !reverted && !meddled {
            self.revert(change).await?;
        } else {
            self.exit = self.exit.worse(if reverted { ExitCode::RolledBack } else { ExitCode::Failed });
        }
        Ok(())
    }

    fn note_failure(&mut self, i: usize, change: usize, reason: &'static str, what: String, reverted: bool) {
        let (Some(flight), Some(planned)) = (self.flight(i), self.plan.changes.get(change)) else { return };
        let evidence = flight.rollout.evidence().groups();
        let (address, key) = (planned.address(), planned.key.clone());
        let message = format!("{key}: {what}");
        self.tell(Event::ApplyFailed { address: address.clone(), reason, reverted, message });
        for group in &evidence {
            let message = format!("{}: {} ({} tasks)", group.names.join(", "), group.example.summary(), group.tasks);
            let evidence = EvidenceEvent { group: group.clone() };
            self.tell(Event::Evidence { address: address.clone(), evidence, message });
        }
        self.bad.insert(key.clone());
        self.failures.push(ServiceFailure { key, reason, what, reverted, removal: false, evidence });
    }

    /// Puts one service back: the spec that the plan saw, posted forward, or its removal where it was not there.
    /// `rollback=previous` would stall a minute a slot out of an unschedulable update.
    pub(super) async fn revert(&mut self, change: usize) -> Result<(), Halt> {
        let Some(planned) = self.plan.changes.get(change) else { return Ok(()) };
        let address = planned.address();
        let Some(accepted) = self.written.get(&change).cloned() else { return Ok(()) };
        self.tell(Event::RollbackStart { address, message: format!("{}: going back", planned.key) });
        match &planned.write {
            Write::CreateService { .. } => match self.writer.remove_service(&accepted.id).await {
                Ok(()) => self.back(change, true, "removed again: it was not there before"),
                Err(error) => self.back(change, false, &format!("could not be removed: {error}")),
            },
            Write::UpdateService { id, before: Some(before), .. } => {
                let auth = self.options.auth.get(&planned.key);
                let auth = auth.map(secrecy::ExposeSecret::expose_secret);
                match service::update(self.writer, id, None, None, before.as_ref().clone(), auth).await {
                    Ok(written) => {
                        // From here the flight back decides; a detached run has nobody to follow it.
                        self.took(change, Direction::Back, written);
                    }
                    Err(NotWritten::Engine(error)) => self.back(change, false, &format!("going back: {error}")),
                    Err(NotWritten::Changed) => self.back(change, false, "going back: it was changed by somebody"),
                    Err(NotWritten::Stale(why)) => self.back(change, false, &format!("going back: it {why}")),
                    Err(NotWritten::Missing(what)) => {
                        self.back(change, false, &format!("going back needs {}, which is gone", what.name));
                    }
                }
            }
            _ => self.back(change, false, "cannot be put back: it was removed and created again"),
        }
        Ok(())
    }

    fn went_back(&mut self, i: usize, change: usize, verdict: &Verdict) {
        let progress = self.flight(i).map(|f| f.rollout.progress()).unwrap_or_default();
        match verdict {
            Verdict::Verified => {
                let words =
                    format!("the version before is live again, {}/{} running", progress.healthy, progress.wanted);
                self.back(change, true, &words);
            }
            Verdict::Failed(failure) => self.back(change, false, &format!("going back failed too: {failure}")),
            Verdict::StillGoing { why } => self.back(change, false, &format!("still going back: {why}")),
        }
    }

    fn back(&mut self, change: usize, ok: bool, words: &str) {
        let Some(planned) = self.plan.changes.get(change) else { return };
        self.set(change, if ok { Fate::Reverted } else { Fate::Failed }, words);
        self.exit = self.exit.worse(if ok { ExitCode::RolledBack } else { ExitCode::Failed });
        if let Some(failure) = self.failures.iter_mut().find(|f| f.key == planned.key) {
            failure.reverted = ok;
        }
        let message = format!("{}: {words}", planned.key);
        self.tell(Event::RollbackComplete { address: planned.address(), ok, message });
    }
}
