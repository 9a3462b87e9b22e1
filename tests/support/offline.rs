//! Plans without an engine: the swarm is a value that a test sets up.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};
use stackup::app::load::{Loaded, Request, load};
use stackup::app::place::Place;
use stackup::app::unseal::Unseal;
use stackup::diagnostic::{Diagnostic, Diagnostics, Severity, Sources};
use stackup::plan::{Action, Plan, PlanOptions, ResolveImage, Write, build};
use stackup::swarm::convert::convert;
use stackup::swarm::{
    Availability, Cluster, Desired, Kind, LiveConfig, LiveNetwork, LiveSecret, LiveService, Node, NodeState, Snapshot,
};

/// What a person has around them.
pub struct Surroundings<'a> {
    pub dir: &'a Path,
    pub environment: BTreeMap<String, String>,
    pub home: Option<String>,
}

/// What was read, and what is wrong with it.
pub struct Read {
    pub desired: Option<Desired>,
    pub told: Diagnostics,
    pub sources: Sources,
}

/// The files of a folder, as `stack`.
pub fn read(around: &Surroundings, files: &[String], stack: &str) -> Read {
    let request = Request {
        files: files.iter().map(|file| around.dir.join(file).to_str().unwrap().to_owned()).collect(),
        env_files: Vec::new(),
        variables: around.environment.clone(),
        home: around.home.clone(),
        contents: true,
        interpolate: true,
        place: Place::Disk,
        unseal: Unseal::default(),
    };
    let Loaded { stack: found, diagnostics: mut told, sources, .. } = load(&request);
    let desired = found.filter(|_| !told.has_errors()).map(|found| convert(&found, stack, &mut told));
    Read { desired: desired.filter(|_| !told.has_errors()), told, sources }
}

/// `compose.yml:3:5 message (SU0201): help`; folders are no part of it.
pub fn words(all: &Diagnostics, severity: Severity, sources: &Sources, help: bool) -> Vec<String> {
    let one = |d: &Diagnostic| {
        let place = d.primary.as_ref().and_then(|label| {
            let (file, at) = (sources.get(label.span.file)?, sources.start(label.span)?);
            let name = Path::new(&file.path).file_name()?.to_str()?;
            Some(format!("{name}:{}:{} ", at.line, at.column))
        });
        let help = d.help.as_ref().filter(|_| help).map(|help| format!(": {help}"));
        format!("{}{} ({}){}", place.unwrap_or_default(), d.message, d.code.id, help.unwrap_or_default())
    };
    all.iter().filter(|d| d.severity == severity).map(one).collect()
}

/// A swarm of one manager that has the engine's own plugins, and nothing else.
pub fn swarm(stack: &str) -> Snapshot {
    let plugins = ["overlay", "bridge", "host", "null", "local", "json-file"].map(|name| json!({"Name": name}));
    let node = Node {
        id: "n1".into(),
        hostname: "n1".into(),
        manager: true,
        leader: true,
        availability: Availability::Active,
        state: NodeState::Ready,
        address: "10.0.0.1".into(),
        labels: BTreeMap::new(),
        engine_labels: BTreeMap::new(),
        os: "linux".into(),
        architecture: "x86_64".into(),
        nano_cpus: 64_000_000_000,
        memory: 1 << 40,
        raw: json!({"Description": {"Engine": {"Plugins": plugins}}}),
    };
    let cluster = Cluster { id: "c".into(), api_version: "1.51".into(), ..Cluster::default() };
    Snapshot { stack: stack.into(), cluster, nodes: vec![node].into(), ..Snapshot::default() }
}

pub fn plan(desired: &Desired, snapshot: &Snapshot) -> Plan {
    // As `deploy`: docker asks for no place, and this one node has no generic resources.
    let skip_preflight = vec!["SU0511".to_owned()];
    build(desired, snapshot, &PlanOptions { resolve: ResolveImage::Never, skip_preflight, ..PlanOptions::default() })
}

/// `create service shop_web` for each change, sorted.
pub fn writes(plan: &Plan) -> Vec<String> {
    let verb = |action| match action {
        Action::Create => "create",
        Action::Update | Action::Scale | Action::Restart => "update",
        Action::Recreate => "recreate",
        Action::Remove => "remove",
    };
    let one = |c: &stackup::plan::Change| format!("{} {} {}", verb(c.action), c.kind.as_str(), c.name);
    let mut all: Vec<String> = plan.changes.iter().map(one).collect();
    all.sort();
    all
}

