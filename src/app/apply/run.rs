//! The run of one plan: its parts in their order, and what it remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use super::explain;
use super::flight::Flight;
use super::freshen::{Fresh, freshen};
use super::ids::{Ids, Names};
use super::leave::unless_left;
use super::options::{ApplyOptions, Cancel, Interrupt};
use super::outcome::{Outcome, ServiceFailure};
use crate::app::basis::Again;
use crate::app::event::{Event, EventSink};
use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::{Entry, Fate, Ledger};
use crate::app::looks::Looked;
use crate::diagnostic::Diagnostics;
use crate::engine::{EngineError, Writer};
use crate::plan::{Change, Plan, SecretKey, Stale, Write};
use crate::rollout::Accepted;
use crate::swarm::{LiveNetwork, Snapshot};

/// Carries out a plan: looks whether it still fits, writes, follows, and tells what is live.
///
/// Nothing is written where the plan is stale (exit 4). After a write the ledger of the outcome says what became of
/// every object, also when the engine goes away in the middle.
pub async fn apply(
    plan: &Plan,
    again: &dyn Again,
    writer: &Writer,
    options: &ApplyOptions,
    sink: &mut dyn EventSink,
    cancel: Cancel,
) -> Outcome {
    let mut run = Run::new(plan, again, writer, options, sink, cancel.clone());
    if plan.is_empty() && options.left_since.is_none() {
        return run.outcome();
    }
    let fresh = unless_left(&cancel, freshen(again, &mut run)).await;
    let Fresh { plan, seen } = match fresh.unwrap_or_else(|code| Err(Halt::Interrupted(code))) {
        Ok(fresh) => fresh,
        Err(halt) => {
            run.halt(halt);
            return run.outcome();
        }
    };
    drop(run);
    // The same decision, with the indexes and specs of now.
    let mut run = Run::new(&plan, again, writer, options, sink, cancel.clone());
    let gone = unless_left(&cancel, run.go(seen)).await;
    if let Err(halt) = gone.unwrap_or_else(|code| Err(Halt::Interrupted(code))) {
        run.halt(halt);
    }
    run.outcome()
}

/// Why the run cannot go on.
#[derive(Debug)]
pub(super) enum Halt {
    Stale(Vec<Stale>),
    /// Everything that was to be done is live.
    Done,
    /// Something that can be known beforehand would fail now.
    Preflight(Diagnostics),
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
    pub again: &'a dyn Again,
    pub writer: &'a Writer,
    pub options: &'a ApplyOptions,
    pub sink: &'a mut dyn EventSink,
    pub cancel: Cancel,
    pub started: Instant,
    pub clock: Clock,
    pub ids: Ids,
    /// Version of each object that is written, by id, when the run began.
    pub versions: BTreeMap<String, u64>,
    /// Networks that services are put on, as they were when the run began, for those that turn out to be dying.
    pub networks: Vec<LiveNetwork>,
    pub ledger: Ledger,
    pub changed: Changed,
    pub exit: ExitCode,
    pub failures: Vec<ServiceFailure>,
    pub stale: Vec<Stale>,
    /// Errors of the checks that were made again.
    pub refusals: Diagnostics,
    pub flights: Vec<Flight>,
    /// Changes whose request was sent, whether it was answered or not.
    pub asked: Arc<Mutex<BTreeSet<usize>>>,
    /// Changes that were worked out again, for somebody was quicker than their write.
    pub reworked: BTreeMap<usize, Change>,
    /// Services as swarm took them, by change: what going back starts from.
    pub written: BTreeMap<usize, Accepted>,
    /// Compose keys of services that failed or were skipped.
    pub bad: BTreeSet<String>,
    /// The key for secrets, once one is needed.
    pub key: Option<SecretKey>,
    /// Nothing new is started any more.
    pub stop: bool,
    pub error: Option<String>,
    /// Why no further write was allowed.
    pub forbidden: Option<String>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        again: &'a dyn Again,
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
            again,
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
            refusals: Diagnostics::default(),
            flights: Vec::new(),
            asked: Arc::default(),
            reworked: BTreeMap::new(),
            written: BTreeMap::new(),
            bad: BTreeSet::new(),
            key: None,
            stop: false,
            error: None,
            forbidden: None,
        }
    }

    async fn go(&mut self, seen: Looked) -> Result<(), Halt> {
        self.key.clone_from(&seen.live.key);
        self.remember(&seen.live.snapshot)?;
        // As large as the swarm, and a rollout may take an hour.
        drop(seen);
        self.secrets_unchanged_first().await?;
        self.networks().await?;
        self.files().await?;
        self.services().await?;
        self.left().await?;
        self.prune().await
    }

    /// What the writes need of it, and no more: a thousand runs may go on, of a thousand stacks each.
    fn remember(&mut self, snapshot: &Snapshot) -> Result<(), Halt> {
        self.clock = Clock::new(snapshot.taken);
        let names = Names::of(self.plan.changes.iter().filter_map(|change| change.write.service_spec()));
        self.ids = Ids::of(snapshot, &names);
        self.networks = snapshot.networks.iter().filter(|network| names.is_on(network)).cloned().collect();
        self.missing_references()?;
        let written: BTreeSet<&str> = self.plan.changes.iter().filter_map(|change| change.id.as_deref()).collect();
        let services = snapshot.services.iter().map(|s| (&s.id, s.version));
        let files = snapshot.configs.iter().map(|c| (&c.id, c.version));
        let versions = services.chain(files).chain(snapshot.secrets.iter().map(|s| (&s.id, s.version)));
        let versions = versions.filter(|(id, _)| written.contains(id.as_str()));
        self.versions = versions.map(|(id, version)| (id.clone(), version)).collect();
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
            let Some(spec) = change.write.service_spec() else { continue };
            if let Err(missing) = ids.fill(spec) {
                let why = format!("needs {} {}, which is gone since the plan", missing.kind.as_str(), missing.name);
                stale.push(Stale::new(change.address(), why));
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

    /// Looks whether writing is still allowed, and whether somebody asked to stop; `Finish` only stops what is new.
    pub fn heed(&mut self) -> Result<(), Halt> {
        self.writer.may_write()?;
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
        let total = self.options.timeout.unwrap_or_else(|| self.patience());
        let used = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.clock.now().checked_add(total - used).ok()
    }

    /// Time for all of it, where nobody says how much.
    pub fn patience(&self) -> SignedDuration {
        let least: u64 = self.plan.changes.iter().map(|c| c.impact.min_seconds).sum();
        let default = SignedDuration::from_secs(i64::try_from(least * 2).unwrap_or(i64::MAX / 4));
        default.max(SignedDuration::from_mins(15))
    }

    pub(super) fn outcome(mut self) -> Outcome {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        // Asked to stop, and something was left out because of that.
        if self.exit == ExitCode::Ok && self.ledger.count(Fate::Skipped) > 0 {
            self.exit = ExitCode::Interrupted;
        }
        let mut diagnostics = explain::diagnostics(
            self.plan,
            &self.failures,
            &self.stale,
            self.error.as_deref(),
            self.forbidden.as_deref(),
            &self.ledger,
        );
        diagnostics.extend(self.refusals);
        let meddled = self.failures.iter().any(|f| matches!(f.reason, "superseded" | "gone"));
        let can_go_on = self.error.is_none() && self.forbidden.is_none() && self.stale.is_empty() && !meddled;
        Outcome {
            exit: self.exit,
            changed: self.changed,
            ledger: self.ledger,
            failures: self.failures,
            stale: self.stale,
            diagnostics,
            elapsed,
            can_go_on,
        }
    }
}
