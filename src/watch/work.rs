//! One look at a stack: plan, policy, apply, report. It may take as long as a rollout takes, and holds up no other stack.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, Semaphore};

use super::assignment::Assignment;
use super::board::Board;
use super::fingerprint::{Key, fingerprint};
use super::lead::Term;
use super::machine::{Next, Order, Report, Sync, Ticket, Tried};
use super::past::Past;
use super::policy::{Decision, Question, decide, on_failure, signed};
use super::readings::Readings;
use super::rest::Rests;
use super::telling::{Telling, line, sentence};
use crate::app::apply::ApplyOptions;
use crate::app::credentials;
use crate::app::deliver::{Actor, Delivered, Locking, NotStarted, deliver};
use crate::app::deny::Deny;
use crate::app::event::Event;
use crate::app::exit::{Changed, ExitCode};
use crate::app::look::lock_holder;
use crate::app::looks::Looks;
use crate::app::plan::{self, LiveState, PlanError, PlanRequest, Planned};
use crate::app::reading::{Mark, Reading};
use crate::app::undone::{Undone, undone};
use crate::diagnostic::{Diagnostics, Severity, code, nothing_to_hide};
use crate::engine::{self, Address, EngineError, Reader};
use crate::plan::{PlanOptions, ResolveImage};
use crate::release::history;
use crate::release::lease::{Standing, Timing, Wait};
use crate::release::model::Origin;

/// Hears of a rollout before its first write: which plan, of which commit.
pub type Begins = dyn Fn(String, Option<String>) + Send + std::marker::Sync;

/// What all looks share.
pub struct Worker {
    pub address: Address,
    pub actor: Actor,
    pub key: Key,
    /// Plans that are made at a time; a rollout is no plan.
    pub planning: Semaphore,
    pub connection: Mutex<Option<Reader>>,
    pub readings: Arc<Readings>,
    pub rests: Rests,
    pub telling: Arc<dyn Telling>,
    pub board: Arc<Board>,
}

/// Plans that are made at a time.
pub const AT_ONCE: usize = 4;

impl Worker {
    /// The engine, spoken to already or anew.
    pub async fn reader(&self) -> Result<Reader, EngineError> {
        let mut connection = self.connection.lock().await;
        if let Some(reader) = connection.as_ref() {
            return Ok(reader.clone());
        }
        let reader = engine::connect(&self.address).await?;
        *connection = Some(reader.clone());
        Ok(reader)
    }

    /// Shared by all who are at work.
    fn looks(&self) -> Looks {
        Looks::Shared(self.readings.clone())
    }

    /// Whatever was agreed on with the engine is agreed on anew.
    pub async fn disconnect(&self) {
        *self.connection.lock().await = None;
    }

    /// Looks, and does what the policy lets it. `begins` hears of a rollout before its first write.
    pub async fn look(&self, ticket: &Ticket, assignment: &Assignment, term: &Term, begins: &Begins) -> Report {
        let back = match ticket.order {
            Some(Order::Rollback(to)) => Some(to),
            _ => None,
        };
        let plan = async {
            match back {
                Some(to) => {
                    let _turn = self.planning.acquire().await;
                    self.plan_back(ticket, assignment, to).await.map(|planned| (planned, None))
                }
                None => self.plan_forward(ticket, assignment).await,
            }
        };
        let planned = tokio::select! {
            planned = plan => planned,
            () = term.is_over() => {
                let message = "stopped before anything was written".to_owned();
                return Report { sync: Sync::OutOfSync, exit: ExitCode::Interrupted, ..blank(ticket, message) };
            }
        };
        let (planned, mark) = match planned {
            Ok(planned) => planned,
            Err(report) => return report,
        };
        self.board.set_releases(&ticket.stack, Past::all(&planned.live.known.history));
        self.board.set_plan(
            &ticket.stack,
            (!planned.plan.is_empty())
                .then(|| planned.document(&|text: &str| planned.redactor.scrub(text).into_owned())),
        );
        let look = Look { worker: self, ticket, assignment, term, planned: &planned };
        let report = match back {
            Some(_) => look.back(begins).await,
            None => look.go(begins).await,
        };
        self.rests.looked(ticket, &report, mark.map(|mark| (planned.plan.ground.clone(), mark)));
        report
    }

