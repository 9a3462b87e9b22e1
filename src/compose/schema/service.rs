//! `services.NAME`.

use super::deploy::DEPLOY;
use super::shape::*;

const NO_LIMIT: &str = "set limits under `deploy.resources.limits` and `deploy.resources.reservations`";
const NO_NAMESPACE: &str = "swarm gives each task its own; leave it out";
const NO_BUILD: &str = "build and push the image first, and name it with `image`";
const NO_BLKIO: &str = "swarm sets no limits on block devices; leave it out";
const NO_HOOK: &str = "do it in the image's entrypoint";
const NO_PULL: &str = "nodes pull what they lack; `--resolve-image` says when a tag is looked up";

pub static SERVICE: Section = Section {
    extensions: Some(7),
    keys: &[
        held("image", TEXT),
        held("command", TEXT_OR_LIST.or(K_NULL)),
        held("entrypoint", TEXT_OR_LIST.or(K_NULL)),
        held("environment", PAIRS),
        held("env_file", TEXT.or_list(&ENV_FILE).unique()),
        held("labels", PAIRS),
        held("deploy", Shape::section(&DEPLOY).or(K_NULL)),
        held("ports", Shape::list(&PORT).unique()),
        held("volumes", Shape::list(&MOUNT)),
        held("networks", UNIQUE_TEXTS.or_dict(&NETWORK)),
        since(1, "secrets", Shape::list(&FILE_REFERENCE)),
        since(3, "configs", Shape::list(&FILE_REFERENCE)),
        held("healthcheck", Shape::section(&HEALTHCHECK)),
        held("depends_on", UNIQUE_TEXTS.or_dict(&DEPENDENCY)),
        held("logging", Shape::section(&LOGGING)),
        held("hostname", TEXT),
        unsupported("domainname", TEXT, "put it into `hostname`, as in `web.example.org`"),
        held("user", TEXT),
        held("working_dir", TEXT),
        held("tty", BOOL),
        held("stdin_open", BOOL),
        held("read_only", BOOL),
        since(7, "init", BOOL),
        since(5, "isolation", TEXT),
        held("stop_signal", TEXT),
        held("stop_grace_period", TEXT),
        held("extra_hosts", EXTRA_HOSTS),
        held("dns", UNIQUE_TEXT_OR_LIST),
        held("dns_search", UNIQUE_TEXT_OR_LIST),
        held("cap_add", UNIQUE_TEXTS),
        held("cap_drop", UNIQUE_TEXTS),
        held("sysctls", PAIRS),
        held("ulimits", Shape::dict(&ULIMIT)),
        since(13, "oom_score_adj", INT),
        since(3, "credential_spec", Shape::section(&CREDENTIAL_SPEC)),
        held("tmpfs", UNIQUE_TEXT_OR_LIST),
        held("restart", TEXT),
        spec("group_add", Shape::list(&TEXT_OR_INT)),
        spec("profiles", UNIQUE_TEXTS),
        spec("extends", TEXT.or_section(&EXTENDS)),
        // What swarm has not.
        unsupported("build", TEXT.or(K_MAP), NO_BUILD),
        unsupported("cgroup_parent", TEXT, "leave it out; limits go under `deploy.resources`"),
        Key { since: Since::V3(9), ..unsupported("cgroupns_mode", TEXT, NO_NAMESPACE) },
        unsupported("devices", Shape::list(&TEXT_OR_MAP), "mount the device as a volume, or use `generic_resources`"),
        unsupported("external_links", UNIQUE_TEXTS, "join a network of the other stack (`external: true`)"),
        unsupported("ipc", TEXT, NO_NAMESPACE),
        unsupported("links", UNIQUE_TEXTS, "services on one network find each other by name"),
        unsupported("mac_address", TEXT, "swarm picks it; leave it out"),
        unsupported(
            "network_mode",
            TEXT,
            "join a network with `networks`; the host's own is `external: true` with `name: host`",
        ),
        unsupported("pid", TEXT.or(K_NULL), NO_NAMESPACE),
        unsupported("privileged", BOOL, "swarm has no privileged tasks: add what is needed with `cap_add`"),
        unsupported("security_opt", UNIQUE_TEXTS, "swarm sets none; configure it in the daemon"),
        unsupported("shm_size", NUMBER, "mount a tmpfs at /dev/shm with the size you need"),
        unsupported("userns_mode", TEXT, NO_NAMESPACE),
        ignored("container_name", TEXT, "swarm names containers; reach a service by its own name"),
        ignored(
            "expose",
            Shape::list(&TEXT_OR_NUMBER).unique(),
            "leave it out: services on one network reach every port",
        ),
        foreign("annotations", "use `labels`"),
        foreign("attach", "leave it out; `stackup logs` follows a service"),
        foreign("blkio_config", NO_BLKIO),
        foreign("cgroup", NO_NAMESPACE),
        foreign("cpu_count", NO_LIMIT),
        foreign("cpu_percent", NO_LIMIT),
        foreign("cpu_period", NO_LIMIT),
        foreign("cpu_rt_period", NO_LIMIT),
        foreign("cpu_rt_runtime", NO_LIMIT),
        foreign("device_cgroup_rules", "leave it out; swarm has no device rules"),
        foreign("develop", "it is for `docker compose watch`; swarm has no use for it"),
        foreign("dns_opt", "leave it out, or set it in the image's resolv.conf"),
        foreign("gpus", "reserve GPUs with `deploy.resources.reservations.generic_resources`"),
        foreign("label_file", "use `labels`"),
        foreign("mem_swappiness", NO_LIMIT),
        foreign("models", "run the model as a service of its own"),
        foreign("oom_kill_disable", NO_LIMIT),
        foreign("platform", "constrain it: `deploy.placement.constraints: [node.platform.arch == x86_64]`"),
        foreign("post_start", NO_HOOK),
        foreign("pre_stop", NO_HOOK),
        foreign("provider", "swarm runs containers only"),
        foreign("pull_policy", NO_PULL),
        foreign("pull_refresh_after", NO_PULL),
        foreign("runtime", "make the runtime the daemon's default on the nodes that have it"),
        foreign("storage_opt", "leave it out; set it in the daemon"),
        foreign("use_api_socket", "mount /var/run/docker.sock as a volume"),
        foreign("uts", NO_NAMESPACE),
        // What is refused, for leaving it out would change what the file means.
        forbidden("volume_driver", "declare the volume under `volumes` with its `driver`"),
        forbidden("volumes_from", "mount the same named volume in both services"),
        forbidden("cpu_quota", NO_LIMIT),
        forbidden("cpu_shares", NO_LIMIT),
        forbidden("cpuset", NO_LIMIT),
        forbidden("mem_limit", "write `deploy.resources.limits.memory`"),
        forbidden("memswap_limit", NO_LIMIT),
        forbidden("mem_reservation", "write `deploy.resources.reservations.memory`"),
        forbidden("cpus", "write `deploy.resources.limits.cpus`"),
        forbidden("pids_limit", "write `deploy.resources.limits.pids`"),
        forbidden("scale", "write `deploy.replicas`"),
    ],
};

