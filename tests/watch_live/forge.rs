//! A forge on this machine: repositories over http by git's own server, and a page that commit statuses and webhooks are posted
//! to, which keeps them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;

use crate::large;

/// What was posted where.
#[derive(Clone, Debug)]
pub struct Post {
    pub path: String,
    pub head: String,
    pub body: Value,
}

pub struct Forge {
    pub at: SocketAddr,
    posts: Arc<Mutex<Vec<Post>>>,
    asked: Arc<AtomicUsize>,
}

/// A GitHub App that may do everything here: nobody else may then.
pub struct App {
    pub id: u64,
    pub installation: u64,
    /// PKCS#1, as ring takes it.
    pub public_key: Vec<u8>,
    /// Seconds that a token is good for.
    pub life: i64,
    /// What was handed out, until when, for which right.
    pub tokens: Mutex<Vec<(String, Timestamp, String)>>,
}

impl App {
    /// Who shows a JWT that this app's key signed, and that is good now, gets a token.
    fn exchange(&self, head: &str, body: &Value) -> Option<Value> {
        let proof = header(head, "authorization")?.strip_prefix("Bearer ")?;
        let (text, signature) = proof.rsplit_once('.')?;
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public_key);
        key.verify(text.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let (first, claims) = text.split_once('.')?;
        let part = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let (first, claims, now) = (part(first)?, part(claims)?, Timestamp::now().as_second());
        let (from, to) = (claims["iat"].as_i64()?, claims["exp"].as_i64()?);
        let good =
            first["alg"] == "RS256" && claims["iss"].as_str() == Some(&*self.id.to_string()) && from <= now && now < to;
        if !good || to - from > 660 || body["repositories"] != serde_json::json!(["infra"]) {
            return None;
        }
        let mut tokens = self.tokens.lock().unwrap();
        let (token, until) = (format!("ghs_marker{}", tokens.len()), Timestamp::from_second(now + self.life).ok()?);
        tokens.push((token.clone(), until, body["permissions"].to_string()));
        Some(serde_json::json!({"token": token, "expires_at": until.to_string()}))
    }

    /// Whether a token is good for this, in whichever way it is shown.
    fn lets(&self, head: &str, right: &str) -> bool {
        let Some(shown) = header(head, "authorization") else { return false };
        let basic = shown.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text).ok());
        let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok());
        let token = match &basic {
            Some(pair) => pair.strip_prefix("x-access-token:"),
            None => shown.strip_prefix("Bearer "),
        };
        let (tokens, now) = (self.tokens.lock().unwrap(), Timestamp::now());
        tokens.iter().any(|(good, until, rights)| Some(good.as_str()) == token && now < *until && rights == right)
    }
}

impl Forge {
    /// Serves the bare repositories below `root`, for as long as the process lives.
    pub fn serve(root: PathBuf) -> Self {
        Self::with(root, "127.0.0.1", None, None)
    }

    /// The same at an address that others reach.
    pub fn serve_at(root: PathBuf, address: &str) -> Self {
        Self::with(root, address, None, None)
    }

    /// Lets nobody in but this app.
    pub fn serve_app(root: PathBuf, app: Arc<App>) -> Self {
        Self::with(root, "127.0.0.1", None, Some(app))
    }