    /// The plan towards the files and, where it has nothing in it, the mark of what is live. A report where it is known
    /// to have nothing in it, or where there is none.
    async fn plan_forward(&self, ticket: &Ticket, assignment: &Assignment) -> Result<(Planned, Option<Mark>), Report> {
        let reading = async { self.readings.fresh(&self.reader().await?).await };
        let (reading, _in_use) = match reading.await {
            Ok(fresh) => fresh,
            Err(error) => return Err(self.unplanned(ticket, PlanError::of_engine(error)).await),
        };
        if let Some(report) = self.rests.still(ticket, &reading) {
            return Err(report);
        }
        let _turn = self.planning.acquire().await;
        match self.plan(assignment, reading.clone()).await {
            Ok(mut planned) => {
                let ground = &planned.plan.ground;
                if planned.plan.is_empty() {
                    let mark = reading.mark(&ticket.stack, ground);
                    return Ok((planned, mark));
                }
                planned.live.snapshot.narrow(|kind, name| ground.find(kind, name).is_some());
                Ok((planned, None))
            }
            Err(error) => Err(self.unplanned(ticket, error).await),
        }
    }

    async fn plan(&self, assignment: &Assignment, reading: Arc<Reading>) -> Result<Planned, PlanError> {
        let policy = &assignment.policy;
        let request = PlanRequest {
            load: assignment.request(),
            argument: Some(assignment.name.clone()),
            variable: None,
            address: self.address.clone(),
            options: PlanOptions {
                prune: policy.prune.unwrap_or(false),
                ignore: policy.ignore.clone().unwrap_or_default(),
                // A tag that points elsewhere is no commit.
                resolve: ResolveImage::Changed,
                ..PlanOptions::default()
            },
            deny: Deny::default(),
            live: LiveState::Read(reading),
            renew_credentials: false,
            images: None,
        };
        plan::plan(request).await
    }

    async fn unplanned(&self, ticket: &Ticket, error: PlanError) -> Report {
        let (exit, message, next) = match &error {
            PlanError::Files { diagnostics, sources } => {
                self.telling.problems(Some(&ticket.stack), diagnostics, sources, &nothing_to_hide);
                // The same files stay wrong; a key may come.
                let sealed = diagnostics.iter().any(|problem| problem.code == code::SEALED);
                let next = if sealed { Next::Retry } else { Next::Rest };
                (ExitCode::Invalid, sentence(diagnostics, sources, ExitCode::Invalid), next)
            }
            PlanError::Name(error) => (ExitCode::Invalid, error.to_string(), Next::Rest),
            PlanError::Unmatched(words) => (ExitCode::Invalid, words.clone(), Next::Rest),
            PlanError::Engine { error, .. } => {
                self.disconnect().await;
                (ExitCode::Error, engine::diagnose(error).message, Next::Retry)
            }
            PlanError::Broken(why) => (ExitCode::Error, format!("stackup broke off: {why}"), Next::Retry),
        };
        Report { sync: Sync::Failed, exit, next, ..blank(ticket, message) }
    }
}

/// One look, with its plan.
pub struct Look<'a> {
    pub(super) worker: &'a Worker,
    pub(super) ticket: &'a Ticket,
    assignment: &'a Assignment,
    term: &'a Term,
    pub(super) planned: &'a Planned,
}

