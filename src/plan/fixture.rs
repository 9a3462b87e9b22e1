//! A small swarm for tests.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::diagnostic::{FileId, Span};
use crate::swarm::*;

pub(in crate::plan) fn node(id: &str) -> Node {
    Node {
        id: id.into(),
        hostname: id.into(),
        manager: true,
        leader: true,
        availability: Availability::Active,
        state: NodeState::Ready,
        address: "10.0.0.1".into(),
        labels: BTreeMap::new(),
        engine_labels: BTreeMap::new(),
        os: "linux".into(),
        architecture: "x86_64".into(),
        nano_cpus: 2_000_000_000,
        memory: 1 << 33,
        raw: Value::Null,
    }
}

pub(in crate::plan) fn span(line: u32) -> Span {
    Span { file: FileId(0), start: line, end: line + 1 }
}

/// A service as `convert` gives it, with `task` merged over its template.
pub(in crate::plan) fn wanted(key: &str, changes: &[(&str, Value)]) -> DesiredService {
    let name = format!("st_{key}");
    let mut spec = json!({
        "Name": name,
        "Labels": {"com.docker.stack.image": "bb:1", "com.docker.stack.namespace": "st"},
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": "bb:1",
                "Labels": {"com.docker.stack.namespace": "st"},
                "Privileges": {"CredentialSpec": null, "SELinuxContext": null, "NoNewPrivileges": false},
            },
            "Resources": {}, "Placement": {},
            "Networks": [{"Target": "st_default", "Aliases": [key]}],
            "ForceUpdate": 0,
        },
        "Mode": {"Replicated": {}},
        "EndpointSpec": {},
    });
    for (pointer, value) in changes {
        put(&mut spec, pointer, value.clone());
    }
    DesiredService {
        key: key.into(),
        name,
        spec,
        origins: Origins(BTreeMap::from([(String::new(), span(1))])),
        depends_on: BTreeMap::new(),
        wave: None,
    }
}

/// Sets a part of a document, making objects on the way.
pub(in crate::plan) fn put(document: &mut Value, pointer: &str, value: Value) {
    let mut here = document;
    for key in pointer.split('/').skip(1) {
        if here.is_null() {
            *here = json!({});
        }
        here = here.as_object_mut().unwrap().entry(key).or_insert(Value::Null);
    }
    *here = value;
}

pub(in crate::plan) fn network(key: &str) -> DesiredNetwork {
    DesiredNetwork {
        key: key.into(),
        name: format!("st_{key}"),
        body: json!({"Name": format!("st_{key}"), "Driver": "overlay", "Internal": false, "Attachable": false,
            "Labels": {"com.docker.stack.namespace": "st"}}),
        origins: Origins::default(),
    }
}

pub(in crate::plan) fn desired(services: Vec<DesiredService>) -> Desired {
    Desired { stack: "st".into(), networks: vec![network("default")], services, ..Desired::default() }
}

