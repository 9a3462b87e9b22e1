//! Requests to an engine's socket as they are: what the engine really holds, and what somebody else may do to it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::Value;

/// The answer to `GET path`, in the newest version that the engine speaks unless the path names one.
pub fn get(host: &str, path: &str) -> Value {
    let (status, body) = ask(host, "GET", path, "");
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
}

/// Writes `spec` as the whole spec of a live service.
pub fn update_service(host: &str, id: &str, version: u64, spec: &Value) {
    let path = format!("/services/{id}/update?version={version}");
    let (status, body) = ask(host, "POST", &path, &spec.to_string());
    assert_eq!(status, 200, "{path}: {body}\n{spec}");
}

/// Status and body. HTTP/1.0, so that both sides close and nothing comes in pieces.
fn ask(host: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let socket = Path::new(host.strip_prefix("unix://").expect("a socket"));
    let mut stream = UnixStream::connect(socket).expect("the engine listens");
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("the engine reads");
    stream.write_all(body.as_bytes()).expect("the engine reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the engine answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, body.to_owned())
}
