//! Who may do what: a stranger's files never meet a swarm or a secret.

use super::inputs::{Approval, Command};
use super::trigger::Trigger;

/// What may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    Go,
    /// The files are checked, offline; why no more.
    CheckOnly(String),
    Refuse(String),
}

/// What is known about the checkout.
#[derive(Clone, Copy, Debug)]
pub struct Checkout<'a> {
    /// HEAD of the work tree that the files are in; may be short.
    pub head: Option<&'a str>,
    /// GITHUB_SHA
    pub sha: &'a str,
}

pub fn gate(command: Command, approval: Approval, trigger: &Trigger, actor: &str, checkout: Checkout) -> Gate {
    if command == Command::Check {
        return Gate::Go;
    }
    let fork = trigger.pull.as_ref().is_some_and(|pull| pull.fork);
    match trigger.event.as_str() {
        "pull_request_target" if !checkout.is_base() => {
            return Gate::Refuse(
                "under `pull_request_target` the files of a pull request would be read with this repository's secrets: \
                 use `on: pull_request`, or check out the base branch"
                    .to_owned(),
            );
        }
        "pull_request" if fork => {
            return Gate::CheckOnly(
                "the pull request comes from a fork: its files are checked, and no swarm is asked".to_owned(),
            );
        }
        "pull_request" if actor == "dependabot[bot]" => {
            return Gate::CheckOnly(
                "Dependabot gets no secrets of this repository: its files are checked, and no swarm is asked"
                    .to_owned(),
            );
        }
        _ => {}
    }
    if command != Command::Apply {
        return Gate::Go;
    }
    match trigger.event.as_str() {
        "merge_group" => Gate::Refuse(
            "a merge queue tries what may never be merged: use `command: verify` there, and apply `on: push`"
                .to_owned(),
        ),
        "pull_request" | "pull_request_target" if fork => {
            Gate::Refuse("nothing is applied from a pull request of a fork".to_owned())
        }
        "pull_request" | "pull_request_target"
            if approval == Approval::Pr && !trigger.pull.as_ref().is_some_and(|pull| pull.merged) =>
        {
            Gate::Refuse(
                "the pull request is not merged, and `approval: pr` applies what was merged: apply `on: push`"
                    .to_owned(),
            )
        }
        _ => Gate::Go,
    }
}

impl Checkout<'_> {
    /// The work tree is at the commit that the workflow itself comes from.
    fn is_base(&self) -> bool {
        self.head.is_some_and(|head| head.len() >= 7 && self.sha.starts_with(head))
    }
}

#[cfg(test)]
mod tests {
    use super::super::trigger::Pull;
    use super::*;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

    fn on(event: &str, fork: bool, merged: bool) -> Trigger {
        let pull = event.starts_with("pull").then(|| Pull { number: 1, fork, merged, ..Pull::default() });
        Trigger { event: event.to_owned(), pull, ..Trigger::default() }
    }

    #[test]
    fn the_table() {
        use Command::{Apply, Check, Drift, Plan, Verify};
        let base = Checkout { head: Some("0123456"), sha: SHA };
        let head = Checkout { head: Some("fedcba9"), sha: SHA };
        let none = Checkout { head: None, sha: SHA };
        // What is expected: g(o), c(heck only), r(efuse).
        for (command, approval, trigger, actor, checkout, expected) in [
            (Plan, Approval::Pr, on("pull_request", false, false), "ana", head, 'g'),
            (Plan, Approval::Pr, on("pull_request", true, false), "mallory", head, 'c'),
            (Drift, Approval::Pr, on("pull_request", true, false), "mallory", head, 'c'),
            (Apply, Approval::None, on("pull_request", true, false), "mallory", head, 'c'),
            (Check, Approval::Pr, on("pull_request", true, false), "mallory", head, 'g'),
            (Plan, Approval::Pr, on("pull_request", false, false), "dependabot[bot]", head, 'c'),
            (Plan, Approval::Pr, on("pull_request_target", true, false), "mallory", head, 'r'),
            (Plan, Approval::Pr, on("pull_request_target", false, false), "ana", head, 'r'),
            (Plan, Approval::Pr, on("pull_request_target", true, false), "mallory", none, 'r'),
            (Plan, Approval::Pr, on("pull_request_target", true, false), "mallory", base, 'g'),
            (Apply, Approval::None, on("pull_request_target", true, true), "mallory", base, 'r'),
            (Apply, Approval::Pr, on("pull_request", false, false), "ana", head, 'r'),
            (Apply, Approval::Pr, on("pull_request", false, true), "ana", head, 'g'),
            (Apply, Approval::None, on("pull_request", false, false), "ana", head, 'g'),
            (Apply, Approval::Pr, on("push", false, false), "ana", head, 'g'),
            (Apply, Approval::None, on("merge_group", false, false), "ana", head, 'r'),
            (Verify, Approval::Pr, on("merge_group", false, false), "ana", head, 'g'),
        ] {
            let found = gate(command, approval, &trigger, actor, checkout);
            let sign = match &found {
                Gate::Go => 'g',
                Gate::CheckOnly(_) => 'c',
                Gate::Refuse(_) => 'r',
            };
            assert_eq!(sign, expected, "{command:?} {approval:?} {trigger:?}: {found:?}");
        }
    }
}
