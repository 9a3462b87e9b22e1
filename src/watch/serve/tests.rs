//! Real connections to a server on this machine.

use std::sync::Mutex;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::diagnostic::{Diagnostics, Scrub, Sources};
use crate::watch::board::StackView;
use crate::watch::lead::Rank;
use crate::watch::machine::{Ask, Event as Happened, StackState, Sync};
use crate::watch::past::Past;
use crate::watch::settings::read;

const SECRET: &str = "hook-secret-5d41";
const TOKEN: &str = "api-token-9c2e71b0";
const PUSH: &[u8] = br#"{"ref":"refs/heads/main","repository":{"full_name":"acme/infra"}}"#;

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Telling for Heard {
    fn event(&self, stack: Option<&str>, _: Timestamp, event: &Event, _: Scrub) {
        self.0.lock().unwrap().push(format!("{} {}", stack.unwrap_or("-"), event.message()));
    }

    fn problems(&self, _: Option<&str>, _: &Diagnostics, _: &Sources, _: Scrub) {}
}

struct Bench {
    at: SocketAddr,
    folder: TempDir,
    board: Arc<Board>,
    journal: Arc<Journal>,
    receive: UnboundedReceiver<Message>,
    heard: Arc<Heard>,
    settings: watch::Sender<Arc<Settings>>,
    server: JoinHandle<()>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn settings(head: &str) -> Arc<Settings> {
    let text = format!(
        "{head}sources:\n  ops: {{git: \"git@example.org:acme/infra.git\"}}\n  lab: {{path: .}}\n\
         stacks: [{{name: web, source: ops}}, {{name: lab, source: lab}}]\n\
         webhooks: {{github: {{secret_file: hook}}, generic: {{hmac_sha256_file: hook}}}}\n"
    );
    let (settings, problems) = read("stackup.yaml", text.as_bytes(), &mut Sources::default());
    Arc::new(settings.unwrap_or_else(|| panic!("{problems:#?}")))
}

impl Bench {
    async fn new(head: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("hook"), format!("{SECRET}\n")).unwrap();
        std::fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let settings = settings(head);
        let listen = settings.listen;
        let (settings, watched) = watch::channel(settings);
        let (send, receive) = unbounded_channel();
        let (board, journal, heard) =
            (Arc::new(Board::default()), Arc::new(Journal::new(7)), Arc::new(Heard::default()));
        board.set_rank(Rank::Leads);
        let parts = Parts {
            settings: watched,
            base: folder.path().to_owned(),
            board: board.clone(),
            journal: journal.clone(),
            counts: Arc::default(),
            send,
            telling: heard.clone(),
        };
        let server = tokio::spawn(run(Some(listener), listen, Arc::new(Shared::new(parts))));
        Self { at, folder, board, journal, receive, heard, settings, server }
    }

    async fn send(&self, request: &[&[u8]]) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        for part in request {
            // A server that has heard enough does not listen to the rest.
            if stream.write_all(part).await.is_err() {
                break;
            }
        }
        stream
    }

    /// Status and everything that came.
    async fn ask(&self, line: &str, headers: &str, body: &[u8]) -> (u16, String) {
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let head = format!("{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}{length}\r\n", self.at);
        answer(self.send(&[head.as_bytes(), body]).await).await
    }

    async fn hook(&self, id: &str, signature: &str, body: &[u8]) -> (u16, String) {
        let headers = format!(
            "content-type: application/json\r\nx-github-event: push\r\nx-github-delivery: {id}\r\nx-hub-signature-256: {signature}\r\n"
        );
        self.ask("POST /hooks/github", &headers, body).await
    }

    /// Sources that were poked, and stacks that something was asked for.
    fn came(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        while let Ok(message) = self.receive.try_recv() {
            match message {
                Message::Event(Happened::Poked { source }) => all.push(source),
                Message::Event(Happened::Asked { stack, what }) => all.push(format!("{stack} {what:?}")),
                _ => panic!("nothing else can be asked for"),
            }
        }
        all
    }

    fn said(&self) -> String {
        self.heard.0.lock().unwrap().join("\n")
    }
}

async fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut text = Vec::new();
    // What could not be sent any more may tear the connection after the answer.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut text)).await.expect("an answer in time");
    let text = String::from_utf8_lossy(&text).into_owned();
    let status = text.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_default();
    (status, text)
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

#[tokio::test]
async fn a_push_that_is_proven_makes_its_source_be_fetched_and_nothing_else_does() {
    let mut bench = Bench::new("listen: 127.0.0.1:1\n").await;
    let (status, text) = bench.hook("d-1", &signature(PUSH), PUSH).await;
    assert!(status == 202 && text.contains(r#"{"fetching":["ops"]}"#), "{text}");
    assert_eq!(bench.came(), ["ops"]);

    // The same again, and the same under another name.
    for id in ["d-1", "d-2"] {
        assert_eq!(bench.hook(id, &signature(PUSH), PUSH).await.0, 409);
    }
    // Signed with something else, for something else, or not at all; a signature of no key is none.
    let other = [PUSH, b" "].concat();
    for (n, wrong) in
        [signature(&other), format!("sha256={}", "0".repeat(64)), "sha256=".into(), "x".into()].iter().enumerate()
    {
        assert_eq!(bench.hook(&format!("e-{n}"), wrong, PUSH).await.0, 401, "{wrong}");
    }
    let json = "content-type: application/json\r\n";
    assert_eq!(bench.ask("POST /hooks/github", json, PUSH).await.0, 401);
    // No hook of that name, none that is configured, no method for it, no JSON, compressed.
    assert_eq!(bench.ask("POST /hooks/gitlab", json, PUSH).await.0, 404);
    assert_eq!(bench.ask("POST /hooks/nobody", json, PUSH).await.0, 404);
    assert_eq!(bench.ask("GET /hooks/github", "", b"").await.0, 405);
    assert_eq!(
        bench.ask("POST /hooks/github", "content-type: application/x-www-form-urlencoded\r\n", PUSH).await.0,
        415
    );
    assert_eq!(bench.ask("POST /hooks/github", &format!("{json}content-encoding: gzip\r\n"), PUSH).await.0, 415);
    assert_eq!(bench.came(), [""; 0]);

    // Genuine, and nothing to do with us: a forge that were refused would switch the hook off.
    let elsewhere = br#"{"repository":{"full_name":"acme/other"}}"#;
    assert_eq!(bench.hook("f-1", &signature(elsewhere), elsewhere).await.0, 202);
    let nonsense = b"{]";
    assert_eq!(bench.hook("f-2", &signature(nonsense), nonsense).await.0, 400);
    assert_eq!(bench.came(), [""; 0]);
    let ping = format!("{json}x-github-event: ping\r\nx-hub-signature-256: {}\r\n", signature(b"{}"));
    assert_eq!(bench.ask("POST /hooks/github", &ping, b"{}").await.0, 200);

    // The generic hook names a source, or means all.
    for (body, meant) in [(&br#"{"source":"lab"}"#[..], &["lab"][..]), (b"{}", &["lab", "ops"])] {
        let headers = format!("{json}x-signature: {}\r\n", signature(body));
        assert_eq!(bench.ask("POST /hooks/generic", &headers, body).await.0, 202);
        assert_eq!(bench.came(), meant);
    }
    let said = bench.said();
    assert!(
        said.contains("webhook github d-1: ops") && said.contains("was refused: this delivery came before"),
        "{said}"
    );
    assert!(!said.contains(SECRET) && !said.contains(&signature(PUSH)[10..]), "{said}");
    let metrics = bench.ask("GET /metrics", "", b"").await.1;
    assert!(metrics.contains("stackup_webhook_requests_total{hook=\"github\",code=\"409\"} 2"), "{metrics}");
}

#[tokio::test]
async fn every_forge_is_understood_as_it_speaks() {
    let mut bench = Bench::new("listen: 127.0.0.1:1\n").await;
    let key = format!("whsec_{}", STANDARD.encode([7; 32]));
    std::fs::write(bench.folder.path().join("gitlab"), format!("gitlab-token\n{key}\n")).unwrap();
    let text = "listen: 127.0.0.1:1\nsources: {ops: {git: \"git@example.org:acme/infra.git\"}}\n\
                stacks: [{name: web, source: ops}]\nwebhooks: {gitlab: {token_file: gitlab}, gitea: {secret_file: hook}, \
                generic: {hmac_sha256_file: gitlab}}\n";
    let settings = read("stackup.yaml", text.as_bytes(), &mut Sources::default()).0.unwrap();
    bench.settings.send_replace(Arc::new(settings));
    let push = br#"{"object_kind":"push","project":{"path_with_namespace":"acme/infra"}}"#;
    let (now, key) = (Timestamp::now().as_second(), [7; 32]);
    let dated = |id: &str, at: i64| {
        let signed = crate::watch::standard::sign(&key, id, at, push).unwrap();
        format!("webhook-id: {id}\r\nwebhook-timestamp: {at}\r\nwebhook-signature: {signed}\r\n")
    };
    let gitea = signature(push).replace("sha256=", "");
    // Gitea sends the headers of others too.
    let both = format!(
        "x-github-event: push\r\nx-hub-signature-256: sha256=\r\nx-gitea-event: push\r\nx-gitea-delivery: g\r\nx-gitea-signature: {gitea}\r\n"
    );
    let empty = "x-gitea-event: push\r\nx-gitea-signature: \r\nx-hub-signature-256: sha256=\r\n";
    let gitlab = "x-gitlab-event: Push Hook\r\n";
    for (path, headers, status) in [
        ("gitlab", format!("{gitlab}x-gitlab-token: gitlab-token\r\nidempotency-key: 1\r\n"), 202),
        ("gitlab", format!("{gitlab}x-gitlab-token: gitlab-token\r\nidempotency-key: 1\r\n"), 409),
        ("gitlab", format!("{gitlab}x-gitlab-token: gitlab-tokem\r\nidempotency-key: 2\r\n"), 401),
        ("gitlab", format!("{gitlab}{}", dated("3", now)), 202),
        ("gitlab", format!("{gitlab}{}", dated("4", now - 400)), 401),
        ("generic", dated("5", now), 202),
        ("generic", dated("5", now), 409),
        ("generic", dated("6", now + 400), 401),
        ("gitea", both, 202),
        ("gitea", empty.to_owned(), 401),
    ] {
        let headers = format!("content-type: application/json\r\n{headers}");
        let (came, text) = bench.ask(&format!("POST /hooks/{path}"), &headers, push).await;
        assert_eq!(came, status, "{path} {headers} {text}");
        assert_eq!(bench.came().len(), usize::from(status == 202), "{path} {headers}");
    }
    assert!(!bench.said().contains("gitlab-tok") && !bench.said().contains(&gitea[..10]), "{}", bench.said());
}

#[tokio::test]
async fn what_is_too_large_is_refused_unread() {
    let mut bench = Bench::new("listen: 127.0.0.1:1\n").await;
    let head = |more: &str| {
        format!(
            "POST /hooks/github HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-hub-signature-256: {}\r\n{more}\r\n",
            signature(b"")
        )
    };
    // Not a byte of the body is sent, and the answer is there.
    let began = Instant::now();
    let announced = head("content-length: 104857600\r\n");
    let (status, _) = answer(bench.send(&[announced.as_bytes()]).await).await;
    assert!(status == 413 && began.elapsed() < Duration::from_secs(5), "{status} after {:?}", began.elapsed());

    // One that does not say how long it is, is read so far and no further.
    let mut stream = bench.send(&[head("transfer-encoding: chunked\r\n").as_bytes()]).await;
    let mut sent = 0_u64;
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 0x10_0000], b"\r\n"].concat();
    while sent < 100 << 20 && stream.write_all(&chunk).await.is_ok() {
        sent += 1 << 20;
    }
    assert!(sent < 60 << 20, "{sent} bytes were taken");
    let mut text = Vec::new();
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await;
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 413"), "{text}");

    // One that is proven and too long to keep pokes every source.
    let long = [b"{\"a\":\"".as_slice(), &vec![b'x'; 2 << 20], b"\"}"].concat();
    assert_eq!(bench.hook("long", &signature(&long), &long).await.0, 202);
    assert_eq!(bench.came(), ["lab", "ops"]);
}

#[tokio::test]
async fn who_knocks_too_often_waits() {
    let mut bench = Bench::new("listen: 127.0.0.1:1\n").await;
    let mut codes = std::collections::BTreeMap::new();
    for n in 0..100 {
        *codes.entry(bench.hook(&format!("{n}"), "sha256=", PUSH).await.0).or_insert(0) += 1;
    }
    assert!(codes[&401] >= 60 && codes[&429] >= 10, "{codes:?}");
    assert_eq!(bench.came(), [""; 0]);
    // A line for some of them, not for each.
    assert!((1..20).contains(&bench.said().lines().count()), "{}", bench.said());
}

#[tokio::test]
async fn reading_is_free_on_this_machine_and_takes_the_token_elsewhere() {
    let here = Bench::new("listen: 127.0.0.1:1\n").await;
    assert_eq!(here.ask("GET /api/v1/stacks", "", b"").await.0, 200);
    assert_eq!(here.ask("GET /api/v1/stacks/web", "", b"").await.0, 404);
    // Somebody's page whose name leads here.
    let head = "GET /api/v1/stacks HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    assert_eq!(answer(here.send(&[head.as_bytes()]).await).await.0, 403);
    // Nothing can be changed where there is no token.
    here.board.set_stack(StackView::new("web", &StackState::default()));
    assert_eq!(here.ask("POST /api/v1/stacks/web/suspend", "", b"").await.0, 403);

    let there = Bench::new("listen: 0.0.0.0:1\nauth: {token_file: token}\n").await;
    for path in ["/healthz", "/livez"] {
        assert_eq!(there.ask(&format!("GET {path}"), "", b"").await.0, 200);
    }
    assert_eq!(there.ask("GET /readyz", "", b"").await.0, 503);
    there.board.set_ready(true);
    assert_eq!(there.ask("GET /readyz", "", b"").await.0, 200);
    for path in ["/metrics", "/events", "/api/v1/stacks", "/api/v1/stacks/web", "/no/such/thing"] {
        for (headers, status) in
            [("", 401), ("authorization: Bearer wrong\r\n", 401), ("authorization: Basic x\r\n", 401)]
        {
            assert_eq!(there.ask(&format!("GET {path}"), headers, b"").await.0, status, "{path} {headers}");
        }
    }
    let token = format!("authorization: Bearer {TOKEN}\r\n");
    assert_eq!(there.ask("GET /metrics", &token, b"").await.0, 200);
    assert_eq!(there.ask("GET /no/such/thing", &token, b"").await.0, 404);
}

#[tokio::test]
async fn a_person_with_the_token_can_ask_and_leaves_a_line() {
    let mut bench = Bench::new("listen: 127.0.0.1:1\nauth: {token_file: token}\n").await;
    let id = "p-0123456789abcdef";
    let held = StackState::made(|s| {
        s.sync = Sync::Held;
        s.plan_id = Some(id.into());
        s.message = "1 remove".into();
    });
    bench.board.set_stack(StackView::new("web", &held));
    let view = bench.ask("GET /api/v1/stacks/web", "", b"").await.1;
    let view: serde_json::Value = serde_json::from_str(view.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(
        (view["sync"].as_str(), view["plan_id"].as_str(), view["drift"].as_bool()),
        (Some("held"), Some(id), Some(false))
    );
    assert_eq!(view["last"], serde_json::json!({"result": null, "at": null, "plan_id": null, "message": ""}));

    let token = format!("authorization: Bearer {TOKEN}\r\n");
    for (action, headers, body, status) in [
        ("suspend", "", "", 401),
        ("suspend", "authorization: Bearer wrong\r\n", "", 401),
        ("suspend", token.as_str(), "", 202),
        ("resume", &token, "", 202),
        ("sync", &token, "", 202),
        ("explode", &token, "", 404),
        ("approve", &token, "", 400),
        ("approve", &token, r#"{"plan_id":"p-ffff-ffff-ffff"}"#, 409),
        ("approve", &token, r#"{"plan_id":"p-0123-4567-89ab"}"#, 202),
    ] {
        let asked = bench.ask(&format!("POST /api/v1/stacks/web/{action}"), headers, body.as_bytes()).await;
        assert_eq!(asked.0, status, "{action} {}", asked.1);
    }
    assert_eq!(bench.ask("POST /api/v1/stacks/other/sync", &token, b"").await.0, 404);
    let asked = [Ask::Suspend, Ask::Resume, Ask::Sync, Ask::Approve(id.into())].map(|what| format!("web {what:?}"));
    assert_eq!(bench.came(), asked);
    let said = bench.said();
    assert!(said.contains("web suspend: asked for over the API, from 127.0.0.1"), "{said}");
    assert!(said.lines().count() == 4 && !said.contains(TOKEN), "{said}");
}

#[tokio::test]
async fn the_page_shows_what_is_known_and_lets_nothing_through_as_it_stands() {
    let mut bench = Bench::new("listen: 0.0.0.0:1\nauth: {token_file: token}\n").await;
    let evil = "<script>alert('x')</script>";
    let held = StackState::made(|s| {
        s.sync = Sync::Held;
        s.drift = true;
        s.plan_id = Some("p-0123456789abcdef".into());
        s.message = evil.into();
        s.source = evil.into();
    });
    bench.board.set_stack(StackView::new("web", &held));
    bench.journal.push(&serde_json::json!({"type": "sync", "stack": "web", "sync": "held", "msg": evil, "ts": evil}));
    bench.journal.push(&serde_json::json!({"type": "sync", "stack": "other", "msg": "of another"}));
    // As a browser asks, once it has asked a person.
    let password = format!("authorization: Basic {}\r\n", STANDARD.encode(format!("ana:{TOKEN}")));
    assert_eq!(bench.ask("GET /", "", b"").await.0, 401);
    for path in ["/", "/stacks/web"] {
        let (status, text) = bench.ask(&format!("GET {path}"), &password, b"").await;
        assert!(status == 200 && text.contains("text/html") && text.contains("default-src 'none'"), "{text}");
        assert!(text.contains("held") && text.contains("drift") && text.contains("&lt;script&gt;"), "{text}");
        assert!(!text.contains(evil) && !text.contains(TOKEN) && !text.contains("of another"), "{text}");
    }
    assert_eq!(bench.ask("GET /stacks/nobody", &password, b"").await.0, 404);
    assert_eq!(bench.ask("GET /style.css", "", b"").await.0, 200);
    assert_eq!(bench.ask("GET /live.js", "", b"").await.0, 200);
    // What a browser sends by itself orders nothing; the token in the form does.
    let form = format!("{password}content-type: application/x-www-form-urlencoded\r\n");
    assert_eq!(bench.ask("POST /stacks/web/suspend", &form, b"plan_id=x").await.0, 403);
    assert_eq!(bench.ask("POST /stacks/web/suspend", &form, b"token=wrong").await.0, 403);
    let (status, text) = bench.ask("POST /stacks/<b>/suspend", &form, format!("token={TOKEN}").as_bytes()).await;
    assert!(status != 200 && !text.contains("<b>"), "{text}");
    assert_eq!(bench.ask("POST /api/v1/stacks/web/suspend", &password, b"").await.0, 401);
    assert_eq!(bench.came(), [""; 0]);
    let approve = format!("token={TOKEN}&plan_id=p-0123-4567-89ab");
    let (status, text) = bench.ask("POST /stacks/web/approve", &form, approve.as_bytes()).await;
    assert!(status == 303 && text.contains("location: /stacks/web"), "{text}");
    assert_eq!(bench.came(), ["web Approve(\"p-0123456789abcdef\")"]);
}

#[tokio::test]
async fn events_come_as_they_happen_and_go_on_where_a_listener_was() {
    let bench = Bench::new("listen: 127.0.0.1:1\n").await;
    bench.journal.push(&serde_json::json!({"type": "sync", "n": 1}));
    let follow = |last: &str| {
        let more = if last.is_empty() { String::new() } else { format!("last-event-id: {last}\r\n") };
        format!("GET /events HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}\r\n")
    };
    async fn until(stream: &mut TcpStream, words: &str) -> String {
        let mut text = String::new();
        while !text.contains(words) {
            let mut bytes = [0; 4096];
            let read = timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.expect(words).unwrap();
            assert!(read > 0, "{text}");
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
        text
    }
    let mut first = bench.send(&[follow("").as_bytes()]).await;
    let text = until(&mut first, "retry: 2000").await;
    assert!(text.contains("text/event-stream") && !text.contains("\"n\":1"), "{text}");
    bench.journal.push(&serde_json::json!({"type": "apply_start", "n": 2}));
    let text = until(&mut first, "\"n\":2").await;
    assert!(text.contains("id: 7-2\nevent: apply_start\ndata: {\"type\":\"apply_start\",\"n\":2}\n\n"), "{text}");
    drop(first);
    bench.journal.push(&serde_json::json!({"type": "sync", "n": 3}));
    // From where it was; and one who comes from another process hears everything.
    let mut again = bench.send(&[follow("7-2").as_bytes()]).await;
    let text = until(&mut again, "\"n\":3").await;
    assert!(!text.contains("\"n\":2"), "{text}");
    let mut other = bench.send(&[follow("6-900").as_bytes()]).await;
    let text = until(&mut other, "\"n\":3").await;
    assert!(text.contains("\"n\":1") && text.contains("\"n\":2"), "{text}");
}

#[tokio::test]
async fn secrets_are_there_before_anybody_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings("listen: 127.0.0.1:1\nauth: {token_file: token}\n");
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    for (file, text, why) in [
        ("hook", SECRET, "token cannot be read"),
        ("token", "", "token is empty"),
        ("token", "hunter2", "can be guessed"),
        ("token", TOKEN, ""),
        ("hook", "\n", "hook is empty"),
    ] {
        write(file, text);
        let said = check(&settings, folder.path()).await.err().unwrap_or_default();
        assert!(if why.is_empty() { said.is_empty() } else { said.contains(why) }, "{file}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_had_leaves_the_old_one() {
    let bench = Bench::new("listen: 127.0.0.1:1\n").await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    bench.settings.send_replace(settings(&format!("listen: {}\n", taken.local_addr().unwrap())));
    let end = Instant::now() + Duration::from_secs(10);
    while !bench.said().contains("cannot be had") {
        assert!(Instant::now() < end, "{}", bench.said());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(bench.ask("GET /healthz", "", b"").await.0, 200);
    // Another that can: the old one is given up.
    let free = {
        let probe = TcpListener::bind("127.0.0.1:0").await.unwrap();
        probe.local_addr().unwrap()
    };
    bench.settings.send_replace(settings(&format!("listen: {free}\n")));
    while TcpStream::connect(free).await.is_err() {
        assert!(Instant::now() < end, "{}", bench.said());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(TcpStream::connect(bench.at).await.is_err());
}

#[tokio::test]
async fn one_that_stands_by_takes_no_orders_and_says_who_leads() {
    let mut bench = Bench::new("listen: 127.0.0.1:1\nauth: {token_file: token}\n").await;
    bench.board.set_stack(StackView::new("web", &StackState::made(|stack| stack.release = Some(3))));
    bench.board.set_ready(true);
    bench.board.set_rank(Rank::StandsBy("ada@b (process 7 of b)".into()));
    let (bearer, form) =
        (format!("authorization: Bearer {TOKEN}\r\n"), "content-type: application/x-www-form-urlencoded\r\n");
    for action in ["sync", "suspend", "resume", "rollback"] {
        let (status, text) = bench.ask(&format!("POST /api/v1/stacks/web/{action}"), &bearer, b"").await;
        assert!(status == 503 && text.contains("stands by: ada@b (process 7 of b) leads"), "{text}");
    }
    let (status, text) = bench.ask("POST /stacks/web/sync", form, format!("token={TOKEN}").as_bytes()).await;
    assert!(status == 503 && text.contains("ada@b"), "{text}");
    // A stranger is not told; who has proven himself is, and may come again with the same.
    let (status, text) = bench.hook("d-1", "sha256=00", PUSH).await;
    assert!(status == 401 && !text.contains("ada@b"), "{text}");
    for _ in 0..2 {
        let (status, text) = bench.hook("d-1", &signature(PUSH), PUSH).await;
        assert!(status == 503 && text.contains("ada@b"), "{text}");
    }
    assert_eq!(bench.came(), [""; 0]);
    assert_eq!(bench.ask("GET /healthz", "", b"").await.0, 200);
    let (status, text) = bench.ask("GET /readyz", "", b"").await;
    assert!(status == 503 && text.contains("\"standby\":true") && !text.contains("ada@b"), "{text}");
    let (_, text) = bench.ask("GET /api/v1/stacks", &bearer, b"").await;
    assert!(text.contains("\"leads\":false") && text.contains("\"leader\":\"ada@b (process 7 of b)\""), "{text}");
    for path in ["/", "/stacks/web"] {
        let (_, text) = bench.ask(&format!("GET {path}"), &bearer, b"").await;
        assert!(text.contains("stands by: ada@b") && !text.contains("<form"), "{text}");
    }
    assert!(bench.ask("GET /metrics", &bearer, b"").await.1.contains("\nstackup_leader 0\n"));

    bench.board.set_rank(Rank::Leads);
    assert_eq!(bench.hook("d-1", &signature(PUSH), PUSH).await.0, 202);
    assert_eq!(bench.came(), ["ops"]);
    assert_eq!(bench.ask("GET /readyz", "", b"").await.0, 200);
}

#[tokio::test]
async fn a_person_goes_back_to_a_release() {
    let mut bench = Bench::new("listen: 127.0.0.1:1\nauth: {token_file: token}\n").await;
    bench.board.set_stack(StackView::new("web", &StackState::made(|stack| stack.release = Some(3))));
    bench.board.set_stack(StackView::new("new", &StackState::default()));
    let bearer = format!("authorization: Bearer {TOKEN}\r\n");
    let path = "POST /api/v1/stacks/web/rollback";
    assert_eq!(bench.ask(path, "", b"").await.0, 401);
    for (body, status) in
        [("", 202), ("{\"to\": 2}", 202), ("{}", 202), ("{\"to\": -1}", 400), ("{\"two\": 1}", 400), ("x", 400)]
    {
        assert_eq!(bench.ask(path, &bearer, body.as_bytes()).await.0, status, "{body}");
    }
    assert_eq!(bench.ask("POST /api/v1/stacks/new/rollback", &bearer, b"").await.0, 409);
    assert_eq!(bench.came(), ["web Rollback(None)", "web Rollback(Some(2))", "web Rollback(None)"]);
    assert!(bench.said().contains("web rollback to release #2: asked for over the API"), "{}", bench.said());

    // Over the page, whose list has a button for each; what a browser sends by itself does nothing here either.
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let token = format!("token={TOKEN}");
    for (path, body, status) in [
        ("web/rollback/2", "token=guessed", 403),
        ("web/rollback/2", "", 403),
        ("web/rollback/2", token.as_str(), 303),
        ("web/rollback/x", &token, 404),
        ("web/suspend/2", &token, 404),
        ("web/rollback/2/3", &token, 405),
        ("new/rollback/2", &token, 409),
    ] {
        assert_eq!(bench.ask(&format!("POST /stacks/{path}"), form, body.as_bytes()).await.0, status, "{path} {body}");
    }
    assert_eq!(bench.ask("POST /stacks/web/rollback/2", &bearer, b"").await.0, 403);
    assert_eq!(bench.came(), ["web Rollback(Some(2))"]);
    let past = Past {
        number: 2,
        at: None,
        who: "ana@b".into(),
        commit: None,
        plan_id: None,
        result: "applied".into(),
        can_go_back: true,
    };
    bench.board.set_releases("web", vec![past]);
    bench.board.add_evidence("web", serde_json::json!({"address": "service/web", "evidence": {"exit_code": 7}}));
    let (status, told) = bench.ask("GET /api/v1/stacks/web/releases", "", b"").await;
    assert!(status == 200 && told.contains("\"can_go_back\":true") && told.contains("ana@b"), "{told}");
    assert_eq!(bench.ask("GET /api/v1/stacks/nobody/releases", "", b"").await.0, 404);
    assert!(bench.ask("GET /api/v1/stacks/web", "", b"").await.1.contains("\"exit_code\":7"));
}
