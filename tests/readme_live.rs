//! The plan in the README is one that was printed. `STACKUP_UPDATE_DOCS=1` writes it anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use lab::Lab;
use support::run::{Run, stackup, stackup_command};

const STACK: &str = "getstartedlab";
const COMMAND: &str = "$ stackup plan getstartedlab\n";

/// A file of the stack, with the lab's registry in it.
fn put(dir: &Path, version: &str, greeting: &str, registry: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readme").join(version);
    let text = std::fs::read_to_string(from).unwrap().replace("IMAGE", registry);
    std::fs::write(dir.join("docker-compose.yml"), text).unwrap();
    std::fs::write(dir.join("greeting.txt"), greeting).unwrap();
    for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", version]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=me", "-c", "user.email=me@example.org"])
            .args(args)
            .current_dir(dir)
            .env("HOME", dir);
        assert!(git.status().unwrap().success());
    }
}

/// A link that goes when the test does.
struct Link<'a>(&'a str);

impl<'a> Link<'a> {
    fn new(path: &'a str, target: &str) -> Self {
        std::os::unix::fs::symlink(target, path).unwrap();
        Self(path)
    }
}

impl Drop for Link<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0);
    }
}

/// What is another in each run stands for itself; the rest must be the same, but for where lines end.
fn told(text: &str) -> Vec<String> {
    let word = |word: &str| {
        let hex = |text: &str| text.len() > 3 && text.bytes().all(|b| b.is_ascii_hexdigit() || b"-.".contains(&b));
        match word {
            _ if word.starts_with("sha256:") => "sha256:...".to_owned(),
            _ if word.strip_prefix("p-").is_some_and(hex) => "p-...".to_owned(),
            _ => word.to_owned(),
        }
    };
    let line = |line: &str| {
        let words: Vec<String> = line.split_whitespace().map(word).collect();
        match words.first().map(String::as_str) {
            // The swarm, the address, the commit, when and by whom.
            Some("stackup" | "compose" | "live") => words[..2].join(" "),
            _ => words.join(" "),
        }
    };
    text.lines().map(line).collect()
}

#[test]
fn the_plan_of_the_readme_was_printed() {
    let Some(lab) = Lab::up(1) else { return };
    let dir = tempfile::tempdir().unwrap();
    // As long as the usual one, so that lines end where they would.
    let host = format!("unix:///tmp/st{:010}.sock", std::process::id());
    let _socket = Link::new(host.trim_start_matches("unix://"), lab.host().trim_start_matches("unix://"));
    let host = host.as_str();
    for version in ["v1", "v2"] {
        lab.image(&[&format!("getstarted:{version}")]);
    }
    put(dir.path(), "before.yml", "Hello world!\nThis is the first greeting.\n", lab.registry());
    stackup(host, dir.path(), &["apply", "-y", STACK]).exits(0);
    put(dir.path(), "after.yml", "Hello world!\nThis is another greeting.\n", lab.registry());
    let output = stackup_command(host, dir.path()).args(["plan", STACK]).env("COLUMNS", "100").output().unwrap();
    let printed = Run::of(output).exits(0).stdout;
    let applied = stackup(host, dir.path(), &["apply", "-y", STACK]).exits(0).stdout;
    let begin = applied.lines().position(|line| line.contains("checking that plan")).unwrap();
    let applied: String = applied.lines().skip(begin).map(|line| format!("{line}\n")).collect();
    stackup(host, dir.path(), &["rm", "-y", STACK]).exits(0);

    // Names of this machine, as somebody else would see his own.
    let printed = printed.replace(host, "unix:///var/run/docker.sock").replace(lab.registry(), "registry.acme.io");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, shown, between, shown_applied, after) = parts(&readme);
    let same = told(shown) == told(&printed) && milestones(shown_applied) == milestones(&applied);
    if !same && std::env::var_os("STACKUP_UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{printed}{between}{applied}{after}")).unwrap();
        return;
    }
    let advice = "README.md shows something else; STACKUP_UPDATE_DOCS=1 writes it";
    assert_eq!(told(shown), told(&printed), "{advice}\n{printed}");
    assert_eq!(milestones(shown_applied), milestones(&applied), "{advice}\n{applied}");
}

/// What stands before the plan, the plan, what stands between, what `apply` said, and the rest.
fn parts(readme: &str) -> (&str, &str, &str, &str, &str) {
    let block = |from: usize, command: &str| {
        let start = from + readme[from..].find(command).unwrap() + command.len();
        (start, start + readme[start..].find("```\n").unwrap())
    };
    let plan = block(0, COMMAND);
    let apply = block(plan.1, "$ stackup apply -y getstartedlab\n");
    (
        &readme[..plan.0],
        &readme[plan.0..plan.1],
        &readme[plan.1..apply.0],
        &readme[apply.0..apply.1],
        &readme[apply.1..],
    )
}

/// What `apply` tells in every run, in whatever order: what was created, begun and verified.
fn milestones(text: &str) -> BTreeSet<String> {
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let told =
        words.filter(|words| words.len() > 3 && ["created", "started", "verified:"].iter().any(|w| words.contains(w)));
    told.map(|words| words[1..4].join(" ")).collect()
}
