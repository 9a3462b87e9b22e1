//! `action.yml`, what the documentation and the examples say of it, and the project's own workflow.
//! `STACKUP_UPDATE_DOCS=1` writes the tables anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "support/action.rs"]
mod action;

use std::path::{Path, PathBuf};

use action::{action_yml, names, yaml_file};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A row for each, as GitHub draws it.
fn table(key: &str) -> String {
    let action = action_yml();
    let mut out = match key {
        "inputs" => "| input | default | |\n|---|---|---|\n".to_owned(),
        _ => "| output | |\n|---|---|\n".to_owned(),
    };
    for (name, one) in action[key].as_object().unwrap() {
        let text = one["description"].as_str().unwrap();
        assert!(!text.contains('|') && !text.is_empty(), "{name}");
        let default = match one["default"].as_str() {
            None | Some("") => String::new(),
            Some(default) => format!("`{default}`"),
        };
        out.push_str(&match key {
            "inputs" => format!("| `{name}` | {default} | {text} |\n"),
            _ => format!("| `{name}` | {text} |\n"),
        });
    }
    out
}

#[test]
fn the_document_has_every_input_and_output() {
    let path = root().join("docs/action.md");
    let was = std::fs::read_to_string(&path).unwrap();
    let mut text = was.clone();
    for key in ["inputs", "outputs"] {
        let (open, close) = (format!("<!-- {key} -->\n"), format!("<!-- /{key} -->"));
        let from = text.find(&open).unwrap() + open.len();
        let to = text.find(&close).unwrap();
        text.replace_range(from..to, &table(key));
    }
    if std::env::var_os("STACKUP_UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    } else {
        assert!(
            was == text,
            "docs/action.md is not what action.yml says: STACKUP_UPDATE_DOCS=1 cargo test --test action_docs"
        );
    }
}

