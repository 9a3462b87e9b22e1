//! What docker and we really do with a case, on a swarm whose node is drained: no task starts there.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::case::{Case, Outcome, STACK};
use crate::support::proxy::{Fault, Proxy, Seen};

const NAMESPACE: &str = "com.docker.stack.namespace";
const FLAGS: [&str; 3] = ["--detach=true", "--resolve-image", "never"];

pub fn docker(case: &Case, host: &str) -> Outcome {
    let (output, mut outcome, room) = deploy(case, host, &mut Command::new("docker"), &["stack", "deploy"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if output.status.success() {
        outcome.warnings = lines.iter().map(|line| (*line).to_owned()).collect();
    } else {
        outcome.error = lines.last().map(|line| without_ids(line).replace(room.path().to_str().unwrap(), "/srv/shop"));
    }
    outcome
}

/// Errors and warnings are taken from the kept result, once the program has named their codes.
pub fn stackup(case: &Case, host: &str, kept: &Value) -> Outcome {
    let (output, mut outcome, _) = deploy(case, host, &mut Command::new(env!("CARGO_BIN_EXE_stackup")), &["deploy"]);
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    let codes = |text: &str| -> Vec<String> {
        text.split('(')
            .filter_map(|part| part.strip_prefix("SU")?.split_once(')'))
            .map(|(n, _)| format!("SU{n}"))
            .collect()
    };
    let repeated = |text: &str| codes(text).iter().all(|code| said.contains(code.as_str()));
    match kept["error"].as_str() {
        Some(error) if !output.status.success() && repeated(error) => outcome.error = Some(error.to_owned()),
        _ if output.status.success() => {}
        _ => outcome.error = Some(said.clone()),
    }
    let warnings = kept["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
    outcome.warnings = warnings.filter(|warning| repeated(warning)).map(str::to_owned).collect();
    outcome
}

fn deploy(case: &Case, host: &str, program: &mut Command, words: &[&str]) -> (Output, Outcome, tempfile::TempDir) {
    clear(host);
    let room = tempfile::tempdir().unwrap();
    let copied =
        Command::new("cp").args(["-R", &format!("{}/.", case.dir.display())]).arg(room.path()).status().unwrap();
    assert!(copied.success());
    if let Some((file, stack)) = case.before() {
        let args = ["stack", "deploy"].into_iter().chain(FLAGS).chain(["-c", file, stack]);
        let output = surroundings(&mut Command::new("docker"), case, host, room.path()).args(args).output().unwrap();
        assert!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
    }
    let before = look(host);
    let socket = room.path().join("proxy.sock");
    let proxy = Proxy::start(&socket, Path::new(host.trim_start_matches("unix://")), Fault::None).unwrap();
    let files = case.files();
    let files = files.iter().flat_map(|file| ["-c", file]);
    let program = surroundings(program, case, &proxy.host(), room.path());
    let output = program.args(words).args(FLAGS).args(files).arg(STACK).output().unwrap();
    let after = look(host);
    let writes = proxy.writes();
    let created: Vec<String> =
        writes.iter().filter(|w| w.path.contains("/services/create")).filter_map(|w| w.name.clone()).collect();
    let stored = after.specs.to_string().replace(room.path().to_str().unwrap(), "/srv/shop");
    let mut outcome = Outcome { stored: serde_json::from_str(&stored).unwrap(), ..Outcome::default() };
    outcome.writes = writes.iter().filter_map(|write| in_words(write, &before.names)).collect();
    outcome.writes.sort();
    outcome.writes.dedup();
    outcome.restarts = restarts(&before, &after);
    // The chain's last comes first.
    outcome.in_order = created.is_sorted_by(|a, b| a > b);
    drop(proxy);
    clear(host);
    (output, outcome, room)
}

fn surroundings<'a>(command: &'a mut Command, case: &Case, host: &str, room: &Path) -> &'a mut Command {
    command.current_dir(room).env_clear().env("DOCKER_HOST", host).envs(case.environment());
    command.env("PATH", std::env::var_os("PATH").unwrap());
    if let Some(home) = case.home() {
        command.env("HOME", home);
    }
    command
}

/// What the swarm stores for both stacks.
struct Look {
    specs: Value,
    /// Names by id.
    names: BTreeMap<String, String>,
    /// What decides about the tasks of a service, and how often a job was started.
    tasks: BTreeMap<String, Value>,
}

fn look(host: &str) -> Look {
    let mut look = Look { specs: json!({}), names: BTreeMap::new(), tasks: BTreeMap::new() };
    for kind in ["services", "networks", "configs", "secrets"] {
        let mut specs = Map::new();
        for found in of_the_stacks(host, kind) {
            let spec = if kind == "networks" { &found } else { &found["Spec"] };
            let name = spec["Name"].as_str().unwrap().to_owned();
            look.names.insert(id(&found).to_owned(), name.clone());
            if kind == "services" {
                let mut task = spec["TaskTemplate"].clone();
                task.as_object_mut().unwrap().shift_remove("Placement");
                let iteration = &found["JobStatus"]["JobIteration"]["Index"];
                look.tasks.insert(name.clone(), json!([task, spec["EndpointSpec"]["Ports"], iteration]));
            }
            specs.insert(name, spec.clone());
        }
        look.specs[kind] = Value::Object(specs);
    }
    let names = look.names.clone();
    for service in look.specs["services"].as_object_mut().unwrap().values_mut() {
        for network in service["TaskTemplate"]["Networks"].as_array_mut().into_iter().flatten() {
            if let Some(name) = network["Target"].as_str().and_then(|id| names.get(id)) {
                network["Target"] = name.as_str().into();
            }
        }
    }
    look
}

fn id(object: &Value) -> &str {
    object["ID"].as_str().or(object["Id"].as_str()).unwrap()
}

fn of_the_stacks(host: &str, kind: &str) -> Vec<Value> {
    let list = |stack: &str| {
        let filter = format!("{{\"label\":[\"{NAMESPACE}={stack}\"]}}").replace('"', "%22");
        api(host, "GET", &format!("/{kind}?filters={filter}"))
    };
    [STACK, "other"].iter().filter_map(|stack| list(stack).as_array().cloned()).flatten().collect()
}

/// A request to the engine without a body. HTTP 1.0: the answer ends with the connection, in one piece.
fn api(host: &str, method: &str, path: &str) -> Value {
    let mut engine = UnixStream::connect(host.trim_start_matches("unix://")).unwrap();
    write!(engine, "{method} /v1.41{path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    engine.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or_default()
}

fn restarts(before: &Look, after: &Look) -> Vec<String> {
    let was = before.tasks.iter().filter(|(name, task)| after.tasks.get(*name).is_some_and(|now| now != *task));
    was.map(|(name, _)| name.clone()).collect()
}

/// `POST /v1.41/services/ID/update?version=7` is `update service shop_web`; what stackup keeps for itself is no part of a stack.
fn in_words(write: &Seen, names: &BTreeMap<String, String>) -> Option<String> {
    let path = write.path.split('?').next().unwrap_or_default();
    let mut parts =
        path.trim_start_matches('/').split('/').skip_while(|part| part.starts_with('v') && part.contains('.'));
    let kind = parts.next()?.trim_end_matches('s');
    if !["service", "network", "config", "secret"].contains(&kind) {
        return None;
    }
    let object = parts.next()?;
    let (verb, name) = match (write.method.as_str(), object, parts.next()) {
        ("POST", "create", _) => ("create", write.name.clone()?),
        ("POST", id, Some("update")) => ("update", names.get(id)?.clone()),
        ("DELETE", id, _) => ("remove", names.get(id)?.clone()),
        _ => return None,
    };
    (!name.starts_with("stackup.")).then(|| format!("{verb} {kind} {name}"))
}

/// Ids are 25 letters and digits, and of chance.
fn without_ids(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let id = core.len() == 25 && core.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if id { word.replace(core, "ID") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Nothing of the stacks, nor of what stackup keeps for them.
fn clear(host: &str) {
    let since = Instant::now();
    loop {
        let mut left = 0;
        for kind in ["services", "secrets", "configs", "networks"] {
            for object in of_the_stacks(host, kind) {
                left += 1;
                // A network that a service still leaves is asked again.
                api(host, "DELETE", &format!("/{kind}/{}", id(&object)));
            }
        }
        if left == 0 {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "the swarm does not get empty");
        std::thread::sleep(Duration::from_millis(100));
    }
}
