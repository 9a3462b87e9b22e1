//! The ways in which a run ends early.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::flight::Direction;
use super::outcome::ServiceFailure;
use super::run::{Halt, Run};
use crate::app::event::Event;
use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::Fate;
use crate::engine::EngineError;
use crate::plan::{Action, Stale};

impl Run<'_> {
    /// Writes into the ledger what is known when the run cannot go on.
    pub fn halt(&mut self, halt: Halt) {
        match halt {
            Halt::Stopped => {}
            Halt::Stale(objects) => {
                self.exit = ExitCode::Stale;
                self.note_stale(objects);
                self.leave_flights(Fate::Going, "swarm goes on with it");
            }
            Halt::Done => {
                for change in &self.plan.changes {
                    self.ledger.set(&change.address(), Fate::Done, "live already: somebody was quicker");
                }
            }
            Halt::Preflight(problems) => {
                self.exit = ExitCode::Preflight;
                self.refusals = problems;
            }
            Halt::Engine(EngineError::Forbidden(why)) => {
                self.exit = ExitCode::Error;
                self.forbidden = Some(why);
                self.leave_flights(Fate::Going, "swarm goes on with it");
            }
            Halt::Engine(error) => {
                self.exit = ExitCode::Error;
                self.error = Some(error.to_string());
                self.leave_flights(Fate::Unknown, "written; the engine stopped answering before it was done");
            }
            Halt::Interrupted(code) => {
                self.exit = code;
                self.leave_asked();
                self.leave_flights(Fate::Going, "swarm goes on with it");
            }
        }
    }

    pub fn note_stale(&mut self, objects: Vec<Stale>) {
        for object in &objects {
            self.ledger.set(&object.address, Fate::Skipped, object.why.clone());
        }
        self.stale.extend(objects);
    }

    /// Notes that the request of a change leaves now.
    pub fn asks(asked: &Mutex<BTreeSet<usize>>, change: usize) {
        asked.lock().unwrap_or_else(PoisonError::into_inner).insert(change);
    }

    /// Requests whose answers nobody waited for.
    fn leave_asked(&mut self) {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        for i in asked {
            let address = self.plan.changes.get(i).map(|c| c.address()).unwrap_or_default();
            if self.ledger.get(&address).is_some_and(|e| e.fate == Fate::Skipped && e.why.is_empty()) {
                self.set(i, Fate::Unknown, "asked for; no answer came before the end");
                self.perhaps_changed();
            }
        }
    }

    /// Nobody knows what became of a write.
    fn perhaps_changed(&mut self) {
        if self.changed == Changed::No {
            self.changed = Changed::Unknown;
        }
    }

    fn leave_flights(&mut self, fate: Fate, why: &str) {
        for i in 0..self.flights.len() {
            let Some((change, direction)) = self.flights.get(i).filter(|f| !f.closed).map(|f| (f.change, f.direction))
            else {
                continue;
            };
            let why = match direction {
                Direction::Forward => why.to_owned(),
                Direction::Back => format!("going back; {why}"),
            };
            self.set(change, fate, why);
        }
    }

    /// A line of the ledger, by change.
    pub fn set(&mut self, change: usize, fate: Fate, why: impl Into<String>) {
        if let Some(change) = self.plan.changes.get(change) {
            self.ledger.set(&change.address(), fate, why);
        }
    }

    /// An engine that said no, or said nothing, to one write.
    pub fn refused(&mut self, change: usize, error: &EngineError) {
        let Some(planned) = self.plan.changes.get(change) else { return };
        let (fate, reason) = match error {
            EngineError::Lost { .. } | EngineError::TimedOut { .. } | EngineError::Nonsense { .. } => {
                self.perhaps_changed();
                (Fate::Unknown, "lost")
            }
            error if error.is_unsure() => {
                self.perhaps_changed();
                (Fate::Unknown, "lost")
            }
            EngineError::Unreachable { .. } | EngineError::Forbidden(_) => (Fate::Skipped, "lost"),
            _ => (Fate::Failed, "refused"),
        };
        let why = match fate {
            Fate::Unknown => format!("no answer to the write: {error}"),
            _ => error.to_string(),
        };
        self.ledger.set(&planned.address(), fate, why.clone());
        self.exit = self.exit.worse(ExitCode::Error);
        self.tell(Event::ApplyFailed {
            address: planned.address(),
            reason,
            reverted: false,
            message: format!("{}: {error}", planned.key),
        });
        self.failures.push(ServiceFailure {
            key: planned.key.clone(),
            reason,
            what: why,
            reverted: false,
            removal: planned.action == Action::Remove,
            evidence: Vec::new(),
        });
        self.bad.insert(planned.key.clone());
    }
}
