//! `action.yml` and what a runner does with it: expressions, steps in order, files, and the log's commands.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use stackup::compose::yaml;
use stackup::diagnostic::{Diagnostics, Sources};

/// A YAML file of this repository.
pub fn yaml_file(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut sources, mut told) = (Sources::default(), Diagnostics::default());
    let file = sources.add(path.to_str().expect("UTF-8"), text.as_str());
    let node = yaml::parse(file, &text, &mut told);
    let wrong: Vec<String> = told.iter().map(|one| format!("{}: {}", path.display(), one.message)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    yaml::json(&node.expect("a document"))
}

pub fn action_yml() -> Value {
    yaml_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml"))
}

/// Names of `inputs` or `outputs`, in order.
pub fn names(action: &Value, key: &str) -> Vec<String> {
    action[key].as_object().expect("a mapping").keys().cloned().collect()
}

/// A job on a machine of its own.
pub struct Job {
    pub folder: tempfile::TempDir,
    pub environment: BTreeMap<String, String>,
    /// The job is cancelled once a line holds this: SIGINT to the process that the runner started, and to no other.
    pub cancelled_at: Option<String>,
}

/// What a step said to the runner.
#[derive(Debug, Default)]
pub struct Ran {
    pub code: i32,
    /// As a person reads it: masked.
    pub log: String,
    /// What the program printed.
    pub raw: String,
    pub outputs: BTreeMap<String, String>,
    pub summary: String,
    /// Commands that the runner took: name, properties, data.
    pub commands: Vec<(String, String, String)>,
    /// Artifacts that would be uploaded.
    pub uploaded: Vec<(String, PathBuf)>,
    /// From the signal to the end.
    pub left_after: Option<Duration>,
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{:#?}", self.log, self.outputs);
        self
    }

    #[track_caller]
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("no output {name}: {:?}", self.outputs))
    }

    pub fn annotations(&self, kind: &str) -> Vec<String> {
        let of = self.commands.iter().filter(|(name, _, _)| name == kind);
        of.map(|(_, properties, data)| format!("{properties}|{data}")).collect()
    }
}

