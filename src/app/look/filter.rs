//! `--filter KEY=VALUE`, as docker understands it: keys together, values of one key as alternatives (labels together too).

use std::collections::BTreeMap;

use super::{node_name, task_name};
use crate::diagnostic::closest;
use crate::swarm::{LiveService, Node, Task, TaskState};

/// Filters of one command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(BTreeMap<String, Vec<String>>);

/// Why a filter is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("bad format of filter '{0}' (expected name=value)")]
    Shape(String),
    #[error("invalid filter '{key}': the filters here are {}{}", known.join(", "), meant(*near))]
    Key { key: String, known: &'static [&'static str], near: Option<&'static str> },
    #[error("invalid {key} filter: '{value}' (one of {})", known.join(", "))]
    Value { key: &'static str, value: String, known: &'static [&'static str] },
    #[error("node {0} not found")]
    Node(String),
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!(" (did you mean '{near}'?)")).unwrap_or_default()
}

const SERVICE_KEYS: &[&str] = &["id", "label", "mode", "name", "runtime"];
const TASK_KEYS: &[&str] = &["desired-state", "id", "label", "name", "node", "runtime", "service"];
const MODES: &[&str] = &["replicated", "global", "replicated-job", "global-job"];
const RUNTIMES: &[&str] = &["container", "plugin", "attachment"];
const STATES: &[&str] = &[
    "new",
    "pending",
    "assigned",
    "accepted",
    "preparing",
    "ready",
    "starting",
    "running",
    "complete",
    "shutdown",
    "failed",
    "rejected",
    "remove",
    "orphaned",
];

impl Filter {
    /// From `KEY=VALUE` words; keys count in any case.
    pub fn parse(words: &[String]) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for word in words.iter().filter(|w| !w.is_empty()) {
            let (key, value) = word.split_once('=').ok_or_else(|| FilterError::Shape(word.clone()))?;
            filter.0.entry(key.trim().to_lowercase()).or_default().push(value.trim().to_owned());
        }
        Ok(filter)
    }

    fn allows(&self, known: &'static [&'static str]) -> Result<(), FilterError> {
        let unknown = self.0.keys().find(|key| !known.contains(&key.as_str()));
        unknown.map_or(Ok(()), |key| {
            Err(FilterError::Key { key: key.clone(), known, near: closest(key, known.iter().copied()) })
        })
    }

    fn one_of(&self, key: &'static str, known: &'static [&'static str]) -> Result<(), FilterError> {
        let wrong = self.0.get(key).into_iter().flatten().find(|v| !known.contains(&v.to_lowercase().as_str()));
        wrong.map_or(Ok(()), |value| Err(FilterError::Value { key, value: value.clone(), known }))
    }

    /// No value for this key, or one that fits.
    fn any(&self, key: &str, fits: impl Fn(&str) -> bool) -> bool {
        self.0.get(key).is_none_or(|values| values.iter().any(|v| fits(v)))
    }

    fn labels(&self, service: &LiveService) -> bool {
        self.0.get("label").into_iter().flatten().all(|wanted| match wanted.split_once('=') {
            Some((key, value)) if !value.is_empty() => service.label(key) == Some(value),
            Some((key, _)) => service.label(key).is_some(),
            None => service.label(wanted).is_some(),
        })
    }

    /// Names and ids match from their start.
    pub fn services(&self, services: Vec<LiveService>) -> Result<Vec<LiveService>, FilterError> {
        self.allows(SERVICE_KEYS)?;
        self.one_of("mode", MODES)?;
        self.one_of("runtime", RUNTIMES)?;
        let keep = |s: &LiveService| {
            self.any("id", |v| s.id.starts_with(v))
                && self.any("name", |v| s.name.starts_with(v))
                && self.any("mode", |v| s.mode().as_str() == v.to_lowercase())
                && self.any("runtime", |v| runtime(&s.spec["TaskTemplate"]) == v.to_lowercase())
                && self.labels(s)
        };
        Ok(services.into_iter().filter(keep).collect())
    }

    /// Names (`<service>.<slot>.<id>`) and ids match from their start; nodes by name or id; labels are the service's.
    pub fn tasks(&self, tasks: Vec<Task>, services: &[LiveService], nodes: &[Node]) -> Result<Vec<Task>, FilterError> {
        self.allows(TASK_KEYS)?;
        self.one_of("desired-state", STATES)?;
        self.one_of("runtime", RUNTIMES)?;
        let at = |value: &str, node: &Node| node.id.starts_with(value) || node_name(node) == value;
        if let Some(lost) =
            self.0.get("node").into_iter().flatten().find(|v| !v.is_empty() && !nodes.iter().any(|n| at(v, n)))
        {
            return Err(FilterError::Node(lost.clone()));
        }
        let keep = |t: &Task| {
            let service = services.iter().find(|s| s.id == t.service);
            let name = service.map_or(t.service.as_str(), |s| s.name.as_str());
            let full = format!("{}.{}", task_name(name, t), t.id);
            self.any("id", |v| t.id.starts_with(v))
                && self.any("name", |v| full.starts_with(v))
                && self.any("desired-state", |v| t.desired == TaskState::parse(&v.to_lowercase()))
                && self.any("service", |v| name == v || t.service.starts_with(v))
                && self.any("runtime", |v| runtime(&t.spec) == v.to_lowercase())
                && self.any("node", |v| nodes.iter().any(|n| t.node.as_ref() == Some(&n.id) && at(v, n)))
                && service.is_none_or(|s| self.labels(s))
        };
        Ok(tasks.into_iter().filter(keep).collect())
    }
}

