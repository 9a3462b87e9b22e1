//! One block a change, wave by wave; what is kept though no file names it.

use super::effect::{action_glyph, action_tone, glyph_width};
use super::field;
use super::layout::{margin, pad};
use super::view::PlanView;
use crate::plan::Health;
use crate::plan::document::Change;
use crate::ui::Tone;
use crate::ui::diagnostic::count;
use crate::ui::plan::group::{goes_without_saying, groups};
use crate::ui::plan::words;
use crate::ui::theme::columns;
use crate::ui::wrap::wrap;

/// Lines of a content's diff that are shown unless everything is asked for.
const DIFF_LINES: usize = 40;

pub fn waves(view: &PlanView) -> String {
    let mut out = String::new();
    for wave in view.plan.changes.chunk_by(|a, b| a.wave == b.wave) {
        out.push_str(&format!(
            "\n{}\n",
            view.theme.paint(Tone::Bold, &wrap(&view.clean(&words::wave(wave)), view.theme.width, ""))
        ));
        for change in wave {
            out.push_str(&block(change, view));
        }
    }
    out
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
    if let Some(rollout) = &change.rollout {
        let words = view.clean(&words::rollout(rollout));
        let lines = wrap(&format!("rollout: {words}"), view.theme.width, "               ");
        out.push_str(&format!("      {}\n", lines.trim_start()));
    }
    out
}

/// `± service  web   8/8 healthy   ROLLING RESTART of 5 tasks   docker-compose.yml:4`, on two lines where it must be.
fn head(change: &Change, view: &PlanView) -> String {
    let theme = view.theme;
    let left = format!(
        "  {} {}{}",
        pad(&action_glyph(change.action, theme), glyph_width(theme)),
        pad(change.kind.as_str(), 9),
        theme.paint(Tone::Bold, &view.clean(words::title(change)))
    );
    let health = change.health_before.as_ref().map(|health| health_words(health, view)).unwrap_or_default();
    let left = if health.is_empty() { left } else { format!("{}  {health}", pad(&left, 24)) };
    let action = theme.paint(action_tone(change.action), &words::action(change));
    let place = theme.paint(Tone::Dim, &view.place(change.span.as_ref(), None));
    let all = format!("{}   {action}", pad(&left, 24));
    if columns(&all) + columns(&place) + 2 <= theme.width {
        margin(&all, &place, theme.width)
    } else {
        format!("{}      {action}\n", margin(&left, &place, theme.width))
    }
}

fn health_words(health: &Health, view: &PlanView) -> String {
    let tone = if health.running < health.desired { Tone::Warn } else { Tone::Plain };
    let mut out = view.theme.paint(tone, &words::running(health));
    if let Some(words) = words::last_update(health) {
        out.push_str(&view.theme.paint(Tone::Warn, &format!("   {}", view.clean(&words))));
    }
    out
}

/// The lines of a config that differ.
fn content(change: &Change, view: &PlanView) -> String {
    let Some(diff) = &change.content_diff else { return String::new() };
    let lines: Vec<&str> = diff.lines().collect();
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
        let age = words::age(orphan, view.plan).unwrap_or_default();
        let parts: Vec<String> = [health, "kept".to_owned(), age].into_iter().filter(|part| !part.is_empty()).collect();
        out.push_str(&margin(&format!("{}  {}", pad(&left, 24), parts.join("   ")), "", view.theme.width));
    }
    out
}
