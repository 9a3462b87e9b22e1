//! The comment: title, table, diff, preflight, timeline, id.

use std::collections::BTreeMap;

use super::budget::{Detail, Sizes, details, left_out};
use super::escape::{block, code, code_cell};
use crate::diagnostic::{DiagnosticJson, Severity};
use crate::plan::document::{Change, Document, NodeTasks, Placement};
use crate::plan::{Action, Verdict};
use crate::swarm::{Kind, short_id};
use crate::ui::diagnostic::count;
use crate::ui::plan::diff::{self, Line};
use crate::ui::plan::runner::without_commands;
use crate::ui::plan::{timeline, words};
use crate::ui::theme::visible;

/// Characters that a comment may have; GitHub takes 65,536, and who posts it adds some.
pub const COMMENT: usize = 60_000;

/// Services whose places and rounds are told.
const PLACED: usize = 40;

/// Room for the sentence that says what was left out, and for the fences.
const SPARE: usize = 400;

/// At most `limit` characters, as long as title, table and id do not need more.
pub fn markdown(plan: &Document, limit: usize) -> String {
    let (title, foot) = (title(plan), foot(plan));
    let head = format!("{title}{}", table(plan, limit.saturating_sub(size(&title) + size(&foot) + SPARE)));
    let (mut checks, mut times) = (preflight(plan), format!("{}{}", places(plan), timelines(plan)));
    let must = size(&head) + size(&foot) + SPARE;
    let blocks: Vec<Block> = plan.changes.iter().map(|change| Block::new(change, plan)).collect();
    let heads: usize = blocks.iter().map(|block| block.sizes().head).sum();
    // What tells of places and course goes before whole objects do, what was checked after them.
    if must + size(&checks) + size(&times) + heads > limit {
        times = String::new();
    }
    if must + size(&checks) > limit {
        checks = String::new();
    }
    let room = limit.saturating_sub(must + size(&checks) + size(&times));
    let sizes: Vec<Sizes> = blocks.iter().map(Block::sizes).collect();
    let details = details(&sizes, room);
    let lines: Vec<String> = blocks.iter().zip(&details).flat_map(|(block, detail)| block.lines(*detail)).collect();
    let mut out = head;
    if !lines.is_empty() {
        out.push_str(&folded("Full diff", &block("diff", &lines)));
    }
    if let Some(what) = left_out(&details) {
        out.push_str(&format!("\nLeft out for want of room: {what}. `stackup plan` shows all.\n"));
    }
    out.push_str(&checks);
    out.push_str(&times);
    out.push_str(&foot);
    without_commands(&out)
}

fn size(text: &str) -> usize {
    text.chars().count()
}

/// `### shop: 2 create, 1 restart`, with a word that nobody overlooks where something goes away.
fn title(plan: &Document) -> String {
    let stack = code(&plan.stack);
    if plan.is_empty() {
        let state = if plan.failures() == 0 { "no changes" } else { "no changes, but preflight fails" };
        let left = if plan.targeted { " in what was chosen; --target or --exclude left others out" } else { "" };
        return format!("### {stack}: {state}{left}\n");
    }
    let badge = match (plan.summary.recreate, plan.summary.remove) {
        (0, 0) => "",
        (0, _) => "🔴 REMOVES ",
        (_, 0) => "🔴 RECREATES ",
        _ => "🔴 RECREATES AND REMOVES ",
    };
    let mut out = format!("### {badge}{stack}: {}\n", words::objects(&plan.summary).trim_end_matches('.'));
    if let Some(tasks) = words::tasks(&plan.summary) {
        out.push_str(&format!("\n{tasks}\n"));
    }
    for words in words::reservations(plan) {
        out.push_str(&format!("\n**{words}**\n"));
    }
    out
}

