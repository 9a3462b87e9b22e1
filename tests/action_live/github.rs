//! A server that speaks the few calls of GitHub's API, and remembers them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

/// What the server holds.
#[derive(Debug, Default)]
pub struct State {
    /// In the order of their ids, with `issue` beside GitHub's keys.
    pub comments: Vec<Value>,
    /// What `commits/SHA/pulls` answers.
    pub pulls: Vec<Value>,
    /// `METHOD path`
    pub calls: Vec<String>,
    /// Writing is answered with 403, as for a fork.
    pub read_only: bool,
    /// Comments on one page.
    pub per_page: usize,
    /// The first answers are 429.
    pub busy: usize,
    /// Comments (their names in GraphQL) that were folded away.
    pub folded: Vec<String>,
    last: u64,
}

#[derive(Clone)]
pub struct Github {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Github {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State { per_page: 100, ..State::default() }));
        let github = Self { url, state };
        let server = github.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                server.answer(stream);
            }
        });
        github
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Bodies of a pull request's comments.
    pub fn bodies(&self, issue: u64) -> Vec<String> {
        let state = self.state();
        let of = state.comments.iter().filter(|comment| comment["issue"] == issue);
        of.map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    /// A comment that somebody wrote.
    pub fn write(&self, issue: u64, login: &str, kind: &str, body: &str) -> u64 {
        let mut state = self.state();
        state.last += 1;
        let id = state.last;
        let url = format!("https://github.example/acme/infra/pull/{issue}#issuecomment-{id}");
        state.comments.push(json!({"id": id, "issue": issue, "html_url": url, "body": body,
            "node_id": format!("IC_{id}"), "user": {"login": login, "type": kind, "id": login.len()}}));
        id
    }

    pub fn merged(&self, number: u64, branch: &str) {
        self.state().pulls = vec![
            json!({"number": 900, "merged_at": null, "base": {"ref": branch}}),
            json!({"number": number, "merged_at": "2026-01-02T03:04:05Z", "base": {"ref": branch}}),
        ];
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a second end"));
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let (mut length, mut token) = (0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a header");
            let lower = line.to_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            token |= line.trim_end().ends_with("Bearer ghs_ofthejob");
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let mut words = first.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (status, more, answer) = if token {
            self.call(method, path, &body)
        } else {
            (401, String::new(), json!({"message": "Bad credentials"}))
        };
        let text = if status == 204 { String::new() } else { answer.to_string() };
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n",
            text.len()
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text.as_bytes()));
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, String, Value) {
        let mut state = self.state();
        state.calls.push(format!("{method} {path}"));
        if state.busy > 0 {
            state.busy -= 1;
            return (429, "Retry-After: 0\r\n".to_owned(), json!({"message": "slow down"}));
        }
        let (place, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = place.trim_matches('/').split('/').collect();
        let none = String::new();
        match (method, parts.as_slice()) {
            ("POST", ["graphql"]) if body["query"].as_str().is_some_and(|query| query.contains("minimizeComment")) => {
                let node = body["variables"]["id"].as_str().unwrap().to_owned();
                state.folded.push(node);
                (200, none, json!({"data": {"minimizeComment": {"clientMutationId": null}}}))
            }
            ("POST", ["graphql"]) if body["variables"]["id"].is_string() => {
                let comment = state.comments.iter().find(|one| one["node_id"] == body["variables"]["id"]);
                let editor = comment.map_or(Value::Null, |one| one["editor"].clone());
                (200, none, json!({"data": {"node": {"editor": editor}}}))
            }
            ("POST", ["graphql"]) => (200, none, json!({"data": {"viewer": {"login": "github-actions[bot]"}}})),
            ("GET", ["repos", "acme", "infra", "commits", _, "pulls"]) => (200, none, json!(state.pulls)),
            ("GET", ["repos", "acme", "infra", "pulls", _, "files"]) => {
                (200, none, json!([{"filename": "compose.yaml"}]))
            }
            ("GET", ["repos", "acme", "infra", "issues", issue, "comments"]) => {
                let page: usize =
                    query.split('&').find_map(|part| part.strip_prefix("page=")).map_or(1, |n| n.parse().unwrap());
                let issue: u64 = issue.parse().unwrap();
                let all: Vec<&Value> = state.comments.iter().filter(|one| one["issue"] == issue).collect();
                let shown: Vec<&&Value> = all.iter().skip((page - 1) * state.per_page).take(state.per_page).collect();
                let more = all.len() > page * state.per_page;
                let next = format!("Link: <{}{place}?per_page=100&page={}>; rel=\"next\"\r\n", self.url, page + 1);
                (200, if more { next } else { none }, json!(shown))
            }
            (_, ["repos", ..]) if state.read_only => {
                (403, none, json!({"message": "Resource not accessible by integration"}))
            }
            ("POST", ["repos", "acme", "infra", "issues", issue, "comments"]) => {
                let text = body["body"].as_str().unwrap();
                if text.chars().count() > 65_536 {
                    return (422, none, json!({"message": "Validation Failed"}));
                }
                let issue: u64 = issue.parse().unwrap();
                drop(state);
                let id = self.write(issue, "github-actions[bot]", "Bot", text);
                let state = self.state();
                (201, none, state.comments.iter().find(|one| one["id"] == id).cloned().unwrap())
            }
            ("PATCH", ["repos", "acme", "infra", "issues", "comments", id]) => {
                let id: u64 = id.parse().unwrap();
                match state.comments.iter_mut().find(|one| one["id"] == id) {
                    Some(comment) => {
                        comment["body"] = body["body"].clone();
                        comment["editor"] = json!({"__typename": "Bot", "login": "github-actions"});
                        (200, none, comment.clone())
                    }
                    None => (404, none, json!({"message": "Not Found"})),
                }
            }
            ("DELETE", ["repos", "acme", "infra", "issues", "comments", id]) => {
                let id: u64 = id.parse().unwrap();
                state.comments.retain(|one| one["id"] != id);
                (204, none, Value::Null)
            }
            _ => (404, none, json!({"message": format!("{method} {path}")})),
        }
    }
}
