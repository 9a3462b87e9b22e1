//! What an apply leaves behind it: a release.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::apply::Outcome;
use super::base::Known;
use super::exit::ExitCode;
use super::ledger::{Fate, Ledger};
use super::looks::Looks;
use super::plan::Planned;
use crate::engine::{EngineError, Reader, Wanted, Writer};
use crate::plan::record::{Keep, keep, needed};
use crate::plan::{Plan, Redactor, drift};
use crate::release::history::{self, History};
use crate::release::model::{self, Head, Need, Origin, Record, Verdict};
use crate::swarm::{Desired, Kind, Recorded, Snapshot, scoped};

/// An apply that came to its end.
#[derive(Clone, Copy)]
pub struct After<'a> {
    pub planned: &'a Planned,
    pub history: &'a History,
    /// What was wanted in the end.
    pub desired: &'a Desired,
    /// What was live before, as it is recorded.
    pub previous: Option<&'a Recorded>,
    pub outcome: &'a Outcome,
}

/// Reads what is live after an apply and writes the release. Its number.
pub async fn after_apply(
    after: After<'_>,
    detach: bool,
    who: &str,
    looks: &Looks,
    writer: &Writer,
) -> Result<u64, EngineError> {
    let After { planned, history, desired, previous, outcome } = after;
    let plan = &planned.plan;
    let (live, in_use) = looks.snapshot(&plan.stack, writer.reader()).await?;
    let mut untouched = planned.basis.left_out();
    untouched.extend(not_written(plan, &outcome.ledger));
    let stack = keep(Keep { live: &live, desired: Some(desired), previous, untouched: &untouched });
    let head = Head {
        number: 0,
        verdict: verdict(outcome, detach),
        origin: planned.origin,
        at: at(&live),
        who: who.to_owned(),
        commit: plan.source.commit.clone(),
        dirty: plan.source.dirty,
        plan_id: Some(plan.id.clone()),
        needs: needs(&stack),
    };
    let record = Record { stack, ledger: fates(&outcome.ledger, &planned.redactor) };
    // As large as the swarm, and writing takes a while.
    drop((live, in_use));
    history::write(writer, history, head, &record).await
}

/// Whether something is live that no release knows.
pub async fn is_missing(known: &Known, reader: &Reader, stack: &str) -> Result<bool, EngineError> {
    let live = reader.snapshot(stack, &Wanted::default()).await?;
    Ok(match &known.recorded {
        Some(recorded) => !drift::find(recorded, &live, &[]).is_empty(),
        None => live.own_services().next().is_some(),
    })
}

/// Records what is live as it is: nothing was applied.
pub async fn as_live(
    stack: Recorded,
    origin: Origin,
    at: Timestamp,
    who: &str,
    history: &History,
    writer: &Writer,
) -> Result<u64, EngineError> {
    let head = Head {
        number: 0,
        verdict: Verdict::Applied,
        origin,
        at,
        who: who.to_owned(),
        commit: None,
        dirty: false,
        plan_id: None,
        needs: needs(&stack),
    };
    history::write(writer, history, head, &Record { stack, ledger: Vec::new() }).await
}

/// The engine's clock: every age is measured on it.
pub fn at(live: &Snapshot) -> Timestamp {
    live.taken.unwrap_or_else(Timestamp::now)
}

fn needs(stack: &Recorded) -> BTreeSet<Need> {
    needed(stack).into_iter().map(Need::of).collect()
}

/// Services that this apply did not write, or put back: what somebody changed of them before is still to be seen.
fn not_written(plan: &Plan, ledger: &Ledger) -> BTreeSet<String> {
    let services = plan.changes.iter().filter(|c| c.kind == Kind::Service);
    let as_before = |fate: Fate| matches!(fate, Fate::Skipped | Fate::Reverted);
    services
        .filter(|c| ledger.get(&c.address()).is_some_and(|e| as_before(e.fate)))
        .map(|c| scoped(&plan.stack, &c.key))
        .collect()
}

fn verdict(outcome: &Outcome, detach: bool) -> Verdict {
    let half_done = outcome.ledger.count(Fate::Skipped) + outcome.ledger.count(Fate::Unknown) > 0;
    match outcome.exit {
        ExitCode::Ok if detach => Verdict::Submitted,
        ExitCode::Ok => Verdict::Applied,
        ExitCode::RolledBack => Verdict::RolledBack,
        ExitCode::Deadline | ExitCode::Interrupted | ExitCode::Terminated if !half_done => Verdict::Submitted,
        _ => Verdict::Failed,
    }
}

fn fates(ledger: &Ledger, redactor: &Redactor) -> Vec<model::Fate> {
    let entries = ledger.0.iter();
    entries
        .map(|e| model::Fate {
            address: e.address.clone(),
            action: e.action.to_owned(),
            fate: e.fate.as_str().to_owned(),
            why: redactor.scrub(&e.why).into_owned(),
        })
        .collect()
}
