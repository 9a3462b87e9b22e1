//! What a lock says of its holder.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::process::Process;
use crate::release::name::Lock;

/// Who holds a lock, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// `ana@build-3`.
    pub who: String,
    /// `apply`, `rm`; empty where a person took it by hand.
    pub command: String,
    /// The plan that is carried out, as people see it.
    pub plan: String,
    pub commit: String,
    /// The page of the CI run.
    pub run_url: String,
    pub message: String,
    /// Taken by hand: it never expires.
    pub manual: bool,
    /// When work began that somebody left half done and this holder goes on with, by the engine's clock. It outlives
    /// this holder, should it die too.
    pub left_since: Option<Timestamp>,
    /// It went in the middle of its work, and whoever comes next goes on with that.
    pub left: bool,
    pub process: Process,
}

const PREFIX: &str = "stackup.lock.";
const MANUAL: &str = "manual";
const LEFT_SINCE: &str = "left_since";
const LEFT: &str = "left";

impl Holder {
    /// As labels of the lock. `beat` counts signs of life.
    pub(super) fn labels(&self, lock: &Lock, beat: u64) -> Value {
        let (process, whose) = (&self.process, lock.label());
        let pid = process.pid.to_string();
        let beat = beat.to_string();
        let left_since = self.left_since.map(|at| at.to_string()).unwrap_or_default();
        let words: [(&str, &str); 15] = [
            ("holder", &self.who),
            ("command", &self.command),
            ("plan", &self.plan),
            ("commit", &self.commit),
            ("run_url", &self.run_url),
            ("message", &self.message),
            ("host", &process.host),
            ("boot", &process.boot),
            ("space", &process.space),
            ("pid", &pid),
            ("start", &process.start),
            ("beat", &beat),
            (LEFT_SINCE, &left_since),
            (LEFT, if self.left { "true" } else { "" }),
            (MANUAL, if self.manual { "true" } else { "" }),
        ];
        let mut labels = Map::from_iter([(whose.0.to_owned(), Value::from(whose.1))]);
        let said = words.iter().filter(|(_, word)| !word.is_empty());
        labels.extend(said.map(|(key, word)| (format!("{PREFIX}{key}"), Value::from(*word))));
        Value::Object(labels)
    }

    /// What is missing is empty: then only time tells.
    pub(super) fn of(labels: &BTreeMap<String, String>) -> Self {
        let word = |key: &str| labels.get(&format!("{PREFIX}{key}")).cloned().unwrap_or_default();
        Self {
            who: word("holder"),
            command: word("command"),
            plan: word("plan"),
            commit: word("commit"),
            run_url: word("run_url"),
            message: word("message"),
            manual: word(MANUAL) == "true",
            left_since: word(LEFT_SINCE).parse().ok(),
            left: word(LEFT) == "true",
            process: Process {
                host: word("host"),
                boot: word("boot"),
                space: word("space"),
                pid: word("pid").parse().unwrap_or_default(),
                start: word("start"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_it_all_again() {
        let holder = Holder {
            who: "ana@b".into(),
            command: "apply".into(),
            plan: "p-1".into(),
            commit: "4f1c2aa".into(),
            run_url: "https://ci/1".into(),
            message: "frozen".into(),
            manual: true,
            left_since: "2026-11-20T12:00:00Z".parse().ok(),
            left: true,
            process: Process {
                host: "b".into(),
                boot: "1-2".into(),
                space: "pid:[1]".into(),
                pid: 7,
                start: "99".into(),
            },
        };
        let Value::Object(labels) = holder.labels(&Lock::from("s"), 3) else { panic!() };
        let labels = labels.into_iter().map(|(k, v)| (k, v.as_str().unwrap().to_owned())).collect();
        assert_eq!(Holder::of(&labels), holder);
        assert_eq!(Holder::of(&BTreeMap::new()), Holder::default());
    }
}
