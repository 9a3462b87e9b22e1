//! A service that says everything, a service that says nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::convert;
use crate::compose::model::*;
use crate::diagnostic::{Diagnostics, FileId, Span, Spanned};
use crate::swarm::{Desired, Kind};

fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span { file: FileId(0), start: 7, end: 9 })
}

fn text(value: &str) -> Text {
    at(value.to_owned())
}

fn texts(values: &[&str]) -> Vec<Text> {
    values.iter().map(|v| text(v)).collect()
}

fn map(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), text(v))).collect()
}

fn mount(kind: MountType, source: Option<&str>, target: &str) -> Mount {
    Mount {
        kind,
        source: source.map(text),
        target: text(target),
        read_only: None,
        consistency: None,
        bind: false,
        propagation: None,
        no_copy: None,
        subpath: None,
        tmpfs_size: None,
        tmpfs_mode: None,
    }
}

fn network() -> Network {
    Network {
        span: at(()).span,
        external: None,
        name: None,
        driver: None,
        driver_opts: BTreeMap::new(),
        ipam_driver: None,
        subnets: Vec::new(),
        ipam: false,
        internal: None,
        attachable: None,
        labels: Labels::new(),
        extensions: BTreeMap::new(),
    }
}

fn file_object(content: Option<&str>) -> FileObject {
    FileObject {
        span: at(()).span,
        external: None,
        name: None,
        file: None,
        content: content.map(|c| Content(c.as_bytes().into())),
        inline: None,
        environment: None,
        driver: None,
        driver_opts: BTreeMap::new(),
        template_driver: None,
        labels: Labels::new(),
        extensions: BTreeMap::new(),
    }
}

fn volume() -> Volume {
    Volume {
        span: at(()).span,
        external: None,
        name: None,
        driver: None,
        driver_opts: BTreeMap::new(),
        labels: Labels::new(),
        extensions: BTreeMap::new(),
    }
}

fn reference(source: &str) -> FileReference {
    FileReference { source: text(source), target: None, uid: None, gid: None, mode: None }
}

fn port(published: u32, target: u32, protocol: &str, mode: &str) -> Spanned<Port> {
    at(Port { target, published, protocol: protocol.into(), mode: mode.into() })
}

fn named(key: &str, image: &str) -> Service {
    let mut service = Service::new(text(key));
    service.image = Some(text(image));
    service
}

fn stack_of(services: Vec<Service>) -> Stack {
    Stack { services: services.into_iter().map(|s| (s.name.value.clone(), s)).collect(), ..Stack::default() }
}

fn converted(stack: &Stack) -> (Desired, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let desired = convert(stack, "st", &mut diagnostics);
    (desired, diagnostics.iter().map(|d| d.message.clone()).collect())
}

