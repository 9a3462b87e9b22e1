//! A proxy in front of a real engine's socket: counts requests, and does at one of them what no engine can be made to do.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// One request that went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// `Name` of what is created or updated.
    pub name: Option<String>,
    /// The label `soak` of it, by which a test tells versions.
    pub mark: Option<String>,
    pub at: Instant,
    /// Of the engine's answer, once it began to come.
    pub status: Option<u16>,
}

impl Seen {
    /// Anything that is not a GET or HEAD.
    pub fn writes(&self) -> bool {
        self.method != "GET" && self.method != "HEAD"
    }
}

/// What happens to the n-th writing request (from 1).
#[derive(Clone, Debug)]
pub enum Fault {
    None,
    /// The engine never sees it; the client gets this answer.
    Answer {
        nth: usize,
        status: u16,
        message: String,
    },
    /// The engine carries it out, and the connection breaks before the answer.
    CutAfter {
        nth: usize,
    },
    /// As long as it is set no request is answered, and none gets through.
    Hang {
        when: Arc<AtomicBool>,
    },
    /// As long as it is set every connection is cut: those that go on, and new ones.
    Cut {
        when: Arc<AtomicBool>,
    },
    /// From this request on nothing gets through any more.
    DeadFrom {
        nth: usize,
    },
    /// Something happens to somebody at one request.
    At {
        point: Point,
        what: Blow,
    },
}

/// One moment of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub which: Which,
    /// From 1.
    pub nth: usize,
    pub moment: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Any,
    Writing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The engine has not seen it, and never will.
    Before,
    /// The engine has not seen it yet.
    Meanwhile,
    /// The engine has carried it out, and nobody has told the client.
    Done,
    /// The client has its answer.
    Answered,
}

/// What happens then.
#[derive(Clone)]
pub struct Blow(Arc<dyn Fn() + Send + Sync>);

impl Blow {
    pub fn new(blow: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(blow))
    }
}

impl std::fmt::Debug for Blow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blow")
    }
}

/// A running proxy; its socket goes with it.
pub struct Proxy {
    socket: PathBuf,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Proxy {
    /// Listens on `socket` in front of the engine at `engine` (a path too).
    pub fn start(socket: &Path, engine: &Path, fault: Fault) -> std::io::Result<Self> {
        let _ = std::fs::remove_file(socket);
        let listener = UnixListener::bind(socket)?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, engine) = (seen.clone(), engine.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (log, engine, fault) = (log.clone(), engine.clone(), fault.clone());
                // A client that goes away ends its own thread only.
                thread::spawn(move || drop(serve(client, &engine, &fault, &log)));
            }
        });
        Ok(Self { socket: socket.to_owned(), seen })
    }

    /// For DOCKER_HOST.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn writes(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(Seen::writes).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// One request a connection: both sides are told to close, which keeps bodies simple.
fn serve(mut client: UnixStream, engine: &Path, fault: &Fault, log: &Mutex<Vec<Seen>>) -> std::io::Result<()> {
    let (head, mut body) = read_head(&mut client)?;
    let mut words = head.split_whitespace();
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (method, path) = (word(), word());
    let length = header(&head, "content-length").and_then(|v| v.parse().ok()).unwrap_or(0usize);
    while body.len() < length {
        let mut chunk = [0; 8192];
        let n = client.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        body.extend_from_slice(&chunk[..n]);
    }
    let spec: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
    let text = |pointer: &str| spec.as_ref()?.pointer(pointer)?.as_str().map(str::to_owned);
    let (name, mark) = (text("/Name"), text("/Labels/soak"));
    let seen = Seen { method, path, name, mark, at: Instant::now(), status: None };
    let (nth, all) = {
        let mut log = log.lock().unwrap();
        log.push(seen.clone());
        (log.iter().filter(|s| s.writes()).count(), log.len())
    };
    let blow = match fault {
        Fault::At { point, what } => {
            let here = match point.which {
                Which::Any => all == point.nth,
                Which::Writing => seen.writes() && nth == point.nth,
            };
            here.then_some((point.moment, what))
        }
        _ => None,
    };
    let strike = |moment: Moment| match blow {
        Some((at, what)) if at == moment => {
            (what.0)();
            true
        }
        _ => false,
    };
    if strike(Moment::Before) {
        return Ok(());
    }
    strike(Moment::Meanwhile);
    let mut held = false;
    match fault {
        Fault::Answer { nth: at, status, message } if seen.writes() && nth == *at => {
            let body = format!("{{\"message\":\"{message}\"}}");
            return write!(
                client,
                "HTTP/1.1 {status} Fault\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
        Fault::Hang { when } => {
            while when.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(50));
                held = true;
            }
            // Whoever asked has long given up.
            if held {
                return Ok(());
            }
        }
        Fault::DeadFrom { nth: at } if nth >= *at => return Ok(()),
        Fault::Cut { when } if when.load(Ordering::SeqCst) => return Ok(()),
        _ => {}
    }
    let mut upstream = UnixStream::connect(engine)?;
    let (first, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    let rest: String = rest.split_inclusive("\r\n").filter(|l| !l.to_lowercase().starts_with("connection:")).collect();
    upstream.write_all(format!("{first}\r\nConnection: close\r\n{rest}").as_bytes())?;
    upstream.write_all(&body)?;
    if matches!(fault, Fault::CutAfter { nth: at } if seen.writes() && nth == *at) {
        // Wait for the engine to have done it, and say nothing.
        let mut first = [0; 1];
        let _ = upstream.read(&mut first)?;
        return Ok(());
    }
    if blow.is_some() {
        // An engine has done it when it answers.
        let mut first = [0; 1];
        let n = upstream.read(&mut first)?;
        if strike(Moment::Done) {
            return Ok(());
        }
        client.write_all(&first[..n])?;
    }
    if let Fault::Cut { when } = fault {
        return copy_until(when, &mut upstream, &mut client, |status| log.lock().unwrap()[all - 1].status = status);
    }
    std::io::copy(&mut upstream, &mut client)?;
    strike(Moment::Answered);
    Ok(())
}

/// The answer, as far as it comes before the cut, and its status.
fn copy_until(
    cut: &AtomicBool,
    upstream: &mut UnixStream,
    client: &mut UnixStream,
    mut status: impl FnMut(Option<u16>),
) -> std::io::Result<()> {
    upstream.set_read_timeout(Some(Duration::from_millis(100)))?;
    let (mut chunk, mut first) = ([0; 65536], true);
    while !cut.load(Ordering::SeqCst) {
        let n = match upstream.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => n,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        };
        if std::mem::take(&mut first) {
            let line = String::from_utf8_lossy(&chunk[..n.min(16)]).into_owned();
            status(line.split(' ').nth(1).and_then(|code| code.parse().ok()));
        }
        client.write_all(&chunk[..n])?;
    }
    Ok(())
}

/// The head with its empty line, and what of the body came with it.
fn read_head(client: &mut UnixStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let n = client.read(&mut chunk)?;
        if n == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&chunk[..n]);
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), body));
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|l| l.split_once(':').filter(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim()))
}
