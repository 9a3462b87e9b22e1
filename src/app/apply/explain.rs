//! Failures as diagnostics: what, where in the files, why, and what to type next.

use super::outcome::ServiceFailure;
use crate::app::ledger::{Fate, Ledger};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::plan::{Change, Effect, Plan, Stale};
use crate::rollout::{Cause, FailureGroup};

pub(super) fn diagnostics(
    plan: &Plan,
    failures: &[ServiceFailure],
    stale: &[Stale],
    error: Option<&str>,
    forbidden: Option<&str>,
    ledger: &Ledger,
) -> Diagnostics {
    let mut all = Diagnostics::default();
    for object in stale {
        let change = plan.changes.iter().find(|c| c.address() == object.address);
        let mut diagnostic = Diagnostic::error(code::PLAN_STALE, format!("`{}` {}", object.address, object.why))
            .about(object.address.clone())
            .help(format!("plan again: `{}`", plan.command("plan")));
        if let Some(span) = change.and_then(|c| c.span) {
            diagnostic = diagnostic.at(span);
        }
        all.push(diagnostic);
    }
    for failure in failures {
        all.push(explain(plan, failure));
    }
    if let Some(error) = error {
        let unknown = ledger.count(Fate::Unknown);
        let written = if unknown > 0 { "; what was written goes on without us" } else { "" };
        all.push(Diagnostic::error(code::ENGINE_WENT_AWAY, format!("{error}{written}")).help(format!(
            "when the engine answers again: `stackup status {}`, then `{}`",
            plan.stack,
            plan.command("plan")
        )));
    }
    if let Some(why) = forbidden {
        all.push(Diagnostic::error(code::LEASE_LOST, format!("nothing more was written: {why}")).help(format!(
            "`stackup lock status {}`, then `{}`",
            plan.stack,
            plan.command("plan")
        )));
    }
    all
}

fn explain(plan: &Plan, failure: &ServiceFailure) -> Diagnostic {
    let change = plan.changes.iter().find(|c| c.key == failure.key);
    let first = failure.evidence.first();
    let (code, message) = message(failure, first);
    let mut diagnostic = Diagnostic::error(code, message);
    if let Some(change) = change {
        let unhealthy = first.is_some_and(|g| g.example.cause() == Cause::Unhealthy);
        diagnostic = point(diagnostic.about(change.address()), change, failure.reason, unhealthy);
    }
    match help(plan, failure) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn message(failure: &ServiceFailure, first: Option<&FailureGroup>) -> (Code, String) {
    let key = &failure.key;
    let what = || first.map(|g| g.example.error.as_str()).filter(|e| !e.is_empty()).unwrap_or(&failure.what);
    match failure.reason {
        "refused" | "lost" => (code::WRITE_REFUSED, format!("`{key}` was not written: {}", failure.what)),
        "deadline" => (code::STILL_GOING, format!("`{key}` is not done: {}", failure.what)),
        "unschedulable" => (code::UNSCHEDULABLE, format!("`{key}`: {}", failure.what)),
        "superseded" | "gone" => (code::MEDDLED, format!("`{key}`: {}", failure.what)),
        _ => match first.map(|g| (g, g.example.cause())) {
            Some((_, Cause::Image)) => {
                (code::IMAGE_NOT_FOUND, format!("no node gets the image of `{key}`: {}", what()))
            }
            Some((_, Cause::Program)) => {
                (code::CANNOT_START, format!("the program of `{key}` cannot be started: {}", what()))
            }
            Some((_, Cause::Unhealthy)) => (code::UNHEALTHY, format!("new tasks of `{key}` do not turn healthy")),
            Some((_, Cause::OutOfMemory)) => {
                (code::TASKS_EXIT, format!("new tasks of `{key}` are killed: they need more memory than their limit"))
            }
            Some((_, Cause::Exit)) => (code::TASKS_EXIT, format!("new tasks of `{key}` exit right after start")),
            Some((group, Cause::Mount | Cause::Other)) => {
                (code::ROLLOUT_FAILED, format!("`{key}`: {}", group.example.summary()))
            }
            None => (code::ROLLOUT_FAILED, format!("`{key}`: {}", failure.what)),
        },
    }
}

/// Points at the field most likely to blame: the image, else the first that replaces tasks, else the service. Where tasks
/// do not turn healthy a changed health check comes before all.
fn point(diagnostic: Diagnostic, change: &Change, reason: &str, unhealthy: bool) -> Diagnostic {
    let placement = |path: &str| path.contains("placement") || path.contains("resources");
    let field = if reason == "unschedulable" {
        change.fields.iter().find(|f| placement(&f.path))
    } else {
        let image = change.fields.iter().find(|f| f.path == "/image");
        let health = change.fields.iter().find(|f| unhealthy && f.path.starts_with("/healthcheck"));
        health.or(image).or_else(|| change.fields.iter().find(|f| f.effect == Effect::ForcesRestart))
    };
    let Some((field, span)) = field.and_then(|f| Some((f, f.span?))) else {
        return match change.span {
            Some(span) => diagnostic.at(span),
            None => diagnostic,
        };
    };
    let text = |v: &Option<serde_json::Value>| match v {
        Some(serde_json::Value::String(s)) => Some(s.clone()),
        Some(other) => Some(other.to_string()),
        None => None,
    };
    let (mut before, mut after) = (text(&field.before), text(&field.after));
    if field.path == "/image" {
        (before, after) = (before.map(|b| brief(&b)), after.map(|a| brief(&a)));
    }
    match (before, after) {
        _ if field.sensitive => diagnostic.at_with(span, "changed by this plan"),
        (Some(before), Some(after)) => diagnostic.at_with(span, format!("set to {after} by this plan (was {before})")),
        (None, Some(after)) => diagnostic.at_with(span, format!("set to {after} by this plan")),
        _ => diagnostic.at_with(span, "changed by this plan"),
    }
}

/// An image without the digest that nobody reads, or with the head of it where there is no tag.
fn brief(image: &str) -> String {
    match image.split_once('@') {
        Some((name, _)) if name.rsplit('/').next().is_some_and(|last| last.contains(':')) => name.to_owned(),
        Some((name, digest)) => format!("{name}@{}", digest.chars().take(19).collect::<String>()),
        None => image.to_owned(),
    }
}

fn help(plan: &Plan, failure: &ServiceFailure) -> Option<String> {
    let stack = &plan.stack;
    let again = || format!("{} --replace {}", plan.command("apply"), failure.key);
    let image = failure.evidence.first().is_some_and(|g| g.example.cause() == Cause::Image);
    Some(match failure.reason {
        _ if image => format!(
            "check the name, and that every node may pull it (`--with-registry-auth`); the same once more: `{}`",
            again()
        ),
        "paused" | "rollback_paused" if !failure.reverted => format!(
            "swarm leaves it half done: fix the file and `{}` again; the same once more: `{}`",
            plan.command("apply"),
            again()
        ),
        "deadline" => format!("follow it: `stackup status {stack} --follow`"),
        "superseded" | "gone" => format!("see what is live: `{}`", plan.command("plan")),
        "refused" | "lost" => return None,
        _ => format!(
            "fix the file and `{}`; more of its log: `stackup logs {stack} {}`",
            plan.command("plan"),
            failure.key
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_not_twice_as_wide_as_the_screen() {
        let digest = "sha256:0123456789abcdef";
        assert_eq!(brief(&format!("h:5000/app:1@{digest}")), "h:5000/app:1");
        assert_eq!(brief(&format!("h:5000/app@{digest}")), "h:5000/app@sha256:0123456789ab");
        assert_eq!(brief("app:1"), "app:1");
    }
}