fn rich() -> Stack {
    let mut w = named("w", "bb:1");
    w.command = Some(at(vec!["sh".into(), "-c".into(), "echo hi".into()]));
    w.entrypoint = Some(at(vec!["/e".into()]));
    w.environment = BTreeMap::from([
        ("A".into(), at(Some("2".into()))),
        ("A1".into(), at(Some("x".into()))),
        ("N".into(), at(None)),
    ]);
    w.labels = map(&[("cl", "1")]);
    w.extra_hosts = vec![at(("a".into(), "1.1.1.1".into()))];
    w.dns = texts(&["8.8.8.8"]);
    w.init = Some(at(true));
    w.stop_grace_period = Some(at(Nanos(12_000_000_000)));
    w.cap_add = texts(&["net_admin"]);
    w.oom_score_adj = Some(at(-5));
    w.sysctls = map(&[("b", "1")]);
    w.ulimits = BTreeMap::from([("nofile".into(), at(Ulimit { soft: 1, hard: 2 }))]);
    w.healthcheck = Some(at(Healthcheck { interval: Some(at(Nanos(5))), ..Healthcheck::default() }));
    w.logging = Some(at(Logging::default()));
    let mut tmpfs = mount(MountType::Tmpfs, None, "/t");
    tmpfs.tmpfs_size = Some(at(Bytes(1000)));
    tmpfs.tmpfs_mode = Some(at(0o700));
    let mut bind = mount(MountType::Bind, Some("/abs"), "/abs");
    (bind.bind, bind.read_only, bind.propagation) = (true, Some(at(true)), Some(text("rslave")));
    w.mounts = vec![
        at(mount(MountType::Volume, Some("vol1"), "/v1")),
        at(mount(MountType::Volume, Some("ext"), "/e")),
        at(mount(MountType::Volume, None, "/anon")),
        at(bind),
        at(tmpfs),
        at(mount(MountType::Cluster, Some("group:g"), "/cg")),
    ];
    w.networks = Some(BTreeMap::from([
        ("n1".into(), at(ServiceNetwork { aliases: texts(&["x"]), ..ServiceNetwork::default() })),
        ("hostnet".into(), at(ServiceNetwork::default())),
        ("extn".into(), at(ServiceNetwork::default())),
    ]));
    w.ports = vec![
        port(53, 53, "udp", "ingress"),
        port(0, 80, "tcp", "ingress"),
        port(6, 5, "", ""),
        port(9001, 91, "tcp", "host"),
    ];
    w.secrets = vec![at(reference("s1")), at(reference("named"))];
    let mut target = reference("c1");
    (target.target, target.mode) = (Some(text("/etc/c")), Some(at(0o400)));
    w.configs = vec![at(target)];
    w.credential_spec = Some(at(CredentialSpec { config: Some(text("c1")), file: None, registry: None }));
    w.restart = Some(text("always"));
    w.deploy.replicas = Some(at(2));
    w.deploy.endpoint_mode = Some(text("VIP"));
    w.deploy.labels = map(&[("sl", "1")]);
    w.deploy.update_config = Some(at(UpdateConfig { delay: Some(at(Nanos(3))), ..UpdateConfig::default() }));
    w.deploy.resources.limits = Some(at(Limits { nano_cpus: Some(at(500_000_000)), memory: None, pids: Some(at(9)) }));
    w.deploy.resources.reservations = Some(at(Reservations {
        generic: vec![at(GenericResource { kind: "gpu".into(), value: 2 })],
        ..Reservations::default()
    }));
    w.deploy.placement.constraints = texts(&["node.role==manager"]);
    w.deploy.placement.preferences = texts(&["node.labels.z"]);
    w.deploy.placement.max_replicas_per_node = Some(at(4));

    let mut stack = stack_of(vec![w, named("min", "bb")]);
    let mut n1 = network();
    n1.subnets = texts(&["10.9.0.0/24"]);
    n1.attachable = Some(at(true));
    stack.networks = BTreeMap::from([
        ("n1".into(), n1),
        ("unused".into(), network()),
        ("hostnet".into(), Network { external: Some(External { name: text("host") }), ..network() }),
        ("extn".into(), Network { external: Some(External { name: text("some_ext") }), ..network() }),
    ]);
    let mut vol1 = volume();
    vol1.driver = Some(text("local"));
    let external = Volume { external: Some(External { name: text("realext") }), ..volume() };
    stack.volumes = BTreeMap::from([("vol1".into(), vol1), ("ext".into(), external)]);
    let mut vault = file_object(None);
    (vault.name, vault.driver) = (Some(text("a_named")), Some(text("vault")));
    stack.secrets = BTreeMap::from([("s1".into(), file_object(Some("hunter2\n"))), ("named".into(), vault)]);
    stack.configs = BTreeMap::from([("c1".into(), file_object(Some("conf")))]);
    stack
}

