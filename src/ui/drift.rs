//! What was changed outside stackup, for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::theme::visible;
use super::{Theme, Tone, table};
use crate::plan::Effect;
use crate::plan::document::Drift;
use crate::plan::drift::What;
use crate::swarm::segments;

/// A line for each difference, in columns.
pub fn lines(all: &[Drift], theme: &Theme) -> String {
    let rows: Vec<String> = all.iter().map(|one| cells(one, theme).join("\t")).collect();
    let laid = table::align(&rows.join("\n"));
    let painted = laid.lines().zip(all).map(|(line, one)| format!("  {}\n", theme.paint(tone(one), line.trim_end())));
    painted.collect()
}

fn tone(one: &Drift) -> Tone {
    match one.what {
        What::Changed if one.effect == Effect::ForcesRestart => Tone::Warn,
        What::Changed => Tone::Calm,
        What::Removed => Tone::Bad,
        What::Unmanaged => Tone::Good,
        What::Resubmitted => Tone::Dim,
    }
}

fn cells(one: &Drift, theme: &Theme) -> [String; 4] {
    let symbol = match one.what {
        What::Changed => "~",
        What::Removed => "-",
        What::Unmanaged => "+",
        What::Resubmitted => theme.glyph("·", "."),
    };
    let what = match one.what {
        What::Changed => dotted(&one.path),
        What::Removed => "removed outside stackup".to_owned(),
        What::Unmanaged => "carries this stack's label, unknown to stackup".to_owned(),
        What::Resubmitted => "written again unchanged  ignored".to_owned(),
    };
    [
        format!("{symbol} {}", named(one)),
        what,
        if one.what == What::Changed { change(one) } else { String::new() },
        when(one),
    ]
}

/// `web`, `network default`.
fn named(one: &Drift) -> String {
    let name = one.address.strip_prefix("service/").unwrap_or(&one.address);
    visible(&name.replacen('/', " ", 1)).into_owned()
}

/// `deploy.replicas`.
pub fn dotted(path: &str) -> String {
    visible(&segments(path).collect::<Vec<_>>().join(".")).into_owned()
}

/// `5 -> 8`, what was applied first; a sensitive value only that it differs.
pub fn values(one: &Drift) -> String {
    let word = |value: &Value| match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => visible(text).into_owned(),
        other => visible(&other.to_string()).into_owned(),
    };
    if one.sensitive {
        return "(sensitive, changed)".to_owned();
    }
    format!("{} -> {}", word(&one.applied), word(&one.live))
}

/// The same, and what putting it back costs.
fn change(one: &Drift) -> String {
    let cost = match one.effect {
        Effect::ForcesRestart => "  forces restart if reverted",
        Effect::ForcesRecreate => "  forces recreate if reverted",
        _ => "",
    };
    format!("{}{cost}", values(one))
}

/// When and at which index; empty where nobody can tell.
pub fn when(one: &Drift) -> String {
    let at = one.at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
    let at = at.map(|at| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string());
    let index = one.index.map(|index| format!("index {index}"));
    [at, index].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
