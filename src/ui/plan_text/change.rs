//! One block a change, wave by wave; what is kept though no file names it.

use jiff::Timestamp;
use serde_json::Value;

use super::effect::{action_glyph, action_tone, glyph_width};
use super::field;
use super::group::{Entry, Group, groups};
use super::layout::{margin, pad};
use super::rollout;
use super::view::PlanView;
use crate::compose::model::DependsOnCondition;
use crate::plan::{Action, Change, Health, Orphan};
use crate::swarm::Kind;
use crate::ui::Tone;
use crate::ui::diagnostic::count;
use crate::ui::theme::columns;
use crate::ui::wrap::wrap;

/// Lines of a content's diff that are shown unless everything is asked for.
const DIFF_LINES: usize = 40;

pub fn waves(view: &PlanView) -> String {
    let mut out = String::new();
    for wave in view.plan.changes.chunk_by(|a, b| a.wave == b.wave) {
        out.push_str(&format!("\n{}\n", view.theme.paint(Tone::Bold, &wrap(&title(wave, view), view.theme.width, ""))));
        for change in wave {
            out.push_str(&block(change, view));
        }
    }
    out
}

/// `wave 2 (after web is healthy)`
fn title(wave: &[Change], view: &PlanView) -> String {
    let number = wave.first().map_or(0, |change| change.wave);
    if number == 0 {
        return "before the services".to_owned();
    }
    if wave.iter().all(|change| change.action == Action::Remove) {
        return "last".to_owned();
    }
    let mut after = Vec::new();
    for (key, condition) in wave.iter().flat_map(|change| &change.after) {
        let state = match condition {
            DependsOnCondition::Started => "has started",
            DependsOnCondition::Healthy => "is healthy",
            DependsOnCondition::CompletedSuccessfully => "has completed",
        };
        let words = format!("{} {state}", view.clean(key));
        if !after.contains(&words) {
            after.push(words);
        }
    }
    if after.is_empty() { format!("wave {number}") } else { format!("wave {number} (after {})", after.join(", ")) }
}

fn block(change: &Change, view: &PlanView) -> String {
    let mut out = head(change, view);
    if view.compact {
        return out;
    }
    out.push_str(&content(change, view));
    let mut groups = groups(&change.fields);
    groups.retain(|group| !goes_without_saying(group, change));
    let width = groups.iter().filter(|group| !group.nested).map(|group| columns(&view.clean(&group.name))).max();
    let most = if view.theme.width < 100 { 16 } else { 30 };
    for group in &groups {
        out.push_str(&field::lines(group, change, width.unwrap_or(0).clamp(12, most), view));
    }
    if let Some(words) = rollout::words(change) {
        let lines = wrap(&format!("rollout: {words}"), view.theme.width, "               ");
        out.push_str(&format!("      {}\n", lines.trim_start()));
    }
    out
}

/// `± service  web   8/8 healthy   ROLLING RESTART of 5 tasks   docker-compose.yml:4`, on two lines where it must be.
fn head(change: &Change, view: &PlanView) -> String {
    let theme = view.theme;
    let name = if change.kind == Kind::Service { &change.key } else { &change.name };
    let left = format!(
        "  {} {}{}",
        pad(&action_glyph(change.action, theme), glyph_width(theme)),
        pad(change.kind.as_str(), 9),
        theme.paint(Tone::Bold, &view.clean(name))
    );
    let health = change.health.as_ref().map(|health| health_words(health, view)).unwrap_or_default();
    let left = if health.is_empty() { left } else { format!("{}  {health}", pad(&left, 24)) };
    let action = theme.paint(action_tone(change.action), &action_words(change));
    let place = theme.paint(Tone::Dim, &view.place(change.span, None));
    let all = format!("{}   {action}", pad(&left, 24));
    if columns(&all) + columns(&place) + 2 <= theme.width {
        margin(&all, &place, theme.width)
    } else {
        format!("{}      {action}\n", margin(&left, &place, theme.width))
    }
}

