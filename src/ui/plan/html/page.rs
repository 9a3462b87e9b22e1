//! The page: what is planned for whom, the changes wave by wave, what is kept, what was checked.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::course::course;
use super::order::order;
use super::places::places;
use super::style::STYLE;
use super::tone;
use crate::diagnostic::{DiagnosticJson, Severity};
use crate::plan::document::{Change, Document};
use crate::swarm::short_id;
use crate::ui::diagnostic::count;
use crate::ui::plan::diff::{self, Line, Sign};
use crate::ui::plan::words;
use crate::ui::theme::visible;

/// Changes that are open from the start; where there are more, a reader opens what he wants to see.
const OPEN: usize = 40;
/// Changes shown whole.
const WHOLE: usize = 200;
/// Changes of which at least a line is shown.
const HEADS: usize = 2000;

/// Lines of any other list.
const LISTED: usize = 200;

/// The whole page.
pub fn html(plan: &Document) -> String {
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // The page asks for nothing, and nothing in it can.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="color-scheme" content="light dark";
                title { "Plan " (plan.short_id()) " for " (visible(&plan.stack)) }
                style { (PreEscaped(STYLE)) }
            }
            body { main {
                (head(plan))
                (changes(plan))
                (checks("Preflight", &plan.preflight))
                (places(plan))
                (order(plan))
                (orphans(plan))
                (checks("Notes", &plan.diagnostics))
                (foot(plan))
            } }
        }
    };
    page.into_string()
}

/// A page does not grow without end: the first changes with all that there is to say, then their heads, then a number.
fn changes(plan: &Document) -> Markup {
    let (whole, others) = plan.changes.split_at(plan.changes.len().min(WHOLE));
    let (heads, more) = others.split_at(others.len().min(HEADS));
    markup! {
        @for wave in whole.chunk_by(|a, b| a.wave == b.wave) {
            h2 { (visible(&words::wave(wave))) }
            @for change in wave { (block(change, plan)) }
        }
        @if !heads.is_empty() {
            p.dim {
                "Shown whole: the first " (WHOLE) " of " (count(plan.changes.len() as u64, "change")) ". "
                code { "stackup plan" } " shows all."
            }
        }
        @for wave in heads.chunk_by(|a, b| a.wave == b.wave) {
            h2 { (visible(&words::wave(wave))) }
            @for change in wave { div.head { (line(change)) } }
        }
        @if !more.is_empty() { p.dim { "And " (count(more.len() as u64, "more change")) "." } }
    }
}

fn head(plan: &Document) -> Markup {
    let summary = &plan.summary;
    let chips = [
        (summary.create, "create", "good"),
        (summary.update, "update", "calm"),
        (summary.scale, "scale", "calm"),
        (summary.restart, "restart", "warn"),
        (summary.recreate, "recreate", "bad"),
        (summary.remove, "remove", "bad"),
        (summary.unchanged, "unchanged", "dim"),
    ];
    markup! {
        h1 { "Plan for " (visible(&plan.stack)) }
        ul.facts {
            li { "swarm " code { (visible(short_id(&plan.cluster.id))) }
                 " at " code { (visible(&plan.cluster.endpoint)) }
                 ", " (count(plan.cluster.managers, "manager")) ", " (count(plan.cluster.nodes, "node")) }
            li { "from " (sources(plan)) @if let Some(commit) = &plan.source.commit {
                " at " code { (visible(commit)) } @if plan.source.dirty { ", not all of it committed" }
            } }
            @if let Some(release) = plan.base.release {
                li { "live is release #" (release)
                     @if let Some(who) = &plan.base.applied_by { " by " (visible(who)) } }
            }
        }
        ul.chips {
            @for (n, word, tone) in chips {
                @if n > 0 { li class={ "chip " (tone) } { (n) " " (word) } }
            }
        }
        @if plan.is_empty() { p { "No changes." } }
        @if let Some(tasks) = words::tasks(summary) { p { (tasks) } }
        @for (index, words) in words::reservations(plan).into_iter().enumerate() {
            @let tone = if index == 0 && plan.failures() > 0 { "alert" } else { "alert warn" };
            p class=(tone) { (words) }
        }
    }
}

