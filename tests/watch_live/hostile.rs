//! What somebody may send to a watcher to have it do harm: each is refused, the log says why and tells no secret, and nothing is
//! written.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::{Bench, Watcher, ask, free_port};
use crate::hub::{API, HOOK, mac};
use crate::sshd::keys;
use crate::support::proxy::{Fault, Proxy};
use crate::traps::TRAPS;

const MARKER: &str = "marker-a1b2c3";
const WEB: &str = "services: {web: {image: IMAGE, deploy: {replicas: 0}}}\n";

/// Addresses and names that would run something, or lead elsewhere, and why not.
const SETTINGS: [(&str, &str, &str); 9] = [
    ("--upload-pack=touch PWNED", "main", "git would take it for an option"),
    ("ext::sh -c \\\"touch PWNED\\\"", "main", "it has a space"),
    ("ext::touch%20PWNED", "main", "runs a program"),
    ("ssh://-oProxyCommand=touch/x", "main", "begins with `-`"),
    ("git@-oProxyCommand=touch:x", "main", "begins with `-`"),
    ("https://ada:hunter2@git.example.test/x.git", "main", "an address with a password in it"),
    ("https://git.example.test/x.git", "--upload-pack=touch", "is no name of a branch or tag"),
    ("https://git.example.test/x.git", "main\\nevil", "is no name of a branch or tag"),
    ("https://git.example.test/x.git", "a/../b..c", "is no name of a branch or tag"),
];

struct Range {
    bench: Bench,
    proxy: Proxy,
    port: u16,
}

impl Range {
    fn new() -> Option<Self> {
        let bench = Bench::new("hostile")?;
        let engine = Path::new(bench.host().strip_prefix("unix://").unwrap());
        let proxy = Proxy::start(&bench.path().join("proxy.sock"), engine, Fault::None).unwrap();
        for (file, text) in [("hook", HOOK), ("api", API), ("secret.env", MARKER)] {
            std::fs::write(bench.path().join(file), text).unwrap();
        }
        Some(Self { bench, proxy, port: free_port() })
    }

    fn stack(&self, name: &str) -> String {
        format!("{}-{name}", self.bench.stack)
    }

    /// Sources that are refused, and `more` of both.
    fn settings(&self, sources: &str, stacks: &str) {
        let mut text = format!(
            "state: state\npoll: 1s\nlisten: 127.0.0.1:{}\nauth: {{token_file: api}}\n\
             webhooks: {{github: {{secret_file: hook}}}}\nsources:\n{sources}",
            self.port
        );
        for name in ["unsigned", "stranger", "forged"] {
            let verify = "verify: {allowed_signers: allowed}";
            text.push_str(&format!("  {name}: {{git: ./signed, ref: {name}, {verify}}}\n"));
        }
        for trap in TRAPS {
            text.push_str(&format!("  {0}: {{git: ./traps/{0}.git{1}}}\n", trap.name, trap.source));
        }
        text.push_str(&format!("stacks:\n{stacks}"));
        for name in ["unsigned", "stranger", "forged"] {
            text.push_str(&format!("  - {{name: {}, source: {name}}}\n", self.stack(name)));
        }
        for trap in TRAPS {
            let stack = trap.stack.replace("NAME", &self.stack(trap.name));
            text.push_str(&format!("  - {{{stack}, source: {}}}\n", trap.name));
        }
        std::fs::write(self.bench.path().join("stackup.yaml"), text).unwrap();
    }

    /// A branch without a signature, one with somebody else's, and one with a good one of something else.
    fn signed(&self) {
        let (bench, at) = (&self.bench, self.bench.path());
        keys(at, &["ada", "eve"]);
        let public = std::fs::read_to_string(at.join("ada.pub")).unwrap();
        std::fs::write(at.join("allowed"), format!("ada@example.org namespaces=\"git\" {public}")).unwrap();
        bench.git(&["init", "-q", "-b", "unsigned", "signed"]);
        std::fs::write(at.join("signed/compose.yaml"), WEB.replace("IMAGE", &bench.image)).unwrap();
        bench.git(&["-C", "signed", "add", "-A"]);
        bench.git(&["-C", "signed", "commit", "-q", "-m", "unsigned"]);
        for (name, key) in [("stranger", "eve"), ("good", "ada")] {
            let key = format!("user.signingKey={}", at.join(key).display());
            bench.git(&["-C", "signed", "switch", "-q", "-c", name]);
            let commit = ["commit", "-q", "--allow-empty", "-S", "-m", name];
            bench.git(&[&["-C", "signed", "-c", "gpg.format=ssh", "-c", &key][..], &commit].concat());
        }
        let raw = bench.git(&["-C", "signed", "cat-file", "commit", "good"]).replace("\n\ngood", "\n\nevil");
        std::fs::write(at.join("raw"), format!("{raw}\n")).unwrap();
        let id = bench.git(&["-C", "signed", "hash-object", "-t", "commit", "-w", "../raw"]);
        bench.git(&["-C", "signed", "branch", "forged", &id]);
    }