impl Job {
    pub fn new(event: &str, payload: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["work", "temp"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        std::fs::write(folder.path().join("event.json"), payload.to_string()).expect("a file");
        let mut job = Self { folder, environment: BTreeMap::new(), cancelled_at: None };
        let path = |name: &str| job.folder.path().join(name).to_str().expect("UTF-8").to_owned();
        let set = [
            ("CI", "true".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_EVENT_NAME", event.to_owned()),
            ("GITHUB_EVENT_PATH", path("event.json")),
            ("GITHUB_WORKSPACE", path("work")),
            ("RUNNER_TEMP", path("temp")),
            ("HOME", path("temp")),
            ("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR").to_owned()),
            ("GITHUB_REPOSITORY", "acme/infra".to_owned()),
            ("GITHUB_SERVER_URL", "https://github.example".to_owned()),
            ("GITHUB_RUN_ID", "7700".to_owned()),
            ("GITHUB_RUN_NUMBER", "812".to_owned()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_ACTOR", "ana".to_owned()),
            ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567".to_owned()),
            ("RUNNER_ENVIRONMENT", "github-hosted".to_owned()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
        ];
        job.environment.extend(set.map(|(name, value)| (name.to_owned(), value)));
        job
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.work().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    /// All steps of the action, as a runner does them.
    pub fn run(&self, with: &[(&str, &str)]) -> Ran {
        let action = action_yml();
        let mut inputs: BTreeMap<String, String> = BTreeMap::new();
        for (name, input) in action["inputs"].as_object().expect("inputs") {
            inputs.insert(name.clone(), input["default"].as_str().unwrap_or_default().to_owned());
        }
        for (name, value) in with {
            assert!(inputs.contains_key(*name), "action.yml has no input {name}");
            inputs.insert((*name).to_owned(), (*value).to_owned());
        }
        // `github.token`
        inputs.entry("token".to_owned()).and_modify(|token| {
            if token.contains("github.token") {
                "ghs_ofthejob".clone_into(token);
            }
        });
        let mut ran = Ran::default();
        let mut steps: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (n, step) in action["runs"]["steps"].as_array().expect("steps").iter().enumerate() {
            let value = |text: &str| expand(text, &inputs, &steps);
            let condition = step["if"].as_str().unwrap_or("success()");
            if !holds(condition, ran.code == 0, &value) {
                continue;
            }
            if let Some(uses) = step["uses"].as_str() {
                assert!(uses.split_once('@').is_some_and(|(_, at)| at.len() == 40), "{uses} is not pinned");
                let with = |name: &str| value(step["with"][name].as_str().expect("a text"));
                ran.uploaded.push((with("name"), with("path").into()));
                continue;
            }
            assert_eq!(step["shell"], "bash", "a composite step names its shell");
            let outputs = self.step(n, step, &value, &mut ran);
            if let Some(id) = step["id"].as_str() {
                steps.insert(id.to_owned(), outputs);
            }
        }
        for (name, output) in action["outputs"].as_object().expect("outputs") {
            let text = output["value"].as_str().expect("a value");
            ran.outputs.insert(name.clone(), expand(text, &inputs, &steps));
        }
        ran
    }

    fn step(&self, n: usize, step: &Value, value: &dyn Fn(&str) -> String, ran: &mut Ran) -> BTreeMap<String, String> {
        let script = step["run"].as_str().expect("a script");
        assert!(!script.contains("${{"), "nothing is pasted into a script: {script}");
        let here = self.folder.path();
        let (file, output, summary) =
            (here.join(format!("{n}.sh")), here.join(format!("{n}.output")), here.join(format!("{n}.summary")));
        std::fs::write(&file, script).expect("a file");
        std::fs::write(&output, "").expect("a file");
        std::fs::write(&summary, "").expect("a file");
        let folder = value(step["working-directory"].as_str().unwrap_or("."));
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&file);
        command.env_clear().envs(&self.environment).current_dir(self.work().join(folder));
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        for (name, text) in step["env"].as_object().into_iter().flatten() {
            command.env(name, value(text.as_str().expect("a text")));
        }
        let (text, code) = self.follow(command, step["id"] == "run", &mut ran.left_after);
        ran.listen(&text);
        ran.raw.push_str(&text);
        if ran.code == 0 {
            ran.code = code;
        }
        ran.summary.push_str(&std::fs::read_to_string(&summary).expect("UTF-8"));
        environment_file(&std::fs::read_to_string(&output).expect("UTF-8"))
    }
}

impl Job {
    /// Both streams, and the exit code.
    fn follow(&self, mut command: Command, main: bool, left_after: &mut Option<Duration>) -> (String, i32) {
        let Some(point) = self.cancelled_at.as_ref().filter(|_| main) else {
            let done = command.stdin(Stdio::null()).output().expect("bash");
            let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            return (text, done.status.code().unwrap_or(-1));
        };
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("bash");
        let (mut text, mut signalled) = (String::new(), None);
        for line in BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok) {
            text.push_str(&format!("{line}\n"));
            if signalled.is_none() && line.contains(point) {
                let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
                assert!(sent.success());
                signalled = Some(Instant::now());
            }
        }
        let code = child.wait().expect("an end").code().unwrap_or(-1);
        *left_after = signalled.map(|at| at.elapsed());
        (text, code)
    }
}

impl Ran {
    /// The runner's way with a log: `::name properties::data` at the start of a line, `##[name]` anywhere.
    fn listen(&mut self, text: &str) {
        let (mut stopped, mut masks): (Option<String>, Vec<String>) = (None, Vec::new());
        let decode = |text: &str| {
            text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
        };
        for line in text.lines() {
            let trimmed = line.trim_start();
            let old = line.find("##[").and_then(|at| line[at + 3..].split_once(']'));
            let new = trimmed.strip_prefix("::").and_then(|rest| rest.split_once("::"));
            if let Some(token) = &stopped {
                if new.is_some_and(|(name, _)| name == token) {
                    stopped = None;
                    continue;
                }
            } else if let Some((head, data)) = new.or(old) {
                let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
                let data = decode(data);
                match name {
                    "stop-commands" => stopped = Some(data.clone()),
                    "add-mask" => masks.push(data.clone()),
                    _ => {}
                }
                self.commands.push((name.to_owned(), decode(properties), data));
                continue;
            }
            let shown = masks.iter().fold(line.to_owned(), |line, mask| line.replace(mask.as_str(), "***"));
            self.log.push_str(&format!("{shown}\n"));
        }
        assert_eq!(stopped, None, "commands are taken again at the end of a step");
    }
}

/// `name=value` and `name<<DELIMITER`, as the runner reads them.
pub fn environment_file(text: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let heredoc = line.find("<<").filter(|at| line.find('=').is_none_or(|equals| *at < equals));
        match heredoc {
            Some(at) => {
                let (name, delimiter) = (&line[..at], &line[at + 2..]);
                let mut value = Vec::new();
                loop {
                    match lines.next() {
                        Some(end) if end == delimiter => break,
                        Some(more) => value.push(more),
                        None => panic!("{name} has no end"),
                    }
                }
                values.insert(name.to_owned(), value.join("\n"));
            }
            None => {
                let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("`{line}` is no output"));
                values.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    values
}

/// The expressions that action.yml uses, and no other.
fn expand(text: &str, inputs: &BTreeMap<String, String>, steps: &BTreeMap<String, BTreeMap<String, String>>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${{") {
        let (before, after) = rest.split_at(at);
        let end = after.find("}}").expect("an end");
        out.push_str(before);
        out.push_str(&one(after[3..end].trim(), inputs, steps));
        rest = &after[end + 2..];
    }
    out + rest
}

fn one(name: &str, inputs: &BTreeMap<String, String>, steps: &BTreeMap<String, BTreeMap<String, String>>) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        ["inputs", input] => inputs.get(*input).unwrap_or_else(|| panic!("no input {input}")).clone(),
        ["steps", step, "outputs", output] => {
            steps.get(*step).and_then(|s| s.get(*output)).cloned().unwrap_or_default()
        }
        other => panic!("what is {other:?}?"),
    }
}

/// `a && b` of `always()`, `success()` and comparisons with a text.
fn holds(condition: &str, well: bool, value: &dyn Fn(&str) -> String) -> bool {
    let always = condition.contains("always()");
    (always || well)
        && condition.split("&&").map(str::trim).all(|term| {
            let compared =
                |sign: &str| term.split_once(sign).map(|(left, right)| (left.trim(), right.trim().trim_matches('\'')));
            match term {
                "always()" => true,
                "success()" => well,
                _ => match (compared("=="), compared("!=")) {
                    (Some((left, right)), _) => value(&format!("${{{{ {left} }}}}")) == right,
                    (_, Some((left, right))) => value(&format!("${{{{ {left} }}}}")) != right,
                    _ => panic!("what is `{term}`?"),
                },
            }
        })
}
