//! The last words: what failed and why, what is live now, and what to type next.

use super::{Scrub, span};
use crate::app::apply::{Outcome, ServiceFailure};
use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::Fate;
use crate::diagnostic::Diagnostic;
use crate::plan::{Change, Plan};
use crate::rollout::FailureGroup;
use crate::ui::stale;
use crate::ui::theme::visible;

/// What the last words are made from.
pub struct Closing<'a> {
    pub plan: &'a Plan,
    pub outcome: &'a Outcome,
    /// The number of the release that this apply recorded, if it did.
    pub release: Option<u64>,
    /// The release before it.
    pub previous: Option<u64>,
    /// A diagnostic with its source line, as everywhere else.
    pub render: &'a dyn Fn(&Diagnostic) -> String,
    pub scrub: Scrub,
}

/// The last words of an apply, with a line end.
pub fn closing(closing: &Closing<'_>) -> String {
    let Closing { plan, outcome, .. } = closing;
    let text = if outcome.exit == ExitCode::Ok { success(closing) } else { failure(closing, plan, outcome) };
    (closing.scrub)(&text)
}

/// It saw to what another apply had left.
fn followed(outcome: &Outcome) -> bool {
    outcome.ledger.0.iter().any(|entry| entry.action == "follow")
}

/// Foreign words of one line.
fn clean(text: &str) -> String {
    visible(text.trim_end()).into_owned()
}

