//! `--on-failure rollback-stack`: the whole stack back to where it was, along the road that every change travels: a plan for
//! the release before, carried out and verified.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::{self, ApplyOptions, Cancel, OnFailure, Outcome, remove_service_and_wait};
use super::base::Known;
use super::basis::{Again, Live, look};
use super::event::{Event, EventSink};
use super::exit::{Changed, ExitCode};
use super::ledger::{Entry, Fate};
use super::plan::Planned;
use super::rollback;
use crate::diagnostic::code::{DOES_NOT_FIT, NO_WAY_BACK, START_FIRST_STUCK};
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::{EngineError, Reader, Wanted, Writer};
use crate::plan::record::{Keep, keep};
use crate::plan::{Plan, PlanOptions, Standing, Write};
use crate::release::history;
use crate::swarm::{Kind, Recorded, Snapshot};

/// A rollout failed, and nothing speaks against putting the stack back: the engine answers, and nobody else writes.
pub fn is_called_for(options: &ApplyOptions, outcome: &Outcome) -> bool {
    let failed = matches!(outcome.exit, ExitCode::Failed | ExitCode::RolledBack | ExitCode::Deadline | ExitCode::Error);
    let of_a_change = outcome.failures.iter().any(|f| !f.removal);
    options.on_failure == OnFailure::RollbackStack
        && failed
        && of_a_change
        && outcome.can_go_on
        && outcome.changed != Changed::No
}

/// What to go back to.
struct Refuge {
    recorded: Recorded,
    /// A kept release; without one, what the plan saw.
    release: Option<u64>,
}

impl Refuge {
    fn words(&self) -> String {
        match self.release {
            Some(number) => format!("release #{number}"),
            None => "what was live before".to_owned(),
        }
    }
}

/// The newest release that had succeeded, where the live stack stood on the records; else what the plan saw.
async fn refuge(planned: &Planned, known: &Known, reader: &Reader) -> Refuge {
    let seen = &planned.live.snapshot;
    if planned.plan.base.standing == Standing::Recorded {
        let good = known.history.entries.iter().find(|entry| entry.succeeded());
        if let Some(entry) = good
            && let Ok(record) = history::read(reader, &planned.plan.stack, entry).await
        {
            return Refuge { recorded: record.stack, release: Some(entry.number) };
        }
    }
    let (previous, untouched) = (known.recorded.as_ref(), BTreeSet::new());
    let recorded = keep(Keep { live: seen, desired: None, previous, untouched: &untouched });
    Refuge { recorded, release: None }
}

/// What became of the retreat: the outcome of both ways together, and what the stack was put back to.
pub struct Retreated {
    pub outcome: Outcome,
    pub to: Recorded,
}

/// Puts the stack back after `failed`, newest first, and says what is live then.
pub async fn retreat(
    planned: &Planned,
    known: &Known,
    failed: Outcome,
    writer: &Writer,
    options: &ApplyOptions,
    sink: &mut dyn EventSink,
    cancel: Cancel,
) -> Retreated {
    let refuge = refuge(planned, known, writer.reader()).await;
    let message = format!("going back to {}", refuge.words());
    let address = format!("stack/{}", planned.plan.stack);
    tell(sink, Event::RollbackStart { address: address.clone(), message });
    let mut merged = Merged::new(planned, failed);
    let done = go_back(planned, &refuge, &mut merged, writer, options, sink, cancel).await;
    if let Err(error) = done {
        merged.lost(&error.to_string());
    }
    let outcome = merged.finish(&refuge);
    let ok = outcome.failures.iter().all(|f| f.reverted);
    let message = match ok {
        true => format!("{} is live again", refuge.words()),
        false => format!("{} could not be put back as a whole", refuge.words()),
    };
    tell(sink, Event::RollbackComplete { address, ok, message });
    Retreated { outcome, to: refuge.recorded }
}

