//! Going back to a release, because a person asked for it: what `stackup rollback` does, and then waiting for another commit.

use super::assignment::Assignment;
use super::fingerprint::fingerprint;
use super::machine::{Next, Report, Sync, Ticket, Tried};
use super::quarantine::WENT_BACK;
use super::telling::sentence;
use super::work::{Begins, Look, Worker, blank};
use crate::app::exit::ExitCode;
use crate::app::plan::Planned;
use crate::app::rollback::{self, NoWayBack};
use crate::engine;
use crate::plan::PlanOptions;

impl Worker {
    /// The plan of the way back, or why there is none.
    pub(super) async fn plan_back(
        &self,
        ticket: &Ticket,
        assignment: &Assignment,
        to: Option<u64>,
    ) -> Result<Planned, Report> {
        let options = PlanOptions {
            prune: assignment.policy.prune.unwrap_or(false),
            ignore: assignment.policy.ignore.clone().unwrap_or_default(),
            ..PlanOptions::default()
        };
        let planned = match self.reader().await {
            Ok(reader) => rollback::plan(reader, &ticket.stack, to, options).await,
            Err(error) => Err(error.into()),
        };
        let why = match planned {
            Ok(planned) => return Ok(planned),
            Err(NoWayBack::Unrecorded) => "no release is recorded".to_owned(),
            Err(NoWayBack::NoneBefore) => "no earlier release had succeeded".to_owned(),
            Err(NoWayBack::NoSuch { number, kept }) => {
                let kept: Vec<String> = kept.iter().map(|number| format!("#{number}")).collect();
                format!("there is no release #{number}; {} are kept", kept.join(", "))
            }
            Err(NoWayBack::Unreadable(error)) => error.to_string(),
            Err(NoWayBack::Engine(error)) => {
                self.disconnect().await;
                engine::diagnose(&error).message
            }
        };
        // The next look tells how it stands; this one says why nothing was done.
        let message = format!("cannot be rolled back: {why}");
        Err(Report { sync: Sync::Failed, exit: ExitCode::Error, next: Next::Retry, ..blank(ticket, message) })
    }
}

impl Look<'_> {
    /// A person has decided: no policy is asked.
    pub(super) async fn back(&self, begins: &Begins) -> Report {
        let plan = &self.planned.plan;
        let before = fingerprint(&self.planned.live.snapshot, &self.worker.key);
        if !plan.applyable() {
            let told = plan.preflight.clone();
            self.tell(&told);
            let why = sentence(&told, &self.planned.sources, ExitCode::Preflight);
            let message = format!("cannot be rolled back: {}", self.planned.redactor.scrub(&why));
            return Report {
                sync: Sync::Failed,
                exit: ExitCode::Preflight,
                next: Next::Retry,
                ..self.report(&message)
            };
        }
        let release = plan.source.release.map(|number| format!(" to release #{number}")).unwrap_or_default();
        if plan.is_empty() {
            let message = format!("nothing to roll back{release}: it is live");
            return Report { sync: Sync::OutOfSync, next: Next::Retry, plan_id: None, ..self.report(&message) };
        }
        begins(plan.id.clone(), None);
        let mut report = self.apply(before.clone()).await;
        // About the commit that is followed, and not the one that is live again.
        report.commit =
            self.planned.live.known.history.newest().and_then(|entry| entry.head.as_ref().ok()?.commit.clone());
        if report.exit == ExitCode::Ok {
            report.message = format!("{WENT_BACK}; release{} is live", release.trim_start_matches(" to release"));
            (report.sync, report.drift) = (Sync::Quarantined, false);
            let revision = self.ticket.revision.clone();
            report.tried = Some(Tried { revision, before, by_hand: true, ..Tried::default() });
        }
        report
    }
}
