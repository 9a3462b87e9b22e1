//! What a command told, from its events.

use serde_json::Value;

use crate::diagnostic::{DiagnosticJson, Severity};
use crate::plan::document::{Document, Drift};

/// Everything that a summary, annotations and outputs are made from.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub plan: Option<Document>,
    pub diagnostics: Vec<DiagnosticJson>,
    pub drift: Vec<Drift>,
    /// A sentence for each.
    pub drift_words: Vec<String>,
    pub failed: Vec<Failed>,
    pub evidence: Vec<Evidence>,
    pub ledger: Vec<Fate>,
    /// The release that was recorded, and the one before.
    pub release: Option<u64>,
    pub previous: Option<u64>,
    /// Anything was written.
    pub changed: bool,
}

/// A service whose rollout failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failed {
    pub address: String,
    pub message: String,
}

/// Equal failures of tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub address: String,
    pub message: String,
    pub log: Vec<String>,
}

/// What became of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    pub address: String,
    pub action: String,
    pub fate: String,
    pub why: String,
}

impl Report {
    /// From NDJSON. A line that nobody understands is left out: readers ignore what they do not know.
    pub fn read(events: &str) -> Self {
        let mut report = Self::default();
        for event in events.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            report.take(&event);
        }
        report
    }

    fn take(&mut self, event: &Value) {
        let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (address, message) = (text("address"), text("msg"));
        match event.get("type").and_then(Value::as_str).unwrap_or_default() {
            "plan" => self.plan = event.get("plan").and_then(|plan| serde_json::from_value(plan.clone()).ok()),
            "diagnostic" | "preflight" => {
                let one = event.get("diagnostic").and_then(|one| serde_json::from_value(one.clone()).ok());
                self.diagnostics.extend(one.filter(|one| !self.diagnostics.contains(one)));
            }
            "drift" => {
                self.drift_words.push(message);
                self.drift.extend(event.get("drift").and_then(|one| serde_json::from_value(one.clone()).ok()));
            }
            "apply_failed" => self.failed.push(Failed { address, message }),
            "evidence" => self.evidence.push(Evidence { address, message, log: log(event) }),
            "ledger" => self.ledger = fates(event),
            "release" => {
                self.release = event.pointer("/release/release").and_then(Value::as_u64);
                self.previous = event.pointer("/release/previous").and_then(Value::as_u64);
            }
            "exit" => self.changed = event.get("changed").is_some_and(|changed| *changed != Value::Bool(false)),
            _ => {}
        }
    }

    /// What the checks against the swarm found is told too.
    pub fn problems(&self) -> Vec<DiagnosticJson> {
        let mut all = self.diagnostics.clone();
        for one in self.plan.iter().flat_map(|plan| &plan.preflight) {
            if !all.contains(one) {
                all.push(one.clone());
            }
        }
        all
    }

    /// The first error's sentence.
    pub fn reason(&self) -> Option<String> {
        let error = self.problems().into_iter().find(|one| one.severity == Severity::Error).map(|one| one.message);
        error.or_else(|| self.failed.first().map(|one| one.message.clone()))
    }
}

fn log(event: &Value) -> Vec<String> {
    let lines = event.pointer("/evidence/log").and_then(Value::as_array);
    lines.into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}

fn fates(event: &Value) -> Vec<Fate> {
    let entries = event.get("ledger").and_then(Value::as_array);
    let one = |entry: &Value| {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Fate { address: text("address"), action: text("action"), fate: text("fate"), why: text("why") }
    };
    entries.into_iter().flatten().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_knows_and_passes_over_the_rest() {
        let events = concat!(
            "{\"type\":\"diagnostic\",\"msg\":\"m\",\"diagnostic\":{\"code\":\"SU0201\",\"severity\":\"error\",\"message\":\"bad\",\"labels\":[]}}\n",
            "{\"type\":\"diagnostic\",\"msg\":\"m\",\"diagnostic\":{\"code\":\"SU0201\",\"severity\":\"error\",\"message\":\"bad\",\"labels\":[]}}\n",
            "not json\n{\"type\":\"news\"}\n",
            "{\"type\":\"apply_failed\",\"msg\":\"web failed\",\"address\":\"service/web\",\"reason\":\"crash\",\"reverted\":true}\n",
            "{\"type\":\"evidence\",\"msg\":\"2 tasks\",\"address\":\"service/web\",\"evidence\":{\"log\":[\"a\",\"b\"]}}\n",
            "{\"type\":\"ledger\",\"msg\":\"\",\"ledger\":[{\"address\":\"service/web\",\"action\":\"restart\",\"fate\":\"reverted\",\"why\":\"\"}]}\n",
            "{\"type\":\"release\",\"msg\":\"\",\"release\":{\"release\":15,\"previous\":14}}\n",
            "{\"type\":\"exit\",\"msg\":\"\",\"exit\":{\"code\":7},\"changed\":\"unknown\"}\n",
        );
        let report = Report::read(events);
        assert_eq!(report.diagnostics.len(), 1);
        assert_eq!(report.reason().as_deref(), Some("bad"));
        assert_eq!(report.failed[0].address, "service/web");
        assert_eq!(report.evidence[0].log, ["a", "b"]);
        assert_eq!(report.ledger[0].fate, "reverted");
        assert_eq!((report.release, report.previous, report.changed), (Some(15), Some(14), true));
    }
}