#[test]
fn every_input_reaches_the_program_and_every_output_comes_from_it() {
    let action = action_yml();
    let steps = action["runs"]["steps"].as_array().unwrap();
    let given: Vec<String> = steps
        .iter()
        .flat_map(|step| step["env"].as_object().into_iter().flatten())
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
        .collect();
    for input in names(&action, "inputs") {
        if input == "working-directory" {
            assert!(steps.iter().any(|step| step["working-directory"] == "${{ inputs.working-directory }}"));
            continue;
        }
        let expected = format!("INPUT_{}=${{{{ inputs.{input} }}}}", input.replace('-', "_").to_uppercase());
        assert!(given.contains(&expected), "{expected}");
    }
    assert_eq!(names(&action, "outputs"), stackup::action::outputs::NAMES);
    for (name, output) in action["outputs"].as_object().unwrap() {
        assert_eq!(output["value"], format!("${{{{ steps.run.outputs.{name} }}}}"));
    }
    for step in steps {
        if let Some(script) = step["run"].as_str() {
            assert!(!script.contains("${{"), "{script}");
            assert_eq!(step["shell"], "bash");
        }
    }
    let program = steps.iter().find(|step| step["id"] == "run").unwrap();
    assert!(program["run"].as_str().unwrap().starts_with("exec "), "a signal must reach the program");
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(root().join(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    all.sort();
    all
}

/// Every step of every job.
fn steps(workflow: &Value) -> Vec<&Value> {
    let jobs = workflow["jobs"].as_object().unwrap().values();
    jobs.flat_map(|job| job["steps"].as_array().into_iter().flatten()).collect()
}

/// Pinned, or said to be pinned before use.
fn is_pinned(path: &Path, uses: &str) -> bool {
    let at = uses.split_once('@').unwrap_or_else(|| panic!("{uses} names no version")).1;
    let text = std::fs::read_to_string(path).unwrap();
    let lines = || text.lines().filter(|line| line.contains(uses));
    at.len() == 40 && at.bytes().all(|b| b.is_ascii_hexdigit()) && lines().all(|line| line.contains(" # v"))
        || lines().all(|line| line.contains("pin to a commit before use"))
}

#[test]
fn examples_use_what_there_is() {
    let inputs = names(&action_yml(), "inputs");
    let outputs = names(&action_yml(), "outputs");
    let examples = [files("examples/github"), files("examples/forgejo")].concat();
    assert!(examples.len() >= 6, "{examples:?}");
    let mut used = 0;
    for path in &examples {
        let workflow = yaml_file(path);
        assert!(workflow["on"].is_object() || workflow["on"].is_string(), "{}", path.display());
        for step in steps(&workflow) {
            if let Some(script) = step["run"].as_str() {
                assert!(!script.contains("${{"), "{}: nothing is pasted into a script", path.display());
                let read = std::process::Command::new("bash").args(["-n", "-c", script]).output().unwrap();
                assert!(read.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&read.stderr));
            }
            let Some(uses) = step["uses"].as_str() else { continue };
            assert!(is_pinned(path, uses), "{}: {uses}", path.display());
            if !uses.starts_with("stackup/") {
                continue;
            }
            used += 1;
            let with = step["with"].as_object().unwrap();
            for name in with.keys() {
                assert!(inputs.contains(name), "{}: action.yml has no input {name}", path.display());
            }
            // What the program would say of these words.
            let known = |name: &str| with.get(name).and_then(Value::as_str).filter(|value| !value.contains("${{"));
            let words = with.keys().filter_map(|name| Some((name, known(name)?)));
            let mut environment: std::collections::BTreeMap<String, String> = words
                .map(|(name, value)| (format!("INPUT_{}", name.replace('-', "_").to_uppercase()), value.to_owned()))
                .collect();
            for name in
                ["ssh-known-hosts", "tls-ca", "tls-cert", "tls-key"].iter().filter(|name| with.contains_key(**name))
            {
                environment.insert(format!("INPUT_{}", name.replace('-', "_").to_uppercase()), "x".to_owned());
            }
            stackup::action::inputs::Inputs::read(&environment)
                .unwrap_or_else(|wrong| panic!("{}: {wrong:?}", path.display()));
        }
        let text = std::fs::read_to_string(path).unwrap();
        for (_, after) in text.match_indices("steps.drift.outputs.").map(|(at, what)| text.split_at(at + what.len())) {
            let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            assert!(outputs.contains(&name), "{}: action.yml has no output {name}", path.display());
        }
    }
    assert!(used >= 7, "{used}");
}

#[test]
fn the_gitlab_example_can_be_read_and_names_commands_that_there_are() {
    let pipeline = yaml_file(&root().join("examples/gitlab/.gitlab-ci.yml"));
    let mut seen = 0;
    for job in ["check", "plan", "apply", "drift"] {
        for line in pipeline[job]["script"].as_array().unwrap() {
            let words: Vec<&str> = line.as_str().unwrap().split_whitespace().take_while(|word| *word != ">").collect();
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_stackup"))
                .args(&words[1..])
                .arg("--help")
                .output()
                .unwrap();
            assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
            seen += 1;
        }
    }
    assert_eq!(seen, 5);
}

#[test]
fn the_project_s_own_workflow_is_pinned_and_calls_scripts_that_there_are() {
    for path in files(".github/workflows") {
        let workflow = yaml_file(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(workflow["permissions"].as_object().is_some_and(|all| all.is_empty()), "least permissions, a job each");
        for step in steps(&workflow) {
            if let Some(uses) = step["uses"].as_str() {
                assert!(is_pinned(&path, uses), "{uses}");
            }
            if let Some(script) = step["run"].as_str() {
                assert!(!script.contains("${{"), "nothing is pasted into a script: {script}");
            }
        }
        for (at, _) in text.match_indices("scripts/") {
            let name: String =
                text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_.".contains(*c)).collect();
            assert!(root().join(&name).is_file(), "{name}");
        }
    }
}
