//! The lines of one field: before, after, what changing it does and where it is written.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::effect::{effect_glyph, effect_tone, glyph_width, op_glyph};
use super::layout::{margin, pad};
use super::view::PlanView;
use crate::plan::document::{Change, Field};
use crate::plan::{Action, Effect, Op};
use crate::ui::Tone;
use crate::ui::plan::group::{Entry, Group};
use crate::ui::plan::value::{Image, quoted, shown};
use crate::ui::plan::{reference, words};
use crate::ui::theme::columns;

/// Where the glyphs of fields stand.
const INDENT: usize = 6;
/// Where the lines below a field start.
const BELOW: usize = 10;

/// All lines of one field or section; `name_width` aligns the values of a change.
pub fn lines(group: &Group, change: &Change, name_width: usize, view: &PlanView) -> String {
    let created = change.action == Action::Create;
    let effect = group.effect();
    let glyph = match (created, group.fields.first()) {
        (true, _) => op_glyph(Op::Add, view.theme),
        (false, _) => effect_glyph(effect, view.theme),
    };
    let span = group.fields.iter().find_map(|entry| entry.field.span.as_ref());
    let right = right(effect, created, &view.place(span, change.span.as_ref()), view);
    let head = format!(
        "{}{} {} ",
        " ".repeat(INDENT),
        pad(&glyph, glyph_width(view.theme)),
        pad(&view.clean(&group.name), name_width)
    );
    if group.nested {
        let mut out = margin(&head, &right, view.theme.width);
        let width = group.fields.iter().map(|entry| columns(&view.clean(&entry.name))).max().unwrap_or(0).min(28);
        for entry in &group.fields {
            out.push_str(&entry_lines(entry, group, change, width, view));
        }
        out
    } else {
        let Some(entry) = group.fields.first() else { return String::new() };
        let mut out = with_value(&head, entry.field, &right, BELOW, false, view);
        if effect == Effect::ForcesRecreate && !created {
            let why = format!("{}swarm cannot change this of a {}", " ".repeat(BELOW), change.kind.as_str());
            out.push_str(&margin(&view.theme.paint(Tone::Danger, &why), "", view.theme.width));
        }
        out
    }
}

/// An entry of a section: a variable, a label, a port.
fn entry_lines(entry: &Entry, group: &Group, change: &Change, width: usize, view: &PlanView) -> String {
    let field = entry.field;
    if let Some(whole) = whole(entry, change, view) {
        return margin(
            &format!("{}{} {whole}", " ".repeat(BELOW), op_glyph(field.op, view.theme)),
            "",
            view.theme.width,
        );
    }
    let name = if width == 0 { String::new() } else { format!("{} ", pad(&view.clean(&entry.name), width)) };
    let head = format!("{}{} {name}", " ".repeat(BELOW), op_glyph(field.op, view.theme));
    // Only what the section's line has not said.
    let effect = if field.effect == group.effect() || change.action == Action::Create {
        String::new()
    } else {
        view.theme.paint(effect_tone(field.effect), words::effect(field.effect))
    };
    with_value(&head, field, &effect, BELOW + 4, true, view)
}

/// An entry that comes or goes and needs no column of names: a port or a volume, which says its name itself; a reference
/// to an object, without what follows from its name.
fn whole(entry: &Entry, change: &Change, view: &PlanView) -> Option<String> {
    let field = entry.field;
    let value = match field.op {
        Op::Add => field.after()?,
        Op::Remove => field.before()?,
        Op::Replace => return None,
    };
    let name = view.clean(&entry.name);
    match value {
        _ if field.sensitive || field.unknown => None,
        Value::String(text) if !name.is_empty() && field.path.starts_with("/ports/") && *text == entry.name => {
            Some(name)
        }
        Value::String(text) if field.path.starts_with("/volumes/") && text.contains(&entry.name) => {
            Some(view.clean(text))
        }
        Value::Object(map) => {
            let news = reference::news(map, &entry.name, change, &view.plan.stack);
            Some(if news.is_empty() { name } else { format!("{name}  {news}") })
        }
        _ => None,
    }
}

/// `forces restart   :5`
fn right(effect: Effect, created: bool, place: &str, view: &PlanView) -> String {
    let place = view.theme.paint(Tone::Dim, place);
    if created {
        return place;
    }
    let words = pad(&view.theme.paint(effect_tone(effect), words::effect(effect)), 15);
    let width = if columns(&place) > 6 { 0 } else { 6 };
    format!("{words} {}{place}", " ".repeat(width.max(columns(&place)) - columns(&place)))
}

