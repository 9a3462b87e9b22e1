//! What `watch` says while it runs: a line a thing.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::theme::visible;
use crate::app::event::Event;

/// One line, or nothing for what is told by another one. Times are shown in `zone`.
pub fn line(stack: Option<&str>, at: Timestamp, event: &Event, zone: &TimeZone) -> Option<String> {
    let text = match event {
        Event::Stack { sync, commit, message, .. } => {
            let at = commit.as_deref().map(|commit| format!(" at {commit}")).unwrap_or_default();
            let message = if message.is_empty() { String::new() } else { format!(": {message}") };
            format!("{sync}{at}{message}")
        }
        Event::TaskState { task, .. } if task.failed => task.sentence(),
        Event::Source { .. }
        | Event::Refresh { .. }
        | Event::ApplyStart { .. }
        | Event::ApplyComplete { .. }
        | Event::ApplyFailed { .. }
        | Event::RollbackStart { .. }
        | Event::RollbackComplete { .. } => event.message(),
        _ => return None,
    };
    let time = at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string();
    let text = visible(&text).into_owned();
    Some(match stack {
        Some(stack) => format!("{time} {stack:<16} {text}"),
        None => format!("{time} {text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_when_which_and_how() {
        let at = "2026-11-20T12:03:11Z".parse().unwrap();
        let event = Event::Stack {
            stack: "shop".into(),
            source: "ops".into(),
            sync: "held",
            drift: false,
            commit: Some("4f1c2aa".into()),
            plan_id: None,
            release: None,
            message: "1 remove\u{1b}[2J".into(),
        };
        let shown = line(Some("shop"), at, &event, &TimeZone::UTC).unwrap();
        assert_eq!(shown, "12:03:11 shop             held at 4f1c2aa: 1 remove\\u{1b}[2J");
        assert_eq!(line(None, at, &Event::Lock { message: "x".into(), held: true }, &TimeZone::UTC), None);
    }
}