/// At most `room` characters: what does not fit is counted by action.
fn table(plan: &Document, room: usize) -> String {
    if plan.is_empty() {
        return String::new();
    }
    let mut out = "\n| service | action | why | tasks |\n|---|---|---|---|\n".to_owned();
    let mut used = size(&out);
    // What goes away is told before anything else is left out.
    let mut rows: Vec<(usize, String)> = Vec::new();
    let goes = |change: &Change| matches!(change.action, Action::Recreate | Action::Remove);
    let mut worst: Vec<(usize, &Change)> = plan.changes.iter().enumerate().collect();
    worst.sort_by_key(|(at, change)| (!goes(change), *at));
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, change) in worst {
        let row = row(change);
        if left.is_empty() && used + size(&row) <= room {
            used += size(&row);
            rows.push((at, row));
        } else {
            *left.entry(change.action.as_str()).or_default() += 1;
        }
    }
    rows.sort_unstable();
    rows.iter().for_each(|(_, row)| out.push_str(row));
    if !left.is_empty() {
        let counted: Vec<String> = left.iter().map(|(action, n)| format!("{n} {action}")).collect();
        out.push_str(&format!("| and {} | | | |\n", counted.join(", ")));
    }
    out
}

fn row(change: &Change) -> String {
    let kind = if change.kind == Kind::Service { String::new() } else { format!("{} ", change.kind.as_str()) };
    let action = match change.action {
        Action::Recreate | Action::Remove => format!("**{}**", change.action.as_str()),
        action => action.as_str().to_owned(),
    };
    format!("| {kind}{} | {action} | {} | {} |\n", code_cell(words::title(change)), why(change), tasks(change))
}

fn why(change: &Change) -> String {
    match change.action {
        Action::Create => "new".to_owned(),
        Action::Remove => "no file names it".to_owned(),
        _ => change.reasons.iter().map(|reason| code_cell(reason)).collect::<Vec<_>>().join(", "),
    }
}

