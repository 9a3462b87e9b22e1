//! The table: every field of a ServiceSpec that Compose can set or that swarm could hold beside it.
//!
//! Order is importance: what a person looks at first comes first. Effects are measured (docs of swarmkit's
//! `IsTaskDirty`): everything in the task's spec and the endpoint restarts tasks, placement only when a task's node no
//! longer qualifies; service labels, update and rollback settings touch no task. `Image`, `Mode`, `ForceUpdate` and
//! `Placement.Platforms` have rules of their own in [`super::service`] and [`super::image`].

use super::canonical::{FILES, GENERIC, MOUNTS, NETWORKS, PORTS, ULIMITS};
use super::rule::{Field, Rule, Show};
use crate::plan::Effect;

const fn restart(spec: &'static str, compose: &'static str, rule: Rule) -> Field {
    Field { spec, compose, rule, show: Show::Plain, effect: Effect::ForcesRestart }
}

const fn shown(spec: &'static str, compose: &'static str, rule: Rule, show: Show) -> Field {
    Field { spec, compose, rule, show, effect: Effect::ForcesRestart }
}

const fn free(spec: &'static str, compose: &'static str, rule: Rule, show: Show) -> Field {
    Field { spec, compose, rule, show, effect: Effect::None }
}

const fn placement(spec: &'static str, compose: &'static str, rule: Rule, show: Show) -> Field {
    Field { spec, compose, rule, show, effect: Effect::Replacement }
}

const FIVE_SECONDS: i64 = 5_000_000_000;
const TEN_SECONDS: i64 = 10_000_000_000;