impl Look<'_> {
    async fn go(&self, begins: &Begins) -> Report {
        let (plan, planned) = (&self.planned.plan, self.planned);
        let before = fingerprint(&planned.live.snapshot, &self.worker.key);
        if let Some(message) = self.is_in_quarantine(&before) {
            return Report { sync: Sync::Quarantined, exit: ExitCode::Changes, ..self.report(message) };
        }
        // Somebody died over it: what he left is seen to, with nothing to write too.
        let wait = self.wait();
        if let Some(undone) = undone(planned, &wait).filter(|_| !self.is_asked_for()) {
            return self.undone(&undone, before).await;
        }
        let standing = planned.live.known.lock.as_ref().map(|held| wait.standing(held, &Timing::default()));
        if plan.is_empty() && standing.is_some_and(Standing::is_over) {
            begins(plan.id.clone(), plan.source.commit.clone());
            return self.apply(before).await;
        }
        // Somebody is at work, or died where nobody can tell yet: what is live may not be all there is to it.
        if let Some(held) = planned.live.known.lock.as_ref().filter(|_| plan.is_empty())
            && standing == Some(Standing::Live)
        {
            let message = format!("somebody else is at work: {}", lock_holder(held));
            return Report { sync: Sync::OutOfSync, exit: ExitCode::Busy, next: Next::Retry, ..self.report(&message) };
        }
        if plan.is_empty() {
            return Report { sync: Sync::Synced, drift: false, plan_id: None, ..self.report(&self.rest()) };
        }
        let question = Question {
            plan,
            policy: &self.assignment.policy,
            approved: self.ticket.approved.as_deref(),
            rolled: self.ticket.rolled,
            now: Timestamp::now(),
            // Asked for again, it is taken forward from where somebody went back to.
            same_files: self.ticket.synced.as_ref() == Some(&self.ticket.revision)
                && self.ticket.order != Some(Order::Again),
        };
        let decision = decide(&question);
        if decision == Decision::Report {
            let message = format!("changed outside of its files: {}", self.words());
            let report = self.report(&message);
            return Report { sync: Sync::OutOfSync, drift: true, exit: ExitCode::Changes, ..report };
        }
        if !plan.applyable() {
            let told = planned.plan.preflight.clone();
            self.tell(&told);
            let message = sentence(&told, &planned.sources, ExitCode::Preflight);
            let report = self.report(&planned.redactor.scrub(&message));
            return Report { sync: Sync::Failed, exit: ExitCode::Preflight, next: Next::Retry, ..report };
        }
        match decision {
            Decision::Hold(why) => {
                let report = self.report(&format!("{}: {why}", self.words()));
                Report { sync: Sync::Held, exit: ExitCode::Changes, ..report }
            }
            Decision::Wait(until, why) => {
                let report = self.report(&format!("{}: {why}", self.words()));
                Report { sync: Sync::Held, exit: ExitCode::Changes, next: Next::At(until), ..report }
            }
            Decision::Apply | Decision::Report => {
                begins(plan.id.clone(), plan.source.commit.clone());
                self.apply(before).await
            }
        }
    }

    /// A person asked for this very thing, whatever came of it before.
    pub(super) fn is_asked_for(&self) -> bool {
        self.ticket.approved.is_some() || self.ticket.order == Some(Order::Again)
    }

    /// Nobody is waited for; and nobody's lock counts who led before and may write no more.
    fn wait(&self) -> Wait {
        Wait { heir_of: self.term.after.clone(), ..Wait::default() }
    }

    fn locking(&self) -> Locking {
        match &self.term.guard {
            Some(guard) => Locking::Under { wait: self.wait(), guard: guard.clone() },
            None => Locking::Take(std::time::Duration::ZERO),
        }
    }

    /// Tried already, by one who is gone.
    async fn undone(&self, undone: &Undone<'_>, before: BTreeMap<String, String>) -> Report {
        let message = self.planned.redactor.scrub(&undone.words()).into_owned();
        if undone.goes_on() {
            return Report { sync: Sync::OutOfSync, exit: ExitCode::Busy, next: Next::Retry, ..self.report(&message) };
        }
        let Some(reader) = &self.planned.reader else {
            return Report { sync: Sync::Failed, exit: ExitCode::Error, ..self.report("no engine was spoken to") };
        };
        let (mut sink, cancel) = (Forward(self), self.term.cancel.clone());
        match undone.record(reader, self.locking(), &self.worker.actor, &mut sink, cancel).await {
            Ok(Delivered { outcome, release, .. }) => {
                self.tell(&outcome.diagnostics);
                let revision = self.ticket.revision.clone();
                let tried = Tried { revision, before: before.clone(), after: before, by_hand: false };
                Report {
                    sync: Sync::Quarantined,
                    exit: outcome.exit,
                    release,
                    rolled: Some(undone.since),
                    tried: Some(tried),
                    ..self.report(&message)
                }
            }
            Err(why) => self.not_started(why).await,
        }
    }

    pub(super) async fn apply(&self, before: BTreeMap<String, String>) -> Report {
        let Some(reader) = &self.planned.reader else {
            return Report { sync: Sync::Failed, exit: ExitCode::Error, ..self.report("no engine was spoken to") };
        };
        let policy = &self.assignment.policy;
        let folder = self.worker.address.config_dir.as_deref();
        let (auth, warnings) = credentials::of_plan(&self.planned.plan, folder).await;
        for message in warnings {
            self.event(&Event::Refresh { message });
        }
        let options = ApplyOptions {
            on_failure: on_failure(policy),
            timeout: policy.timeout.map(|period| signed(period.0)),
            auth,
            // Nobody else knows that a person wanted to go back: that is recorded, whatever came of it.
            hand_over: matches!(self.planned.origin, Origin::Apply),
            looks: self.worker.looks(),
            ..ApplyOptions::default()
        };
        let began = Timestamp::now();
        let locking = self.locking();
        let mut sink = Forward(self);
        let cancel = self.term.cancel.clone();
        self.worker.board.forget_evidence(&self.ticket.stack);
        let done = deliver(self.planned, reader, &options, locking, &self.worker.actor, &mut sink, cancel).await;
        match done {
            Ok(delivered) => self.delivered(delivered, began, before, reader).await,
            Err(not_started) => self.not_started(not_started).await,
        }
    }

    async fn not_started(&self, why: NotStarted) -> Report {
        match why {
            NotStarted::Busy(held) => {
                let message = format!("somebody else is at work: {}", lock_holder(&held));
                Report { sync: Sync::OutOfSync, exit: ExitCode::Busy, next: Next::Retry, ..self.report(&message) }
            }
            NotStarted::Interrupted(exit) => {
                Report { sync: Sync::OutOfSync, exit, ..self.report("stopped before anything was written") }
            }
            NotStarted::Engine(error) => {
                self.worker.disconnect().await;
                let message = engine::diagnose(&error).message;
                Report { sync: Sync::Failed, exit: ExitCode::Error, next: Next::Retry, ..self.report(&message) }
            }
        }
    }

    async fn delivered(
        &self,
        delivered: Delivered,
        began: Timestamp,
        before: BTreeMap<String, String>,
        reader: &Reader,
    ) -> Report {
        let Delivered { outcome, release, .. } = delivered;
        self.tell(&outcome.diagnostics);
        // What somebody else had begun, and is told of by whoever sees its end.
        let rolled = outcome.changed != Changed::No || release.is_some();
        if release.is_some()
            && let Ok(history) = history::list(reader, &self.planned.plan.stack).await
        {
            self.worker.board.set_releases(&self.ticket.stack, Past::all(&history));
        }
        let message = match outcome.exit {
            ExitCode::Ok if self.planned.plan.is_empty() => "applied: what was under way is live".into(),
            ExitCode::Ok => format!("applied: {}", self.words()),
            exit => sentence(&outcome.diagnostics, &self.planned.sources, exit),
        };
        let mut report = Report { release, exit: outcome.exit, ..self.report(&self.planned.redactor.scrub(&message)) };
        report.rolled = rolled.then_some(began);
        match outcome.exit {
            // What somebody changed by hand is as the files say again.
            ExitCode::Ok => {
                (report.sync, report.plan_id, report.drift) = (Sync::Synced, None, false);
                self.worker.board.set_plan(&self.ticket.stack, None);
            }
            ExitCode::Failed | ExitCode::RolledBack | ExitCode::Deadline => {
                report.sync = Sync::Quarantined;
                let after = match self.worker.looks().snapshot(&self.planned.plan.stack, reader).await {
                    Ok((live, _in_use)) => fingerprint(&live, &self.worker.key),
                    // What was there before is at least not tried on again.
                    Err(_) => BTreeMap::new(),
                };
                report.tried = Some(Tried { revision: self.ticket.revision.clone(), before, after, by_hand: false });
            }
            // Something moved in between: the next plan is another one.
            ExitCode::Stale | ExitCode::Busy => (report.sync, report.next) = (Sync::OutOfSync, Next::Retry),
            // Whoever goes on with it tells how it ended.
            ExitCode::Interrupted | ExitCode::Terminated => {
                report.sync = Sync::OutOfSync;
                if release.is_none() {
                    report.rolled = None;
                    report.message = "stopped in the middle; whoever leads next goes on with it".to_owned();
                }
            }
            _ => {
                self.worker.disconnect().await;
                (report.sync, report.next) = (Sync::Failed, Next::Retry);
            }
        }
        report
    }

    /// What is worth knowing where there is nothing to do.
    fn rest(&self) -> String {
        let plan = &self.planned.plan;
        let (running, wanted) = (plan.summary.tasks_running, plan.summary.tasks_desired);
        let mut message = "as its files say".to_owned();
        if running < wanted {
            message.push_str(&format!("; {running} of {wanted} tasks run"));
        }
        if !plan.orphans.is_empty() {
            message.push_str(&format!("; {} more that no file names", plan.orphans.len()));
        }
        message
    }

    /// `1 create, 2 restart`.
    fn words(&self) -> String {
        let summary = &self.planned.plan.summary;
        let counts = [
            (summary.create, "create"),
            (summary.restart, "restart"),
            (summary.scale, "scale"),
            (summary.update, "update"),
            (summary.recreate, "recreate"),
            (summary.remove, "remove"),
        ];
        let words: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        words.join(", ")
    }

    pub(super) fn report(&self, message: &str) -> Report {
        let plan = &self.planned.plan;
        Report {
            commit: plan.source.commit.clone(),
            plan_id: Some(plan.id.clone()),
            release: self.planned.live.known.history.newest().map(|entry| entry.number),
            drift: plan.drift.iter().any(crate::plan::drift::Drift::counts),
            ..blank(self.ticket, message.to_owned())
        }
    }

    pub(super) fn tell(&self, diagnostics: &Diagnostics) {
        let scrub = |text: &str| self.planned.redactor.scrub(text).into_owned();
        self.worker.telling.problems(Some(&self.ticket.stack), diagnostics, &self.planned.sources, &scrub);
    }

    fn event(&self, event: &Event) {
        let scrub = |text: &str| self.planned.redactor.scrub(text).into_owned();
        self.worker.telling.event(Some(&self.ticket.stack), Timestamp::now(), event, &scrub);
    }
}

/// Events of a rollout, swept.
struct Forward<'a>(&'a Look<'a>);

impl crate::app::event::EventSink for Forward<'_> {
    fn emit(&mut self, at: Timestamp, event: &Event) {
        let scrub = |text: &str| self.0.planned.redactor.scrub(text).into_owned();
        let (worker, stack) = (self.0.worker, self.0.ticket.stack.as_str());
        if matches!(event, Event::Evidence { .. }) {
            worker.board.add_evidence(stack, line(Some(stack), at, event, &scrub));
        }
        worker.telling.event(Some(stack), at, event, &scrub);
    }
}

/// A report that says nothing but what it is about.
pub(super) fn blank(ticket: &Ticket, message: String) -> Report {
    Report {
        revision: ticket.revision.clone(),
        commit: None,
        sync: Sync::Unknown,
        drift: false,
        exit: ExitCode::Ok,
        message,
        plan_id: None,
        release: None,
        next: Next::Rest,
        rolled: None,
        tried: None,
    }
}

/// Errors come first in what people are told.
pub fn worst(diagnostics: &Diagnostics) -> Option<&crate::diagnostic::Diagnostic> {
    diagnostics.iter().find(|d| d.severity == Severity::Error).or_else(|| diagnostics.iter().next())
}