async fn go_back(
    planned: &Planned,
    refuge: &Refuge,
    merged: &mut Merged<'_>,
    writer: &Writer,
    options: &ApplyOptions,
    sink: &mut dyn EventSink,
    cancel: Cancel,
) -> Result<(), EngineError> {
    let stack = &planned.plan.stack;
    remove_new_services(planned, merged, writer, sink).await?;
    let back =
        rollback::towards(writer.reader().clone(), stack, refuge.recorded.clone(), refuge.release, back_options())
            .await?
            .sparing(there(&planned.live.snapshot));
    if !back.plan.applyable() {
        let problems = back.plan.preflight.iter().filter(|p| p.severity == Severity::Error);
        problems.cloned().for_each(|p| merged.outcome.diagnostics.push(p));
        merged.refused("the way back is refused by its preflight");
        return Ok(());
    }
    let newest_first = NewestFirst(&back);
    let plan = newest_first.plan(&back.live);
    if !plan.is_empty() {
        // As much as possible goes back, whatever else fails.
        let options = ApplyOptions { on_failure: OnFailure::Continue, detach: false, ..options.clone() };
        let outcome = apply::apply(&plan, &newest_first, writer, &options, sink, cancel).await;
        merged.absorb(&plan, outcome);
    }
    // What was not written this time must be as it was, too: the same plan again has nothing left to do.
    let live = look(stack, back.wanted(), writer.reader()).await?;
    for change in &back.plan(&live).changes {
        merged.differs(&change.address(), &change.name);
    }
    Ok(())
}

fn back_options() -> PlanOptions {
    PlanOptions {
        prune: true,
        allow_empty: true,
        recreate_networks: true,
        // It ran there before; swarm will say.
        skip_preflight: [DOES_NOT_FIT, START_FIRST_STUCK].iter().map(|code| code.id.to_owned()).collect(),
        ..PlanOptions::default()
    }
}

