//! A timestamped line a state change, for logs and CI.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Scrub;
use super::rows::{Rows, bare, short};
use crate::app::event::{Event, EventSink, Level, RowKind, TaskEvent};
use crate::ui::theme::visible;

/// One line a state change, and a sign of life where there is none for 30 s.
pub struct Plain<W> {
    out: W,
    zone: TimeZone,
    scrub: Scrub,
    rows: Rows,
}

impl<W: Write + Send> Plain<W> {
    /// Times are shown in `zone`.
    pub fn new(out: W, zone: TimeZone, scrub: Scrub) -> Self {
        Self { out, zone, scrub, rows: Rows::default() }
    }

    fn line(&mut self, at: Timestamp, name: &str, text: &str) {
        let time = at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string();
        let text = visible(&(self.scrub)(text)).into_owned();
        // A log that nobody can write is no reason to leave a rollout unwatched.
        let _ = if name.is_empty() {
            writeln!(self.out, "{time} {text}")
        } else {
            writeln!(self.out, "{time} {name:<12} {text}")
        };
        let _ = self.out.flush();
    }

    fn task(&mut self, at: Timestamp, address: &str, task: &TaskEvent) {
        let counts = self.rows.task(address, task);
        if task.kept && !task.failed {
            return;
        }
        let worth = task.failed
            || task.healthy
            || matches!(task.state, "running" | "complete")
            || (task.state == "pending" && task.message.starts_with("no suitable node"));
        if !worth {
            return;
        }
        let state = &task.words;
        let node = task.node.as_deref().unwrap_or("-");
        let mut text = format!("{node} {state}");
        if let Some(code) = task.exit_code.filter(|_| task.failed) {
            text.push_str(&format!(", exit {code}"));
        } else if (task.failed || task.state == "pending") && !task.message.is_empty() {
            text.push_str(&format!(": {}", task.message));
        }
        if let Some(counts) = counts.filter(|_| !task.healthy) {
            text = format!("{text:<22} {counts}");
        }
        self.line(at, &task.name, &text);
    }
}

impl<W: Write + Send> EventSink for Plain<W> {
    fn emit(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::TaskState { address, task } => self.task(at, address, task),
            Event::ApplyStart { address, wanted, message, .. } => {
                self.rows.want(address, wanted.unwrap_or_default());
                let name = short(address);
                self.line(at, name, bare(message, name));
            }
            Event::Progress { heartbeat: false, state: None, .. } => {}
            Event::Progress { address, heartbeat, message, .. } => {
                let name = short(address);
                let still = if *heartbeat { "still going: " } else { "" };
                self.line(at, name, &format!("{still}{}", bare(message, name)));
            }
            Event::ApplyComplete { address, message, .. }
            | Event::ApplyFailed { address, message, .. }
            | Event::RollbackStart { address, message }
            | Event::RollbackComplete { address, message, .. } => {
                let name = short(address);
                let mark = if event.level() == Level::Error { "FAILED: " } else { "" };
                self.line(at, name, &format!("{mark}{}", bare(message, name)));
            }
            Event::Refresh { message } | Event::Lock { message, .. } | Event::Approval { message, .. } => {
                self.line(at, "", message);
            }
            // What a job printed.
            Event::Row { kind: RowKind::Log, address: Some(address), message, .. } => {
                self.line(at, short(address), &format!("| {message}"));
            }
            // These have renderers of their own, before and after.
            Event::Version { .. }
            | Event::Diagnostic { .. }
            | Event::Drift { .. }
            | Event::PlannedChange { .. }
            | Event::Preflight { .. }
            | Event::Plan { .. }
            | Event::Evidence { .. }
            | Event::Ledger { .. }
            | Event::Row { .. }
            | Event::Stopping { .. }
            | Event::Unchanged { .. }
            | Event::Source { .. }
            | Event::Stack { .. }
            | Event::Exit { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;

    use super::*;
    use crate::rollout::Progress;

    fn task(state: &'static str, healthy: bool, failed: bool) -> Event {
        let task = TaskEvent {
            id: "t1".into(),
            name: "web.1".into(),
            node: Some("node-2".into()),
            state,
            healthy,
            kept: false,
            words: if healthy { "healthy".into() } else { state.into() },
            failed,
            exit_code: failed.then_some(7),
            message: "hunter2".into(),
        };
        Event::TaskState { address: "service/web".into(), task }
    }

    fn progress(state: Option<&str>, heartbeat: bool, message: &str) -> Event {
        let progress = Progress { elapsed: SignedDuration::from_secs(50), ..Progress::default() };
        let (address, state) = ("service/web".into(), state.map(str::to_owned));
        Event::Progress { address, state, progress, heartbeat, message: message.into() }
    }

    #[test]
    fn a_task_that_stays_is_counted_and_not_told() {
        let mut out = Vec::new();
        let mut plain = Plain::new(&mut out, TimeZone::UTC, Arc::new(str::to_owned));
        let at = "2026-11-20T12:03:11Z".parse().unwrap();
        plain.rows.want("service/web", 2);
        let Event::TaskState { address, task: mut old } = task("running", true, false) else { unreachable!() };
        (old.id, old.kept) = ("t0".into(), true);
        plain.emit(at, &Event::TaskState { address, task: old });
        plain.emit(at, &task("running", false, false));
        assert_eq!(String::from_utf8(out).unwrap(), "12:03:11 web.1        node-2 running         2/2\n");
    }

    #[test]
    fn one_line_a_state_change() {
        let mut out = Vec::new();
        let scrub: Scrub = Arc::new(|text: &str| text.replace("hunter2", "***"));
        let mut plain = Plain::new(&mut out, TimeZone::UTC, scrub);
        let at = "2026-11-20T12:03:11Z".parse().unwrap();
        for event in [
            Event::ApplyStart {
                address: "service/web".into(),
                action: "restart",
                wanted: Some(5),
                message: "web restart started".into(),
            },
            progress(None, false, "web 0/5 new, no failures"),
            task("preparing", false, false),
            task("running", false, false),
            task("running", true, false),
            progress(None, true, "web 3/5 new, 2 old, no failures, 50s"),
            task("failed", false, true),
            progress(Some("paused"), false, "web paused: hunter2 broke it"),
            Event::ApplyFailed {
                address: "service/web".into(),
                reason: "paused",
                reverted: false,
                message: "web: update PAUSED by swarm".into(),
            },
        ] {
            plain.emit(at, &event);
        }
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        12:03:11 web          restart started
        12:03:11 web.1        node-2 running         1/5
        12:03:11 web.1        node-2 healthy
        12:03:11 web          still going: 3/5 new, 2 old, no failures, 50s
        12:03:11 web.1        node-2 failed, exit 7
        12:03:11 web          paused: *** broke it
        12:03:11 web          FAILED: update PAUSED by swarm
        ");
    }
}
