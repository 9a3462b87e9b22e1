//! Encrypted files on the command line, with no engine.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

const MARKERS: [&str; 5] = ["hunter2", "good-morning-marker", "\"4711", "=4711", "ENC["];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sealed").join(name)
}

struct Folder(tempfile::TempDir);

/// How a command ended, and both of its streams.
struct Said {
    code: i32,
    text: String,
    stdout: String,
}

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write(
            "compose.yaml",
            "services:\n  web:\n    image: acme/web:1\n    env_file: [app.sops.env]\n    secrets: [token]\n    configs: [app]\n\
             secrets: {token: {file: token.age}}\nconfigs: {app: {file: app.sops.yaml}}\n",
        );
        folder.take("live-1.sops.env", "app.sops.env");
        folder.take("token.age", "token.age");
        folder.take("everything.sops.yaml", "app.sops.yaml");
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn take(&self, from: &str, to: &str) {
        std::fs::copy(fixture(from), self.0.path().join(to)).unwrap();
    }

    /// `key` as in SOPS_AGE_KEY_FILE.
    fn run(&self, key: Option<&str>, args: &[&str]) -> Said {
        let mut command = Command::cargo_bin("stackup").unwrap();
        command.args(args).current_dir(self.0.path()).env_clear().env("PATH", "/usr/bin:/bin");
        if let Some(key) = key {
            command.env("SOPS_AGE_KEY_FILE", fixture(key));
        }
        let output = command.output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let text = format!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
        let keys = std::fs::read_to_string(fixture("key.txt")).unwrap();
        let own = keys.lines().find(|line| line.starts_with("AGE-")).unwrap();
        for marker in MARKERS.into_iter().chain([own]) {
            assert!(!text.contains(marker), "{args:?} shows {marker}:\n{text}");
        }
        Said { code: output.status.code().unwrap(), text, stdout }
    }
}

const PLAN: [&str; 5] = ["plan", "--live", "empty", "--format", "json"];

#[test]
fn a_plan_has_what_is_encrypted_and_shows_none_of_it() {
    let folder = Folder::new();
    let plan = |more: &[&str]| {
        let said = folder.run(Some("key.txt"), &[&PLAN, more].concat());
        assert_eq!(said.code, 0, "{}", said.text);
        serde_json::from_str::<Value>(&said.stdout).unwrap()
    };
    let before = plan(&[]);
    assert_eq!(before["summary"]["create"], 4, "{before}");
    let text = folder.run(Some("key.txt"), &["plan", "--live", "empty", "--full"]);
    assert!(text.code == 0 && text.text.contains("DB_PASSWORD") && text.text.contains("PIN"), "{}", text.text);

    // A saved one neither.
    let saved = folder.run(Some("key.txt"), &["plan", "--live", "empty", "-o", "p.stackup", "shop"]);
    assert_eq!(saved.code, 0, "{}", saved.text);
    let bytes = std::fs::read(folder.0.path().join("p.stackup")).unwrap();
    let file = zstd::decode_all(&bytes[..]).unwrap_or(bytes);
    let file = String::from_utf8_lossy(&file);
    assert!(MARKERS.iter().all(|marker| !file.contains(marker)), "{file}");
    assert_eq!(folder.run(None, &["show", "p.stackup"]).code, 0);
}

#[test]
fn the_key_may_be_given_itself() {
    let folder = Folder::new();
    let mut command = Command::cargo_bin("stackup").unwrap();
    command.args(PLAN).current_dir(folder.0.path()).env_clear();
    command.env("SOPS_AGE_KEY", std::fs::read_to_string(fixture("key.txt")).unwrap()).assert().code(0);
}

#[test]
fn without_a_key_or_with_another_nothing_is_planned() {
    let folder = Folder::new();
    let without = folder.run(None, &PLAN);
    assert_eq!(without.code, 3, "{}", without.text);
    for words in ["SU1107", "set SOPS_AGE_KEY_FILE", "secret `token`", "config `app`", "env_file"] {
        assert!(without.text.contains(words), "{words}: {}", without.text);
    }
    // The file of the config is for both keys.
    let other = folder.run(Some("other-key.txt"), &PLAN);
    assert_eq!(other.code, 3);
    assert!(other.text.contains("none of its recipients is a key of ours"), "{}", other.text);
    assert!(!other.text.contains("config `app`"), "{}", other.text);
    let none = folder.run(Some("token"), &PLAN);
    assert!(none.code == 3 && none.text.contains("has no key of age in line 1"), "{}", none.text);
}

#[test]
fn what_somebody_wrote_into_is_refused() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(fixture("live-1.sops.env")).unwrap();
    folder.write("app.sops.env", &format!("EVIL=1\n{text}"));
    let said = folder.run(Some("key.txt"), &PLAN);
    assert!(said.code == 3 && said.text.contains("`EVIL` stands in it in clear"), "{}", said.text);
}

#[test]
fn who_only_looks_needs_no_key() {
    let folder = Folder::new();
    let check = folder.run(None, &["check"]);
    assert!(check.code == 0 && check.text.contains("is encrypted, and was not looked into"), "{}", check.text);
    // With one, everything is looked into.
    let check = folder.run(Some("key.txt"), &["check"]);
    assert!(check.code == 0 && !check.text.contains("not looked into"), "{}", check.text);
    for key in [None, Some("key.txt")] {
        let config = folder.run(key, &["config"]);
        assert!(config.code == 0 && config.text.contains("DB_PASSWORD: \"(sensitive)\""), "{}", config.text);
        assert_eq!(folder.run(key, &["graph"]).code, 0);
    }
}

#[test]
fn a_compose_file_may_be_encrypted_itself() {
    let folder = Folder::new();
    folder.take("compose.sops.yaml", "docker-stack.sops.yaml");
    let plan = ["plan", "-c", "docker-stack.sops.yaml", "--live", "empty", "--full", "shop"];
    let said = folder.run(Some("key.txt"), &plan);
    assert!(said.code == 0 && said.text.contains("busybox") && said.text.contains("DB_PASSWORD"), "{}", said.text);
    let said = folder.run(None, &plan);
    assert!(said.code == 3 && said.text.contains("SU1107"), "{}", said.text);
}

#[test]
fn no_compose_file_gets_hold_of_the_key() {
    let folder = Folder::new();
    folder.write(
        "compose.yaml",
        "services:\n  web:\n    image: acme/web:1\n    environment: [\"X=${SOPS_AGE_KEY-none}\", SOPS_AGE_KEY]\n    \
         secrets: [k]\nsecrets: {k: {environment: SOPS_AGE_KEY}}\n",
    );
    let mut command = Command::cargo_bin("stackup").unwrap();
    command.args(["plan", "--live", "empty", "--full"]).current_dir(folder.0.path()).env_clear();
    let key = std::fs::read_to_string(fixture("key.txt")).unwrap();
    let output = command.env("SOPS_AGE_KEY", key).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("the variable `SOPS_AGE_KEY` is not set") && !text.contains("AGE-SECRET"), "{text}");
}