    /// Over https, with a certificate by `ca.pem`, which is put into `dir`.
    pub fn serve_tls(root: PathBuf, dir: &Path) -> Self {
        certificate(dir, "ca", &[]);
        let by_ca = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-addext", "basicConstraints=critical,CA:FALSE"];
        certificate(dir, "server", &by_ca);
        let chain = vec![CertificateDer::from_pem_file(dir.join("server.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(dir.join("server-key.pem")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        let tls = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
        Self::with(root, "127.0.0.1", Some(tls), None)
    }

    fn with(root: PathBuf, address: &str, tls: Option<Arc<ServerConfig>>, app: Option<Arc<App>>) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let at = listener.local_addr().unwrap();
        let posts: Arc<Mutex<Vec<Post>>> = Arc::default();
        let asked: Arc<AtomicUsize> = Arc::default();
        let (kept, counted) = (posts.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (root, kept, tls, app) = (root.clone(), kept.clone(), tls.clone(), app.clone());
                std::thread::spawn(move || match tls {
                    None => answer(stream, &root, &kept, app.as_deref()),
                    Some(tls) => {
                        answer(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), &root, &kept, None);
                    }
                });
            }
        });
        Self { at, posts, asked }
    }

    /// How often somebody came.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }

    /// States that were posted of a commit, in their order.
    pub fn states(&self, commit: &str) -> Vec<String> {
        let end = format!("/statuses/{commit}");
        let of = |post: &Post| post.path.ends_with(&end).then(|| post.body["state"].as_str().unwrap().to_owned());
        self.posts().iter().filter_map(of).collect()
    }

    /// Waits until the last state of a commit is this one.
    #[track_caller]
    pub fn until(&self, commit: &str, state: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.states(commit).last().is_none_or(|last| last != state) {
            assert!(Instant::now() < end, "no {state} for {commit}: {:#?}", self.posts());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// One request a connection.
fn answer(mut stream: impl Read + Write, root: &Path, posts: &Mutex<Vec<Post>>, app: Option<&App>) {
    let Some((head, body)) = request(&mut stream) else { return };
    let line = head.lines().next().unwrap_or_default().to_owned();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let refused =
        b"HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let exchanged = app.filter(|app| path == format!("/app/installations/{}/access_tokens", app.installation));
    let right = if path.starts_with("/repos/") { "{\"statuses\":\"write\"}" } else { "{\"contents\":\"read\"}" };
    let reply = if let Some(app) = exchanged {
        match app.exchange(&head, &serde_json::from_slice(&body).unwrap_or(Value::Null)) {
            None => refused.to_vec(),
            Some(token) => {
                let token = token.to_string();
                let length = token.len();
                format!("HTTP/1.1 201 X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{token}").into_bytes()
            }
        }
    } else if app.is_some_and(|app| !app.lets(&head, right)) {
        refused.to_vec()
    } else if path.starts_with("/repos/") || path.starts_with("/told") {
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        posts.lock().unwrap().push(Post { path: path.to_owned(), head, body });
        b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_vec()
    } else if let Some(reply) = large::answer(root, path, &head, &body) {
        reply
    } else {
        git(root, method, path, query, &head, &body)
    };
    let _ = stream.write_all(&reply).and_then(|()| stream.flush());
}

fn request(stream: &mut impl Read) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut more) = (Vec::new(), [0; 8192]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        let read = stream.read(&mut more).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&more[..read]);
    };
    let head = String::from_utf8(bytes.drain(..end).collect()).ok()?;
    let length: usize = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < length {
        let read = stream.read(&mut more).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&more[..read]);
    }
    Some((head, bytes))
}

pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// By `git http-backend`, as a web server runs it.
fn git(root: &Path, method: &str, path: &str, query: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut command = Command::new("git");
    command.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1").env("REQUEST_METHOD", method);
    command.env("PATH_INFO", path).env("QUERY_STRING", query).env("CONTENT_LENGTH", body.len().to_string());
    for (name, variable) in [
        ("content-type", "CONTENT_TYPE"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "GIT_PROTOCOL"),
    ] {
        if let Some(value) = header(head, name) {
            command.env(variable, value);
        }
    }
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(body);
    let output = child.wait_with_output().unwrap().stdout;
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
    let (fields, content) = output.split_at(end);
    let fields = String::from_utf8_lossy(fields);
    let status = header(&fields, "status").unwrap_or("200 OK");
    let length = content.len().saturating_sub(4);
    let head = format!("HTTP/1.1 {status}\r\n{fields}\r\nContent-Length: {length}\r\nConnection: close");
    [head.as_bytes(), content].concat()
}

/// `NAME.pem` and `NAME-key.pem`.
fn certificate(dir: &Path, name: &str, more: &[&str]) {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    command.args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout"]);
    command.args([&format!("{name}-key.pem"), "-out", &format!("{name}.pem")]).args(more).current_dir(dir);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
