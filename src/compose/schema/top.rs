//! The root, and `networks`, `volumes`, `secrets`, `configs`.

use super::deploy::DEPLOY;
use super::service::SERVICE;
use super::shape::*;

pub static ROOT: Section = Section {
    extensions: Some(4),
    keys: &[
        held("version", NUMBER.or(K_NULL)),
        spec("name", TEXT),
        spec("include", Shape::list(&INCLUDE)),
        held("services", Shape::dict(&Shape::section(&SERVICE))),
        held("networks", Shape::dict(&Shape::section(&NETWORK).or(K_NULL)).or(K_NULL)),
        held("volumes", Shape::dict(&Shape::section(&VOLUME).or(K_NULL)).or(K_NULL)),
        since(1, "secrets", Shape::dict(&Shape::section(&SECRET)).or(K_NULL)),
        since(3, "configs", Shape::dict(&Shape::section(&CONFIG)).or(K_NULL)),
        foreign("models", "run the model as a service of its own"),
    ],
};

static INCLUDE: Shape = TEXT.or_section(&INCLUDE_LONG);

static INCLUDE_LONG: Section = Section {
    extensions: None,
    keys: &[spec("path", TEXT_OR_LIST), spec("project_directory", TEXT), spec("env_file", TEXT_OR_LIST)],
};

static EXTERNAL: Section = Section { extensions: None, keys: &[held("name", TEXT)] };

const EXTERNAL_OR_NAME: Shape = BOOL.or_section(&EXTERNAL);

static NETWORK: Section = Section {
    extensions: Some(7),
    keys: &[
        since(5, "name", TEXT),
        held("driver", TEXT),
        held("driver_opts", OPTIONS),
        held("ipam", Shape::section(&IPAM)),
        held("external", EXTERNAL_OR_NAME),
        held("internal", BOOL),
        since(2, "attachable", BOOL),
        held("labels", PAIRS),
        foreign("enable_ipv6", "overlay networks of swarm carry IPv4"),
        foreign("enable_ipv4", "overlay networks of swarm carry IPv4"),
    ],
};

static IPAM: Section = Section {
    extensions: None,
    keys: &[
        held("driver", TEXT),
        held("config", Shape::list(&Shape::section(&IPAM_CONFIG))),
        foreign("options", "leave it out"),
    ],
};

static IPAM_CONFIG: Section = Section {
    extensions: None,
    keys: &[
        held("subnet", TEXT),
        foreign("gateway", "swarm picks the gateway of an overlay network"),
        foreign("ip_range", "give a smaller `subnet`"),
        foreign("aux_addresses", "leave it out"),
    ],
};

static VOLUME: Section = Section {
    extensions: Some(7),
    keys: &[
        since(4, "name", TEXT),
        held("driver", TEXT),
        held("driver_opts", OPTIONS),
        held("external", EXTERNAL_OR_NAME),
        held("labels", PAIRS),
        Key {
            name: "x-cluster-spec",
            since: Since::V3(7),
            shape: ANY,
            fate: Fate::Ignored(
                "create the cluster volume with `docker volume create` and declare it `external: true`",
            ),
        },
    ],
};

static SECRET: Section = Section {
    extensions: Some(7),
    keys: &[
        since(5, "name", TEXT),
        held("file", TEXT),
        spec("environment", TEXT),
        held("external", EXTERNAL_OR_NAME),
        held("labels", PAIRS),
        since(8, "driver", TEXT),
        since(8, "driver_opts", OPTIONS),
        since(8, "template_driver", TEXT),
        forbidden("content", "a secret does not belong in a Compose file: use `file` or `environment`"),
    ],
};

static CONFIG: Section = Section {
    extensions: Some(7),
    keys: &[
        since(5, "name", TEXT),
        held("file", TEXT),
        spec("content", TEXT),
        spec("environment", TEXT),
        held("external", EXTERNAL_OR_NAME),
        held("labels", PAIRS),
        since(8, "template_driver", TEXT),
    ],
};

/// Sections by name, to say where a misplaced key belongs.
pub static HOMES: &[(&str, &Section)] =
    &[("services.NAME.deploy", &DEPLOY), ("services.NAME", &SERVICE), ("the top level", &ROOT)];
