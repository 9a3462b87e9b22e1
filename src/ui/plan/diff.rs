//! What changes of an object, line by line and without a layout: the forms that colour lines are made from it.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::group::{Entry, Group, goes_without_saying, groups};
use super::value::{Image, quoted, shown};
use super::{reference, words};
use crate::plan::document::{Change, Document, Field};
use crate::plan::{Action, Op};
use crate::ui::theme::visible;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Added,
    Removed,
    /// Neither comes nor goes whole.
    Changed,
    /// Stands there so that one knows where one is.
    Same,
}

impl Sign {
    /// As the first column of a diff.
    pub fn as_char(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '!',
            Self::Same => ' ',
        }
    }

    fn of(op: Op) -> Self {
        match op {
            Op::Add => Self::Added,
            Op::Remove => Self::Removed,
            Op::Replace => Self::Changed,
        }
    }
}

/// One line; `text` has no character that acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub sign: Sign,
    /// How far to the right it stands.
    pub depth: usize,
    pub text: String,
    /// What the change does to tasks, at the first line of a field.
    pub effect: Option<&'static str>,
    /// An unchanged line of a text around what changed.
    pub context: bool,
}

impl Line {
    fn new(sign: Sign, depth: usize, text: String) -> Self {
        Self { sign, depth, text, effect: None, context: false }
    }
}

/// The lines below the object's own.
pub fn lines(change: &Change, plan: &Document) -> Vec<Line> {
    let mut out = Vec::new();
    for line in change.content_diff.as_deref().unwrap_or_default().lines() {
        let (sign, text) = match (line.strip_prefix('+'), line.strip_prefix('-')) {
            (Some(text), _) => (Sign::Added, text),
            (_, Some(text)) => (Sign::Removed, text),
            _ => (Sign::Same, line.strip_prefix(' ').unwrap_or(line)),
        };
        let context = sign == Sign::Same && !line.starts_with("@@");
        out.push(Line { context, ..Line::new(sign, 1, visible(text).into_owned()) });
    }
    for group in groups(&change.fields).iter().filter(|group| !goes_without_saying(group, change)) {
        let first = out.len();
        group_lines(group, change, plan, &mut out);
        if change.action != Action::Create
            && let Some(line) = out.get_mut(first)
        {
            line.effect = Some(words::effect(group.effect()));
        }
    }
    out
}

fn group_lines(group: &Group, change: &Change, plan: &Document, out: &mut Vec<Line>) {
    let name = visible(&group.name);
    if group.nested {
        let created = change.action == Action::Create;
        out.push(Line::new(if created { Sign::Added } else { Sign::Same }, 1, format!("{name}:")));
    }
    for entry in &group.fields {
        let depth = if group.nested { 2 } else { 1 };
        let key = if group.nested { visible(&entry.name) } else { name.clone() };
        field_lines(entry, &key, depth, group.nested, change, plan, out);
    }
}

fn field_lines(
    entry: &Entry,
    key: &str,
    depth: usize,
    nested: bool,
    change: &Change,
    plan: &Document,
    out: &mut Vec<Line>,
) {
    let field = entry.field;
    let labelled = |value: String| match (key.is_empty(), value.is_empty()) {
        (true, _) => format!("- {value}"),
        (false, true) => key.to_owned(),
        (false, false) => format!("{key}: {value}"),
    };
    let mut push = |sign, value| out.push(Line::new(sign, depth, labelled(value)));
    if field.sensitive {
        return push(Sign::of(field.op), words::sensitive(field.op).to_owned());
    }
    if let Some(diff) = multi_line(field) {
        push(Sign::Same, "|".to_owned());
        out.extend(diff.into_iter().map(|line| Line { depth: depth + 1, ..line }));
        return;
    }
    let (before, after) = (field.before(), field.after());
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) {
        let parts = reference::change(before, after);
        let mut parts = parts.into_iter();
        push(Sign::Removed, parts.next().unwrap_or_default());
        return push(Sign::Added, parts.next().unwrap_or_default());
    }
    let show = |value: &Value| match value {
        Value::Object(map) if nested => reference::news(map, &entry.name, change, &plan.stack),
        Value::String(text) if field.path == "/image" => image(text),
        // A port or a volume that says its name itself.
        Value::String(text) if nested && *text == entry.name => String::new(),
        value if nested => quoted(value),
        value => shown(value),
    };
    if let Some(before) = before {
        push(Sign::Removed, show(before));
    }
    match after {
        Some(after) => push(Sign::Added, show(after)),
        None if field.unknown => push(Sign::Added, "(assigned by swarm)".to_owned()),
        None if before.is_none() => push(Sign::of(field.op), String::new()),
        None => {}
    }
    if field.unknown && field.path == "/image" {
        out.push(Line::new(Sign::Same, depth + 1, "(digest unknown: no registry told it)".to_owned()));
    }
}

/// Name and short digest.
fn image(reference: &str) -> String {
    let image = Image::parse(reference);
    match image.short_digest(false) {
        Some(digest) => format!("{} ({})", visible(image.name), visible(&digest)),
        None => visible(image.name).into_owned(),
    }
}

/// A diff, where one of the values has several lines.
fn multi_line(field: &Field) -> Option<Vec<Line>> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let (before, after) = (text(field.before()), text(field.after()));
    let several = |text: &str| text.trim_end().contains('\n');
    if !(several(&before) || several(&after)) {
        return None;
    }
    let diff = TextDiff::from_lines(&before, &after);
    let line = |change: similar::Change<&str>| {
        let sign = match change.tag() {
            ChangeTag::Delete => Sign::Removed,
            ChangeTag::Insert => Sign::Added,
            ChangeTag::Equal => Sign::Same,
        };
        let text = visible(change.value().trim_end_matches('\n')).into_owned();
        Line { context: sign == Sign::Same, ..Line::new(sign, 0, text) }
    };
    Some(diff.iter_all_changes().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::document::sample::{document, everything};

    #[test]
    fn a_change_reads_like_a_diff_of_its_file() {
        let plan = document(&everything());
        let lines: Vec<String> = plan
            .changes
            .iter()
            .take(2)
            .flat_map(|change| lines(change, &plan))
            .map(|line| {
                let effect = line.effect.map(|effect| format!("   # {effect}")).unwrap_or_default();
                format!("{}{}{}{effect}", line.sign.as_char(), "  ".repeat(line.depth), line.text)
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