    /// What was written, but for the lease of who leads.
    fn writes(&self) -> Vec<String> {
        let writes = self.proxy.writes().into_iter();
        let all = writes.map(|write| write.name.unwrap_or(format!("{} {}", write.method, write.path)));
        all.filter(|name| !name.starts_with("stackup.watch")).collect()
    }

    fn hook(&self, headers: &str, body: &[u8]) -> u16 {
        let headers = format!("Content-Type: application/json\r\nX-GitHub-Event: push\r\n{headers}");
        ask(self.port, "POST /hooks/github", &headers, body).0
    }

    /// A body without end, in pieces, as one sends it who announces nothing. Its answer, where one comes through.
    fn flood(&self) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = "POST /hooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\
                    Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: flood\r\nX-Hub-Signature-256: sha256=";
        stream.write_all(format!("{head}{}\r\n\r\n", "0".repeat(64)).as_bytes()).unwrap();
        let piece = [format!("{:x}\r\n", 1 << 20).as_bytes(), &vec![b' '; 1 << 20], b"\r\n"].concat();
        let sent = (0..100).take_while(|_| stream.write_all(&piece).is_ok()).count();
        assert!(sent < 100, "all of it was taken");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits until something with these words is said of the source or stack.
#[track_caller]
fn said(watcher: &Watcher, name: &str, words: &str) {
    let end = Instant::now() + Duration::from_secs(120);
    let of = |line: &Value| ["source", "stack"].iter().any(|key| line[key] == name);
    while !watcher.lines().iter().any(|line| (name.is_empty() || of(line)) && line.to_string().contains(words)) {
        assert!(Instant::now() < end, "nobody said `{words}` of {name}:\n{}", watcher.said());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn whatever_is_sent_to_do_harm_is_refused_and_nothing_is_written() {
    let Some(range) = Range::new() else { return };
    let bench = &range.bench;
    std::fs::create_dir(bench.path().join("traps")).unwrap();
    for trap in TRAPS {
        trap.set(&bench.path().join(format!("traps/{}.git", trap.name)), &bench.image);
    }
    range.signed();
    range.settings("", "");
    let mut watcher = bench.watch_at(&range.proxy.host(), &[]);

    // What is in repositories.
    said(&watcher, "unsigned", "is not signed by anybody who is allowed to: it has no ssh signature");
    said(&watcher, "stranger", "which is not among the signers");
    said(&watcher, "forged", "is not signed by anybody who is allowed to");
    for trap in TRAPS {
        let of_source = watcher.lines().iter().any(|line| line["source"] == trap.name && line["problem"].is_string());
        let name = if of_source { trap.name.to_owned() } else { range.stack(trap.name) };
        said(&watcher, &name, trap.words);
    }

    // What comes over http.
    let push = br#"{"ref": "refs/heads/main", "repository": {"full_name": "acme/infra"}}"#;
    let proof = |key: &str| hex(&mac(key.as_bytes(), push));
    let with = |id: &str, proof: &str| format!("X-GitHub-Delivery: {id}\r\nX-Hub-Signature-256: sha256={proof}\r\n");
    assert_eq!(range.hook(&with("bad", &proof("guessed")), push), 401);
    assert_eq!(range.hook("X-GitHub-Delivery: none\r\n", push), 401);
    let old = "X-GitHub-Delivery: sha1\r\nX-Hub-Signature: sha1=0000000000000000000000000000000000000000\r\n";
    assert_eq!(range.hook(old, push), 401);
    assert_eq!(range.hook(&with("first", &proof(HOOK)), push), 202);
    assert_eq!(range.hook(&with("first", &proof(HOOK)), push), 409);
    assert_eq!(range.hook(&with("again", &proof(HOOK)), push), 409);
    let announced = format!("{}Content-Length: 104857600\r\n", with("large", &proof(HOOK)));
    assert_eq!(range.hook(&announced, b""), 413);
    let answer = range.flood();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
    for (id, why) in [
        ("bad", "the signature does not fit"),
        ("none", "there is no"),
        ("sha1", "there is no"),
        ("first", "came before"),
        ("again", "came before"),
        ("large", "larger than 25 MiB"),
        ("flood", "larger than 25 MiB"),
    ] {
        let line = format!("webhook github {id} from 127.0.0.1 was refused: ");
        said(&watcher, "", &line);
        let lines = watcher.lines();
        let line = lines.iter().find(|l| l["msg"].as_str().is_some_and(|msg| msg.starts_with(&line))).unwrap();
        assert!(line["msg"].as_str().unwrap().contains(why), "{line}");
    }
    let order = format!("POST /api/v1/stacks/{}/sync", range.stack("shadow"));
    assert_eq!(ask(range.port, &order, "Authorization: Bearer guessed-guessed-guessed\r\n", b"").0, 401);
    assert_eq!(range.writes(), [""; 0], "{}", watcher.said());

    // What is in the settings: all of it is found at once, and what they said before holds.
    let sources = SETTINGS.iter().enumerate();
    let sources = sources.map(|(i, (git, name, _))| format!("  s{i}: {{git: \"{git}\", ref: \"{name}\"}}\n"));
    range.settings(&sources.collect::<String>(), "");
    watcher.until("a complaint about the settings", |line| {
        line["msg"].as_str().is_some_and(|msg| msg.contains("makes no sense: what it said before holds"))
    });
    for (_, _, words) in SETTINGS {
        said(&watcher, "", words);
    }
    assert_eq!(range.writes(), [""; 0], "{}", watcher.said());

    // The rest goes on.
    bench.push(WEB);
    range.settings("  ops: {git: ./work, ref: main}\n", &format!("  - {{name: {}, source: ops}}\n", bench.stack));
    watcher.until("the good one", |line| line["stack"] == bench.stack.as_str() && line["sync"] == "synced");
    assert!(bench.has("web"));
    // A branch that goes away takes nothing with it.
    let before = range.writes();
    assert!(before.contains(&bench.name("web")), "{before:?}");
    bench.git(&["-C", "work", "branch", "-m", "main", "elsewhere"]);
    said(&watcher, "ops", "the repository has no branch or tag `main`");
    assert_eq!(range.writes(), before);
    assert!(bench.has("web"));

    let made = bench.docker(&["service", "ls", "--format", "{{.Name}}"]);
    assert!(!made.contains(&range.stack("")), "{made}");
    let log = watcher.said();
    let shadow = std::fs::read_to_string("/etc/shadow").unwrap_or_default();
    let secrets = [HOOK, API, MARKER, "hunter2", "guessed-guessed"].into_iter().chain(shadow.lines());
    for secret in secrets {
        assert!(!log.contains(secret), "{secret}\n{log}");
    }
    let everywhere = ["", "state", "state/home", "work", "traps"];
    assert!(everywhere.iter().all(|folder| !bench.path().join(folder).join("PWNED").exists()));
    assert_eq!(watcher.stop(), 0);
}

/// Two waves, so that there is time to do something in between.
fn slow(number: u32) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"while true; do sleep {number}; done\"]\n    \
         stop_grace_period: 1s\n    deploy:\n      replicas: 2\n      \
         update_config: {{parallelism: 1, delay: 1s, monitor: 1s, order: start-first}}\n"
    )
}

#[test]
fn a_history_that_is_rewritten_in_mid_rollout_is_taken_after_it() {
    let Some(bench) = Bench::new("rewritten") else { return };
    bench.settings("");
    let path = bench.path().join("stackup.yaml");
    let text = std::fs::read_to_string(&path).unwrap().replace("poll: 2s", "poll: 1s");
    std::fs::write(&path, text).unwrap();
    bench.push(&slow(1));
    let mut watcher = bench.watch();
    watcher.is("synced");
    bench.push(&slow(2));
    let second = bench.git(&["-C", "work", "rev-parse", "HEAD"]);
    watcher.until("a task", |line| line["type"] == "task_state");

    // Another history, of which the commit that goes out is no part; git forgets that there was one.
    bench.git(&["-C", "work", "switch", "-q", "--orphan", "other"]);
    bench.push(&slow(3));
    bench.git(&["-C", "work", "branch", "-q", "-M", "other", "main"]);
    bench.git(&["-C", "work", "reflog", "expire", "--expire=now", "--all"]);
    bench.git(&["-C", "work", "gc", "-q", "--prune=now"]);
    let third = bench.git(&["-C", "work", "rev-parse", "HEAD"]);
    let noticed = |line: &Value| line["msg"].as_str().is_some_and(|msg| msg.contains("(history was rewritten)"));
    watcher.until("the new history", noticed);
    // What was begun is brought to its end before the next is begun.
    let first = watcher.is("synced");
    assert_eq!(first["commit"], second[..12], "{}", watcher.said());
    watcher.is("applying");
    let last = watcher.is("synced");
    assert_eq!(last["commit"], third[..12], "{last}");
    assert!(bench.service("web", "{{json .Spec.TaskTemplate.ContainerSpec.Args}}").contains("sleep 3"));
    let begun = watcher.lines().iter().filter(|line| line["sync"] == "applying").count();
    assert_eq!(begun, 3, "{}", watcher.said());
    assert_eq!(watcher.stop(), 0);
}