/// What the engine makes of a spec: ids for names, and what it fills in.
pub(in crate::plan) fn stored(spec: &Value) -> Value {
    let mut spec = spec.clone();
    let default = |spec: &mut Value, pointer: &str, value: Value| {
        let empty = spec.pointer(pointer).is_none_or(|v| v.is_null() || v == "");
        if empty {
            put(spec, pointer, value);
        }
    };
    default(&mut spec, "/TaskTemplate/Runtime", json!("container"));
    default(&mut spec, "/TaskTemplate/ContainerSpec/Isolation", json!("default"));
    default(&mut spec, "/EndpointSpec/Mode", json!("vip"));
    if spec.pointer("/Mode/Replicated").is_some() {
        default(&mut spec, "/Mode/Replicated/Replicas", json!(1));
    }
    if spec.pointer("/Mode/ReplicatedJob").is_some() {
        default(&mut spec, "/Mode/ReplicatedJob/MaxConcurrent", json!(1));
        default(&mut spec, "/Mode/ReplicatedJob/TotalCompletions", json!(1));
    }
    if spec.pointer("/TaskTemplate/RestartPolicy").is_some() {
        default(&mut spec, "/TaskTemplate/RestartPolicy/Condition", json!("any"));
        default(&mut spec, "/TaskTemplate/RestartPolicy/MaxAttempts", json!(0));
    }
    for config in ["/UpdateConfig", "/RollbackConfig"] {
        if spec.pointer(config).is_some() {
            default(&mut spec, &format!("{config}/FailureAction"), json!("pause"));
            default(&mut spec, &format!("{config}/Order"), json!("stop-first"));
        }
    }
    if let Some(Value::Object(privileges)) = spec.pointer_mut("/TaskTemplate/ContainerSpec/Privileges") {
        privileges.shift_remove("NoNewPrivileges");
    }
    if let Some(Value::Array(ports)) = spec.pointer_mut("/EndpointSpec/Ports") {
        for port in ports {
            default(port, "/Protocol", json!("tcp"));
            default(port, "/PublishMode", json!("ingress"));
        }
    }
    for (list, id, name) in [("Configs", "ConfigID", "ConfigName"), ("Secrets", "SecretID", "SecretName")] {
        if let Some(Value::Array(files)) = spec.pointer_mut(&format!("/TaskTemplate/ContainerSpec/{list}")) {
            for file in files {
                file[id] = json!(format!("id-{}", file[name].as_str().unwrap()));
            }
        }
    }
    if let Some(Value::Array(networks)) = spec.pointer_mut("/TaskTemplate/Networks") {
        for network in networks {
            network["Target"] = json!(format!("id-{}", network["Target"].as_str().unwrap()));
        }
    }
    spec
}

/// A swarm of one node in which `services` run as they are.
pub(in crate::plan) fn snapshot(services: &[DesiredService]) -> Snapshot {
    let mut snapshot = Snapshot { stack: "st".into(), nodes: vec![node("n1")].into(), ..Snapshot::default() };
    snapshot.cluster.id = "cluster".into();
    snapshot.cluster.api_version = "1.41".into();
    snapshot.networks.push(live_network("st_default"));
    for service in services {
        let id = format!("id-{}", service.name);
        let live = live_service(&id, &service.name, stored(&service.spec));
        if let ServiceMode::Replicated { replicas } = live.mode() {
            snapshot.tasks.extend((1..=replicas).map(|slot| task(&id, slot).into()));
        }
        snapshot.services.push(live);
    }
    snapshot
}

pub(in crate::plan) fn live_network(name: &str) -> LiveNetwork {
    let labels = BTreeMap::from([(NAMESPACE_LABEL.to_owned(), "st".to_owned())]);
    LiveNetwork {
        id: format!("id-{name}"),
        name: name.into(),
        driver: "overlay".into(),
        scope: "swarm".into(),
        ingress: false,
        raw: json!({"Internal": false, "Attachable": false, "Labels": labels,
            "Options": {"com.docker.network.driver.overlay.vxlanid_list": "4097"},
            "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1"}]}}),
        labels,
    }
}

pub(in crate::plan) fn live_service(id: &str, name: &str, spec: Value) -> LiveService {
    LiveService {
        id: id.into(),
        name: name.into(),
        version: 7,
        spec: spec.into(),
        update: None,
        created: None,
        updated: None,
        running: None,
        wanted: None,
        completed: None,
        ports: Vec::new(),
        job_iteration: None,
    }
}

pub(in crate::plan) fn task(service: &str, slot: u64) -> Task {
    Task {
        id: format!("{service}-{slot}"),
        service: service.into(),
        slot: Some(slot),
        node: Some("n1".into()),
        desired: TaskState::Running,
        state: TaskState::Running,
        since: None,
        created: None,
        message: String::new(),
        error: String::new(),
        exit_code: None,
        container: None,
        spec: Value::Null.into(),
        ports: Vec::new(),
        job_iteration: None,
    }
}