fn sources(plan: &Document) -> Markup {
    markup! {
        @for (index, name) in words::sources(&plan.source).iter().enumerate() {
            @if index > 0 { ", " }
            code { (name) }
        }
    }
}

fn block(change: &Change, plan: &Document) -> Markup {
    let lines = diff::lines(change, plan);
    markup! {
        details open[plan.changes.len() <= OPEN] {
            summary { (line(change)) }
            @if !lines.is_empty() || change.rollout.is_some() {
                div.inside {
                    @if !lines.is_empty() { div.diff { div.rows { @for line in &lines { (row(line)) } } } }
                    @if let Some(rollout) = &change.rollout {
                        p.dim { "rollout: " (visible(&words::rollout(rollout))) }
                        (course(&rollout.shape))
                    }
                }
            }
        }
    }
}

fn line(change: &Change) -> Markup {
    let tone = tone(change.action);
    markup! {
        span class={ "glyph " (tone) } { (words::symbol(change.action)) }
        span.dim { (change.kind.as_str()) " " }
        span.what { (visible(words::title(change))) }
        " " span class=(tone) { (words::action(change)) }
        @if let Some(health) = &change.health_before {
            span class=(if health.running < health.desired { "warn" } else { "dim" }) {
                " " (words::running(health))
            }
            @if let Some(words) = words::last_update(health) { span.warn { ", " (visible(&words)) } }
        }
        @if let Some(span) = &change.span { span.place { (words::place(span)) } }
    }
}

fn row(line: &Line) -> Markup {
    let class = match line.sign {
        Sign::Added => "row add",
        Sign::Removed => "row del",
        Sign::Changed => "row mod",
        Sign::Same => "row",
    };
    markup! {
        div class=(class) {
            (line.sign.as_char()) " " ("  ".repeat(line.depth)) (line.text)
            @if let Some(effect) = line.effect { span.effect { (effect) } }
        }
    }
}

fn orphans(plan: &Document) -> Markup {
    markup! {
        @if !plan.orphans.is_empty() {
            h2 { "Not in the compose file" }
            p.dim { "Kept; " code { "--prune" } " removes them." }
            ul.checks {
                @for orphan in plan.orphans.iter().take(LISTED) {
                    li {
                        span.dim { (orphan.kind.as_str()) " " } (visible(&orphan.name))
                        @if let Some(health) = &orphan.health { span.dim { ", " (words::running(health)) } }
                        @if let Some(age) = words::age(orphan, plan) { span.dim { ", " (age) } }
                    }
                }
                (unlisted(plan.orphans.len()))
            }
        }
    }
}

fn checks(title: &str, list: &[DiagnosticJson]) -> Markup {
    markup! {
        @if !list.is_empty() {
            h2 { (title) }
            ul.checks {
                @for one in list.iter().take(LISTED) { (check(one)) }
                (unlisted(list.len()))
            }
        }
    }
}

/// The end of a list that is too long.
fn unlisted(all: usize) -> Markup {
    markup! { @if all > LISTED { li.dim { "and " (all - LISTED) " more" } } }
}

fn check(one: &DiagnosticJson) -> Markup {
    let (word, tone) = match one.severity {
        Severity::Error => ("FAIL", "bad"),
        Severity::Warning => ("warn", "warn"),
        Severity::Note => ("note", "calm"),
    };
    markup! {
        li {
            span class={ "word " (tone) } { (word) } " "
            (visible(&one.message)) " "
            span.dim {
                (visible(&one.code))
                @if let Some(span) = &one.span { ", " (words::place(span)) }
            }
            @if let Some(help) = &one.help { div.dim { (visible(help)) } }
        }
    }
}

fn foot(plan: &Document) -> Markup {
    markup! {
        footer {
            "Plan id " span.id { (visible(&plan.short_id())) } ", made " (visible(&plan.created))
            " by stackup " (visible(&plan.stackup_version))
        }
    }
}