/// `5 restart, 3 stop`
fn tasks(change: &Change) -> String {
    let impact = &change.impact;
    let parts = [(impact.tasks_restarted, "restart"), (impact.tasks_stopped, "stop"), (impact.tasks_started, "start")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    match (parts.is_empty(), change.impact.downtime) {
        (true, _) if change.kind != Kind::Service => String::new(),
        (true, _) => "none".to_owned(),
        (false, true) => format!("{}, **downtime**", parts.join(", ")),
        (false, false) => parts.join(", "),
    }
}

/// One object of the diff.
struct Block {
    head: String,
    lines: Vec<Line>,
}

impl Block {
    fn new(change: &Change, plan: &Document) -> Self {
        let sign = match change.action {
            Action::Create => '+',
            Action::Remove => '-',
            _ => '!',
        };
        let place = change.span.as_ref().map(|span| format!("   {}:{}", visible(&span.file), span.start.line));
        let head = format!(
            "{sign} {} {}   {}{}",
            change.kind.as_str(),
            visible(words::title(change)),
            words::action(change),
            place.unwrap_or_default()
        );
        Self { head, lines: diff::lines(change, plan) }
    }

    fn lines(&self, detail: Detail) -> Vec<String> {
        if detail == Detail::Nothing {
            return Vec::new();
        }
        let shown = self.lines.iter().filter(|line| match detail {
            Detail::Full => true,
            Detail::Changed => !line.context,
            Detail::Head | Detail::Nothing => false,
        });
        std::iter::once(self.head.clone()).chain(shown.map(draw)).collect()
    }

    fn sizes(&self) -> Sizes {
        let of = |detail| self.lines(detail).iter().map(|line| size(line) + 1).sum();
        Sizes { full: of(Detail::Full), changed: of(Detail::Changed), head: of(Detail::Head) }
    }
}

/// The sign in the first column, where GitHub colours it.
fn draw(line: &Line) -> String {
    let effect = line.effect.map(|effect| format!("   # {effect}")).unwrap_or_default();
    format!("{} {}{}{effect}", line.sign.as_char(), "  ".repeat(line.depth), line.text)
}

fn preflight(plan: &Document) -> String {
    if plan.preflight.is_empty() {
        return String::new();
    }
    let mut lines = Vec::new();
    for one in &plan.preflight {
        lines.push(check(one));
        lines.extend(one.help.iter().map(|help| format!("       {}", visible(help))));
    }
    format!("\n**Preflight**\n\n{}", block("text", &lines))
}

fn check(one: &DiagnosticJson) -> String {
    let word = match one.severity {
        Severity::Error => "FAIL",
        Severity::Warning => "warn",
        Severity::Note => "note",
    };
    let place = one.span.as_ref().map(|span| format!("   {}:{}", visible(&span.file), span.start.line));
    format!("{word}   {} {}{}", visible(&one.code), visible(&one.message), place.unwrap_or_default())
}

/// Which node gets what: a row for each service, of large plans for the first, those that do not fit before all others.
fn places(plan: &Document) -> String {
    let mut told: Vec<&Placement> = plan.placement.iter().filter(|one| one.tasks > 0).collect();
    if told.is_empty() {
        return String::new();
    }
    told.sort_by_key(|one| one.verdict == Verdict::Fits);
    let mut out = "| service | tasks | nodes, in the end | at its peak |\n|---|---|---|---|\n".to_owned();
    let (shown, more) = told.split_at(told.len().min(PLACED));
    for one in shown {
        let verdict = match one.verdict {
            Verdict::Fits => String::new(),
            verdict => format!(" **{}**", words::verdict(verdict)),
        };
        let sure = if one.exact { "" } else { "about " };
        let nodes = |nodes: &[NodeTasks]| match nodes {
            [] => "none".to_owned(),
            nodes => format!("{sure}{}", code_cell(&words::nodes(nodes))),
        };
        let peak = one.peak.as_ref().map(|peak| format!("{}: {}", peak.tasks, nodes(&peak.nodes)));
        let (name, peak) = (code_cell(one.key()), peak.unwrap_or_default());
        out.push_str(&format!("| {name}{verdict} | {} | {} | {peak} |\n", one.tasks, nodes(&one.nodes)));
    }
    if !more.is_empty() {
        out.push_str(&format!("| and {} | | | |\n", count(more.len() as u64, "more service")));
    }
    folded("Placement", &out)
}

fn timelines(plan: &Document) -> String {
    let mut lines: Vec<String> = Vec::new();
    let rolled = plan.changes.iter().filter_map(|change| Some((change, change.rollout.as_ref()?)));
    let rolled: Vec<_> = rolled.filter(|(_, rollout)| rollout.shape.rounds > 0).collect();
    let (shown, more) = rolled.split_at(rolled.len().min(PLACED));
    for (change, rollout) in shown {
        let moments = timeline::moments(&rollout.shape);
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("{}: {}", visible(change.key()), visible(&words::settings(rollout))));
        lines.extend(moments.iter().map(|moment| format!("{:>8}  {}", moment.at, moment.what)));
        let costs = [words::lowest(&rollout.shape), words::peak(&rollout.shape)];
        lines.extend(costs.into_iter().flatten().map(|words| format!("          {words}")));
    }
    if !more.is_empty() {
        lines.extend([String::new(), format!("and {}", count(more.len() as u64, "more service"))]);
    }
    if lines.is_empty() { String::new() } else { folded("Timeline, at the earliest", &block("text", &lines)) }
}

fn folded(summary: &str, body: &str) -> String {
    format!("\n<details><summary>{summary}</summary>\n\n{body}\n</details>\n")
}

fn foot(plan: &Document) -> String {
    let (source, cluster) = (&plan.source, &plan.cluster);
    let sources: Vec<String> = words::sources(source).iter().map(|name| code(name)).collect();
    let commit = source.commit.as_deref().map(|commit| {
        let dirty = if source.dirty { ", not all of it committed" } else { "" };
        format!(" at {}{dirty}", code(commit))
    });
    format!(
        "\nPlan id {} for swarm {} at {}, from {}{}\n",
        code(&plan.short_id()),
        code(short_id(&cluster.id)),
        code(&cluster.endpoint),
        sources.join(", "),
        commit.unwrap_or_default()
    )
}