/// `head` with the values behind it where they fit on its line, else below it.
fn with_value(head: &str, field: &Field, right: &str, indent: usize, entry: bool, view: &PlanView) -> String {
    let width = view.theme.width;
    if let Some(diff) = multi_line(field, indent, view) {
        return format!("{}{diff}", margin(head, right, width));
    }
    let parts = parts(field, entry, view);
    let one_line = format!("{head} {}", parts.values.join(" -> "));
    let right_width = if right.is_empty() { 0 } else { columns(right) + 2 };
    let mut out = if columns(&one_line) + right_width <= width {
        margin(&one_line, right, width)
    } else {
        let mut out = margin(head, right, width);
        let below = format!("{}{}", " ".repeat(indent), parts.values.join(" -> "));
        if columns(&below) <= width {
            out.push_str(&format!("{below}\n"));
        } else {
            for (index, value) in parts.values.iter().enumerate() {
                let arrow = if index == 0 { "" } else { "-> " };
                out.push_str(&format!("{}{arrow}{value}\n", " ".repeat(indent)));
            }
        }
        out
    };
    for line in parts.below {
        out.push_str(&margin(&format!("{}{line}", " ".repeat(indent)), "", width));
    }
    out
}

/// What is compared, and what stands below it.
struct Parts {
    values: Vec<String>,
    below: Vec<String>,
}

fn parts(field: &Field, entry: bool, view: &PlanView) -> Parts {
    let plain = |values| Parts { values, below: Vec::new() };
    if field.sensitive {
        return plain(vec![words::sensitive(field.op).to_owned()]);
    }
    if field.path == "/image" {
        return image(field, view);
    }
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (field.before(), field.after()) {
        return plain(reference::change(before, after));
    }
    let show = |value: &Value| if entry { quoted(value) } else { shown(value) };
    let before = field.before().map(show);
    let after = match field.after() {
        Some(value) => Some(show(value)),
        None if field.unknown => Some("(assigned by swarm)".to_owned()),
        None => None,
    };
    plain(match (before, after) {
        (Some(before), Some(after)) => vec![before, after],
        (None, Some(after)) if field.op == Op::Replace => vec!["(default)".to_owned(), after],
        (Some(before), None) if !entry => vec![before, "(not set)".to_owned()],
        (before, after) => before.into_iter().chain(after).collect(),
    })
}

/// Names first; digests, which nobody reads in full, below.
fn image(field: &Field, view: &PlanView) -> Parts {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| view.clean(text));
    let (before, after) = (text(field.before()), text(field.after()));
    let (before, after) = (before.as_deref().map(Image::parse), after.as_deref().map(Image::parse));
    let mut values: Vec<String> = [&before, &after].into_iter().flatten().map(|image| image.name.to_owned()).collect();
    values.dedup();
    let digest = |image: &Option<Image>| image.as_ref().and_then(|image| image.short_digest(view.full));
    let mut below: Vec<String> = match (digest(&before), digest(&after)) {
        (Some(before), Some(after)) if before == after => Vec::new(),
        (Some(before), Some(after)) => vec![format!("{before} -> {after}")],
        (Some(before), None) if after.is_some() => vec![format!("{before} -> (no digest)")],
        (None, Some(after)) => vec![after],
        _ => Vec::new(),
    };
    if field.unknown {
        below.push("(digest unknown: no registry told it)".to_owned());
    }
    Parts { values, below }
}

/// A diff, where one of the values has several lines.
fn multi_line(field: &Field, indent: usize, view: &PlanView) -> Option<String> {
    let text = |value: Option<&'_ Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let (before, after) = (text(field.before()), text(field.after()));
    let several = |text: &str| text.trim_end().contains('\n');
    if !(several(&before) || several(&after)) {
        return None;
    }
    let diff = TextDiff::from_lines(&before, &after);
    let mut out = String::new();
    for change in diff.iter_all_changes() {
        let (sign, tone) = match change.tag() {
            ChangeTag::Delete => ("-", Tone::Bad),
            ChangeTag::Insert => ("+", Tone::Good),
            ChangeTag::Equal => (" ", Tone::Plain),
        };
        let line = format!("{sign} {}", view.clean(change.value().trim_end_matches('\n')));
        out.push_str(&format!("{}{}\n", " ".repeat(indent), view.theme.paint(tone, line.trim_end())));
    }
    Some(out)
}