/// What a task template runs.
fn runtime(template: &serde_json::Value) -> &str {
    template.get("Runtime").and_then(serde_json::Value::as_str).filter(|r| !r.is_empty()).unwrap_or("container")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{node, service, task};
    use super::*;
    use rstest::rstest;

    fn filter(words: &[&str]) -> Filter {
        Filter::parse(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[rstest]
    #[case(&[], &["s_db", "s_web"])]
    #[case(&["name=s_w"], &["s_web"])]
    #[case(&["name=web"], &[])]
    #[case(&["name=s_w", "name=s_d"], &["s_db", "s_web"])]
    #[case(&["id=id-s_w"], &["s_web"])]
    #[case(&["mode=global"], &["s_db"])]
    #[case(&["mode=global", "name=s_w"], &[])]
    #[case(&["label=tier"], &["s_db"])]
    #[case(&["label=tier=back"], &["s_db"])]
    #[case(&["label=tier", "label=other"], &[])]
    #[case(&["runtime=container"], &["s_db", "s_web"])]
    fn picks_services(#[case] words: &[&str], #[case] names: &[&str]) {
        let mut db = service("s_db");
        db.spec_mut()["Mode"] = serde_json::json!({"Global": {}});
        db.spec_mut()["Labels"]["tier"] = "back".into();
        let kept = filter(words).services(vec![db, service("s_web")]).unwrap();
        assert_eq!(kept.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), names);
    }

    #[rstest]
    #[case(&["name=s_web.1"], &["t1"])]
    #[case(&["name=s_web.1.t1"], &["t1"])]
    #[case(&["id=t2"], &["t2"])]
    #[case(&["node=n1"], &["t1"])]
    #[case(&["node=host-n2"], &["t2"])]
    #[case(&["desired-state=running"], &["t1", "t2"])]
    #[case(&["desired-state=shutdown"], &[])]
    #[case(&["service=s_web"], &["t1", "t2"])]
    #[case(&["service=other"], &[])]
    fn picks_tasks(#[case] words: &[&str], #[case] ids: &[&str]) {
        let tasks = vec![task("t1", "id-s_web", 1, "n1"), task("t2", "id-s_web", 2, "n2")];
        let kept = filter(words).tasks(tasks, &[service("s_web")], &[node("n1"), node("n2")]).unwrap();
        assert_eq!(kept.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn refuses_with_words() {
        let said = |words: &[&str]| filter(words).services(Vec::new()).unwrap_err().to_string();
        assert_eq!(
            said(&["nmae=x"]),
            "invalid filter 'nmae': the filters here are id, label, mode, name, runtime (did you mean 'name'?)"
        );
        assert!(said(&["mode=swarm"]).starts_with("invalid mode filter: 'swarm' (one of replicated,"));
        let lost = filter(&["node=nope"]).tasks(Vec::new(), &[], &[node("n1")]).unwrap_err();
        assert_eq!(lost.to_string(), "node nope not found");
        assert!(matches!(Filter::parse(&["x".into()]), Err(FilterError::Shape(_))));
    }
}
