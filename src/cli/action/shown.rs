//! What is left behind: comment, files, outputs, summary, annotations.

use std::collections::BTreeSet;

use super::say;
use super::step::{Done, Step};
use crate::action::annotate::{Annotation, Place, commands, too_many};
use crate::action::files;
use crate::action::github::Github;
use crate::action::inputs::Command;
use crate::action::outputs::{self, Ending};
use crate::action::summary::Summary;
use crate::app::exit::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::invocation::Invocation;
use crate::diagnostic::Severity;

/// Ends the step. Outputs come before anything that takes time: a job that is cancelled leaves a few seconds.
pub fn show(step: &Step, done: Done, outer: &Invocation) -> Result<ExitCode, Failure> {
    let warn = |why: String| say(outer, Severity::Warning, &why);
    let kept = step.keep(&done).unwrap_or_else(|why| {
        warn(why);
        Default::default()
    });
    step.keep_sarif().unwrap_or_else(warn);
    let mut ending = Ending {
        result: done.result,
        exit: done.exit.number(),
        reason: done.reason.clone(),
        comment_url: String::new(),
        plan_file: done.plan_file.clone(),
        json_file: kept.json,
        text_file: kept.text,
        markdown_file: kept.markdown,
    };
    let cancelled = done.result == "cancelled";
    if cancelled {
        leave(step, &done, &ending).unwrap_or_else(warn);
    }
    match step.comment(&done) {
        Ok(page) => ending.comment_url = page,
        Err(error) if error.is_forbidden() => {
            warn(format!(
                "the pull request gets no comment ({error}): the job needs `permissions: {{pull-requests: write}}`"
            ));
        }
        Err(error) => warn(format!("the pull request gets no comment: {error}")),
    }
    if !cancelled {
        leave(step, &done, &ending).unwrap_or_else(warn);
    }
    if step.inputs.annotations {
        annotate(step, &done, outer);
    }
    if !done.reason.is_empty() {
        let lines = std::iter::once(done.reason.clone()).chain(done.moved.iter().map(|line| format!("  {line}")));
        let text: Vec<String> = lines.map(|line| crate::ui::visible(&line).replace("##[", "##\\u{5b}")).collect();
        outer.output.note(&format!("error: {}\n", text.join("\n")));
    }
    Ok(done.exit)
}

/// Outputs and summary.
fn leave(step: &Step, done: &Done, ending: &Ending) -> Result<(), String> {
    if let Some(path) = &step.runner.output {
        let mut values = outputs::values(&done.report, ending);
        // For the step that uploads it.
        let stack = done.report.plan.as_ref().map(|plan| plan.stack.as_str()).unwrap_or_default();
        values.push(("artifact", outputs::artifact(stack, &step.inputs.label)));
        files::append(path, &outputs::file(&values, &files::token("ghadelimiter")?))?;
    }
    if let Some(path) = step.runner.summary.as_deref().filter(|_| step.inputs.summary) {
        let status = step.status(done);
        let summary = Summary { status: &status, report: &done.report, moved: &done.moved, reason: &done.reason };
        files::append(path, &summary.render())?;
    }
    Ok(())
}

fn annotate(step: &Step, done: &Done, outer: &Invocation) {
    let here = std::env::current_dir().unwrap_or_default();
    let named = |file: &str| step.runner.in_repository(&here, file);
    let problems = done.report.problems();
    let mut all: Vec<Annotation> = problems.iter().map(|one| Annotation::of(one, &named)).collect();
    // A rollout that failed is seen on the line of what it changed.
    for failed in &done.report.failed {
        let told = |one: &crate::diagnostic::DiagnosticJson| {
            one.address.as_ref() == Some(&failed.address) && one.severity == Severity::Error && one.span.is_some()
        };
        if problems.iter().any(told) {
            continue;
        }
        let changes = done.report.plan.iter().flat_map(|plan| &plan.changes);
        let change = changes.into_iter().find(|change| change.address == failed.address);
        let span = change.and_then(|change| change.fields.iter().find_map(|f| f.span.clone()).or(change.span.clone()));
        let place = span.map(|span| Place::of(&span, &named));
        let title = "stackup: the rollout failed".to_owned();
        all.push(Annotation { severity: Severity::Error, place, title, message: failed.message.clone() });
    }
    if all.is_empty() && !done.reason.is_empty() {
        let message = done.reason.clone();
        all.push(Annotation { severity: Severity::Error, place: None, title: "stackup".into(), message });
    }
    // Only then does it matter which files are the pull request's own.
    let pull = step.trigger.pull.as_ref().filter(|_| too_many(&all) && step.command != Command::Check);
    let github = pull.and_then(|_| Github::new(&step.runner, step.inputs.token.as_ref(), false));
    let changed = github.zip(pull).and_then(|(github, pull)| github.changed_files(pull.number).ok());
    let changed: BTreeSet<String> = changed.into_iter().flatten().collect();
    let _ = outer.output.raw(&commands(all, &changed));
}
