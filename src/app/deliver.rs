//! A plan from approval to release: the lease is taken, the plan carried out, what is live recorded, the lease given back.

use std::time::Duration;

use super::apply::leave::{asked_to_stop, unless_left};
use super::apply::{self, ApplyOptions, Cancel, Outcome};
use super::base::{self, Known};
use super::event::{Event, EventSink};
use super::exit::{Changed, ExitCode};
use super::plan::Planned;
use super::record::{self, After};
use super::retreat;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::NOT_RECORDED;
use crate::engine::{EngineError, Guard, Reader, Writer};
use crate::plan::record::wish;
use crate::release::lease::{self, Held, Holder, Lease, NotAcquired, Timing, Wait};

/// Whether to take the lease, and how long to wait for it.
#[derive(Clone, Debug)]
pub enum Locking {
    Take(Duration),
    /// The same, and no write without the word of another guard either.
    Under {
        wait: Wait,
        guard: Guard,
    },
    /// `--no-lock`
    Without,
}

/// Who is at work, for locks and records.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// `ana@build-3`.
    pub who: String,
    /// The page of the CI run; may be empty.
    pub run_url: String,
}

impl Actor {
    /// As the holder of a lease.
    pub fn holder(&self, command: &str) -> Holder {
        Holder {
            who: self.who.clone(),
            command: command.to_owned(),
            run_url: self.run_url.clone(),
            ..Holder::default()
        }
    }
}

/// Why nothing was started.
#[derive(Debug)]
pub enum NotStarted {
    /// Somebody else holds the stack.
    Busy(Box<Held>),
    /// Somebody asked to stop before anything was done.
    Interrupted(ExitCode),
    Engine(EngineError),
}

impl From<NotAcquired> for NotStarted {
    fn from(error: NotAcquired) -> Self {
        match error {
            NotAcquired::Held(held) => Self::Busy(held),
            NotAcquired::Engine(error) => Self::Engine(error),
        }
    }
}

/// What became of it.
#[derive(Debug)]
pub struct Delivered {
    pub outcome: Outcome,
    /// The release that was recorded, where anything changed.
    pub release: Option<u64>,
    /// The newest release when the apply began.
    pub previous: Option<u64>,
}

/// Carries a plan out. One with nothing in it sees to what an apply left that died.
pub async fn deliver(
    planned: &Planned,
    reader: &Reader,
    options: &ApplyOptions,
    locking: Locking,
    actor: &Actor,
    sink: &mut dyn EventSink,
    cancel: Cancel,
) -> Result<Delivered, NotStarted> {
    let plan = &planned.plan;
    let Begun { lease, writer, known } = begin(planned, reader, locking, actor, sink, &cancel).await?;
    let left_since = lease.as_ref().and_then(Lease::left_since);
    let options = ApplyOptions { left_since, ..options.clone() };
    let mut outcome = apply::apply(plan, planned, &writer, &options, sink, cancel.clone()).await;
    let (mut measure, mut desired) = (known.recorded.clone(), None);
    if retreat::is_called_for(&options, &outcome) {
        let retreated = retreat::retreat(planned, &known, outcome, &writer, &options, sink, cancel.clone()).await;
        desired = Some(wish(&retreated.to));
        (outcome, measure) = (retreated.outcome, Some(retreated.to));
    }
    sink.emit(jiff::Timestamp::now(), &Event::of_ledger(&outcome.ledger));
    let asked_to_go = matches!(outcome.exit, ExitCode::Interrupted | ExitCode::Terminated);
    let half_done = outcome.changed != Changed::No || left_since.is_some();
    if options.hand_over
        && asked_to_go
        && half_done
        && let Some(lease) = lease
    {
        // Whoever goes on with it tells how it ended.
        leave(lease, &plan.stack, sink, &cancel).await;
        return Ok(Delivered { outcome, release: None, previous: known.history.newest().map(|e| e.number) });
    }
    let after = After {
        planned,
        history: &known.history,
        desired: desired.as_ref().unwrap_or(&planned.basis.desired),
        previous: measure.as_ref(),
        outcome: &outcome,
    };
    let (release, unrecorded) = record(after, &known, &options, &actor.who, &writer, &cancel).await;
    outcome.diagnostics.extend(unrecorded);
    if let Some(lease) = lease {
        match outcome.exit {
            ExitCode::Stale | ExitCode::Preflight => end(lease, &plan.stack, sink, &cancel).await,
            _ => give_back(lease, &plan.stack, sink, &cancel).await,
        }
    }
    Ok(Delivered { outcome, release, previous: known.history.newest().map(|e| e.number) })
}

/// The stack is ours.
pub(super) struct Begun {
    pub lease: Option<Lease>,
    /// Asks the lease before each write.
    pub writer: Writer,
    /// As it is now that nobody else is at work.
    pub known: Known,
}