static TEXT_OR_INT: Shape = Shape::of(K_TEXT | K_INT);
static TEXT_OR_NUMBER: Shape = Shape::of(K_TEXT | K_INT | K_FLOAT);
static TEXT_OR_MAP: Shape = Shape::of(K_TEXT | K_MAP);

static EXTRA_HOSTS: Shape = Shape::dict(&HOST_ADDRESSES).or_list(&TEXT).unique();
static HOST_ADDRESSES: Shape = SCALAR.or_list(&TEXT);

static ENV_FILE: Shape = TEXT.or_section(&ENV_FILE_LONG);
static ENV_FILE_LONG: Section =
    Section { extensions: None, keys: &[spec("path", TEXT), spec("required", BOOL), spec("format", TEXT)] };

static PORT: Shape = TEXT_OR_NUMBER.or_section(&PORT_LONG).map_since(2);
static PORT_LONG: Section = Section {
    extensions: None,
    keys: &[
        held("target", INT),
        held("published", INT),
        held("protocol", TEXT),
        held("mode", TEXT),
        foreign("name", "swarm's ports have no names; leave it out"),
        foreign("app_protocol", "swarm routes TCP, UDP and SCTP only; leave it out"),
        foreign("host_ip", "swarm publishes on all addresses of a node; a firewall can narrow it"),
    ],
};

