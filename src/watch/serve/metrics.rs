//! What Prometheus reads: text, version 0.0.4.

use std::fmt::Write as _;

use crate::watch::board::Board;
use crate::watch::counts::{BOUNDS, Counts, Durations};
use crate::watch::machine::Sync;

pub const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

pub fn text(board: &Board, counts: &Counts) -> String {
    let (mut page, counted) = (Page(String::new()), counts.so_far());
    page.head("stackup_build_info", "gauge", "The program that answers.");
    page.line("stackup_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);

    page.head("stackup_leader", "gauge", "1 where this watcher leads, 0 where it stands by.");
    page.line("stackup_leader", &[], u8::from(board.rank().leads()));

    let stacks = board.stacks();
    page.head("stackup_stack_sync", "gauge", "1 for the state that the stack is in.");
    for stack in &stacks {
        for sync in Sync::ALL.map(Sync::as_str) {
            page.line("stackup_stack_sync", &[("stack", &stack.name), ("sync", sync)], u8::from(stack.sync == sync));
        }
    }
    page.head("stackup_stack_drift", "gauge", "1 where what is live was changed outside stackup.");
    for stack in &stacks {
        page.line("stackup_stack_drift", &[("stack", &stack.name)], u8::from(stack.drift));
    }
    page.head("stackup_last_rollout_timestamp_seconds", "gauge", "When the last rollout ended.");
    for stack in &stacks {
        let at = stack.last.at.as_ref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        let (Some(at), Some(result)) = (at, &stack.last.result) else { continue };
        let labels = [("stack", stack.name.as_str()), ("result", result)];
        page.line("stackup_last_rollout_timestamp_seconds", &labels, at.as_second());
    }
    page.head("stackup_source_up", "gauge", "1 where the last fetch of the source went well.");
    for (name, source) in board.sources().iter().filter(|(_, source)| source.tried) {
        page.line("stackup_source_up", &[("source", name)], u8::from(source.problem.is_none()));
    }

    page.head("stackup_reconcile_total", "counter", "Looks at a stack, by what came of them.");
    for ((stack, sync), count) in &counted.looks {
        page.line("stackup_reconcile_total", &[("stack", stack), ("result", sync)], count);
    }
    page.durations("stackup_reconcile_duration_seconds", "A look at a stack, with its rollout.", &counted.look);
    page.head("stackup_git_fetch_total", "counter", "Fetches of a source.");
    for ((source, well), count) in &counted.fetches {
        let result = if *well { "ok" } else { "failed" };
        page.line("stackup_git_fetch_total", &[("source", source), ("result", result)], count);
    }
    page.durations("stackup_git_fetch_duration_seconds", "A fetch of a source.", &counted.fetch);
    page.head("stackup_webhook_requests_total", "counter", "Requests at /hooks/NAME, by the answer.");
    for ((hook, code), count) in &counted.hooks {
        page.line("stackup_webhook_requests_total", &[("hook", hook), ("code", &code.to_string())], count);
    }
    page.head("stackup_announcements_total", "counter", "Commit statuses and webhooks that were sent.");
    for ((receiver, arrived), count) in &counted.announced {
        let result = if *arrived { "ok" } else { "failed" };
        page.line("stackup_announcements_total", &[("receiver", receiver), ("result", result)], count);
    }
    page.0
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn durations(&mut self, name: &str, help: &str, durations: &Durations) {
        self.head(name, "histogram", help);
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]).zip(durations.buckets) {
            below += count;
            self.line(&format!("{name}_bucket"), &[("le", &bound)], below);
        }
        self.line(&format!("{name}_sum"), &[], durations.sum);
        self.line(&format!("{name}_count"), &[], below);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::watch::board::StackView;
    use crate::watch::machine::{StackState, Sync};

    #[test]
    fn every_line_is_one_that_prometheus_reads() {
        let (board, counts) = (Board::default(), Counts::default());
        let state = StackState::made(|s| {
            s.sync = Sync::Held;
            s.drift = true;
        });
        board.set_stack(StackView::new("a\"b", &state));
        counts.looked("a", "held", Duration::from_millis(20));
        counts.looked("a", "held", Duration::from_secs(7200));
        counts.hook("github", 401);
        let text = text(&board, &counts);
        for line in [
            r#"stackup_stack_sync{stack="a\"b",sync="held"} 1"#,
            r#"stackup_stack_sync{stack="a\"b",sync="synced"} 0"#,
            r#"stackup_stack_drift{stack="a\"b"} 1"#,
            r#"stackup_reconcile_total{stack="a",result="held"} 2"#,
            r#"stackup_reconcile_duration_seconds_bucket{le="0.05"} 1"#,
            r#"stackup_reconcile_duration_seconds_bucket{le="3600"} 1"#,
            r#"stackup_reconcile_duration_seconds_bucket{le="+Inf"} 2"#,
            "stackup_reconcile_duration_seconds_sum 7200.02",
            "stackup_reconcile_duration_seconds_count 2",
            r#"stackup_webhook_requests_total{hook="github",code="401"} 1"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
        // Each sample stands below the type of its own family, and each family comes once.
        let mut family = String::new();
        let mut families = std::collections::BTreeSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                family = rest.split(' ').next().unwrap().to_owned();
                assert!(families.insert(family.clone()), "{family}");
            } else if !line.starts_with('#') {
                assert!(line.starts_with(&family) && line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
            }
        }
    }
}
