//! Services, wave by wave.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::flight::{Direction, Flight};
use super::gate;
use super::objects::IN_FLIGHT;
use super::options::OnFailure;
use super::revive;
use super::run::{Halt, Run};
use super::service::{self, NotWritten, Written};
use crate::app::event::Event;
use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::Fate;
use crate::engine::EngineError;
use crate::plan::Stale;
use crate::rollout::{Expectation, Limits, Rollout, Touch};

/// Time between two looks.
const POLL: Duration = Duration::from_millis(250);

impl Run<'_> {
    pub(super) async fn services(&mut self) -> Result<(), Halt> {
        let mut waves: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (i, change) in self.plan.changes.iter().enumerate() {
            if change.write.service_spec().is_some() {
                waves.entry(change.wave).or_default().push(i);
            }
        }
        let mut waves = waves.into_values().peekable();
        loop {
            self.heed()?;
            while waves.peek().is_some_and(|wave| self.stop || gate::may_start(self.plan, wave, &self.flights)) {
                let Some(wave) = waves.next() else { break };
                if self.stop {
                    self.skip(&wave);
                } else {
                    self.submit(wave).await?;
                }
            }
            if self.flights.iter().all(|f| f.closed) {
                if waves.peek().is_some() {
                    continue;
                }
                break;
            }
            let looked = tokio::time::Instant::now();
            self.look().await?;
            self.close().await?;
            self.wait(looked + POLL).await;
        }
        Ok(())
    }

    /// Waits for the next look, or for somebody who asks to stop.
    pub(super) async fn wait(&mut self, until: tokio::time::Instant) {
        let mut cancel = self.cancel.clone();
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            // A closed channel asks for nothing.
            Ok(()) = cancel.changed() => {}
        }
    }

    fn skip(&mut self, wave: &[usize]) {
        for i in wave {
            let because = gate::blocked_by(self.plan, *i, &self.bad);
            let why = because.map_or_else(|| "not started".to_owned(), |key| format!("depends on {key}"));
            self.set(*i, Fate::Skipped, why);
            self.bad.extend(self.plan.changes.get(*i).map(|c| c.key.clone()));
        }
    }

    async fn submit(&mut self, wave: Vec<usize>) -> Result<(), Halt> {
        let (blocked, ready): (Vec<_>, Vec<_>) =
            wave.into_iter().partition(|i| gate::blocked_by(self.plan, *i, &self.bad).is_some());
        self.skip(&blocked);
        for i in &ready {
            self.announce(*i);
        }
        let missing = self.write_all(ready).await?;
        if !missing.is_empty() {
            // A network that is being removed: made again once, then tried again.
            self.revive_networks(&missing).await?;
            let again = self.write_all(missing.into_iter().map(|(i, _)| i).collect()).await?;
            for (i, error) in again {
                self.not_written(i, error);
            }
        }
        Ok(())
    }

    fn announce(&mut self, i: usize) {
        let Some(change) = self.plan.changes.get(i) else { return };
        let wanted = change.write.service_spec().and_then(|spec| match crate::swarm::ServiceMode::of(spec) {
            crate::swarm::ServiceMode::Replicated { replicas } => Some(replicas),
            crate::swarm::ServiceMode::ReplicatedJob { completions, .. } => Some(completions),
            _ => None,
        });
        let action = change.action.as_str();
        let message = format!("{} {action} started", change.key);
        self.tell(Event::ApplyStart { address: change.address(), action, wanted, message });
    }

    /// Writes services, a few at once. Those whose network is missing come back.
    async fn write_all(&mut self, changes: Vec<usize>) -> Result<Vec<(usize, EngineError)>, Halt> {
        let (mut changes, mut missing) = (changes, Vec::new());
        for attempt in 1.. {
            let (left_out, changed) = self.write_once(changes, attempt).await?;
            missing.extend(left_out);
            if changed.is_empty() {
                break;
            }
            changes = changed;
        }
        Ok(missing)
    }

    /// Those whose network is missing, and those that somebody changed meanwhile and that may be written again.
    async fn write_once(
        &mut self,
        changes: Vec<usize>,
        attempt: u32,
    ) -> Result<(Vec<(usize, EngineError)>, Vec<usize>), Halt> {
        let (plan, writer, options, reworked) = (self.plan, self.writer, self.options, self.reworked.clone());
        let (ids, versions, asked) = (self.ids.clone(), self.versions.clone(), self.asked.clone());
        let write = |i: usize| {
            let (ids, versions, asked, reworked) = (&ids, &versions, &asked, &reworked);
            async move {
                Self::asks(asked, i);
                let Some(change) = reworked.get(&i).or_else(|| plan.changes.get(i)) else {
                    return (i, Err(NotWritten::Stale("is not in the plan".into())));
                };
                let version = change.id.as_ref().and_then(|id| versions.get(id)).copied();
                let auth = options.auth.get(&change.key);
                (i, service::write(writer, &plan.stack, ids, change, version, auth).await)
            }
        };
        let results: Vec<_> = stream::iter(changes).map(write).buffer_unordered(IN_FLIGHT).collect().await;
        let mut missing = Vec::new();
        let mut lost = None;
        let mut changed = Vec::new();
        let mut stale = Vec::new();
        for (i, result) in results {
            match result {
                Ok(written) => self.took(i, Direction::Forward, written),
                Err(NotWritten::Engine(error)) if revive::is_network_missing(&error) => missing.push((i, error)),
                Err(NotWritten::Engine(
                    error @ (EngineError::Lost { .. } | EngineError::Unreachable { .. } | EngineError::Forbidden(_)),
                )) => {
                    self.refused(i, &error);
                    lost = Some(error);
                }
                Err(NotWritten::Engine(error)) => self.not_written(i, error),
                Err(NotWritten::Changed) => changed.push(i),
                Err(NotWritten::Stale(why)) => {
                    let address = plan.changes.get(i).map(|c| c.address()).unwrap_or_default();
                    stale.push(Stale::new(address, why));
                }
                Err(NotWritten::Missing(what)) => {
                    let address = plan.changes.get(i).map(|c| c.address()).unwrap_or_default();
                    let why = format!("needs {} {}, which is gone", what.kind.as_str(), what.name);
                    stale.push(Stale::new(address, why));
                }
            }
        }
        if let Some(error) = lost {
            return Err(Halt::Engine(error));
        }
        let (again, others) = self.rework(changed, attempt).await?;
        stale.extend(others);
        if !stale.is_empty() {
            if self.flights.is_empty() {
                return Err(Halt::Stale(stale));
            }
            // What runs is followed to its end; nothing new starts.
            self.note_stale(stale);
            self.exit = self.exit.worse(ExitCode::Stale);
            self.stop = true;
            return Ok((missing, Vec::new()));
        }
        Ok((missing, again))
    }

    fn not_written(&mut self, i: usize, error: EngineError) {
        self.refused(i, &error);
        self.stop |= self.options.on_failure != OnFailure::Continue;
    }

    async fn revive_networks(&mut self, missing: &[(usize, EngineError)]) -> Result<(), Halt> {
        let mut dead: Vec<_> = Vec::new();
        for (i, error) in missing {
            let text = error.to_string();
            let Some(spec) = self.plan.changes.get(*i).and_then(|change| change.write.service_spec()) else { continue };
            let spec = serde_json::to_string(spec).unwrap_or_default();
            for network in &self.networks {
                let named = text.contains(&network.id) || text.contains(&format!("network {} ", network.name));
                let used = spec.contains(&format!("\"{}\"", network.name)) || spec.contains(&network.id);
                if named && used && !dead.iter().any(|n: &crate::swarm::LiveNetwork| n.id == network.id) {
                    dead.push(network.clone());
                }
            }
        }
        for network in dead {
            self.tell(Event::Refresh {
                message: format!("network {} is still being removed; waiting to create it again", network.name),
            });
            let id = revive::revive(self.writer, &self.plan.stack, &network).await?;
            self.changed = Changed::Yes;
            self.ids.insert(crate::swarm::Kind::Network, &network.name, &id);
        }
        Ok(())
    }

    /// A write that swarm took: follow it, or say that nobody does.
    pub(super) fn took(&mut self, i: usize, direction: Direction, written: Written) {
        self.changed = Changed::Yes;
        let Some(change) = self.plan.changes.get(i) else { return };
        for warning in written.warnings {
            self.tell(Event::Refresh { message: format!("{}: {warning}", change.key) });
        }
        self.written.insert(i, written.accepted.clone());
        if self.options.detach {
            self.set(i, Fate::Submitted, "submitted; not followed (--detach)");
            return;
        }
        let touch = match direction {
            Direction::Forward => Touch::of(change.action),
            Direction::Back => Touch::Replaced,
        };
        let expectation = Expectation::of(&change.key, &change.name, &written.spec, touch);
        // The way back has all its time, however late it is: it may be the end of that which it goes back from.
        let until = match direction {
            Direction::Forward => self.until(),
            Direction::Back => self.clock.now().checked_add(self.patience()).ok(),
        };
        let limits = Limits { progress: self.options.progress_deadline, until };
        let rollout = Rollout::new(expectation, written.accepted, limits, self.clock.now());
        self.set(i, Fate::Going, "");
        self.flights.push(Flight::new(i, direction, rollout));
    }
}
