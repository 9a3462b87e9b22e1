//! Failures as diagnostics: what, where in the files, why, and what to type next.

use super::outcome::{ServiceFailure, StaleObject};
use crate::app::ledger::{Fate, Ledger};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::plan::{Change, Effect, Plan};
use crate::rollout::FailureGroup;
use crate::swarm::TaskState;

pub(super) fn diagnostics(
    plan: &Plan,
    failures: &[ServiceFailure],
    stale: &[StaleObject],
    error: Option<&str>,
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
    all
}

fn explain(plan: &Plan, failure: &ServiceFailure) -> Diagnostic {
    let change = plan.changes.iter().find(|c| c.key == failure.key);
    let first = failure.evidence.first();
    let (code, message) = message(failure, first);
    let mut diagnostic = Diagnostic::error(code, message);
    if let Some(change) = change {
        diagnostic = point(diagnostic.about(change.address()), change, failure.reason);
    }
    match help(plan, failure) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn message(failure: &ServiceFailure, first: Option<&FailureGroup>) -> (Code, String) {
    let key = &failure.key;
    let exits = first.is_some_and(|g| matches!(g.example.state, TaskState::Failed | TaskState::Complete));
    match failure.reason {
        "refused" | "lost" => (code::WRITE_REFUSED, format!("`{key}` was not written: {}", failure.what)),
        "deadline" => (code::STILL_GOING, format!("`{key}` is not done: {}", failure.what)),
        "image_not_found" => (code::IMAGE_NOT_FOUND, format!("`{key}`: {}", failure.what)),
        "unschedulable" => (code::UNSCHEDULABLE, format!("`{key}`: {}", failure.what)),
        "superseded" | "gone" => (code::MEDDLED, format!("`{key}`: {}", failure.what)),
        _ if exits => (code::TASKS_EXIT, format!("new tasks of `{key}` exit right after start")),
        _ => match first {
            Some(group) => (code::ROLLOUT_FAILED, format!("`{key}`: {}", group.example.summary())),
            None => (code::ROLLOUT_FAILED, format!("`{key}`: {}", failure.what)),
        },
    }
}

/// Points at the field most likely to blame: the image, else the first that replaces tasks, else the service.
fn point(diagnostic: Diagnostic, change: &Change, reason: &str) -> Diagnostic {
    let placement = |path: &str| path.contains("placement") || path.contains("resources");
    let field = if reason == "unschedulable" {
        change.fields.iter().find(|f| placement(&f.path))
    } else {
        let image = change.fields.iter().find(|f| f.path == "/image");
        image.or_else(|| change.fields.iter().find(|f| f.effect == Effect::ForcesRestart))
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
    Some(match failure.reason {
        "paused" => format!("swarm leaves it half done: fix the file and `{}` again", plan.command("apply")),
        "deadline" => format!("follow it: `stackup status {stack} --follow`"),
        "superseded" | "gone" => format!("see what is live: `{}`", plan.command("plan")),
        "image_not_found" => "check the name, and that every node may pull it (`--with-registry-auth`)".to_owned(),
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