#[test]
fn everything_arrives_where_docker_puts_it() {
    let (desired, problems) = converted(&rich());
    assert_eq!(problems, [] as [&str; 0]);
    let file = |name: &str, mode: u32| json!({"Name": name, "UID": "0", "GID": "0", "Mode": mode});
    let w = &desired.services[1];
    assert_eq!(
        w.spec,
        json!({
            "Name": "st_w",
            "Labels": {"com.docker.stack.image": "bb:1", "com.docker.stack.namespace": "st", "sl": "1"},
            "TaskTemplate": {
                "ContainerSpec": {
                    "Image": "bb:1",
                    "Labels": {"cl": "1", "com.docker.stack.namespace": "st"},
                    "Command": ["/e"], "Args": ["sh", "-c", "echo hi"],
                    "Env": ["A1=x", "A=2", "N"],
                    "Privileges": {"CredentialSpec": {"Config": "st_c1", "File": "", "Registry": ""},
                        "SELinuxContext": null, "NoNewPrivileges": false},
                    "Init": true,
                    "Mounts": [
                        {"Type": "volume", "Source": "st_vol1", "Target": "/v1", "VolumeOptions":
                            {"Labels": {"com.docker.stack.namespace": "st"}, "DriverConfig": {"Name": "local"}}},
                        {"Type": "volume", "Source": "realext", "Target": "/e", "VolumeOptions": {}},
                        {"Type": "volume", "Target": "/anon"},
                        {"Type": "bind", "Source": "/abs", "Target": "/abs", "ReadOnly": true,
                            "BindOptions": {"Propagation": "rslave"}},
                        {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 1000, "Mode": 448}},
                        {"Type": "cluster", "Source": "group:g", "Target": "/cg", "ClusterOptions": {}},
                    ],
                    "StopGracePeriod": 12_000_000_000_i64,
                    "Healthcheck": {"Interval": 5},
                    "Hosts": ["1.1.1.1 a"],
                    "DNSConfig": {"Nameservers": ["8.8.8.8"]},
                    "Secrets": [
                        {"File": file("named", 292), "SecretID": "", "SecretName": "a_named"},
                        {"File": file("s1", 292), "SecretID": "", "SecretName": "st_s1"},
                    ],
                    "Configs": [
                        {"File": file("/etc/c", 256), "ConfigID": "", "ConfigName": "st_c1"},
                        {"Runtime": {}, "ConfigID": "", "ConfigName": "st_c1"},
                    ],
                    "Sysctls": {"b": "1"},
                    "CapabilityAdd": ["CAP_NET_ADMIN"],
                    "Ulimits": [{"Name": "nofile", "Hard": 2, "Soft": 1}],
                    "OomScoreAdj": -5,
                },
                "Resources": {
                    "Limits": {"NanoCPUs": 500_000_000, "Pids": 9},
                    "Reservations": {"GenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 2}}]},
                },
                "RestartPolicy": {"Condition": "any"},
                "Placement": {"Constraints": ["node.role==manager"],
                    "Preferences": [{"Spread": {"SpreadDescriptor": "node.labels.z"}}], "MaxReplicas": 4},
                "Networks": [
                    {"Target": "host"},
                    {"Target": "some_ext", "Aliases": ["w"]},
                    {"Target": "st_n1", "Aliases": ["x", "w"]},
                ],
                "LogDriver": {},
                "ForceUpdate": 0,
            },
            "Mode": {"Replicated": {"Replicas": 2}},
            "UpdateConfig": {"Parallelism": 1, "Delay": 3, "MaxFailureRatio": 0, "Order": ""},
            "EndpointSpec": {"Mode": "vip", "Ports": [
                {"Protocol": "tcp", "TargetPort": 80, "PublishMode": "ingress"},
                {"TargetPort": 5, "PublishedPort": 6},
                {"Protocol": "udp", "TargetPort": 53, "PublishedPort": 53, "PublishMode": "ingress"},
                {"Protocol": "tcp", "TargetPort": 91, "PublishedPort": 9001, "PublishMode": "host"},
            ]},
        })
    );
    for path in ["/image", "/environment/A1", "/ports/53:53~1udp", "/volumes/~1v1", "/deploy/replicas", "/networks/n1"]
    {
        assert!(w.origins.0.contains_key(path), "{path} has no place");
    }
}

#[test]
fn nothing_said_is_what_docker_sends() {
    let (desired, _) = converted(&stack_of(vec![named("min", "bb")]));
    assert_eq!(
        desired.services[0].spec,
        json!({
            "Name": "st_min",
            "Labels": {"com.docker.stack.image": "bb", "com.docker.stack.namespace": "st"},
            "TaskTemplate": {
                "ContainerSpec": {
                    "Image": "bb:latest",
                    "Labels": {"com.docker.stack.namespace": "st"},
                    "Privileges": {"CredentialSpec": null, "SELinuxContext": null, "NoNewPrivileges": false},
                },
                "Resources": {}, "Placement": {},
                "Networks": [{"Target": "st_default", "Aliases": ["min"]}],
                "ForceUpdate": 0,
            },
            "Mode": {"Replicated": {}},
            "EndpointSpec": {},
        })
    );
    assert_eq!(desired.networks[0].body["Driver"], "overlay");
}

