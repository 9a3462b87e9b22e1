//! Strangers' stacks, without an engine: a stack that docker deployed needs no change, so what convert makes of the files
//! equals what docker made swarm store. The cases live beside the project (`../shared/corpus`); without them nothing is tested.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stackup::compose::{FileError, Files, Input, Options, load};
use stackup::diagnostic::{Diagnostics, Sources};
use stackup::plan::{PlanOptions, ResolveImage, build};
use stackup::swarm::convert::convert;
use stackup::swarm::{Cluster, Desired, LiveConfig, LiveNetwork, LiveSecret, LiveService, Snapshot};

/// Where the cases ran when docker's answer was recorded.
const ROOM: &str = "/var/tmp/stackup-oracle/a/b/c/case";

struct Case(PathBuf);

impl Files for Case {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let path = path.strip_prefix(ROOM).map_or_else(|_| path.to_owned(), |rest| self.0.join(rest));
        std::fs::read(path).map_err(|e| FileError::Unreadable(e.to_string()))
    }
}

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("STACKUP_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    Some(shared.join("corpus")).filter(|dir| dir.is_dir())
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn desired(dir: &Path, case: &Value) -> Result<Desired, String> {
    let paths = case["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap());
    let inputs: Vec<Input> =
        paths.map(|p| Input { path: p.to_owned(), bytes: std::fs::read(dir.join(p)).unwrap() }).collect();
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let environment = case["env"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), text(v))).collect();
    let options = Options {
        working_dir: ROOM.into(),
        environment,
        home: Some("/home/user".into()),
        interpolate: true,
        contents: true,
    };
    let loaded = load(&inputs, &options, &Case(dir.to_owned()), &mut Sources::default());
    let stack = loaded.stack.ok_or_else(|| said(&loaded.diagnostics))?;
    let mut diagnostics = Diagnostics::default();
    let desired = convert(&stack, "case", &mut diagnostics);
    if diagnostics.has_errors() { Err(said(&diagnostics)) } else { Ok(desired) }
}

fn said(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(|d| format!("{}: {}", d.code, d.message)).collect::<Vec<_>>().join("; ")
}

fn strings(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect()
}

/// The swarm that docker left, as far as it was recorded: names stand for ids.
fn recorded(specs: &Value, desired: &Desired) -> Snapshot {
    let mut snapshot = Snapshot { stack: "case".into(), ..Snapshot::default() };
    snapshot.cluster = Cluster { id: "c".into(), api_version: "1.51".into(), ..Cluster::default() };
    let each = |kind: &str| specs[kind].as_object().cloned().into_iter().flatten();
    for (name, raw) in each("networks") {
        let mut raw = raw;
        let subnets = raw["IPAM"]["Subnets"].as_array().cloned().unwrap_or_default();
        raw["IPAM"]["Config"] = subnets.into_iter().map(|s| json!({"Subnet": s})).collect();
        snapshot.networks.push(LiveNetwork {
            id: name.clone(),
            driver: raw["Driver"].as_str().unwrap_or_default().into(),
            scope: "swarm".into(),
            ingress: false,
            labels: strings(&raw["Labels"]),
            name,
            raw,
        });
    }
    for (name, mut spec) in each("configs") {
        let data = spec.as_object_mut().and_then(|s| s.shift_remove("Data"));
        let found = desired.configs.iter().find(|c| c.name == name).map(|c| c.content.0.clone());
        let encoded = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
        let data = found.filter(|bytes| data.as_ref().and_then(Value::as_str) == Some(&encoded(bytes)));
        let (created, updated) = (None, None);
        snapshot.configs.push(LiveConfig { id: name.clone(), name, version: 1, spec, data, created, updated });
    }
    for (name, spec) in each("secrets") {
        let (created, updated) = (None, None);
        snapshot.secrets.push(LiveSecret { id: name.clone(), name, version: 1, spec, created, updated });
    }
    for (name, spec) in each("services") {
        snapshot.services.push(LiveService {
            id: name.clone(),
            name,
            version: 1,
            spec: spec.into(),
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
    snapshot
}

#[test]
fn a_stack_that_docker_deployed_needs_no_change() {
    let Some(corpus) = corpus() else {
        println!("skipped: no corpus beside the project");
        return;
    };
    let (mut agreed, mut problems) = (0, Vec::new());
    let mut cases: Vec<PathBuf> = std::fs::read_dir(corpus).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    for dir in cases.into_iter().filter(|d| d.join("expected.specs.json").is_file()) {
        let (case, specs) = (read(&dir.join("case.json")), read(&dir.join("expected.specs.json")));
        if specs.get("deploy_error").is_some() || case.get("differs").is_some() {
            continue;
        }
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let desired = match desired(&dir, &case) {
            Ok(desired) => desired,
            Err(why) => {
                problems.push(format!("{name}: not read: {why}"));
                continue;
            }
        };
        let options = PlanOptions { resolve: ResolveImage::Never, ..PlanOptions::default() };
        let plan = build(&desired, &recorded(&specs, &desired), &options);
        let refused: Vec<_> = plan.preflight.iter().filter(|d| d.code.id != "SU0501").map(|d| &d.message).collect();
        for change in &plan.changes {
            let fields: Vec<_> =
                change.fields.iter().map(|f| format!("{} {:?} -> {:?}", f.path, f.before, f.after)).collect();
            problems.push(format!("{name}: {} {}: {}", change.address(), change.action.as_str(), fields.join("; ")));
        }
        problems.extend(refused.iter().map(|message| format!("{name}: refused: {message}")));
        agreed += usize::from(plan.is_empty() && refused.is_empty());
    }
    assert!(problems.is_empty(), "{agreed} agree\n{}", problems.join("\n"));
}
