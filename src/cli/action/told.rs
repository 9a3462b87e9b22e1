//! The comment of the pull request, made or changed.

use super::step::{Done, Step};
use crate::action::comment::{Comment, short, status, with_status};
use crate::action::github::{ApiError, Github};
use crate::action::header::{self, Header, key};
use crate::action::inputs::{Approval, Command, CommentMode};
use crate::action::objects;
use crate::action::sticky::{Found, ours, ours_where};
use crate::app::exit::ExitCode;
use crate::plan::document::Document;
use crate::ui::plan::markdown::{COMMENT, code};
use crate::ui::visible;

/// Where GitHub finds the body too long after all.
const SHORTER: usize = 30_000;

impl Step {
    /// The page of the comment; empty where there is none. What goes wrong changes no exit code.
    pub fn comment(&self, done: &Done) -> Result<String, ApiError> {
        if self.inputs.comment == CommentMode::Off {
            return Ok(String::new());
        }
        let hurry = matches!(done.exit, ExitCode::Interrupted | ExitCode::Terminated);
        let Some(github) = Github::new(&self.runner, self.inputs.token.as_ref(), hurry) else {
            return Ok(String::new());
        };
        match (self.command, &done.report.plan, &done.comment) {
            (Command::Plan, Some(plan), _) => match self.trigger.pull.as_ref().filter(|pull| !pull.fork) {
                Some(pull) => self.planned(&github, pull.number, &pull.head_sha, plan),
                None => Ok(String::new()),
            },
            (Command::Plan, None, _) if !hurry => match self.trigger.pull.as_ref().filter(|pull| !pull.fork) {
                Some(pull) => self.unplanned(&github, pull.number, &pull.head_sha, done),
                None => Ok(String::new()),
            },
            (Command::Apply, _, Some(found)) => self.after(&github, found, done),
            // Approved by something else; if a pull request showed the plan, it tells what became of it all the same.
            (Command::Apply, Some(plan), None) if self.inputs.approval != Approval::Pr && !hurry => {
                match self.reviewed(plan, 1) {
                    Ok(found) => self.after(&github, &found, done),
                    Err(_) => Ok(String::new()),
                }
            }
            _ => Ok(String::new()),
        }
    }

    fn planned(&self, github: &Github, pull: u64, sha: &str, plan: &Document) -> Result<String, ApiError> {
        let mode = self.inputs.comment;
        let key = key(&plan.cluster.id, &plan.stack, &self.inputs.label);
        let mut found = ours(&github.comments(pull)?, &github.identity(), &key);
        let earlier = if mode == CommentMode::New { std::mem::take(&mut found) } else { Vec::new() };
        if mode == CommentMode::OnChange && plan.is_empty() && plan.failures() == 0 && found.is_empty() {
            return Ok(String::new());
        }
        let stale = found.split_off(found.len().min(1));
        let newest = found.pop();
        let run = &self.runner.run;
        let header = Header {
            key,
            plan: plan.plan_id.clone(),
            sha: sha.to_owned(),
            run: run.id.clone(),
            number: run.number.clone(),
            step: self.asked(),
            objects: objects::of(plan),
            before: Vec::new(),
        }
        .after(newest.as_ref().map(|found| found.header.clone()));
        let comment = Comment { header: &header, plan, label: &self.inputs.label, run };
        let send = |body: &str| match &newest {
            Some(found) => match github.update(found.id, body) {
                // Somebody has deleted it meanwhile.
                Err(ApiError::Refused { status: 404, .. }) => github.create(pull, body),
                other => other,
            },
            None => github.create(pull, body),
        };
        let (_, page) = match send(&comment.render(COMMENT)) {
            Err(error) if error.is_too_long() => send(&comment.render(SHORTER))?,
            other => other?,
        };
        for one in stale {
            // One too many is no harm: the newest counts.
            let _ = github.delete(one.id);
        }
        for one in earlier {
            self.outdate(github, &one, &page);
        }
        Ok(page)
    }

    /// Says in an earlier comment that it counts no more. That it does not say so is no harm either.
    fn outdate(&self, github: &Github, earlier: &Found, newest: &str) {
        const OUTDATED: &str = "⚠️ Outdated: ";
        if status(&earlier.body).is_some_and(|status| status.starts_with(OUTDATED)) {
            return;
        }
        let status = format!("{OUTDATED}run {} has [planned again]({newest}).", self.runner.run.link());
        if let Some(body) = with_status(&earlier.body, &status) {
            let _ = github.update(earlier.id, &body);
        }
        let _ = github.fold(&earlier.node);
    }

    /// There is no plan, and the comment shows that of an earlier commit: it says so.
    fn unplanned(&self, github: &Github, pull: u64, sha: &str, done: &Done) -> Result<String, ApiError> {
        if self.inputs.comment == CommentMode::New {
            return Ok(String::new());
        }
        let asked = self.asked();
        let found = ours_where(&github.comments(pull)?, &github.identity(), |header| header.step == asked);
        let Some(found) = found.first() else { return Ok(String::new()) };
        let reason = done.reason.lines().next().map(|line| format!(": {}", code(&visible(line)))).unwrap_or_default();
        let status = format!(
            "❌ No plan for {} in run {}{reason}. What follows is of {}.",
            code(short(sha)),
            self.runner.run.link(),
            code(short(&found.header.sha))
        );
        let Some(body) = with_status(&found.body, &status) else { return Ok(found.url.clone()) };
        github.update(found.id, &body).map(|(_, page)| page)
    }

    fn asked(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        header::step(&self.inputs, &self.runner.in_repository(&here, "."))
    }

    fn after(&self, github: &Github, found: &Found, done: &Done) -> Result<String, ApiError> {
        let Some(body) = with_status(&found.body, &self.status(done)) else { return Ok(found.url.clone()) };
        github.update(found.id, &body).map(|(_, page)| page)
    }

    /// One line of Markdown: what became of it, and where.
    pub fn status(&self, done: &Done) -> String {
        let run = self.runner.run.link();
        let reason = done.reason.lines().next().map(|line| format!(": {}", code(&visible(line)))).unwrap_or_default();
        match (self.command, done.exit) {
            (Command::Apply, ExitCode::Ok) if done.result == "no-changes" => {
                format!("✅ Nothing to do in run {run}: what was reviewed is live.")
            }
            (Command::Apply, ExitCode::Ok) => {
                let release = done.report.release.map(|n| format!(", release #{n}")).unwrap_or_default();
                format!("✅ Applied in run {run}{release}.")
            }
            (Command::Apply, ExitCode::Stale) => format!("⚠️ Not applied in run {run}{reason}"),
            (Command::Apply, _) => format!("❌ {} in run {run}{reason}", done.result),
            (Command::Verify, ExitCode::Ok) => format!("✅ The plan is the reviewed one, says run {run}."),
            (_, ExitCode::Ok | ExitCode::Changes) => {
                format!("{} in run {run}.", capital(&done.result.replace('-', " ")))
            }
            _ => format!("❌ {} in run {run}", done.result),
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