/// Services come after those that they depend on.
pub fn in_order(desired: &Desired, plan: &Plan) -> bool {
    let wave = |key: &str| plan.changes.iter().find(|c| c.kind == Kind::Service && c.key == key).map(|c| c.wave);
    desired.services.iter().all(|s| s.depends_on.keys().all(|before| wave(before) < wave(&s.key)))
}

/// Puts into the swarm what these want; names stand for ids.
pub fn deploy(desired: &Desired, snapshot: &mut Snapshot) {
    for network in &desired.networks {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let labels = network.body["Labels"].as_object().unwrap();
        snapshot.networks.push(LiveNetwork {
            id: network.name.clone(),
            name: network.name.clone(),
            driver: text(&network.body["Driver"]),
            scope: "swarm".into(),
            ingress: false,
            labels: labels.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
            raw: network.body.clone(),
        });
    }
    for config in &desired.configs {
        snapshot.configs.push(self::config(&config.name, &config.spec, Some(&config.content.0)));
    }
    for secret in &desired.secrets {
        snapshot.secrets.push(self::secret(&secret.name, &secret.spec));
    }
    for service in &desired.services {
        snapshot.services.push(LiveService {
            id: service.name.clone(),
            name: service.name.clone(),
            version: 1,
            spec: service.spec.clone().into(),
            update: None,
            created: None,
            updated: None,
            running: None,
            wanted: None,
            completed: None,
            ports: Vec::new(),
            job_iteration: None,
        });
    }
}

/// Puts into the swarm what these expect of others.
pub fn provide_external(desired: &Desired, snapshot: &mut Snapshot) {
    for object in &desired.external {
        let (id, name) = (object.name.clone(), object.name.clone());
        match object.kind {
            Kind::Config => snapshot.configs.push(config(&name, &json!({"Name": name}), Some(b"x"))),
            Kind::Secret => snapshot.secrets.push(secret(&name, &json!({"Name": name}))),
            Kind::Network => snapshot.networks.push(LiveNetwork {
                raw: json!({"Name": name, "Driver": "overlay", "Attachable": true}),
                id,
                name,
                driver: "overlay".into(),
                scope: "swarm".into(),
                ingress: false,
                labels: BTreeMap::new(),
            }),
            Kind::Service => {}
        }
    }
}

fn config(name: &str, spec: &Value, data: Option<&[u8]>) -> LiveConfig {
    let (id, name, data) = (name.to_owned(), name.to_owned(), data.map(Into::into));
    LiveConfig { id, name, version: 1, spec: spec.clone(), data, created: None, updated: None }
}

fn secret(name: &str, spec: &Value) -> LiveSecret {
    let (id, name) = (name.to_owned(), name.to_owned());
    LiveSecret { id, name, version: 1, spec: spec.clone(), created: None, updated: None }
}

/// Specs by kind and name, as they are and, where the plan changes them, as they will be. A config that is created has its bytes.
pub fn stored(snapshot: &Snapshot, plan: Option<&Plan>) -> Value {
    let map = |all: Vec<(String, Value)>| all.into_iter().collect::<Map<_, _>>();
    let mut stored = json!({
        "services": map(snapshot.services.iter().map(|s| (s.name.clone(), s.spec.as_ref().clone())).collect()),
        "networks": map(snapshot.networks.iter().map(|n| (n.name.clone(), n.raw.clone())).collect()),
        "configs": map(snapshot.configs.iter().map(|c| (c.name.clone(), c.spec.clone())).collect()),
        "secrets": map(snapshot.secrets.iter().map(|s| (s.name.clone(), s.spec.clone())).collect()),
    });
    for change in plan.iter().flat_map(|plan| &plan.changes) {
        if let Some(spec) = written(&change.write) {
            stored[format!("{}s", change.kind.as_str())][&change.name] = spec;
        }
    }
    stored
}

fn written(write: &Write) -> Option<Value> {
    Some(match write {
        Write::CreateService { spec }
        | Write::UpdateService { spec, .. }
        | Write::RecreateService { spec, .. }
        | Write::CreateSecret { spec, .. }
        | Write::UpdateSecret { spec, .. } => spec.clone(),
        Write::CreateNetwork { body } | Write::RecreateNetwork { body, .. } => body.clone(),
        Write::CreateConfig { spec, content } | Write::UpdateConfig { spec, content, .. } => {
            let mut spec = spec.clone();
            spec["Data"] = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &content.0).into();
            spec
        }
        Write::RemoveService { .. }
        | Write::RemoveNetwork { .. }
        | Write::RemoveConfig { .. }
        | Write::RemoveSecret { .. } => return None,
    })
}