#[test]
fn only_networks_in_use_are_created_and_all_configs() {
    let (desired, _) = converted(&rich());
    let names: Vec<_> = desired.networks.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, ["st_default", "st_n1"]);
    assert_eq!(desired.networks[1].body["IPAM"], json!({"Config": [{"Subnet": "10.9.0.0/24"}]}));
    assert_eq!(desired.external.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["some_ext"]);
    assert_eq!(desired.external[0].kind, Kind::Network);
    assert_eq!(desired.configs[0].name, "st_c1");
    assert_eq!(desired.secrets[0].spec["Driver"], json!({"Name": "vault"}));
    assert!(desired.sensitive.0.contains("hunter2"));
}

#[test]
fn modes() {
    for (mode, replicas, spec) in [
        ("replicated", Some(0), json!({"Replicated": {"Replicas": 0}})),
        ("global", None, json!({"Global": {}})),
        ("replicated-job", Some(3), json!({"ReplicatedJob": {"MaxConcurrent": 3, "TotalCompletions": 3}})),
        ("replicated-job", None, json!({"ReplicatedJob": {}})),
        ("global-job", None, json!({"GlobalJob": {}})),
    ] {
        let mut service = named("s", "bb");
        service.deploy.mode = Some(text(mode));
        service.deploy.replicas = replicas.map(at);
        let (desired, problems) = converted(&stack_of(vec![service]));
        assert_eq!((&desired.services[0].spec["Mode"], problems.len()), (&spec, 0), "{mode}");
    }
}

#[test]
fn problems_are_said_with_their_place() {
    type Edit = fn(&mut Service);
    let cases: [(&str, Edit); 9] = [
        ("unknown mode `globl`", |s| s.deploy.mode = Some(text("globl"))),
        ("`replicas` does not go with mode `global`", |s| {
            (s.deploy.mode, s.deploy.replicas) = (Some(text("global")), Some(at(2)));
        }),
        ("undefined network `x`", |s| s.networks = Some(BTreeMap::from([("x".into(), at(ServiceNetwork::default()))]))),
        ("undefined volume `v`", |s| s.mounts = vec![at(mount(MountType::Volume, Some("v"), "/v"))]),
        ("undefined secret `s`", |s| s.secrets = vec![at(reference("s"))]),
        ("unknown restart policy `maybe`", |s| s.restart = Some(text("maybe"))),
        ("has no image", |s| s.image = None),
        ("`BB` is no image name", |s| s.image = Some(text("BB"))),
        ("a `tmpfs` mount has no source", |s| s.mounts = vec![at(mount(MountType::Tmpfs, Some("/x"), "/t"))]),
    ];
    for (message, edit) in cases {
        let mut service = named("s", "bb");
        edit(&mut service);
        let mut diagnostics = Diagnostics::default();
        convert(&stack_of(vec![service]), "st", &mut diagnostics);
        let found = diagnostics.iter().find(|d| d.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("{message}: {diagnostics:?}"));
        assert!(found.primary.is_some() && found.help.is_some(), "{message}");
    }
}

#[test]
fn a_written_but_empty_part_is_not_nothing() {
    let mut service = named("s", "bb");
    service.healthcheck = Some(at(Healthcheck::default()));
    service.deploy.restart_policy = Some(at(RestartPolicy::default()));
    service.deploy.resources.limits = Some(at(Limits::default()));
    let (desired, _) = converted(&stack_of(vec![service]));
    let task = &desired.services[0].spec["TaskTemplate"];
    let empty: Value = json!({});
    assert_eq!(task["ContainerSpec"]["Healthcheck"], empty);
    assert_eq!(task["RestartPolicy"], empty);
    assert_eq!(task["Resources"], json!({"Limits": {}}));
}
