//! The outputs of `action.yml`.

use std::path::PathBuf;

use super::report::Report;
use crate::app::exit::ExitCode;

/// Names, in the order of `action.yml`.
pub const NAMES: [&str; 23] = [
    "changes",
    "plan-id",
    "plan-file",
    "json-file",
    "text-file",
    "markdown-file",
    "to-create",
    "to-restart",
    "to-scale",
    "to-recreate",
    "to-remove",
    "tasks-restarted",
    "destructive",
    "exact",
    "exit-code",
    "result",
    "failure-reason",
    "failed-services",
    "live-release",
    "previous-release",
    "comment-url",
    "lock-info",
    "drift",
];

/// How it ended, beside what was reported.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    pub result: &'static str,
    /// What the step exits with.
    pub exit: u8,
    pub reason: String,
    pub comment_url: String,
    pub plan_file: Option<PathBuf>,
    pub json_file: Option<PathBuf>,
    pub text_file: Option<PathBuf>,
    pub markdown_file: Option<PathBuf>,
}

/// The word for an exit code; `done` where all went well.
pub fn result(exit: ExitCode, done: &'static str) -> &'static str {
    match exit {
        ExitCode::Ok | ExitCode::Changes => done,
        ExitCode::Stale => "stale",
        ExitCode::Busy => "locked",
        ExitCode::Preflight => "preflight-failed",
        ExitCode::RolledBack => "rolled-back",
        ExitCode::Deadline => "timeout",
        ExitCode::Interrupted | ExitCode::Terminated => "cancelled",
        ExitCode::Error | ExitCode::Invalid | ExitCode::Failed | ExitCode::Declined | ExitCode::Usage => "failed",
    }
}

/// Values by name, in the order of [`NAMES`].
pub fn values(report: &Report, ending: &Ending) -> Vec<(&'static str, String)> {
    let plan = report.plan.as_ref();
    let summary = plan.map(|plan| &plan.summary);
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let count =
        |pick: fn(&crate::plan::Summary) -> u64| summary.map_or_else(|| "0".to_owned(), |s| pick(s).to_string());
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let mut failed: Vec<&str> = report.failed.iter().map(|one| key(&one.address)).collect();
    failed.dedup();
    let locked = report.diagnostics.iter().find(|one| one.code == crate::diagnostic::code::LOCKED.id);
    let drifted = !report.drift_words.is_empty() || plan.is_some_and(|plan| !plan.drift.is_empty());
    let live = report.release.or_else(|| plan.and_then(|plan| plan.base.release));
    let values = [
        plan.map_or(drifted, |plan| !plan.is_empty()).to_string(),
        plan.map(|plan| plan.plan_id.clone()).unwrap_or_default(),
        path(&ending.plan_file),
        path(&ending.json_file),
        path(&ending.text_file),
        path(&ending.markdown_file),
        count(|s| s.create),
        count(|s| s.restart),
        count(|s| s.scale),
        count(|s| s.recreate),
        count(|s| s.remove),
        count(|s| s.tasks_restarted),
        plan.is_some_and(|plan| plan.is_destructive()).to_string(),
        plan.is_some_and(|plan| plan.exact).to_string(),
        ending.exit.to_string(),
        ending.result.to_owned(),
        ending.reason.clone(),
        failed.join("\n"),
        number(live),
        number(report.release.and(report.previous)),
        ending.comment_url.clone(),
        locked.map(|one| one.message.clone()).unwrap_or_default(),
        drifted.to_string(),
    ];
    NAMES.into_iter().zip(values).collect()
}

/// What the saved plan is called among a run's artifacts: several stacks and environments may share a run, and GitHub takes
/// few characters there.
pub fn artifact(stack: &str, label: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name = if label.is_empty() { stack.to_owned() } else { format!("{stack}-{label}") };
    format!("stackup-plan-{}", name.chars().take(100).map(plain).collect::<String>())
}

fn key(address: &str) -> &str {
    address.split_once('/').map_or(address, |(_, key)| key)
}

/// For `GITHUB_OUTPUT`. `delimiter` is one that nobody could guess; a value that holds it is left empty.
pub fn file(values: &[(&str, String)], delimiter: &str) -> String {
    let one = |(name, value): &(&str, String)| {
        let value = if value.contains(delimiter) { "" } else { value };
        format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
    };
    values.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::document::sample::{document, everything};

    #[test]
    fn every_output_has_its_value() {
        let report =
            Report { plan: Some(document(&everything())), release: Some(15), previous: Some(14), ..Report::default() };
        let ending = Ending { result: "applied", ..Ending::default() };
        let values = values(&report, &ending);
        let of = |name: &str| values.iter().find(|(n, _)| *n == name).unwrap().1.clone();
        assert_eq!(values.len(), NAMES.len());
        assert_eq!(of("changes"), "true");
        assert_eq!(of("plan-id").len(), 34);
        assert_eq!((of("live-release"), of("previous-release")), ("15".into(), "14".into()));
        assert_eq!((of("result"), of("exit-code")), ("applied".into(), "0".into()));
    }

    #[test]
    fn an_artifact_is_called_as_github_wants_it() {
        assert_eq!(artifact("web", ""), "stackup-plan-web");
        assert_eq!(artifact("web", "eu/prod: \"a\"\n*"), "stackup-plan-web-eu-prod---a---");
    }

    #[test]
    fn no_value_sets_another_output() {
        let file = file(&[("a", "x\nb=1\nb<<E\nE".to_owned()), ("c", "has DELIM".to_owned())], "DELIM");
        assert_eq!(file, "a<<DELIM\nx\nb=1\nb<<E\nE\nDELIM\nc<<DELIM\n\nDELIM\n");
    }
}
