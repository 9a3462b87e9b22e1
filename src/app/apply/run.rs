//! The run of one plan: its parts in their order, and what it remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use super::flight::Flight;
use super::ids::Ids;
use super::options::{ApplyOptions, Cancel, Interrupt};
use super::outcome::{Outcome, ServiceFailure, StaleObject};
use super::{explain, precheck};
use crate::app::event::{Event, EventSink};
use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::{Entry, Fate, Ledger};
use crate::engine::{EngineError, Writer};
use crate::plan::{Change, Plan, SecretKey, Write};
use crate::rollout::Accepted;
use crate::swarm::{LiveNetwork, Snapshot};

/// Carries out a plan: looks whether it still fits, writes, follows, and tells what is live.
///
/// Nothing is written where the plan is stale (exit 4). After a write the ledger of the outcome says what became of
/// every object, also when the engine goes away in the middle.
pub async fn apply(
    plan: &Plan,
    writer: &Writer,
    options: &ApplyOptions,
    sink: &mut dyn EventSink,
    cancel: Cancel,
) -> Outcome {
    let mut run = Run::new(plan, writer, options, sink, cancel);
    if let Err(halt) = run.go().await {
        run.halt(halt);
    }
    run.outcome()
}

/// Why the run cannot go on.
#[derive(Debug)]
pub(super) enum Halt {
    Stale(Vec<StaleObject>),
    Engine(EngineError),
    Interrupted(ExitCode),
    /// Told already.
    Stopped,
}

impl From<EngineError> for Halt {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// The run of one plan.
pub(super) struct Run<'a> {
    pub plan: &'a Plan,
    pub writer: &'a Writer,
    pub options: &'a ApplyOptions,
    pub sink: &'a mut dyn EventSink,
    pub cancel: Cancel,
    pub started: Instant,
    pub clock: Clock,
    pub ids: Ids,
    /// Version of each service when the run began.
    pub versions: BTreeMap<String, u64>,
    /// Networks as they were when the run began, for those that turn out to be dying.
    pub networks: Vec<LiveNetwork>,
    pub ledger: Ledger,
    pub changed: Changed,
    pub exit: ExitCode,
    pub failures: Vec<ServiceFailure>,
    pub stale: Vec<StaleObject>,
    pub flights: Vec<Flight>,
    /// Services as swarm took them, by change: what going back starts from.
    pub written: BTreeMap<usize, Accepted>,
    /// Compose keys of services that failed or were skipped.
    pub bad: BTreeSet<String>,
    /// The key for secrets, once one is needed.
    pub key: Option<SecretKey>,
    /// Nothing new is started any more.
    pub stop: bool,
    pub error: Option<String>,
}

impl<'a> Run<'a> {
    fn new(
        plan: &'a Plan,
        writer: &'a Writer,
        options: &'a ApplyOptions,
        sink: &'a mut dyn EventSink,
        cancel: Cancel,
    ) -> Self {
        let entry = |change: &Change| Entry {
            address: change.address(),
            action: change.action.as_str(),
            fate: Fate::Skipped,
            why: String::new(),
        };
        Self {
            plan,
            writer,
            options,
            sink,
            cancel,
            started: Instant::now(),
            clock: Clock::new(None),
            ids: Ids::default(),
            versions: BTreeMap::new(),
            networks: Vec::new(),
            ledger: Ledger(plan.changes.iter().map(entry).collect()),
            changed: Changed::No,
            exit: ExitCode::Ok,
            failures: Vec::new(),
            stale: Vec::new(),
            flights: Vec::new(),
            written: BTreeMap::new(),
            bad: BTreeSet::new(),
            key: None,
            stop: false,
            error: None,
        }
    }

    async fn go(&mut self) -> Result<(), Halt> {
        if self.plan.is_empty() {
            return Ok(());
        }
        self.tell(Event::Refresh { message: format!("checking that plan {} still fits", self.plan.short_id()) });
        let snapshot = self.writer.reader().snapshot(&self.plan.stack, &precheck::wanted(self.plan)).await?;
        self.remember(snapshot)?;
        self.secrets_unchanged_first().await?;
        self.networks().await?;
        self.files().await?;
        self.services().await?;
        self.prune().await
    }

    fn remember(&mut self, snapshot: Snapshot) -> Result<(), Halt> {
        self.clock = Clock::new(snapshot.taken);
        let stale = precheck::stale(self.plan, &snapshot);
        if !stale.is_empty() {
            return Err(Halt::Stale(stale));
        }
        self.ids = Ids::of(&snapshot);
        self.missing_references()?;
        self.versions = snapshot.services.iter().map(|s| (s.id.clone(), s.version)).collect();
        self.versions.extend(snapshot.configs.iter().map(|c| (c.id.clone(), c.version)));
        self.versions.extend(snapshot.secrets.iter().map(|s| (s.id.clone(), s.version)));
        self.networks = snapshot.networks;
        Ok(())
    }

    /// What services refer to must be there, or be made by this plan.
    fn missing_references(&self) -> Result<(), Halt> {
        let mut ids = self.ids.clone();
        for change in &self.plan.changes {
            let creates = matches!(
                change.write,
                Write::CreateNetwork { .. } | Write::CreateConfig { .. } | Write::CreateSecret { .. }
            );
            if creates {
                ids.insert(change.kind, &change.name, "later");
            }
        }
        let mut stale = Vec::new();
        for change in &self.plan.changes {
            let Some(spec) = precheck::service_spec(change) else { continue };
            if let Err(missing) = ids.fill(spec) {
                let why = format!("needs {} {}, which is gone since the plan", missing.kind.as_str(), missing.name);
                stale.push(StaleObject { address: change.address(), why });
            }
        }
        if stale.is_empty() { Ok(()) } else { Err(Halt::Stale(stale)) }
    }

    pub fn tell(&mut self, event: Event) {
        self.sink.emit(Timestamp::now(), &event);
    }

    pub fn interrupt(&self) -> Interrupt {
        *self.cancel.borrow()
    }

    /// Looks whether somebody asked to stop; `Finish` only stops what is new.
    pub fn heed(&mut self) -> Result<(), Halt> {
        match self.interrupt() {
            Interrupt::None => Ok(()),
            Interrupt::Finish => {
                self.stop = true;
                Ok(())
            }
            Interrupt::Detach(code) => Err(Halt::Interrupted(code)),
        }
    }

    /// The end of all patience.
    pub fn until(&self) -> Option<Timestamp> {
        let least: u64 = self.plan.changes.iter().map(|c| c.impact.min_seconds).sum();
        let default = SignedDuration::from_secs(i64::try_from(least * 2).unwrap_or(i64::MAX / 4));
        let total = self.options.timeout.unwrap_or(default.max(SignedDuration::from_mins(15)));
        let used = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.clock.now().checked_add(total - used).ok()
    }

    fn outcome(mut self) -> Outcome {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        // Asked to stop, and something was left out because of that.
        if self.exit == ExitCode::Ok && self.ledger.count(Fate::Skipped) > 0 {
            self.exit = ExitCode::Interrupted;
        }
        let message = format!("{} of {} changes done", self.ledger.count(Fate::Done), self.ledger.0.len());
        self.tell(Event::Ledger { ledger: self.ledger.clone(), message });
        let diagnostics =
            explain::diagnostics(self.plan, &self.failures, &self.stale, self.error.as_deref(), &self.ledger);
        Outcome {
            exit: self.exit,
            changed: self.changed,
            ledger: self.ledger,
            failures: self.failures,
            stale: self.stale,
            diagnostics,
            elapsed,
        }
    }
}