static MOUNT: Shape = TEXT.or_section(&MOUNT_LONG).map_since(2);
static MOUNT_LONG: Section = Section {
    extensions: None,
    keys: &[
        held("type", TEXT),
        held("source", TEXT),
        held("target", TEXT),
        held("read_only", BOOL),
        ignored("consistency", TEXT, "no engine keeps it; leave it out"),
        held("bind", Shape::section(&BIND)),
        held("volume", Shape::section(&MOUNT_VOLUME)),
        since(6, "tmpfs", Shape::section(&TMPFS)),
        spec("image", Shape::section(&MOUNT_IMAGE)),
    ],
};
static BIND: Section = Section {
    extensions: None,
    keys: &[
        held("propagation", TEXT),
        foreign("create_host_path", "create the folder on every node that may run a task"),
        foreign("recursive", "leave it out"),
        foreign("selinux", "label the folder on the nodes"),
    ],
};
static MOUNT_VOLUME: Section = Section {
    extensions: None,
    keys: &[
        held("nocopy", BOOL),
        held("subpath", TEXT),
        foreign("labels", "put labels on the volume under top-level `volumes`"),
    ],
};
static TMPFS: Section = Section { extensions: None, keys: &[held("size", NUMBER), spec("mode", NUMBER)] };
static MOUNT_IMAGE: Section = Section { extensions: None, keys: &[spec("subpath", TEXT)] };

static NETWORK: Shape = Shape::section(&NETWORK_LONG).or(K_NULL);
static NETWORK_LONG: Section = Section {
    extensions: None,
    keys: &[
        held("aliases", UNIQUE_TEXTS),
        since(13, "driver_opts", OPTIONS),
        unsupported("ipv4_address", TEXT, "swarm picks addresses; reach a service by its name or an alias"),
        unsupported("ipv6_address", TEXT, "swarm picks addresses; reach a service by its name or an alias"),
        foreign("link_local_ips", "swarm picks addresses"),
        foreign("mac_address", "swarm picks it"),
        foreign("priority", "swarm has no order of networks"),
        foreign("gw_priority", "swarm has no order of networks"),
        foreign("interface_name", "swarm names interfaces"),
    ],
};

static FILE_REFERENCE: Shape = TEXT.or_section(&FILE_REFERENCE_LONG);
static FILE_REFERENCE_LONG: Section = Section {
    extensions: None,
    keys: &[
        held("source", TEXT),
        held("target", TEXT),
        held("uid", TEXT_OR_INT_SHAPE),
        held("gid", TEXT_OR_INT_SHAPE),
        held("mode", NUMBER),
    ],
};
const TEXT_OR_INT_SHAPE: Shape = Shape::of(K_TEXT | K_INT);

static HEALTHCHECK: Section = Section {
    extensions: None,
    keys: &[
        held("test", TEXT_OR_LIST),
        held("interval", TEXT),
        held("timeout", TEXT),
        held("retries", NUMBER),
        since(4, "start_period", TEXT),
        since(12, "start_interval", TEXT),
        held("disable", BOOL),
    ],
};

static DEPENDENCY: Shape = Shape::section(&DEPENDENCY_LONG).or(K_NULL);
static DEPENDENCY_LONG: Section = Section {
    extensions: None,
    keys: &[
        spec("condition", TEXT),
        spec("required", BOOL),
        foreign("restart", "a task restarts for its own reasons only; leave it out"),
    ],
};

static LOGGING: Section = Section { extensions: None, keys: &[held("driver", TEXT), held("options", OPTIONS)] };

static ULIMIT: Shape = INT.or_section(&ULIMIT_LONG);
static ULIMIT_LONG: Section = Section { extensions: None, keys: &[held("soft", INT), held("hard", INT)] };

static CREDENTIAL_SPEC: Section =
    Section { extensions: None, keys: &[since(8, "config", TEXT), held("file", TEXT), held("registry", TEXT)] };

static EXTENDS: Section = Section { extensions: None, keys: &[spec("service", TEXT), spec("file", TEXT)] };
