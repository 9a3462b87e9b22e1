//! From a push to a commit status, by way of a webhook: nothing is polled here.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::bench::{Bench, Watcher};
use crate::forge::{Forge, header};

const HOOK: &str = "hook-secret-a81f";
const KEY: &[u8] = b"out-secret-77d0";
const FORGE: &str = "forge-token-31bc";
const API: &str = "api-token-e2f94c07";

fn compose(command: &str) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"{command}\"]\n    stop_grace_period: 1s\n    deploy:\n      \
         replicas: 1\n      update_config: {{monitor: 2s, failure_action: rollback, order: start-first}}\n      \
         restart_policy: {{condition: any, delay: 1s}}\n"
    )
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

struct Hub {
    bench: Bench,
    forge: Forge,
    port: u16,
}

impl Hub {
    fn new() -> Option<Self> {
        let bench = Bench::new("push")?;
        let bare = bench.path().join("git/acme/infra.git");
        bench.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
        let forge = Forge::serve(bench.path().join("git"));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let hub = Self { bench, forge, port };
        for (file, secret) in
            [("hook", HOOK.as_bytes()), ("key", KEY), ("forge", FORGE.as_bytes()), ("api", API.as_bytes())]
        {
            std::fs::write(hub.bench.path().join(file), secret).unwrap();
        }
        Some(hub)
    }

    fn settings(&self, more: &str) {
        let (forge, stack, port) = (self.forge.at, &self.bench.stack, self.port);
        let text = format!(
            "state: state\npoll: 1h\nlisten: 127.0.0.1:{port}\nauth: {{token_file: api}}\n\
             sources: {{ops: {{git: \"http://{forge}/acme/infra.git\", ref: main}}}}\n\
             stacks:\n  - {{name: {stack}, source: ops{more}}}\n\
             webhooks: {{github: {{secret_file: hook}}}}\n\
             notify:\n  - {{github_status: {{token_file: forge, api: \"http://{forge}\"}}}}\n  \
             - {{webhook: \"http://{forge}/told\", secret_file: key}}\n"
        );
        std::fs::write(self.bench.path().join("stackup.yaml"), text).unwrap();
    }

    /// Commits and pushes. The commit.
    fn push(&self, command: &str) -> String {
        self.bench.push(&compose(command));
        let bare: PathBuf = self.bench.path().join("git/acme/infra.git");
        self.bench.git(&["-C", "work", "push", "-q", "-f", bare.to_str().unwrap(), "HEAD:main"]);
        self.bench.git(&["-C", "work", "rev-parse", "HEAD"])
    }

    /// Status and body.
    fn ask(&self, line: &str, headers: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let length = if headers.contains("Content-Length") {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let head = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}{length}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let _ = stream.write_all(body);
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        (status.unwrap_or_else(|| panic!("no answer to {line}: {text}")), body)
    }

