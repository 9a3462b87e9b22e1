//! The last lines: how many objects, how many tasks, which plan.

use super::view::PlanView;
use crate::ui::Tone;
use crate::ui::diagnostic::count;
use crate::ui::plan::words;
use crate::ui::wrap::wrap;

pub fn summary(view: &PlanView) -> String {
    let (plan, theme) = (view.plan, view.theme);
    let mut out = String::from("\n");
    let mut line = |text: String, tone: Tone| {
        let lines = wrap(&text, theme.width, "      ");
        let text = if text.starts_with("Plan") { lines.trim_start() } else { lines.as_str() };
        out.push_str(&format!("{}\n", theme.paint(tone, text)));
    };
    line(format!("Plan: {}", words::objects(&plan.summary)), Tone::Bold);
    if let Some(tasks) = words::tasks(&plan.summary) {
        line(tasks, Tone::Plain);
    }
    for (index, words) in words::reservations(plan).into_iter().enumerate() {
        line(words, if index == 0 && plan.failures() > 0 { Tone::Danger } else { Tone::Warn });
    }
    out.push_str(&format!("Plan id  {}\n", view.clean(&plan.short_id())));
    out
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
    // What was left out may differ.
    let (words, what) = match plan.targeted {
        true => ("No changes in what was chosen", format!("--target or --exclude left changes of {stack} out")),
        false => ("No changes.", format!("{stack} matches {}", words::sources(&view.plan.source).join(", "))),
    };
    let sign = if plan.targeted { ";" } else { "" };
    format!("{}{sign} {what}{state}{orphans}\n", theme.paint(Tone::Good, words))
}
