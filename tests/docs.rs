//! What the docs show is what the program says. `STACKUP_UPDATE_DOCS=1` writes the docs anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stackup::diagnostic::Severity;
use support::offline::{self, Surroundings};
use support::run::stackup_command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folders of `fixtures/NAME`, in order.
fn cases(name: &str) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("fixtures").join(name)).unwrap();
    let mut cases: Vec<PathBuf> = folder.map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    cases.sort();
    cases
}

/// The Compose files of a case, `compose.yml` first.
fn files(case: &Path) -> Vec<String> {
    let names = std::fs::read_dir(case).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|n| n.ends_with(".yml") && n != "compose.yml").collect();
    names.sort();
    names.insert(0, "compose.yml".to_owned());
    names
}

/// The command as a person types it, its output, and its exit code. The folder of this checkout is no part of it.
fn check(case: &Path, format: &str) -> (String, String, i32) {
    let mut args = vec!["check".to_owned()];
    if format != "text" {
        args.extend(["--format".to_owned(), format.to_owned()]);
    }
    args.extend(files(case).into_iter().flat_map(|file| ["-c".to_owned(), file]));
    let output = stackup_command("unix:///nonexistent", case).args(&args).env("COLUMNS", "100").output().unwrap();
    let here = case.to_str().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap().replace(here, "/srv/shop");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (format!("stackup {}", args.join(" ")), shown, output.status.code().unwrap())
}

/// `01-wrong-type` is `Wrong type`.
fn title(case: &Path) -> String {
    let name = case.file_name().unwrap().to_str().unwrap();
    let words = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').replace('-', " ");
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}

/// `compose.yml:3:5 message (SU0201); help`
fn in_words(one: &serde_json::Value) -> String {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let start = &one["span"]["start"];
    let (file, code) = (text(&one["span"]["file"]), text(&one["code"]));
    let (message, help) = (text(&one["message"]), text(&one["help"]));
    format!("{file}:{}:{} {message} ({code}): {help}", start["line"], start["column"])
}

fn compare(path: &str, written: &str) {
    let path = root().join(path);
    if std::env::var_os("STACKUP_UPDATE_DOCS").is_some() {
        std::fs::write(&path, written).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(there, written, "{} is not what the program says; STACKUP_UPDATE_DOCS=1 writes it", path.display());
}

#[test]
fn ten_broken_files() {
    let mut page = String::from(
        "# Ten broken files, and what `stackup check` says\n\n\
         Written by `tests/docs.rs` from `fixtures/errors`; each command ends with exit code 3, and nothing was asked of a swarm.\n",
    );
    let cases = cases("errors");
    assert_eq!(cases.len(), 10);
    for case in cases {
        page += &format!("\n## {}\n", title(&case));
        for file in files(&case) {
            let text = std::fs::read_to_string(case.join(&file)).unwrap();
            page += &format!("`{file}`\n```yaml\n{text}```\n");
        }
        let (command, output, code) = check(&case, "text");
        assert_eq!(code, 3, "{}\n{output}", case.display());
        assert_eq!(
            output.matches("error[").count() + output.matches("warning[").count(),
            output.matches("help:").count(),
            "{output}"
        );
        page += &format!("```\n$ {command}\n{output}```\n");
    }
    compare("docs/errors.md", &page);
}

/// What only a swarm knows: here one of one manager, with nothing on it.
fn refused_by_plan(case: &Path) -> Vec<String> {
    let around = Surroundings { dir: case, environment: BTreeMap::new(), home: None };
    let read = offline::read(&around, &files(case), "shop");
    let plan = offline::plan(&read.desired.unwrap(), &offline::swarm("shop"));
    assert!(!plan.applyable(), "{}", case.display());
    offline::words(&plan.preflight, Severity::Error, &read.sources, true)
}

#[test]
fn what_docker_refuses() {
    let mut page = String::from(
        "# What docker refuses\n\n\
         Kinds of errors that `docker stack deploy` (28.2) has for files, and what stackup says of the same. Docker's are shortened to\n\
         what they say; it stops at the first, and the kinds marked *late* come when networks, configs or services are already made.\n\
         stackup says all of them before anything is written. Ours are of `fixtures/refused`, written here by `tests/docs.rs`.\n\n\
         | docker says | when | stackup says |\n|---|---|---|\n",
    );
    for case in cases("refused") {
        let told = std::fs::read_to_string(case.join("docker.txt")).unwrap();
        let (when, docker) = told.trim_end().split_once(": ").unwrap();
        let cell = |text: &str| text.trim_end().replace('|', "\\|").replace('\n', "<br>");
        let (_, output, code) = check(&case, "json");
        let ours = if when == "accepted" || when.ends_with("plan") {
            assert_eq!(code, 0, "{}\n{output}", case.display());
            if when == "accepted" {
                "accepted: it is in the Compose specification, and swarm can hold the rest".to_owned()
            } else {
                format!("with the swarm before its eyes: {}", refused_by_plan(&case).join("\n"))
            }
        } else {
            assert_eq!(code, 3, "{}\n{output}", case.display());
            let all: serde_json::Value = serde_json::from_str(&output).unwrap();
            let errors = all.as_array().unwrap().iter().filter(|one| one["severity"] == "error");
            errors.map(in_words).collect::<Vec<_>>().join("\n")
        };
        let when = if when.starts_with("late") { "*late*" } else { "reading" };
        page += &format!("| {} | {when} | {} |\n", cell(docker), cell(&ours));
    }
    page += "\nWhat only the swarm knows is found by `stackup plan`, which writes nothing: beside these, secrets and configs that are \
             too large or empty (SU0504), fields that the engine does not know (SU0506), tasks that fit on no node (SU0511).\n";
    compare("docs/refused.md", &page);
}

/// One part of a result: an error, a list of words, or what the swarm stores at a path.
fn part(key: &str, value: &serde_json::Value) -> String {
    let words = |all: &serde_json::Value| {
        let all: Vec<&str> = all.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join("<br>") }
    };
    match (key, value) {
        ("error", value) => format!("error: {}", value.as_str().unwrap()),
        ("writes", value) => format!("written: {}", words(value)),
        ("restarts", value) => format!("tasks replaced: {}", words(value)),
        ("warnings", value) => format!("warned of: {}", words(value)),
        ("in_order", value) => (if value == true { "in that order" } else { "in any order" }).to_owned(),
        (path, value) => {
            let name = path.rsplit_once('/').unwrap().1;
            match value {
                serde_json::Value::Null => format!("no `{name}`"),
                serde_json::Value::String(data) if name == "Data" => {
                    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
                    format!("`{name}`: `{:?}`", String::from_utf8(bytes).unwrap())
                }
                value => format!("`{name}`: `{value}`"),
            }
        }
    }
}