    fn hook(&self, id: &str, commit: &str, key: &str) -> (u16, String) {
        let body = json!({"ref": "refs/heads/main", "after": commit, "repository": {"full_name": "acme/infra",
                          "clone_url": "https://git.example.test/acme/infra.git"}});
        let body = body.to_string();
        let signature: String = mac(key.as_bytes(), body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let headers = format!(
            "Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: {id}\r\nX-Hub-Signature-256: sha256={signature}\r\n"
        );
        self.ask("POST /hooks/github", &headers, body.as_bytes())
    }

    fn stack(&self) -> Value {
        let (status, body) = self.ask(&format!("GET /api/v1/stacks/{}", self.bench.stack), "", b"");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    fn order(&self, action: &str) {
        let line = format!("POST /api/v1/stacks/{}/{action}", self.bench.stack);
        assert_eq!(self.ask(&line, "", b"").0, 401);
        let (status, body) = self.ask(&line, &format!("Authorization: Bearer {API}\r\n"), b"");
        assert_eq!(status, 202, "{body}");
    }
}

/// Seconds from then to when a line was told.
fn since(began: Timestamp, line: &Value) -> f64 {
    let at: Timestamp = line["ts"].as_str().unwrap().parse().unwrap();
    at.duration_since(began).as_secs_f64()
}

fn first_write(watcher: &mut Watcher) -> Value {
    watcher.until("a write", |line| line["type"] == "apply_start")
}

#[test]
fn a_push_is_announced_goes_out_and_is_told_to_the_forge() {
    let Some(hub) = Hub::new() else { return };
    hub.settings(", self_heal: true");
    let first = hub.push("while true; do sleep 1; done");
    let mut watcher = hub.bench.watch();
    watcher.is("synced");
    hub.forge.until(&first, "success");
    assert_eq!(hub.forge.states(&first), ["pending", "success"]);
    assert_eq!(hub.ask("GET /readyz", "", b"").0, 200);

    // A push, and the forge says so.
    let second = hub.push("while true; do sleep 2; done");
    let began = Timestamp::now();
    assert_eq!(hub.hook("d-1", &second, HOOK), (202, "{\"fetching\":[\"ops\"]}\n".to_owned()));
    let wrote = since(began, &first_write(&mut watcher));
    watcher.is("synced");
    hub.forge.until(&second, "success");
    assert_eq!(hub.forge.states(&second), ["pending", "success"]);
    println!("first write {wrote:.2} s after the webhook");
    // A second where nobody else is at work; on a busy machine git alone may take as long.
    assert!(wrote < 5.0, "{wrote} s");
    let now = hub.stack();
    assert_eq!((now["sync"].as_str(), now["last"]["result"].as_str()), (Some("synced"), Some("ok")), "{now}");
    assert!(second.starts_with(now["commit"].as_str().unwrap()), "{now}");

    // Nobody who has no secret, no delivery that came before, and nothing that is too large does anything.
    assert_eq!(hub.hook("d-2", &second, "guessed").0, 401);
    assert_eq!(hub.hook("d-1", &second, HOOK).0, 409);
    let announced = "Content-Type: application/json\r\nContent-Length: 104857600\r\nX-Hub-Signature-256: sha256=00\r\n";
    assert_eq!(hub.ask("POST /hooks/github", announced, b"").0, 413);

    // By hand, and put right in one rollout.
    let began = Timestamp::now();
    hub.bench.docker(&["service", "update", "--detach", "--env-add", "BY=hand", &hub.bench.name("web")]);
    let seen = since(began, &watcher.is("applying"));
    watcher.is("synced");
    println!("a change by hand seen after {seen:.2} s");
    assert!(seen < 5.0, "{seen} s");
    assert!(!hub.bench.service("web", "{{json .Spec.TaskTemplate.ContainerSpec.Env}}").contains("hand"));

    // Suspended: what is pushed waits until somebody says go on.
    hub.order("suspend");
    watcher.is("suspended");
    let third = hub.push("while true; do sleep 3; done");
    assert_eq!(hub.hook("d-3", &third, HOOK).0, 202);
    watcher.until("the commit", |line| line["msg"].as_str().is_some_and(|msg| msg.contains(&third[..12])));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(hub.stack()["sync"], "suspended");
    assert_eq!(hub.forge.states(&third), [""; 0]);
    hub.order("resume");
    watcher.is("applying");
    watcher.is("synced");
    hub.forge.until(&third, "success");

    // One that cannot run: rolled back, and the forge knows.
    let bad = hub.push("exit 7");
    assert_eq!(hub.hook("d-4", &bad, HOOK).0, 202);
    watcher.is("quarantined");
    hub.forge.until(&bad, "failure");
    assert_eq!(hub.forge.states(&bad), ["pending", "failure"]);

    // Where a person has to say yes, the page's form takes it.
    hub.settings(", self_heal: true, auto_apply: false");
    watcher.until("new settings", |line| line["msg"].as_str().is_some_and(|msg| msg.contains("followed as it is now")));
    let asked = hub.push("while true; do sleep 4; done");
    assert_eq!(hub.hook("d-5", &asked, HOOK).0, 202);
    let held = watcher.until("a plan that waits", |line| line["sync"] == "held" && line["commit"] == asked[..12]);
    hub.forge.until(&asked, "pending");
    let path = format!("/stacks/{}", hub.bench.stack);
    let (plan, page) = (held["plan_id"].as_str().unwrap(), hub.ask(&format!("GET {path}"), "", b"").1);
    assert!(page.contains(plan) && page.contains("Approve the plan") && page.contains("auto_apply is off"), "{page}");
    assert!(page.contains("<code>service/web</code>") && page.contains("sleep 4"), "{page}");
    let document = hub.ask(&format!("GET /api/v1{path}/plan"), "", b"").1;
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!((&document["plan_id"], &document["applyable"]), (&json!(plan), &json!(true)));
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let order = |token: &str| {
        hub.ask(&format!("POST {path}/approve"), form, format!("token={token}&plan_id={plan}").as_bytes()).0
    };
    assert_eq!((order("guessed"), order(API)), (403, 303));
    watcher.is("applying");
    watcher.is("synced");
    hub.forge.until(&asked, "success");

    let metrics = hub.ask("GET /metrics", "", b"").1;
    for line in [
        "stackup_webhook_requests_total{hook=\"github\",code=\"202\"} 4".to_owned(),
        "stackup_webhook_requests_total{hook=\"github\",code=\"401\"} 1".to_owned(),
        "stackup_webhook_requests_total{hook=\"github\",code=\"409\"} 1".to_owned(),
        "stackup_webhook_requests_total{hook=\"github\",code=\"413\"} 1".to_owned(),
        format!("stackup_stack_sync{{stack=\"{}\",sync=\"synced\"}} 1", hub.bench.stack),
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line}\n{metrics}");
    }
    let posts = hub.forge.posts();
    let statuses: Vec<_> = posts.iter().filter(|post| post.path.starts_with("/repos/acme/infra/statuses/")).collect();
    let context = format!("stackup/{}", hub.bench.stack);
    assert!(statuses.iter().all(|post| post.body["context"] == context.as_str()), "{posts:#?}");
    assert!(statuses.iter().all(|post| header(&post.head, "authorization") == Some(&format!("Bearer {FORGE}"))));
    // One document for each rollout, signed.
    let told: Vec<_> = posts.iter().filter(|post| post.path == "/told").collect();
    let kinds: Vec<&str> = told.iter().map(|post| post.body["type"].as_str().unwrap()).collect();
    let rollouts: Vec<&&str> =
        kinds.iter().filter(|kind| ["applied", "rolled-back", "failed"].contains(kind)).collect();
    assert_eq!(rollouts, [&"applied", &"applied", &"applied", &"applied", &"rolled-back", &"applied"], "{told:#?}");
    for post in told {
        let field = |name: &str| header(&post.head, name).unwrap();
        let signed = format!("{}.{}.{}", field("webhook-id"), field("webhook-timestamp"), post.body);
        assert_eq!(field("webhook-signature"), format!("v1,{}", STANDARD.encode(mac(KEY, signed.as_bytes()))));
    }
    let said = watcher.said();
    for secret in [HOOK, FORGE, API, "out-secret"] {
        assert!(!said.contains(secret), "{secret}\n{said}");
    }
    assert!(said.contains("webhook github d-2 from 127.0.0.1 was refused: the signature does not fit"), "{said}");
    assert!(said.contains(&format!("approve {plan}: asked for over the API, from 127.0.0.1")), "{said}");
    assert_eq!(watcher.stop(), 0);
}
