//! What the docs show is what the program says. `STACKUP_UPDATE_DOCS=1` writes the docs anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod support;

use std::path::{Path, PathBuf};

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
        let (_, output, code) = check(&case, "json");
        let cell = |text: &str| text.trim_end().replace('|', "\\|").replace('\n', "<br>");
        let ours = match when {
            "accepted" => {
                assert_eq!(code, 0, "{}\n{output}", case.display());
                "accepted: it is in the Compose specification, and swarm can hold it".to_owned()
            }
            _ => {
                assert_eq!(code, 3, "{}\n{output}", case.display());
                let all: serde_json::Value = serde_json::from_str(&output).unwrap();
                let errors = all.as_array().unwrap().iter().filter(|one| one["severity"] == "error");
                errors.map(in_words).collect::<Vec<_>>().join("\n")
            }
        };
        let when = if when == "late" { "*late*" } else { "reading" };
        page += &format!("| {} | {when} | {} |\n", cell(docker), cell(&ours));
    }
    page += "\nWhat only the swarm knows is found by `stackup plan`, which writes nothing: an external network, secret or config that is \
             missing (SU0501), an ingress port that another service has (SU0502), a constraint that cannot be read (SU0503), a \
             name or size that swarm does not take (SU0504, SU0505), tasks that fit on no node (SU0511).\n";
    compare("docs/refused.md", &page);
}
