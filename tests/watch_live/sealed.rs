//! Encrypted files of a repository: opened in memory, seen by the tasks, and by nobody else.

use std::path::Path;
use std::time::{Duration, Instant};

use age::x25519::{Identity, Recipient};
use serde_json::Value;

use crate::bench::Bench;
use crate::support::run::{stackup, stackup_command};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sealed");
/// What is in the encrypted files, in all of its turns.
const MARKERS: [&str; 6] = [
    "token-one-5e1f",
    "token-two-9c02",
    "hunter2-first",
    "hunter2-second",
    "good-morning-marker",
    "good-evening-marker",
];

fn fixture(name: &str) -> String {
    std::fs::read_to_string(Path::new(FIXTURES).join(name)).unwrap()
}

/// As `age -a -r` does.
fn sealed(text: &str) -> String {
    let key: Identity = fixture("key.txt").lines().find(|line| line.starts_with("AGE-")).unwrap().parse().unwrap();
    let recipient: Recipient = key.to_public();
    age::encrypt_and_armor(&recipient, text.as_bytes()).unwrap()
}

const COMPOSE: &str = "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"cat /run/secrets/token; env; sleep 1000\"]\n    \
                       stop_grace_period: 1s\n    secrets: [token]\n    env_file: [app.sops.env]\n    deploy:\n      \
                       update_config: {monitor: 1s, order: start-first}\nsecrets: {token: {file: token.age}}\n";

struct Story {
    bench: Bench,
}

impl Story {
    fn push(&self, token: &str, env: &str) {
        let compose = COMPOSE.replace("IMAGE", &self.bench.image);
        self.bench.push_all(&[("compose.yaml", &compose), ("token.age", token), ("app.sops.env", env)]);
    }

    fn settings(&self, key: &str) {
        self.settings_with("", key);
    }

    fn settings_with(&self, policy: &str, key: &str) {
        self.bench.settings(policy);
        let path = self.bench.path().join("stackup.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{text}{key}")).unwrap();
    }

    #[track_caller]
    fn once(&self, code: i32, words: &str) {
        let run = self.bench.once(code).says(words);
        hides(&format!("{}{}", run.stdout, run.stderr));
    }

    /// The id of the plan that a watcher waits with.
    fn plan_that_waits(&self) -> String {
        let run = stackup(self.bench.host(), self.bench.path(), &["watch", "--once", "--json"]).exits(2);
        hides(&run.stdout);
        let lines = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let held = lines.into_iter().find(|line| line["sync"] == "held").unwrap_or_else(|| panic!("{}", run.stdout));
        held["plan_id"].as_str().unwrap().to_owned()
    }

    /// The id of the plan that somebody with the same files and key gets.
    fn plan_of_a_person(&self, key: &Path) -> String {
        let mut command = stackup_command(self.bench.host(), &self.bench.path().join("work"));
        let output =
            command.args(["plan", "--json", &self.bench.stack]).env("SOPS_AGE_KEY_FILE", key).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        hides(&said);
        let mut lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let plan = lines.find(|line| line["type"] == "plan").unwrap_or_else(|| panic!("{said}"));
        plan["plan"]["plan_id"].as_str().unwrap_or_else(|| panic!("{plan}")).to_owned()
    }

    /// What the service's tasks printed.
    #[track_caller]
    fn prints(&self, words: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let logs = self.bench.docker(&["service", "logs", "--raw", &self.bench.name("web")]);
            if logs.contains(words) {
                return;
            }
            assert!(Instant::now() < end, "{words} is not in\n{logs}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

#[track_caller]
fn hides(text: &str) {
    let keys = fixture("key.txt");
    let own = keys.lines().find(|line| line.starts_with("AGE-")).unwrap();
    for marker in MARKERS.into_iter().chain([own]) {
        assert!(!text.contains(marker), "{marker} is in\n{text}");
    }
}

/// No file below the folder has a marker in it, as it is or as JSON in zstd.
fn hides_below(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            count += hides_below(&entry.path());
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            hides(&String::from_utf8_lossy(&bytes));
            if let Ok(text) = zstd::decode_all(&bytes[..]) {
                hides(&String::from_utf8_lossy(&text));
            }
            count += 1;
        }
    }
    count
}

#[test]
fn what_is_encrypted_is_seen_by_the_tasks_alone() {
    let Some(bench) = Bench::new("sealed") else { return };
    let story = Story { bench };
    let key = story.bench.path().join("age.key");
    let with_key = "secrets: {age_key_file: age.key}\n";
    story.push(&sealed("token-one-5e1f\n"), &fixture("live-1.sops.env"));

    // Without a key, with none in its file, and with somebody else's: nothing is deployed.
    story.settings("");
    story.once(3, "it is encrypted, and there is no key to open it with");
    std::fs::write(&key, "# nothing\n").unwrap();
    story.settings(with_key);
    story.once(1, "age.key has no key");
    std::fs::copy(Path::new(FIXTURES).join("other-key.txt"), &key).unwrap();
    story.once(3, "it is encrypted for others");
    assert!(!story.bench.has("web"));

    std::fs::copy(Path::new(FIXTURES).join("key.txt"), &key).unwrap();
    story.once(0, "applied: 3 create");
    story.prints("token-one-5e1f");
    story.prints("DB_PASSWORD=hunter2-first");
    story.prints("PIN=4711");
    story.once(0, "as its files say");

    // Encrypted again it is another file, and the same secret.
    story.push(&sealed("token-one-5e1f\n"), &fixture("live-1.sops.env"));
    story.once(0, "as its files say");

    // Both are other ones; the change of a PIN of four digits is not shown either.
    story.push(&sealed("token-two-9c02\n"), &fixture("live-2.sops.env"));
    story.settings_with(", auto_apply: false", with_key);
    assert_eq!(story.plan_that_waits(), story.plan_of_a_person(&key));
    story.settings(with_key);
    let mut watcher = story.bench.watch();
    watcher.is("synced");
    story.prints("token-two-9c02");
    story.prints("GREETING=good-evening-marker");
    let said = watcher.said();
    hides(&said);
    assert!(!said.contains("4712"), "{said}");
    assert_eq!(watcher.stop(), 0);

    // Somebody without a key writes into it.
    let forged = fixture("live-2.sops.env").replace("PIN=", "EVIL=1\nPIN=");
    story.push(&sealed("token-two-9c02\n"), &forged);
    story.once(3, "SU1107");
    assert!(!story.bench.service("web", "{{json .Spec.TaskTemplate.ContainerSpec.Env}}").contains("EVIL"));

    assert!(hides_below(&story.bench.path().join("state")) > 3);
}