#[rustfmt::skip]
pub(super) static FIELDS: &[Field] = &[
    // What runs.
    restart("/TaskTemplate/ContainerSpec/Command", "/entrypoint", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/Args", "/command", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/Env", "/environment", Rule::Environment),
    restart("/TaskTemplate/ContainerSpec/Dir", "/working_dir", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/User", "/user", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/Groups", "/group_add", Rule::Set),
    restart("/TaskTemplate/ContainerSpec/Hostname", "/hostname", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/TTY", "/tty", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/OpenStdin", "/stdin_open", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/ReadOnly", "/read_only", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/Init", "/init", Rule::Presence),
    restart("/TaskTemplate/ContainerSpec/Isolation", "/isolation", Rule::Word("default")),
    restart("/TaskTemplate/ContainerSpec/StopSignal", "/stop_signal", Rule::Exact),
    shown("/TaskTemplate/ContainerSpec/StopGracePeriod", "/stop_grace_period", Rule::Number(TEN_SECONDS), Show::Duration),

    // How it is reached, and what it reaches.
    restart("/EndpointSpec/Ports", "/ports", Rule::Keyed(PORTS)),
    restart("/TaskTemplate/Networks", "/networks", Rule::Keyed(NETWORKS)),
    restart("/EndpointSpec/Mode", "/deploy/endpoint_mode", Rule::Word("vip")),
    restart("/TaskTemplate/ContainerSpec/Hosts", "/extra_hosts", Rule::Set),
    restart("/TaskTemplate/ContainerSpec/DNSConfig/Nameservers", "/dns", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/DNSConfig/Search", "/dns_search", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/DNSConfig/Options", "/dns_opt", Rule::Exact),

    // What it holds.
    restart("/TaskTemplate/ContainerSpec/Mounts", "/volumes", Rule::Keyed(MOUNTS)),
    restart("/TaskTemplate/ContainerSpec/Configs", "/configs", Rule::Keyed(FILES)),
    restart("/TaskTemplate/ContainerSpec/Secrets", "/secrets", Rule::Keyed(FILES)),
    restart("/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Config", "/credential_spec/config", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/File", "/credential_spec/file", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Registry", "/credential_spec/registry", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/Privileges/NoNewPrivileges", "/security_opt/no-new-privileges", Rule::Exact),
    restart("/TaskTemplate/ContainerSpec/CapabilityAdd", "/cap_add", Rule::Set),
    restart("/TaskTemplate/ContainerSpec/CapabilityDrop", "/cap_drop", Rule::Set),
    restart("/TaskTemplate/ContainerSpec/Sysctls", "/sysctls", Rule::Map),
    restart("/TaskTemplate/ContainerSpec/Ulimits", "/ulimits", Rule::Keyed(ULIMITS)),
    restart("/TaskTemplate/ContainerSpec/OomScoreAdj", "/oom_score_adj", Rule::Exact),

    // How its health is seen, and where its words go.
    restart("/TaskTemplate/ContainerSpec/Healthcheck/Test", "/healthcheck/test", Rule::Exact),
    shown("/TaskTemplate/ContainerSpec/Healthcheck/Interval", "/healthcheck/interval", Rule::Exact, Show::Duration),
    shown("/TaskTemplate/ContainerSpec/Healthcheck/Timeout", "/healthcheck/timeout", Rule::Exact, Show::Duration),
    restart("/TaskTemplate/ContainerSpec/Healthcheck/Retries", "/healthcheck/retries", Rule::Exact),
    shown("/TaskTemplate/ContainerSpec/Healthcheck/StartPeriod", "/healthcheck/start_period", Rule::Exact, Show::Duration),
    shown("/TaskTemplate/ContainerSpec/Healthcheck/StartInterval", "/healthcheck/start_interval", Rule::Exact, Show::Duration),
    restart("/TaskTemplate/LogDriver/Name", "/logging/driver", Rule::Exact),
    restart("/TaskTemplate/LogDriver/Options", "/logging/options", Rule::Map),

    // How swarm runs it.
    shown("/TaskTemplate/Resources/Limits/NanoCPUs", "/deploy/resources/limits/cpus", Rule::Exact, Show::Cpus),
    shown("/TaskTemplate/Resources/Limits/MemoryBytes", "/deploy/resources/limits/memory", Rule::Exact, Show::Bytes),
    restart("/TaskTemplate/Resources/Limits/Pids", "/deploy/resources/limits/pids", Rule::Exact),
    shown("/TaskTemplate/Resources/Reservations/NanoCPUs", "/deploy/resources/reservations/cpus", Rule::Exact, Show::Cpus),
    shown("/TaskTemplate/Resources/Reservations/MemoryBytes", "/deploy/resources/reservations/memory", Rule::Exact, Show::Bytes),
    restart("/TaskTemplate/Resources/Reservations/GenericResources", "/deploy/resources/reservations/generic_resources", Rule::Keyed(GENERIC)),
    restart("/TaskTemplate/RestartPolicy/Condition", "/deploy/restart_policy/condition", Rule::Word("any")),
    shown("/TaskTemplate/RestartPolicy/Delay", "/deploy/restart_policy/delay", Rule::Number(FIVE_SECONDS), Show::Duration),
    restart("/TaskTemplate/RestartPolicy/MaxAttempts", "/deploy/restart_policy/max_attempts", Rule::Exact),
    shown("/TaskTemplate/RestartPolicy/Window", "/deploy/restart_policy/window", Rule::Exact, Show::Duration),
    placement("/TaskTemplate/Placement/Constraints", "/deploy/placement/constraints", Rule::Constraints, Show::Plain),
    placement("/TaskTemplate/Placement/Preferences", "/deploy/placement/preferences", Rule::Exact, Show::Spread),
    placement("/TaskTemplate/Placement/MaxReplicas", "/deploy/placement/max_replicas_per_node", Rule::Exact, Show::Plain),
    free("/UpdateConfig/Parallelism", "/deploy/update_config/parallelism", Rule::Number(1), Show::Plain),
    free("/UpdateConfig/Delay", "/deploy/update_config/delay", Rule::Exact, Show::Duration),
    free("/UpdateConfig/FailureAction", "/deploy/update_config/failure_action", Rule::Word("pause"), Show::Plain),
    free("/UpdateConfig/Monitor", "/deploy/update_config/monitor", Rule::NumberOrZero(FIVE_SECONDS), Show::Duration),
    free("/UpdateConfig/MaxFailureRatio", "/deploy/update_config/max_failure_ratio", Rule::Exact, Show::Plain),
    free("/UpdateConfig/Order", "/deploy/update_config/order", Rule::Word("stop-first"), Show::Plain),
    free("/RollbackConfig/Parallelism", "/deploy/rollback_config/parallelism", Rule::Number(1), Show::Plain),
    free("/RollbackConfig/Delay", "/deploy/rollback_config/delay", Rule::Exact, Show::Duration),
    free("/RollbackConfig/FailureAction", "/deploy/rollback_config/failure_action", Rule::Word("pause"), Show::Plain),
    free("/RollbackConfig/Monitor", "/deploy/rollback_config/monitor", Rule::NumberOrZero(FIVE_SECONDS), Show::Duration),
    free("/RollbackConfig/MaxFailureRatio", "/deploy/rollback_config/max_failure_ratio", Rule::Exact, Show::Plain),
    free("/RollbackConfig/Order", "/deploy/rollback_config/order", Rule::Word("stop-first"), Show::Plain),

    // What is written on it.
    restart("/TaskTemplate/ContainerSpec/Labels", "/labels", Rule::Map),
    free("/Labels", "/deploy/labels", Rule::Map, Show::Plain),
];

/// The number of tasks; the rows of the modes that a service is not in say nothing.
#[rustfmt::skip]
pub(super) static SCALE: &[Field] = &[
    Field { spec: "/Mode/Replicated/Replicas", compose: "/deploy/replicas", rule: Rule::Number(1), show: Show::Plain, effect: Effect::Scale },
    Field { spec: "/Mode/ReplicatedJob/MaxConcurrent", compose: "/deploy/replicas", rule: Rule::Number(1), show: Show::Plain, effect: Effect::ForcesRestart },
    Field { spec: "/Mode/ReplicatedJob/TotalCompletions", compose: "/deploy/replicas", rule: Rule::Number(1), show: Show::Plain, effect: Effect::ForcesRestart },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_stands_twice_and_none_swallows_another() {
        for (i, a) in FIELDS.iter().enumerate() {
            for b in &FIELDS[i + 1..] {
                assert_ne!(a.spec, b.spec);
                assert!(!a.spec.starts_with(&format!("{}/", b.spec)) && !b.spec.starts_with(&format!("{}/", a.spec)));
            }
        }
    }

    #[test]
    fn only_what_swarm_leaves_alone_is_free() {
        for field in FIELDS {
            let task = field.spec.starts_with("/TaskTemplate") || field.spec.starts_with("/EndpointSpec");
            let placed = field.spec.starts_with("/TaskTemplate/Placement");
            let expected = match (task, placed) {
                (_, true) => Effect::Replacement,
                (true, _) => Effect::ForcesRestart,
                _ => Effect::None,
            };
            assert_eq!(field.effect, expected, "{}", field.spec);
        }
    }
}
