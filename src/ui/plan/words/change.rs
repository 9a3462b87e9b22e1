//! One object: what becomes of it, how it fares, what it waits for.

use std::collections::HashSet;

use serde_json::Value;

use crate::compose::model::DependsOnCondition;
use crate::plan::document::{Change, Document, Orphan};
use crate::plan::{Action, Effect, Health, Impact, Op};
use crate::swarm::Kind;
use crate::ui::diagnostic::count;

/// What a wave waits for, told one by one.
const AFTER: usize = 6;

/// `wave 2 (after web is healthy)`, of the changes of one wave.
pub fn wave(changes: &[Change]) -> String {
    let number = changes.first().map_or(0, |change| change.wave);
    if number == 0 {
        return "before the services".to_owned();
    }
    if changes.iter().all(|change| change.action == Action::Remove) {
        return "last".to_owned();
    }
    let (mut after, mut known) = (Vec::new(), HashSet::new());
    for (key, condition) in changes.iter().flat_map(|change| &change.after) {
        let state = match condition {
            DependsOnCondition::Started => "has started",
            DependsOnCondition::Healthy => "is healthy",
            DependsOnCondition::CompletedSuccessfully => "has completed",
        };
        let words = format!("{key} {state}");
        if known.insert(words.clone()) {
            after.push(words);
        }
    }
    if after.len() > AFTER {
        let more = after.len() - AFTER + 1;
        after.truncate(AFTER - 1);
        after.push(format!("{more} more"));
    }
    if after.is_empty() { format!("wave {number}") } else { format!("wave {number} (after {})", after.join(", ")) }
}

/// What a person calls it: the key of a service, the name of anything else.
pub fn title(change: &Change) -> &str {
    if change.kind == Kind::Service { change.key() } else { &change.name }
}

/// One sign an action; a word always stands beside it.
pub fn symbol(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Remove => "-",
        Action::Update => "~",
        Action::Scale => ">",
        Action::Restart => "±",
        Action::Recreate => "!",
    }
}

/// `ROLLING RESTART of 5 tasks (3 removed)`
pub fn action(change: &Change) -> String {
    let impact = &change.impact;
    let tasks = |n: u64, what: &str| if n == 0 { String::new() } else { format!(" ({} {what})", count(n, "task")) };
    match change.action {
        Action::Create if change.kind == Kind::Service => format!("CREATE{}", tasks(impact.tasks_started, "to start")),
        Action::Create => "CREATE".to_owned(),
        Action::Update => "UPDATE (no task restarts)".to_owned(),
        Action::Scale => scale(change),
        // What swarm does not roll over is a job.
        Action::Restart if change.rollout.is_none() => {
            format!("RUN AGAIN{}{}", tasks(impact.tasks_started, "to start"), tasks(impact.tasks_stopped, "to stop"))
        }
        Action::Restart => {
            let more = match (impact.tasks_started, impact.tasks_stopped) {
                (0, 0) => String::new(),
                (started, 0) => format!(" ({started} added)"),
                (0, stopped) => format!(" ({stopped} removed)"),
                (started, stopped) => format!(" ({started} added, {stopped} removed)"),
            };
            format!("ROLLING RESTART of {}{more}", count(impact.tasks_restarted, "task"))
        }
        Action::Recreate => {
            let downtime = if impact.downtime { ", DOWNTIME" } else { "" };
            format!("REMOVE AND CREATE AGAIN{downtime}{}", tasks(impact.tasks_restarted, "restart"))
        }
        Action::Remove => format!("REMOVE{}", tasks(impact.tasks_stopped, "to stop")),
    }
}

/// `SCALE 3 -> 6`
fn scale(change: &Change) -> String {
    let replicas = change.fields.iter().find(|field| field.path == "/deploy/replicas");
    match replicas.map(|field| (field.before().and_then(Value::as_u64), field.after().and_then(Value::as_u64))) {
        Some((Some(before), Some(after))) => format!("SCALE {before} -> {after}"),
        // A global service that takes or leaves nodes.
        _ => {
            let Impact { tasks_started, tasks_stopped, .. } = change.impact;
            format!("SCALE: {} added, {tasks_stopped} removed", count(tasks_started, "task"))
        }
    }
}

/// `8/8 running`. Swarm calls a task running once its health check, if it has one, has said yes.
pub fn running(health: &Health) -> String {
    format!("{}/{} running", health.running, health.desired)
}

/// `last update: paused`, where it did not just complete; what still goes on is superseded by any change.
pub fn last_update(health: &Health) -> Option<String> {
    let state = health.update_state.as_deref().filter(|state| *state != "completed")?;
    if let Some(seconds) = health.going_for {
        let what = if state == "rollback_started" { "rollback" } else { "rollout" };
        let long = match seconds {
            0..60 => count(seconds, "second"),
            60..3600 => count(seconds / 60, "minute"),
            _ => count(seconds / 3600, "hour"),
        };
        return Some(format!("supersedes a {what} that started {long} ago"));
    }
    Some(format!("last update: {}", state.replace('_', " ")))
}

/// What changing a field does, in words for the margin.
pub fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "no restart",
        Effect::Scale => "scales",
        Effect::Replacement => "moves tasks",
        Effect::ForcesRestart => "forces restart",
        Effect::ForcesRecreate => "forces recreate",
    }
}

/// What stands for a value that nobody may see.
pub fn sensitive(op: Op) -> &'static str {
    match op {
        Op::Add => "(sensitive, added)",
        Op::Remove => "(sensitive, removed)",
        Op::Replace => "(sensitive, changed)",
    }
}

/// `212 days old`
pub fn age(orphan: &Orphan, plan: &Document) -> Option<String> {
    Some(match plan.age(orphan)? {
        seconds @ 0..3600 => format!("{} old", count(seconds / 60, "minute")),
        seconds @ 3600..86_400 => format!("{} old", count(seconds / 3600, "hour")),
        seconds => format!("{} old", count(seconds / 86_400, "day")),
    })
}
