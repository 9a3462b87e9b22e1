//! From a push to a commit status: a forge, its repository, and a watcher that hears of it.

use std::path::PathBuf;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::bench::{Bench, Watcher, ask, free_port};
use crate::forge::Forge;

pub const HOOK: &str = "hook-secret-a81f";
pub const KEY: &[u8] = b"out-secret-77d0";
pub const FORGE: &str = "forge-token-31bc";
pub const API: &str = "api-token-e2f94c07";

fn compose(command: &str, replicas: u8) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"{command}\"]\n    stop_grace_period: 1s\n    deploy:\n      \
         replicas: {replicas}\n      update_config: {{parallelism: 0, monitor: 2s, failure_action: rollback, order: start-first}}\n      \
         restart_policy: {{condition: any, delay: 1s}}\n"
    )
}

pub fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

/// A forge, a repository there, and a watcher's settings that follow it.
pub struct Hub {
    pub bench: Bench,
    pub forge: Forge,
    port: u16,
    /// What the settings say of the source.
    source: String,
    replicas: u8,
}

impl Hub {
    /// Over http.
    pub fn http(bench: Bench) -> Self {
        Self::new(bench, 1, |forge| format!("git: \"http://{}/acme/infra.git\", ref: main", forge.at))
    }

    /// `source` is what the settings say of `git/acme/infra.git` in the bench's folder.
    pub fn new(bench: Bench, replicas: u8, source: impl Fn(&Forge) -> String) -> Self {
        let bare = bench.path().join("git/acme/infra.git");
        bench.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
        let forge = Forge::serve(bench.path().join("git"));
        let source = source(&forge);
        let hub = Self { bench, forge, port: free_port(), source, replicas };
        for (file, secret) in
            [("hook", HOOK.as_bytes()), ("key", KEY), ("forge", FORGE.as_bytes()), ("api", API.as_bytes())]
        {
            std::fs::write(hub.bench.path().join(file), secret).unwrap();
        }
        hub
    }

    /// Nothing is polled: webhooks tell. `more` is said of the stack.
    pub fn settings(&self, more: &str) {
        let listens = format!(
            "poll: 1h\nlisten: 127.0.0.1:{}\nauth: {{token_file: api}}\nwebhooks: {{github: {{secret_file: hook}}}}\n",
            self.port
        );
        self.write(&listens, more);
    }

    /// Nothing listens.
    pub fn settings_that_poll(&self, more: &str) {
        self.write("poll: 1s\n", more);
    }

    fn write(&self, how: &str, more: &str) {
        let (forge, stack, source) = (self.forge.at, &self.bench.stack, &self.source);
        let text = format!(
            "state: state\n{how}sources: {{ops: {{{source}}}}}\nstacks:\n  - {{name: {stack}, source: ops{more}}}\n\
             notify:\n  - {{github_status: {{token_file: forge, api: \"http://{forge}\"}}}}\n  \
             - {{webhook: \"http://{forge}/told\", secret_file: key}}\n"
        );
        std::fs::write(self.bench.path().join("stackup.yaml"), text).unwrap();
    }

    /// Commits and pushes. The commit.
    pub fn push(&self, command: &str) -> String {
        self.bench.push(&compose(command, self.replicas));
        let bare: PathBuf = self.bench.path().join("git/acme/infra.git");
        self.bench.git(&["-C", "work", "push", "-q", "-f", bare.to_str().unwrap(), "HEAD:main"]);
        self.bench.git(&["-C", "work", "rev-parse", "HEAD"])
    }

    /// Status and body.
    pub fn ask(&self, line: &str, headers: &str, body: &[u8]) -> (u16, String) {
        ask(self.port, line, headers, body)
    }

    pub fn hook(&self, id: &str, commit: &str, key: &str) -> (u16, String) {
        let body = json!({"ref": "refs/heads/main", "after": commit, "pusher": {"name": id}, "repository": {"full_name": "acme/infra",
                          "clone_url": "https://git.example.test/acme/infra.git"}});
        let body = body.to_string();
        let signature: String = mac(key.as_bytes(), body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let headers = format!(
            "Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: {id}\r\nX-Hub-Signature-256: sha256={signature}\r\n"
        );
        self.ask("POST /hooks/github", &headers, body.as_bytes())
    }

    pub fn stack(&self) -> Value {
        let (status, body) = self.ask(&format!("GET /api/v1/stacks/{}", self.bench.stack), "", b"");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    pub fn order(&self, action: &str) {
        let line = format!("POST /api/v1/stacks/{}/{action}", self.bench.stack);
        assert_eq!(self.ask(&line, "", b"").0, 401);
        let (status, body) = self.ask(&line, &format!("Authorization: Bearer {API}\r\n"), b"");
        assert_eq!(status, 202, "{body}");
    }
}

/// Seconds from then to when a line was told.
pub fn since(began: Timestamp, line: &Value) -> f64 {
    let at: Timestamp = line["ts"].as_str().unwrap().parse().unwrap();
    at.duration_since(began).as_secs_f64()
}

pub fn first_write(watcher: &mut Watcher) -> Value {
    watcher.until("a write", |line| line["type"] == "apply_start")
}
