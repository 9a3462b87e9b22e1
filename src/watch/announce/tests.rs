//! Against a server on this machine that answers as it is told to.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::app::event::Event;
use crate::app::exit::ExitCode;
use crate::diagnostic::{Diagnostics, Scrub, Sources};
use crate::watch::machine::{StackState, Sync};
use crate::watch::settings::read;
use crate::watch::standard;

const TOKEN: &str = "forge-token-77aa";
const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Telling for Heard {
    fn event(&self, _: Option<&str>, _: jiff::Timestamp, event: &Event, _: Scrub) {
        self.0.lock().unwrap().push(event.message());
    }

    fn problems(&self, _: Option<&str>, _: &Diagnostics, _: &Sources, _: Scrub) {}
}

#[derive(Clone, Debug)]
struct Request {
    head: String,
    body: Value,
    raw: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// Answers with each of `answers` in turn, then with 201; never, where there is no status.
struct Bench {
    requests: Arc<Mutex<Vec<Request>>>,
    at: String,
    folder: TempDir,
    heard: Arc<Heard>,
}

impl Bench {
    async fn new(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let answers: VecDeque<(u16, String)> = answers.iter().map(|(code, text)| (*code, (*text).to_owned())).collect();
        let (kept, answers) = (requests.clone(), Arc::new(Mutex::new(answers)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, kept.clone(), answers.clone()));
            }
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), TOKEN).unwrap();
        std::fs::write(folder.path().join("key"), KEY).unwrap();
        Self { requests, at, folder, heard: Arc::default() }
    }

    fn announcer(&self, notify: &str) -> Announcer {
        self.announcer_with("", notify)
    }

    fn announcer_with(&self, head: &str, notify: &str) -> Announcer {
        let notify = notify.replace("AT", &self.at);
        let text = format!(
            "{head}sources: {{ops: {{git: \"git@example.org:acme/infra.git\"}}, lab: {{path: .}}}}\n\
             stacks: [{{name: web, source: ops}}, {{name: lab, source: lab}}]\nnotify:\n  - {notify}\n"
        );
        let (settings, problems) = read("stackup.yaml", text.as_bytes(), &mut Sources::default());
        let mut announcer = Announcer::new(Arc::default(), self.heard.clone(), Arc::default());
        announcer.follow(&settings.unwrap_or_else(|| panic!("{problems:#?}")), self.folder.path());
        announcer
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    fn said(&self) -> String {
        self.heard.0.lock().unwrap().join("\n")
    }

    async fn until(&self, requests: usize) -> Vec<Request> {
        let end = Instant::now() + Duration::from_secs(20);
        while self.requests().len() < requests {
            assert!(Instant::now() < end, "{:?}\n{}", self.requests(), self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.requests()
    }
}

type Answers = Arc<Mutex<VecDeque<(u16, String)>>>;

async fn serve(mut stream: TcpStream, kept: Arc<Mutex<Vec<Request>>>, answers: Answers) {
    let mut bytes = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break String::from_utf8(bytes.drain(..end + 4).collect()).unwrap();
            }
            let mut more = [0; 4096];
            match stream.read(&mut more).await {
                Ok(read) if read > 0 => bytes.extend_from_slice(&more[..read]),
                _ => return,
            }
        };
        let request = Request { head, body: Value::Null, raw: Vec::new() };
        let length: usize = request.header("content-length").unwrap().parse().unwrap();
        while bytes.len() < length {
            let mut more = [0; 4096];
            let read = stream.read(&mut more).await.unwrap();
            bytes.extend_from_slice(&more[..read]);
        }
        let raw: Vec<u8> = bytes.drain(..length).collect();
        let request = Request { body: serde_json::from_slice(&raw).unwrap_or_default(), raw, ..request };
        kept.lock().unwrap().push(request);
        let (status, text) = answers.lock().unwrap().pop_front().unwrap_or((201, "{}".to_owned()));
        if status == 0 {
            return std::future::pending().await;
        }
        let reply = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{text}",
            text.split("\r\n\r\n").last().unwrap().len()
        );
        let reply = if text.contains("\r\n\r\n") { reply } else { reply.replacen(&text, &format!("\r\n{text}"), 1) };
        stream.write_all(reply.as_bytes()).await.unwrap();
    }
}