/// Takes the lease of the stack.
pub(super) async fn begin(
    planned: &Planned,
    reader: &Reader,
    locking: Locking,
    actor: &Actor,
    sink: &mut dyn EventSink,
    cancel: &Cancel,
) -> Result<Begun, NotStarted> {
    let (free, plan) = (reader.writer(), &planned.plan);
    let (wait, over) = match locking {
        Locking::Without => (None, None),
        Locking::Take(time) => (Some(Wait { time, heir_of: None }), None),
        Locking::Under { wait, guard } => (Some(wait), Some(guard)),
    };
    let lease = match wait {
        None => None,
        Some(wait) => {
            let holder = Holder {
                plan: plan.short_id(),
                commit: plan.source.commit.clone().unwrap_or_default(),
                ..actor.holder("apply")
            };
            let acquire = lease::acquire(&free, &plan.stack, holder, wait, Timing::default());
            Some(unless_stopped(acquire, cancel).await??)
        }
    };
    let writer = lease.as_ref().map_or_else(|| free.clone(), |lease| free.guarded(lease.guard()));
    let writer = over.map_or_else(|| writer.clone(), |over| writer.guarded(over));
    if lease.is_some() {
        let message = format!("lock of {} taken", plan.stack);
        sink.emit(jiff::Timestamp::now(), &Event::Lock { held: true, message });
    }
    // Another apply may have recorded a release since the plan was made, while this one waited for the lease.
    let why = match unless_stopped(base::known(reader, &plan.stack), cancel).await {
        Ok(Ok(known)) => return Ok(Begun { lease, writer, known }),
        Ok(Err(error)) => NotStarted::Engine(error),
        Err(stopped) => stopped,
    };
    if let Some(lease) = lease {
        end(lease, &plan.stack, sink, cancel).await;
    }
    Err(why)
}

/// Nothing was done: what somebody left half done is still so.
async fn end(lease: Lease, stack: &str, sink: &mut dyn EventSink, cancel: &Cancel) {
    match lease.left_since() {
        Some(_) => leave(lease, stack, sink, cancel).await,
        None => give_back(lease, stack, sink, cancel).await,
    }
}

/// Writes the release of what was changed, or of what a dead apply changed and could not record.
async fn record(
    after: After<'_>,
    known: &Known,
    options: &ApplyOptions,
    who: &str,
    writer: &Writer,
    cancel: &Cancel,
) -> (Option<u64>, Option<Diagnostic>) {
    let After { planned, outcome, .. } = after;
    let work = async {
        let changed = outcome.changed != Changed::No;
        let left = options.left_since.is_some() && !matches!(outcome.exit, ExitCode::Stale | ExitCode::Preflight);
        let missing = !changed && left && record::is_missing(known, writer.reader(), &planned.plan.stack).await?;
        if !(changed || missing) {
            return Ok(None);
        }
        record::after_apply(after, options.detach, who, &options.looks, writer).await.map(Some)
    };
    let why = match unless_left(cancel, work).await {
        Ok(Ok(number)) => return (number, None),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "interrupted".to_owned(),
    };
    let warning = Diagnostic::warning(NOT_RECORDED, format!("the release could not be recorded: {why}"))
        .help(format!("when all is well: `stackup adopt {}`", planned.plan.stack));
    (None, Some(warning))
}

/// What takes no part in the rollout ends when a person has enough of it.
async fn unless_stopped<T>(work: impl Future<Output = T>, cancel: &Cancel) -> Result<T, NotStarted> {
    tokio::select! {
        done = work => Ok(done),
        code = asked_to_stop(cancel) => Err(NotStarted::Interrupted(code)),
    }
}

/// Where it cannot be said, the lock expires, and whoever comes then goes on.
async fn leave(lease: Lease, stack: &str, sink: &mut dyn EventSink, cancel: &Cancel) {
    let message = match unless_left(cancel, lease.leave()).await {
        Ok(Ok(())) => format!("lock of {stack} left to whoever goes on"),
        Ok(Err(error)) => format!("the lock of {stack} expires by itself: {error}"),
        Err(_) => format!("the lock of {stack} expires by itself"),
    };
    sink.emit(jiff::Timestamp::now(), &Event::Lock { held: false, message });
}

/// What cannot be given back expires by itself.
pub(super) async fn give_back(lease: Lease, stack: &str, sink: &mut dyn EventSink, cancel: &Cancel) {
    let message = match unless_left(cancel, lease.release()).await {
        Ok(Ok(())) => format!("lock of {stack} given back"),
        Ok(Err(EngineError::Forbidden(why))) => format!("the lock of {stack} is not ours any more: {why}"),
        Ok(Err(error)) => format!("the lock of {stack} expires by itself: {error}"),
        Err(_) => format!("the lock of {stack} expires by itself"),
    };
    sink.emit(jiff::Timestamp::now(), &Event::Lock { held: false, message });
}
