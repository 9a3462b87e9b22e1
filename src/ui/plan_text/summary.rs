//! The last lines: how many objects, how many tasks, which plan.

use super::header::files;
use super::view::PlanView;
use crate::diagnostic::Severity;
use crate::plan::Summary;
use crate::ui::Tone;
use crate::ui::diagnostic::count;
use crate::ui::wrap::wrap;

pub fn summary(view: &PlanView) -> String {
    let (plan, theme) = (view.plan, view.theme);
    let mut out = String::from("\n");
    let mut line = |text: String, tone: Tone| {
        let lines = wrap(&text, theme.width, "      ");
        let text = if text.starts_with("Plan") { lines.trim_start() } else { lines.as_str() };
        out.push_str(&format!("{}\n", theme.paint(tone, text)));
    };
    line(format!("Plan: {}", objects(&plan.summary)), Tone::Bold);
    if let Some(tasks) = tasks(&plan.summary) {
        line(tasks, Tone::Plain);
    }
    let failures = plan.preflight.count(Severity::Error) as u64;
    if failures > 0 {
        line(format!("{}: apply will refuse.", count(failures, "preflight failure")), Tone::Danger);
    }
    if plan.targeted {
        line("Incomplete: --target or --exclude left something out.".to_owned(), Tone::Warn);
    }
    if !plan.exact {
        line("Not exact: something in it is only known later, see the warnings.".to_owned(), Tone::Warn);
    }
    out.push_str(&format!("Plan id  {}\n", plan.short_id()));
    out
}

fn objects(summary: &Summary) -> String {
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
fn tasks(summary: &Summary) -> Option<String> {
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

/// The one line of a plan with nothing in it.
pub fn no_changes(view: &PlanView) -> String {
    let (plan, theme) = (view.plan, view.theme);
    let summary = &plan.summary;
    let tasks = format!("{}/{} tasks", summary.tasks_running, summary.tasks_desired);
    let well = summary.tasks_running >= summary.tasks_desired;
    let stack = view.clean(&plan.stack);
    let services = count(summary.services, "service");
    let warn = |text: String| theme.paint(Tone::Warn, &text);
    // A spec that is as planned says nothing about tasks that are not there yet.
    let state = if summary.paused > 0 {
        warn(format!(", but swarm stopped an update in the middle ({tasks} run): stackup status {stack}"))
    } else if summary.updating > 0 {
        warn(format!(", but an update is still going on ({tasks} run): stackup status {stack} --follow"))
    } else if well {
        format!(" ({services}, {tasks} running).")
    } else {
        warn(format!(", but only {tasks} of {services} run: stackup ps {stack}"))
    };
    let orphans = match summary.orphan {
        0 => String::new(),
        n => format!("  {} kept, --prune removes.", count(n, "orphan")),
    };
    format!("{} {stack} matches {}{state}{orphans}\n", theme.paint(Tone::Good, "No changes."), files(view))
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