fn result(case: &Path, file: &str) -> String {
    let text = std::fs::read_to_string(case.join(file)).unwrap();
    let result: serde_json::Value = serde_json::from_str(&text).unwrap();
    let parts = result.as_object().unwrap().iter().map(|(key, value)| part(key, value));
    parts.collect::<Vec<_>>().join("<br>").replace('|', "\\|")
}

#[test]
fn where_we_part_from_docker() {
    let mut page = String::from(
        "# Where stackup parts from docker\n\n\
         What `docker stack deploy` (CLI 28.2, engine 20.10) does with a file, and stackup with the same, on purpose otherwise. The\n\
         files and both results are in `fixtures/differs`; `tests/beside_docker` tries them, docker's half on a swarm. This page is\n\
         written from them by `tests/docs.rs`. What is not here is the same: `fixtures/rows` holds that.\n",
    );
    let mut section = String::new();
    for case in cases("differs") {
        let told: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(case.join("case.json")).unwrap()).unwrap();
        let text = |key: &str| told[key].as_str().unwrap().replace('|', "\\|");
        if text("section") != section {
            section = text("section");
            page += &format!("\n## {section}\n| what | docker | stackup | why |\n|---|---|---|---|\n");
        }
        let folder = case.file_name().unwrap().to_str().unwrap();
        page += &format!(
            "| [{}](../fixtures/differs/{folder}) | {} | {} | {} |\n",
            text("about"),
            result(&case, "docker.json"),
            result(&case, "stackup.json"),
            text("why")
        );
    }
    compare("docs/differs.md", &page);
}

#[test]
fn the_graph_of_a_shop() {
    let folder = root().join("docs/forms");
    let draw = |format: &str| {
        let args = ["graph", "-c", "shop.yaml", "--format", format];
        let output = stackup_command("unix:///nonexistent", &folder).args(args).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        String::from_utf8(output.stdout).unwrap()
    };
    compare("docs/forms/shop.svg", &draw("svg"));
    let page = std::fs::read_to_string(root().join("docs/forms.md")).unwrap();
    let (before, rest) = page.split_once("```mermaid\n").unwrap();
    let (_, after) = rest.split_once("```\n").unwrap();
    compare("docs/forms.md", &format!("{before}```mermaid\n{}```\n{after}", draw("mermaid")));
}
