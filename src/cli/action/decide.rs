//! `approval: pr` and `verify`: a fresh plan beside the one that was reviewed.

use super::step::{Done, Step};
use crate::action::approval::{Decision, decide};
use crate::action::github::{Github, TRIES};
use crate::action::header::key;
use crate::action::sticky::{Found, ours};
use crate::action::{comment, line};
use crate::app::exit::ExitCode;
use crate::plan::document::Document;

impl Step {
    /// Plans afresh, and says whether that is the reviewed plan. `Err` is an end.
    fn compare(&self) -> Result<(Document, Decision, Option<Found>), Box<Done>> {
        let ran = self.run(line::plan(&self.inputs, None, true), "plan");
        if ran.exit != ExitCode::Ok {
            let mut done = Done::of(ran, "");
            // So that the comment tells why nothing was applied.
            done.comment = done.report.plan.as_ref().and_then(|plan| self.reviewed(plan, TRIES).ok());
            return Err(Box::new(done));
        }
        let report = ran.report;
        let Some(plan) = report.plan.clone() else {
            let reason = "the plan cannot be read back".to_owned();
            return Err(Box::new(Done { exit: ExitCode::Error, report, ..Done::refused(reason) }));
        };
        let (found, missing) = match self.reviewed(&plan, TRIES) {
            Ok(found) => (Some(found), String::new()),
            Err(why) => (None, why),
        };
        let decision = decide(&plan, found.as_ref(), &missing);
        Ok((plan, decision, found))
    }

    pub fn verify(&self) -> Done {
        let (plan, decision, found) = match self.compare() {
            Ok(compared) => compared,
            Err(done) => return *done,
        };
        let mut done = self.refusal(plan, decision, found);
        if done.exit == ExitCode::Ok {
            done.result = "verified";
        }
        done
    }

    pub fn apply_reviewed(&self) -> Done {
        let (plan, decision, found) = match self.compare() {
            Ok(compared) => compared,
            Err(done) => return *done,
        };
        if !matches!(decision, Decision::Approved | Decision::Nothing) {
            return self.refusal(plan, decision, found);
        }
        // Planned once more, and held against the id that was reviewed: what was compared a moment ago must still be so.
        let reviewed =
            found.as_ref().filter(|_| decision == Decision::Approved).map(|found| found.header.plan.as_str());
        let id = reviewed.unwrap_or(&plan.plan_id);
        let mut done = Self::applied(self.run(line::apply(&self.inputs, Some(id)), "apply"));
        done.comment = found;
        done
    }

    /// The end where nothing is applied.
    fn refusal(&self, plan: Document, decision: Decision, found: Option<Found>) -> Done {
        let id = plan.short_id();
        let report = crate::action::report::Report { plan: Some(plan), ..Default::default() };
        let (exit, result, reason, moved) = match decision {
            Decision::Approved | Decision::Nothing => (ExitCode::Ok, "", String::new(), Vec::new()),
            Decision::Unreviewed(why) => (ExitCode::Declined, "failed", format!("no reviewed plan: {why}"), Vec::new()),
            Decision::Moved(moved) => {
                let reviewed =
                    found.as_ref().map(|found| crate::plan::short_id(&found.header.plan)).unwrap_or_default();
                let reason = format!(
                    "the reviewed plan is {reviewed}, and now it would be {id}: the files or the swarm have changed since; \
                     nothing was done. Plan again in a pull request and have it reviewed"
                );
                (ExitCode::Stale, "stale", reason, moved)
            }
        };
        Done { report, exit, result, reason, moved, comment: found, plan_file: None }
    }

    /// The newest comment of ours about this swarm, stack and label in the pull request of this run, or why there is none.
    pub fn reviewed(&self, plan: &Document, tries: u32) -> Result<Found, String> {
        let Some(github) = Github::new(&self.runner, self.inputs.token.as_ref(), false) else {
            return Err("without input `token` no comment can be read".to_owned());
        };
        let pull = self.pull(&github, tries)?;
        let comments = github.comments(pull).map_err(|error| error.to_string())?;
        let (key, identity) = (key(&plan.cluster.id, &plan.stack, &self.inputs.label), github.identity());
        let found = ours(&comments, &identity, &key).into_iter().next().ok_or_else(|| {
            format!(
                "pull request #{pull} has no comment of this action about this swarm, stack and label; \
                 run `command: plan` in pull requests, with the same `label`"
            )
        })?;
        match github.person_who_edited(&found.node).filter(|person| *person != identity.login) {
            Some(person) => {
                Err(format!("the comment of pull request #{pull} was edited by {person}: plan again there"))
            }
            None => Ok(found),
        }
    }

    fn pull(&self, github: &Github, tries: u32) -> Result<u64, String> {
        if let Some(number) = self.trigger.pull.as_ref().map(|pull| pull.number).or(self.trigger.queued) {
            return Ok(number);
        }
        let (sha, branch) = (&self.runner.sha, self.trigger.branch.as_deref());
        let found = github.merged_pull(sha, branch, tries).map_err(|error| error.to_string())?;
        found.ok_or_else(|| {
            let branch = branch.map(|branch| format!(" into {branch}")).unwrap_or_default();
            format!("commit {} came with no pull request that was merged{branch}", comment::short(sha))
        })
    }
}