/// Services that were not there before: before anything else, for they may hold what the old ones need, such as a port.
async fn remove_new_services(
    planned: &Planned,
    merged: &mut Merged<'_>,
    writer: &Writer,
    sink: &mut dyn EventSink,
) -> Result<(), EngineError> {
    let stack = &planned.plan.stack;
    let live = writer.reader().snapshot(stack, &Wanted::default()).await?;
    let mut new: Vec<_> = planned
        .plan
        .changes
        .iter()
        .filter(|c| matches!(c.write, Write::CreateService { .. }))
        .filter_map(|c| Some((c, live.own_services().find(|s| s.name == c.name)?)))
        .collect();
    new.sort_by_key(|(change, _)| std::cmp::Reverse(change.wave));
    for (change, service) in new {
        match remove_service_and_wait(writer, stack, &service.id).await {
            Ok(()) => {
                merged.removed(&change.name);
                let message = format!("{} removed again: it was not there before", change.key);
                tell(sink, Event::RollbackComplete { address: change.address(), ok: true, message });
            }
            Err(EngineError::Refused(refusal)) => {
                merged.stays(&change.name, &format!("could not be removed: {}", refusal.message));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Everything that was there before: what a prune on the way back must not touch.
fn there(seen: &Snapshot) -> BTreeSet<(Kind, String)> {
    let services = seen.own_services().map(|s| (Kind::Service, s.name.clone()));
    let configs = seen.own_configs().map(|c| (Kind::Config, c.name.clone()));
    let secrets = seen.own_secrets().map(|s| (Kind::Secret, s.name.clone()));
    let networks = seen.own_networks().map(|n| (Kind::Network, n.name.clone()));
    services.chain(configs).chain(secrets).chain(networks).collect()
}

/// The way back ends where the way there began: waves in turn, the last one first.
struct NewestFirst<'a>(&'a Planned);

impl Again for NewestFirst<'_> {
    fn wanted(&self) -> &Wanted {
        Again::wanted(self.0)
    }

    fn plan(&self, live: &Live) -> Plan {
        let mut plan = Again::plan(self.0, live);
        let services = |plan: &Plan| plan.changes.iter().filter(|c| c.kind == Kind::Service).map(|c| c.wave).max();
        let last = services(&plan).unwrap_or_default();
        for change in plan.changes.iter_mut().filter(|c| c.kind == Kind::Service && c.wave > 0) {
            change.wave = last + 1 - change.wave.min(last);
            change.after.clear();
        }
        plan
    }
}

/// The outcome of the way there, rewritten by what happens on the way back.
struct Merged<'a> {
    outcome: Outcome,
    /// Swarm name by address, of the way there.
    names: BTreeMap<String, String>,
    planned: &'a Planned,
    whole: bool,
    /// Of the way back, where it did not come to its end.
    exit: ExitCode,
}

impl<'a> Merged<'a> {
    fn new(planned: &'a Planned, outcome: Outcome) -> Self {
        let names = planned.plan.changes.iter().map(|c| (c.address(), c.name.clone())).collect();
        Self { outcome, names, planned, whole: true, exit: ExitCode::Ok }
    }

    /// The line of the ledger about the object of this name.
    fn entry(&mut self, name: &str) -> Option<&mut Entry> {
        let names = &self.names;
        self.outcome.ledger.0.iter_mut().find(|e| names.get(&e.address).is_some_and(|n| n == name))
    }

    fn set(&mut self, address: &str, name: &str, fate: Fate, why: &str) {
        match self.entry(name) {
            Some(entry) => (entry.fate, entry.why) = (fate, why.to_owned()),
            None => {
                self.names.insert(address.to_owned(), name.to_owned());
                let (address, why) = (address.to_owned(), why.to_owned());
                self.outcome.ledger.0.push(Entry { address, action: "rollback", fate, why });
            }
        }
    }

    fn removed(&mut self, name: &str) {
        self.set("", name, Fate::Reverted, "removed again: it was not there before");
    }

    fn stays(&mut self, name: &str, why: &str) {
        self.set("", name, Fate::Failed, why);
        self.whole = false;
    }

    fn refused(&mut self, why: &str) {
        self.whole = false;
        self.leave(Fate::Failed, why);
    }

    fn lost(&mut self, why: &str) {
        (self.whole, self.exit) = (false, ExitCode::Error);
        self.leave(Fate::Unknown, "the engine stopped answering on the way back");
        let lost = Diagnostic::error(NO_WAY_BACK, format!("the way back broke off: {why}"));
        self.outcome.diagnostics.push(lost.help(format!("see what is live: `{}`", self.planned.plan.command("plan"))));
    }

    /// What was written and not put back.
    fn leave(&mut self, fate: Fate, why: &str) {
        let open = |e: &&mut Entry| !matches!(e.fate, Fate::Skipped | Fate::Reverted);
        for entry in self.outcome.ledger.0.iter_mut().filter(open) {
            (entry.fate, entry.why) = (fate, why.to_owned());
        }
    }

    /// The way back came to its end.
    fn absorb(&mut self, plan: &Plan, back: Outcome) {
        for change in &plan.changes {
            let Some(end) = back.ledger.get(&change.address()) else { continue };
            let removal = matches!(change.action, crate::plan::Action::Remove);
            let (fate, why) = match end.fate {
                Fate::Done if removal => (Fate::Reverted, "removed again: it was not there before".to_owned()),
                Fate::Done if end.why.is_empty() => (Fate::Reverted, "the version before is live again".to_owned()),
                Fate::Done => (Fate::Reverted, format!("the version before is live again: {}", end.why)),
                Fate::Going | Fate::Unknown => (end.fate, format!("going back: {}", end.why)),
                _ => (Fate::Failed, format!("going back failed: {}", end.why)),
            };
            self.whole &= fate == Fate::Reverted;
            self.set(&change.address(), &change.name, fate, &why);
        }
        if back.exit != ExitCode::Ok {
            self.whole = false;
            self.exit = self.exit.worse(back.exit);
        }
        self.outcome.changed = Changed::Yes;
        self.outcome.elapsed += back.elapsed;
        self.outcome.stale.extend(back.stale);
        self.outcome.diagnostics.extend(back.diagnostics);
    }

    /// After all, this is not as it was.
    fn differs(&mut self, address: &str, name: &str) {
        self.whole = false;
        match self.entry(name).map(|e| e.fate) {
            Some(Fate::Failed | Fate::Going | Fate::Unknown) => {}
            _ => self.set(address, name, Fate::Failed, "is not as it was before"),
        }
    }

    fn finish(mut self, refuge: &Refuge) -> Outcome {
        if self.whole {
            // What the way back had no word for is as it was already.
            self.leave(Fate::Reverted, "as it was before");
            self.outcome.failures.iter_mut().for_each(|f| f.reverted = true);
            self.outcome.exit = match self.outcome.exit {
                ExitCode::Error => ExitCode::Error,
                _ => ExitCode::RolledBack,
            };
            return self.outcome;
        }
        for failure in &mut self.outcome.failures {
            let address = format!("service/{}", failure.key);
            failure.reverted = self.outcome.ledger.get(&address).is_some_and(|e| e.fate == Fate::Reverted);
        }
        self.outcome.exit = ExitCode::Failed.worse(self.exit);
        let message = format!("the stack could not be put back to {} as a whole", refuge.words());
        let help = match refuge.release {
            Some(number) => format!("try again: `stackup rollback {} --to {number}`", self.planned.plan.stack),
            None => format!("see what is live: `{}`", self.planned.plan.command("plan")),
        };
        self.outcome.diagnostics.push(Diagnostic::error(NO_WAY_BACK, message).help(help));
        self.outcome
    }
}

fn tell(sink: &mut dyn EventSink, event: Event) {
    sink.emit(jiff::Timestamp::now(), &event);
}