fn news(sync: Sync, exit: ExitCode, rolled: bool, message: &str) -> News {
    let state = StackState::made(|s| {
        s.source = "ops".into();
        s.sync = sync;
        s.exit = exit;
        s.message = message.into();
    });
    News { commit: Some(SHA.into()), ..News::new("web", &state, rolled, jiff::Timestamp::UNIX_EPOCH) }
}

fn address() -> Address {
    Address::parse("git@example.org:acme/infra.git").unwrap()
}

#[tokio::test]
async fn a_commit_goes_from_pending_to_success_once() {
    let bench = Bench::new(&[]).await;
    let announcer = bench.announcer("{github_status: {token_file: token, api: AT, context: prod}}");
    announcer.announce(&news(Sync::Applying, ExitCode::Ok, false, "rolling out"), Some(&address()));
    bench.until(1).await;
    for _ in 0..3 {
        announcer.announce(&news(Sync::Synced, ExitCode::Ok, true, "applied: 1 restart"), Some(&address()));
    }
    // Not about the commit, about a folder, and about nobody's repository.
    announcer.announce(&news(Sync::Suspended, ExitCode::Ok, false, ""), Some(&address()));
    announcer.announce(&News { commit: None, ..news(Sync::Synced, ExitCode::Ok, true, "x") }, None);
    announcer.close(Duration::from_secs(10)).await;
    let requests = bench.requests();
    assert_eq!(requests.len(), 2, "{requests:#?}");
    for request in &requests {
        assert!(
            request.head.starts_with(&format!("POST /repos/acme/infra/statuses/{SHA} HTTP/1.1")),
            "{}",
            request.head
        );
        assert_eq!(request.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        assert!(request.header("user-agent").unwrap().starts_with("stackup/"));
    }
    let body = |state: &str, words: &str| json!({"state": state, "context": "prod/web", "description": words});
    assert_eq!(requests[0].body, body("pending", "rolling out"));
    assert_eq!(requests[1].body, body("success", "applied: 1 restart"));
    assert_eq!(bench.said(), "");
}

#[tokio::test]
async fn what_a_server_cannot_take_now_it_gets_later_and_what_it_never_will_is_said() {
    let failed = news(Sync::Quarantined, ExitCode::RolledBack, true, "rolled back");
    let again = Bench::new(&[(502, "no"), (429, "retry-after: 0\r\n\r\nslow"), (201, "{}")]).await;
    let announcer = again.announcer("{gitlab_status: {token_file: token, api: AT/api/v4}}");
    announcer.announce(&failed, Some(&address()));
    announcer.close(Duration::from_secs(20)).await;
    let requests = again.requests();
    assert_eq!(requests.len(), 3, "{}", again.said());
    assert!(requests.iter().all(|r| r.head.starts_with("POST /api/v4/projects/acme%2Finfra/statuses/")));
    assert!(requests.iter().all(|r| r.header("private-token") == Some(TOKEN) && r.body["state"] == "failed"));
    assert_eq!(again.said(), "");

    let never = Bench::new(&[(401, &format!("{{\"message\":\"Bad credentials {TOKEN}\"}}")), (201, "{}")]).await;
    let announcer = never.announcer("{gitea_status: {token_file: token, api: AT}}");
    announcer.announce(&failed, Some(&address()));
    announcer.close(Duration::from_secs(10)).await;
    assert_eq!(never.requests().len(), 1);
    let said = never.said();
    assert!(said.contains("gitea_status: not told: 401 Unauthorized: Bad credentials …"), "{said}");
    assert!(!said.contains(TOKEN), "{said}");

    // A redirect is followed nowhere: the token was meant for this server.
    let elsewhere = Bench::new(&[(302, "location: http://127.0.0.1:1/\r\n\r\n")]).await;
    let announcer = elsewhere.announcer("{github_status: {token_file: token, api: AT}}");
    announcer.announce(&failed, Some(&address()));
    announcer.close(Duration::from_secs(10)).await;
    assert!(elsewhere.requests().len() == 1 && elsewhere.said().contains("302"), "{}", elsewhere.said());
}

#[tokio::test]
async fn a_webhook_is_signed_and_told_what_it_asked_for() {
    let bench = Bench::new(&[]).await;
    let announcer = bench.announcer("{webhook: AT/path-is-a-password, secret_file: key, on: [applied, rolled-back]}");
    for one in [
        news(Sync::Applying, ExitCode::Ok, false, "rolling out"),
        news(Sync::Synced, ExitCode::Ok, true, "applied"),
        news(Sync::Held, ExitCode::Changes, false, "1 remove"),
        news(Sync::Quarantined, ExitCode::RolledBack, true, "went back"),
        news(Sync::Quarantined, ExitCode::Changes, false, "its rollout failed"),
    ] {
        announcer.announce(&one, Some(&address()));
    }
    announcer.close(Duration::from_secs(10)).await;
    let requests = bench.requests();
    let kinds: Vec<_> = requests.iter().map(|r| r.body["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["applied", "rolled-back"]);
    assert_eq!(
        requests[1].body,
        json!({"v": 1, "type": "rolled-back", "at": "1970-01-01T00:00:00Z", "stack": "web", "source": "ops", "commit": SHA,
               "sync": "quarantined", "drift": false, "result": "rolled-back", "plan_id": null, "release": null,
               "message": "went back", "url": null})
    );
    for request in &requests {
        let (id, at) = (request.header("webhook-id").unwrap(), request.header("webhook-timestamp").unwrap());
        let signed = standard::sign(&standard::key(KEY).unwrap(), id, at.parse().unwrap(), &request.raw).unwrap();
        assert_eq!(request.header("webhook-signature"), Some(signed.as_str()));
    }
    assert_ne!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
}

#[tokio::test]
async fn a_chat_is_told_in_its_own_words_and_what_it_gets_is_signed() {
    let bench = Bench::new(&[]).await;
    let page = "page: \"https://s.example.org/\"\n";
    let chat = "{webhook: AT/chat, secret_file: key, template: '{\"text\": {{json (printf \"%s %s: %s\" .stack .type .message)}}, \
                \"link\": {{json .url}}}'}";
    let announcer = bench.announcer_with(page, chat);
    announcer.announce(&news(Sync::Synced, ExitCode::Ok, true, "it said \"no\"\nand <b>"), Some(&address()));
    announcer.close(Duration::from_secs(10)).await;
    let told = bench.requests();
    let body = json!({"text": "web applied: it said \"no\"\nand <b>", "link": "https://s.example.org/stacks/web"});
    assert_eq!((&told[0].body, told[0].header("content-type")), (&body, Some("application/json")));
    let (id, at) = (told[0].header("webhook-id").unwrap(), told[0].header("webhook-timestamp").unwrap());
    let signed = standard::sign(&standard::key(KEY).unwrap(), id, at.parse().unwrap(), &told[0].raw).unwrap();
    assert_eq!(told[0].header("webhook-signature"), Some(signed.as_str()));

    let plain = Bench::new(&[]).await;
    let pager = "{webhook: AT/topic, content_type: text/plain, template: '{{upper .type}} {{.stack}}@{{truncate .commit 7}}{{.url}}'}";
    let announcer = plain.announcer(pager);
    announcer.announce(&news(Sync::Quarantined, ExitCode::RolledBack, true, "x"), Some(&address()));
    announcer.close(Duration::from_secs(10)).await;
    let told = plain.requests();
    assert_eq!(String::from_utf8_lossy(&told[0].raw), "ROLLED-BACK web@0123456");
    assert_eq!((told.len(), told[0].header("content-type")), (1, Some("text/plain")));

    // The status at a forge leads to the page.
    let forge = Bench::new(&[]).await;
    let announcer = forge.announcer_with(page, "{gitlab_status: {token_file: token, api: AT}}");
    announcer.announce(&news(Sync::Synced, ExitCode::Ok, true, "applied"), Some(&address()));
    announcer.close(Duration::from_secs(10)).await;
    assert_eq!(forge.requests()[0].body["target_url"], "https://s.example.org/stacks/web");
}

#[tokio::test]
async fn a_server_that_sleeps_holds_up_nobody() {
    let bench = Bench::new(&[(0, "")]).await;
    let announcer = bench.announcer("{webhook: AT/path-is-a-password}");
    let began = Instant::now();
    for n in 0..WAITING + 200 {
        announcer.announce(&news(Sync::Synced, ExitCode::Ok, true, &format!("{n}")), None);
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(bench.said().contains("webhook 127.0.0.1: too much waits to be told"), "{}", bench.said());
    announcer.close(Duration::from_millis(200)).await;
    assert!(bench.said().ends_with("webhook 127.0.0.1: not everything was told before the end: there is no answer"));
    assert!(began.elapsed() < Duration::from_secs(5) && !bench.said().contains("path-is-a-password"));
}
