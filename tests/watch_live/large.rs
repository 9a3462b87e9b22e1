//! A server of Git LFS: it lends out what lies in `lfs/` below the root, to who has the token.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::forge::header;

/// What is asked for with this password; any user.
pub const TOKEN: &str = "lfs-token-9c41e7";

/// Puts bytes there. The pointer to them.
pub fn keep(root: &Path, bytes: &[u8]) -> String {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::create_dir_all(root.join("lfs")).unwrap();
    std::fs::write(root.join("lfs").join(&digest), bytes).unwrap();
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {}\n", bytes.len())
}

/// An answer, where LFS is what is asked.
pub fn answer(root: &Path, path: &str, head: &str, body: &[u8]) -> Option<Vec<u8>> {
    if let Some(digest) = path.strip_prefix("/lfs/") {
        return Some(match std::fs::read(root.join("lfs").join(digest)) {
            Ok(bytes) => reply("200 OK", "application/octet-stream", &bytes),
            Err(_) => reply("404 Not Found", "text/plain", b""),
        });
    }
    if !path.ends_with("/info/lfs/objects/batch") {
        return None;
    }
    if !has_token(head) {
        let head = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"lfs\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return Some(head.as_bytes().to_vec());
    }
    let asked: Value = serde_json::from_slice(body).unwrap();
    let host = header(head, "host").unwrap();
    let object = |object: &Value| {
        let oid = object["oid"].as_str().unwrap();
        match root.join("lfs").join(oid).exists() {
            true => json!({"oid": oid, "size": object["size"],
                           "actions": {"download": {"href": format!("http://{host}/lfs/{oid}")}}}),
            false => json!({"oid": oid, "size": object["size"], "error": {"code": 404, "message": "it is not here"}}),
        }
    };
    let objects: Vec<Value> = asked["objects"].as_array().unwrap().iter().map(object).collect();
    let answer = json!({"transfer": "basic", "objects": objects}).to_string();
    Some(reply("200 OK", "application/vnd.git-lfs+json", answer.as_bytes()))
}

fn has_token(head: &str) -> bool {
    let given = header(head, "authorization").and_then(|value| value.strip_prefix("Basic "));
    let given = given.and_then(|value| String::from_utf8(STANDARD.decode(value).ok()?).ok());
    given.is_some_and(|given| given.split_once(':').is_some_and(|(_, password)| password == TOKEN))
}

fn reply(status: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}
