//! The plan as a whole, in numbers.

use crate::plan::document::Document;
use crate::plan::{Against, Summary};
use crate::ui::diagnostic::count;

/// `2 create, 1 restart, 0 recreate, 0 remove; 4 unchanged, 1 orphan kept.`
pub fn objects(summary: &Summary) -> String {
    let rare = [(summary.update, "update"), (summary.scale, "scale")];
    let mut parts = vec![format!("{} create", summary.create)];
    parts.extend(rare.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")));
    parts.push(format!("{} restart", summary.restart));
    parts.push(format!("{} recreate", summary.recreate));
    parts.push(format!("{} remove", summary.remove));
    let mut rest = vec![format!("{} unchanged", summary.unchanged)];
    if summary.orphan > 0 {
        rest.push(format!("{} kept", count(summary.orphan, "orphan")));
    }
    format!("{}; {}.", parts.join(", "), rest.join(", "))
}

/// `5 of 17 running tasks restart, 3 stop, 3 start.`
pub fn tasks(summary: &Summary) -> Option<String> {
    let mut parts = Vec::new();
    if summary.tasks_running > 0 && summary.tasks_restarted == 0 {
        parts.push("No running task restarts".to_owned());
    } else if summary.tasks_running > 0 {
        let verb = if summary.tasks_restarted == 1 { "restarts" } else { "restart" };
        parts.push(format!("{} of {} {verb}", summary.tasks_restarted, count(summary.tasks_running, "running task"),));
    }
    for (n, word) in [(summary.tasks_stopped, "stop"), (summary.tasks_started, "start")] {
        if n > 0 {
            let what = if parts.is_empty() { format!("{} {word}", count(n, "task")) } else { format!("{n} {word}") };
            parts.push(what);
        }
    }
    (!parts.is_empty()).then(|| format!("{}.", parts.join(", ")))
}

/// What makes the plan less than it could be, worst first.
pub fn reservations(plan: &Document) -> Vec<String> {
    let mut out = Vec::new();
    if plan.failures() > 0 {
        out.push(format!("{}: apply will refuse.", count(plan.failures(), "preflight failure")));
    }
    match &plan.against {
        Against::Swarm => {}
        Against::Snapshot { file, .. } => {
            out.push(format!("Not the live swarm: compared with the snapshot {file}; apply will refuse."));
        }
        Against::Nothing => {
            out.push("Not a live swarm: compared with nothing; apply will refuse.".to_owned());
        }
    }
    if plan.targeted {
        out.push("Incomplete: --target or --exclude left something out.".to_owned());
    }
    if !plan.exact {
        out.push("Not exact: something in it is only known later, see the warnings.".to_owned());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_counted_only_where_there_are_some() {
        let summary = Summary { tasks_started: 5, ..Summary::default() };
        assert_eq!(tasks(&summary).as_deref(), Some("5 tasks start."));
        let summary =
            Summary { tasks_running: 17, tasks_restarted: 5, tasks_stopped: 3, tasks_started: 3, ..Summary::default() };
        assert_eq!(tasks(&summary).as_deref(), Some("5 of 17 running tasks restart, 3 stop, 3 start."));
        let summary = Summary { tasks_running: 1, tasks_started: 2, ..Summary::default() };
        assert_eq!(tasks(&summary).as_deref(), Some("No running task restarts, 2 start."));
        assert_eq!(tasks(&Summary::default()), None);
    }
}