fn success(c: &Closing<'_>) -> String {
    if c.outcome.changed == Changed::No && !c.outcome.ledger.0.is_empty() && !followed(c.outcome) {
        return "Nothing was left to do: what was planned is live already.\n".to_owned();
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for entry in &c.outcome.ledger.0 {
        let word = match (entry.action, entry.fate) {
            (_, Fate::Submitted) => "submitted",
            ("create", _) => "created",
            ("update", _) => "updated",
            ("scale", _) => "scaled",
            ("restart", _) => "restarted",
            ("recreate", _) => "recreated",
            ("remove", _) => "removed",
            ("follow", _) => "followed to its end",
            _ => continue,
        };
        match counts.iter_mut().find(|(w, _)| *w == word) {
            Some((_, n)) => *n += 1,
            None => counts.push((word, 1)),
        }
    }
    let counts: Vec<_> = counts.into_iter().map(|(word, n)| format!("{n} {word}")).collect();
    let counts = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
    let release = match (c.release, c.previous) {
        (Some(now), Some(before)) => {
            format!(" Release #{now} (previous: #{before}, `stackup rollback {}`).", c.plan.stack)
        }
        (Some(now), None) => format!(" Release #{now}."),
        _ => String::new(),
    };
    let detached = c.outcome.ledger.count(Fate::Submitted) > 0;
    let follow = if detached { format!(" Not followed: `stackup status {}`.", c.plan.stack) } else { String::new() };
    format!("Apply complete: {counts} in {}.{release}{follow}\n", span(c.outcome.elapsed))
}

fn failure(c: &Closing<'_>, plan: &Plan, outcome: &Outcome) -> String {
    let mut out = String::new();
    let mut told = Vec::new();
    for failure in &outcome.failures {
        let back = if failure.reverted { "   (the version before is live again)" } else { "" };
        out.push_str(&format!("x {}   {}{back}\n\n", failure.key, clean(&failure.what)));
        let change = plan.changes.iter().find(|c| c.key == failure.key);
        let address = change.map(Change::address);
        for diagnostic in outcome.diagnostics.iter().filter(|d| d.address.is_some() && d.address == address) {
            out.push_str(&(c.render)(diagnostic));
            told.push(diagnostic);
        }
        for group in &failure.evidence {
            out.push_str(&evidence(group));
        }
        out.push_str(&others(change, failure));
    }
    for diagnostic in outcome.diagnostics.iter().filter(|d| !told.contains(d)) {
        out.push_str(&(c.render)(diagnostic));
    }
    for object in &outcome.stale {
        out.push_str(&stale::table(object, &*c.scrub));
    }
    out.push_str(&live(outcome));
    out.push_str(&next(c));
    out.push_str(&format!("exit {} ({})\n", outcome.exit.number(), outcome.exit.name()));
    out
}

/// The failed tasks, and the log of one of them.
fn evidence(group: &FailureGroup) -> String {
    let f = &group.example;
    let node = f.node.as_ref().map(|n| format!(" on {n}")).unwrap_or_default();
    let short: String = f.task.chars().take(12).collect();
    let many = match group.tasks {
        1 => String::new(),
        n => format!("   ({n} tasks, same error: {})", group.names.join(", ")),
    };
    let mut out = format!("  {}{node} (task {short})   {}{many}\n", f.name, clean(&f.summary()));
    let probe = f.container.iter().flat_map(|c| &c.probe).cloned().collect();
    for (head, lines) in [("its health check said", probe), ("last lines of its log", f.log.clone())] {
        let lines: Vec<String> = lines;
        if !lines.is_empty() {
            out.push_str(&format!("  {head}:\n"));
        }
        for line in lines {
            out.push_str(&format!("    | {}\n", clean(&line)));
        }
    }
    out
}

fn others(change: Option<&Change>, failure: &ServiceFailure) -> String {
    let reasons: Vec<_> =
        change.iter().flat_map(|c| &c.reasons).filter(|r| *r != "image").map(String::as_str).collect();
    if reasons.is_empty() || failure.evidence.is_empty() {
        return String::new();
    }
    format!("  other parts changed in this update: {}\n", reasons.join(", "))
}

/// Every object and what became of it.
fn live(outcome: &Outcome) -> String {
    let known = |fate: Fate| outcome.ledger.count(fate) > 0;
    let unsettled = [Fate::Failed, Fate::Going, Fate::Unknown].into_iter().any(known);
    if outcome.changed == Changed::No && !followed(outcome) && !unsettled {
        return "Nothing was changed.\n".to_owned();
    }
    let mut out = String::from("What is live now\n");
    for fate in [Fate::Done, Fate::Submitted, Fate::Reverted, Fate::Failed, Fate::Going, Fate::Unknown, Fate::Skipped] {
        for entry in outcome.ledger.0.iter().filter(|e| e.fate == fate) {
            let why = if entry.why.is_empty() { String::new() } else { format!(" ({})", clean(&entry.why)) };
            out.push_str(&format!("  {:<9} {}{why}\n", fate.as_str(), entry.address.replacen('/', " ", 1)));
        }
    }
    out
}

fn next(c: &Closing<'_>) -> String {
    let stack = &c.plan.stack;
    let mut lines: Vec<(&str, String)> = Vec::new();
    match c.outcome.exit {
        ExitCode::Stale => lines.push(("see the new plan", c.plan.command("plan"))),
        ExitCode::Deadline | ExitCode::Interrupted | ExitCode::Terminated => {
            if [Fate::Going, Fate::Unknown].iter().any(|fate| c.outcome.ledger.count(*fate) > 0) {
                lines.push(("follow what swarm goes on with", format!("stackup status {stack} --follow")));
            }
            // What is written needs no second apply.
            if c.outcome.ledger.count(Fate::Skipped) > 0 {
                lines.push(("do the rest", c.plan.command("apply")));
            }
        }
        _ => {
            if let Some(release) = c.release {
                lines.push(("see everything about this attempt", format!("stackup history {stack} --show {release}")));
            }
            let not_the_file = c.plan.source.release.is_some() || c.outcome.failures.is_empty();
            let again = if not_the_file { "try it again" } else { "fix the file, then" };
            lines.push((again, c.plan.command("plan")));
            lines.push(("see the tasks", format!("stackup ps --no-trunc {stack}")));
        }
    }
    let mut out = String::from("Next\n");
    for (what, command) in lines {
        out.push_str(&format!("  {what:<34} {command}\n"));
    }
    out
}
