//! `services.NAME.deploy`.

use super::shape::*;

const NO_DEVICES: &str = "swarm hands out devices as `generic_resources`, which a node declares in its daemon.json";

pub static DEPLOY: Section = Section {
    extensions: None,
    keys: &[
        held("mode", TEXT),
        since(2, "endpoint_mode", TEXT),
        held("replicas", INT),
        held("labels", PAIRS),
        held("update_config", Shape::section(&UPDATE)),
        since(7, "rollback_config", Shape::section(&UPDATE)),
        held("resources", Shape::section(&RESOURCES)),
        held("restart_policy", Shape::section(&RESTART)),
        held("placement", Shape::section(&PLACEMENT)),
    ],
};

static UPDATE: Section = Section {
    extensions: None,
    keys: &[
        held("parallelism", INT),
        held("delay", TEXT),
        held("failure_action", TEXT),
        held("monitor", TEXT),
        held("max_failure_ratio", NUMBER),
        since(4, "order", TEXT),
    ],
};

static RESTART: Section = Section {
    extensions: None,
    keys: &[held("condition", TEXT), held("delay", TEXT), held("max_attempts", INT), held("window", TEXT)],
};

static PLACEMENT: Section = Section {
    extensions: None,
    keys: &[
        held("constraints", TEXTS),
        since(3, "preferences", Shape::list(&Shape::section(&PREFERENCE))),
        since(8, "max_replicas_per_node", INT),
    ],
};

static PREFERENCE: Section = Section { extensions: None, keys: &[held("spread", TEXT)] };

static RESOURCES: Section = Section {
    extensions: None,
    keys: &[held("limits", Shape::section(&LIMITS)), held("reservations", Shape::section(&RESERVATIONS))],
};

static LIMITS: Section =
    Section { extensions: None, keys: &[held("cpus", NUMBER), held("memory", NUMBER), since(9, "pids", INT)] };

static RESERVATIONS: Section = Section {
    extensions: None,
    keys: &[
        held("cpus", NUMBER),
        held("memory", NUMBER),
        since(5, "generic_resources", Shape::list(&Shape::section(&GENERIC))),
        foreign("devices", NO_DEVICES),
    ],
};

static GENERIC: Section =
    Section { extensions: None, keys: &[held("discrete_resource_spec", Shape::section(&DISCRETE))] };

static DISCRETE: Section = Section { extensions: None, keys: &[held("kind", TEXT), held("value", NUMBER)] };