/// A new service is on the default network unless its file says otherwise.
fn goes_without_saying(group: &Group, change: &Change) -> bool {
    let default = |entry: &Entry| {
        let aliases = entry.field.after.as_ref().and_then(|value| value.get("aliases")).and_then(Value::as_array);
        entry.name == "default" && aliases.is_none_or(|list| list.iter().all(|alias| *alias == change.key.as_str()))
    };
    change.action == Action::Create && group.name == "networks" && group.fields.iter().all(default)
}

fn action_words(change: &Change) -> String {
    let impact = &change.impact;
    let tasks = |n: u64, what: &str| if n == 0 { String::new() } else { format!(" ({} {what})", count(n, "task")) };
    match change.action {
        Action::Create if change.kind == Kind::Service => format!("CREATE{}", tasks(impact.tasks_started, "to start")),
        Action::Create => "CREATE".to_owned(),
        Action::Update => "UPDATE (no task restarts)".to_owned(),
        Action::Scale => scale(change),
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
    match replicas.map(|field| (&field.before, &field.after)) {
        Some((Some(before), Some(after))) => format!("SCALE {before} -> {after}"),
        _ => "SCALE".to_owned(),
    }
}

fn health_words(health: &Health, view: &PlanView) -> String {
    // Swarm calls a task running once its health check, if it has one, has said yes.
    let tone = if health.running < health.desired { Tone::Warn } else { Tone::Plain };
    let mut words = view.theme.paint(tone, &format!("{}/{} running", health.running, health.desired));
    if let Some(state) = &health.update_state
        && state != "completed"
    {
        let state = view.clean(state).replace('_', " ");
        words.push_str(&view.theme.paint(Tone::Warn, &format!("   last update: {state}")));
    }
    words
}

/// The lines of a config that differ.
fn content(change: &Change, view: &PlanView) -> String {
    let Some(diff) = &change.content_diff else { return String::new() };
    let swept = (view.scrub)(diff);
    let lines: Vec<&str> = swept.lines().collect();
    let differ = lines.iter().filter(|line| line.starts_with(['+', '-'])).count() as u64;
    let mut out = format!("      content changed, {}\n", count(differ, "line"));
    let shown = if view.full { lines.len() } else { DIFF_LINES };
    for line in lines.iter().take(shown) {
        let tone = match line.as_bytes().first() {
            Some(b'+') => Tone::Good,
            Some(b'-') => Tone::Bad,
            Some(b'@') => Tone::Dim,
            _ => Tone::Plain,
        };
        out.push_str(&format!("        {}\n", view.theme.paint(tone, view.clean(line).trim_end())));
    }
    if lines.len() > shown {
        out.push_str(&format!("        ({} more, --full shows all)\n", count((lines.len() - shown) as u64, "line")));
    }
    out
}

pub fn orphans(view: &PlanView) -> String {
    if view.plan.orphans.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", view.theme.paint(Tone::Bold, "not in the compose file (use --prune to remove)"));
    for orphan in &view.plan.orphans {
        let left = format!(
            "  {} {}{}",
            pad(&view.theme.paint(Tone::Bad, "-"), glyph_width(view.theme)),
            pad(orphan.kind.as_str(), 9),
            view.clean(&orphan.name)
        );
        let health = orphan.health.as_ref().map(|health| health_words(health, view)).unwrap_or_default();
        let parts: Vec<String> =
            [health, "kept".to_owned(), age(orphan, view.now)].into_iter().filter(|part| !part.is_empty()).collect();
        out.push_str(&margin(&format!("{}  {}", pad(&left, 24), parts.join("   ")), "", view.theme.width));
    }
    out
}

/// `212 days old`
fn age(orphan: &Orphan, now: Option<Timestamp>) -> String {
    let (Some(created), Some(now)) = (orphan.created, now) else { return String::new() };
    let seconds = now.duration_since(created).as_secs().max(0) as u64;
    match seconds {
        0..3600 => format!("{} old", count(seconds / 60, "minute")),
        3600..86_400 => format!("{} old", count(seconds / 3600, "hour")),
        _ => format!("{} old", count(seconds / 86_400, "day")),
    }
}
