//! A registry that says no, or nothing, as often as it is told to, or wants a token; then it passes everything on to a
//! real one. And what is written into a real one that no `docker push` makes.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Listens until the test ends.
pub struct Unwilling {
    /// `10.77.0.253:40123`, for the names of images.
    pub address: String,
    asked: Arc<AtomicUsize>,
}

/// What stands between a question and the real registry.
#[derive(Clone)]
enum Obstacle {
    /// The first `times` questions for a manifest are answered with `status`; 0 is no answer at all.
    Status { status: u16, times: usize },
    /// Whoever comes must have been to the token service, with this identity token.
    Token { identity: String },
}

impl Unwilling {
    /// In front of `real`, on this machine's end of the lab's switch. Answers the first `times` questions for a manifest with
    /// `status`; 0 is no answer at all.
    pub fn before(real: &str, status: u16, times: usize) -> Self {
        Self::listen(real, Obstacle::Status { status, times })
    }

    /// As a registry with a login of its own: without a token it names its token service, which gives one for `identity`.
    pub fn with_token_service(real: &str, identity: &str) -> Self {
        Self::listen(real, Obstacle::Token { identity: identity.to_owned() })
    }

    fn listen(real: &str, obstacle: Obstacle) -> Self {
        let prefix = real.rsplit_once('.').unwrap().0;
        let listener = TcpListener::bind((format!("{prefix}.253"), 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let door = Door { real: real.parse().unwrap(), address: address.clone(), obstacle, count: asked.clone() };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let door = door.clone();
                thread::spawn(move || drop(door.serve(client)));
            }
        });
        Self { address, asked }
    }

    /// Questions for manifests so far that it let in or refused by itself; of a token service, tokens given.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct Door {
    real: SocketAddr,
    address: String,
    obstacle: Obstacle,
    count: Arc<AtomicUsize>,
}

/// What the token service gives.
const ACCESS: &str = "access-of-an-hour";

impl Door {
    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let Some(head) = read_head(&mut client)? else { return Ok(()) };
        let first = head.lines().next().unwrap_or_default().to_owned();
        match &self.obstacle {
            Obstacle::Status { status, times } => {
                let nth = match first.contains("/manifests/") {
                    true => self.count.fetch_add(1, Ordering::SeqCst),
                    false => usize::MAX,
                };
                if nth < *times && *status == 0 {
                    thread::sleep(Duration::from_secs(120));
                    return Ok(());
                }
                if nth < *times {
                    let body = match status {
                        429 => r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#,
                        _ => "out of order",
                    };
                    return answer(&mut client, &format!("{status} No"), "Retry-After: 1\r\n", body);
                }
            }
            Obstacle::Token { identity } if first.starts_with("POST /token") => {
                let length = header(&head, "content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
                let mut body = vec![0; length];
                client.read_exact(&mut body)?;
                let body = String::from_utf8_lossy(&body).into_owned();
                let given = body.split('&').any(|pair| pair == format!("refresh_token={identity}"));
                if !given {
                    return answer(
                        &mut client,
                        "401 No",
                        "",
                        r#"{"errors":[{"code":"UNAUTHORIZED","message":"who?"}]}"#,
                    );
                }
                self.count.fetch_add(1, Ordering::SeqCst);
                let token = format!(r#"{{"access_token":"{ACCESS}","expires_in":3600,"token_type":"Bearer"}}"#);
                return answer(&mut client, "200 OK", "", &token);
            }
            Obstacle::Token { .. } => {
                if header(&head, "authorization").as_deref() != Some(&format!("Bearer {ACCESS}")) {
                    let address = &self.address;
                    let challenge =
                        format!("WWW-Authenticate: Bearer realm=\"http://{address}/token\",service=\"lab\"\r\n");
                    let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#;
                    return answer(&mut client, "401 No", &challenge, body);
                }
            }
        }
        self.pass_on(client, &head)
    }

    fn pass_on(&self, mut client: TcpStream, head: &str) -> std::io::Result<()> {
        let mut upstream = TcpStream::connect(self.real)?;
        let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
        let rest: String =
            rest.split_inclusive("\r\n").filter(|l| !l.to_lowercase().starts_with("connection:")).collect();
        upstream.write_all(format!("{first}\r\nConnection: close\r\n{rest}").as_bytes())?;
        std::io::copy(&mut upstream, &mut client)?;
        Ok(())
    }
}

/// `None` where somebody hangs up, or begins to talk TLS: the engine tries that first, and a registry without it hangs up.
fn read_head(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 || (head.is_empty() && byte[0] == 0x16) {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

fn header(head: &str, name: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).next()
}

fn answer(client: &mut TcpStream, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n\
         {body}",
        body.len()
    )
}

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// Writes `image` (`REGISTRY/NAME:TAG`) as one of several platforms (`os`, `architecture`), all of which run what `tag` of
/// that name runs.
pub fn write_list(image: &str, tag: &str, platforms: &[(&str, &str)]) {
    let (registry, rest) = image.split_once('/').unwrap();
    let (name, list) = rest.split_once(':').unwrap();
    let (head, manifest) =
        ask(registry, "GET", &format!("/v2/{name}/manifests/{tag}"), &format!("Accept: {MANIFEST}\r\n"), "");
    let digest = header(&head, "docker-content-digest").unwrap();
    let one = |(os, architecture): &(&str, &str)| {
        format!(
            r#"{{"mediaType":"{MANIFEST}","size":{},"digest":"{digest}","platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#,
            manifest.len()
        )
    };
    let manifests = platforms.iter().map(one).collect::<Vec<_>>().join(",");
    let body = format!(r#"{{"schemaVersion":2,"mediaType":"{LIST}","manifests":[{manifests}]}}"#);
    let (head, said) =
        ask(registry, "PUT", &format!("/v2/{name}/manifests/{list}"), &format!("Content-Type: {LIST}\r\n"), &body);
    assert!(head.starts_with("HTTP/1.1 201"), "{head}{said}");
}

fn ask(registry: &str, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(registry).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {registry}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let head = read_head(&mut stream).unwrap().unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    (head, rest)
}
