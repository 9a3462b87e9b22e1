//! What a service must come to, read from the spec that was planned for it.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::plan::Action;
use crate::swarm::ServiceMode;

/// What the write does to the tasks of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// All tasks are new; swarm watches none of them.
    Created,
    /// Swarm's updater replaces them and reports an `UpdateStatus`.
    Replaced,
    /// They stay; some may be added or removed.
    Kept,
    /// None: nothing is written, and what is live is looked after until it is as it should be.
    Watched,
}

impl Touch {
    /// What a planned action does.
    pub fn of(action: Action) -> Self {
        match action {
            Action::Create | Action::Recreate => Self::Created,
            Action::Restart => Self::Replaced,
            Action::Update | Action::Scale | Action::Remove => Self::Kept,
        }
    }
}

/// `RestartPolicy.Condition`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Any,
    OnFailure,
    Never,
}

/// What one service must come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Compose key.
    pub key: String,
    /// Swarm name.
    pub name: String,
    pub touch: Touch,
    pub mode: ServiceMode,
    /// How long a task must run to count. Unset and 0 are 5 s, as in swarm.
    pub monitor: SignedDuration,
    /// `UpdateConfig.Delay`.
    pub delay: SignedDuration,
    /// Time that a health check may need before it can say "healthy": start period and one interval.
    pub warm_up: SignedDuration,
    /// The spec has a health check; an image may have one too, which no spec tells.
    pub probed: bool,
    pub restart: Condition,
    /// Restarts a slot gets; 0 is no limit.
    pub max_attempts: u64,
    /// `failure_action` is pause or rollback: swarm judges the tasks that it replaces.
    pub swarm_judges: bool,
    pub image: String,
}

/// The write, as swarm took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub id: String,
    /// `plan::spec_digest` of the spec as swarm gave it right after the write: it fills in defaults.
    pub digest: String,
    /// `Version.Index` right after the write.
    pub version: u64,
    /// When, by the swarm's own clock.
    pub written: Option<Timestamp>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time in which no task turns healthy; delay, monitor and start period come on top.
    pub progress: SignedDuration,
    /// The end of all patience.
    pub until: Option<Timestamp>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { progress: SignedDuration::from_mins(5), until: None }
    }
}

const DEFAULT_MONITOR: SignedDuration = SignedDuration::from_secs(5);
const DEFAULT_INTERVAL: SignedDuration = SignedDuration::from_secs(30);

impl Expectation {
    /// `spec` is a ServiceSpec as it is posted.
    pub fn of(key: &str, name: &str, spec: &Value, touch: Touch) -> Self {
        let nanos = |path: &str| {
            let nanos = spec.pointer(path).and_then(Value::as_i64).filter(|n| *n > 0);
            nanos.map(SignedDuration::from_nanos)
        };
        let text = |path: &str| spec.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let health = spec.pointer("/TaskTemplate/ContainerSpec/Healthcheck").filter(|h| probes(h));
        let warm_up = health.map_or(SignedDuration::ZERO, |_| {
            let start = nanos("/TaskTemplate/ContainerSpec/Healthcheck/StartPeriod").unwrap_or_default();
            start + nanos("/TaskTemplate/ContainerSpec/Healthcheck/Interval").unwrap_or(DEFAULT_INTERVAL)
        });
        Self {
            key: key.to_owned(),
            name: name.to_owned(),
            touch,
            mode: ServiceMode::of(spec),
            monitor: nanos("/UpdateConfig/Monitor").unwrap_or(DEFAULT_MONITOR),
            delay: nanos("/UpdateConfig/Delay").unwrap_or_default(),
            warm_up,
            probed: health.is_some(),
            restart: match text("/TaskTemplate/RestartPolicy/Condition") {
                "none" => Condition::Never,
                "on-failure" => Condition::OnFailure,
                _ => Condition::Any,
            },
            max_attempts: spec
                .pointer("/TaskTemplate/RestartPolicy/MaxAttempts")
                .and_then(Value::as_u64)
                .unwrap_or_default(),
            swarm_judges: text("/UpdateConfig/FailureAction") != "continue",
            image: text("/TaskTemplate/ContainerSpec/Image").to_owned(),
        }
    }

    /// What a task is that ran for `monitor`: `healthy`, or without a health check `running for 5s`.
    pub fn held_words(&self) -> String {
        if self.probed { "healthy".to_owned() } else { format!("running for {:#}", self.monitor) }
    }

    /// A task that exits 0 has done its work and is not started again.
    pub fn one_shot(&self) -> bool {
        self.restart != Condition::Any && !self.is_job()
    }

    pub fn is_job(&self) -> bool {
        matches!(self.mode, ServiceMode::ReplicatedJob { .. } | ServiceMode::GlobalJob)
    }

    /// Swarm may stop starting tasks in a slot.
    pub fn can_give_up(&self) -> bool {
        self.restart == Condition::Never || self.max_attempts > 0
    }
}

/// A health check that is there and not switched off.
fn probes(health: &Value) -> bool {
    let test = strings(health.get("Test"));
    health.is_object() && test.first().is_none_or(|t| t != "NONE")
}

/// `Placement.Constraints` of a ServiceSpec.
pub(super) fn constraints(spec: &Value) -> Vec<String> {
    strings(spec.pointer("/TaskTemplate/Placement/Constraints"))
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_monitor_with_swarms_default() {
        for (config, seconds) in [
            (json!(null), 5),
            (json!({"Monitor": 0}), 5),
            (json!({"Monitor": 2_000_000_000}), 2),
            (json!({"Delay": 1}), 5),
        ] {
            let spec = json!({"UpdateConfig": config});
            let expectation = Expectation::of("web", "s_web", &spec, Touch::Created);
            assert_eq!(expectation.monitor, SignedDuration::from_secs(seconds), "{spec}");
        }
    }

    #[test]
    fn a_task_without_a_health_check_is_not_called_healthy() {
        let probed = json!({"TaskTemplate": {"ContainerSpec": {"Healthcheck": {"Test": ["CMD", "true"]}}}});
        let off = json!({"TaskTemplate": {"ContainerSpec": {"Healthcheck": {"Test": ["NONE"]}}}});
        for (spec, words) in [(json!({}), "running for 5s"), (off, "running for 5s"), (probed, "healthy")] {
            assert_eq!(Expectation::of("web", "s_web", &spec, Touch::Created).held_words(), words);
        }
    }

    #[test]
    fn knows_who_judges_and_who_gives_up() {
        let spec = json!({"UpdateConfig": {"FailureAction": "continue"},
            "TaskTemplate": {"RestartPolicy": {"Condition": "on-failure", "MaxAttempts": 3}}});
        let e = Expectation::of("web", "s_web", &spec, Touch::Replaced);
        assert!(!e.swarm_judges && e.can_give_up() && e.one_shot());
        let e = Expectation::of("web", "s_web", &json!({}), Touch::Replaced);
        assert!(e.swarm_judges && !e.can_give_up() && !e.one_shot());
    }
}
