//! A tiny HTTP server on loopback: only for what no real engine can be made to do.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::address::{Endpoint, Host};
use super::client::Client;
use super::{EngineError, Reader, version};

/// What the server does with a request.
pub(super) enum Act {
    /// A whole answer.
    Answer(u16, String),
    /// These bytes as they are, then the connection is closed.
    Raw(String),
    /// Nothing, for ever.
    Silence,
}

pub(super) struct FakeEngine {
    port: u16,
    server: JoinHandle<()>,
}

impl FakeEngine {
    /// `act` gets `GET /v1.41/info?x=y`.
    pub fn start(act: impl Fn(&str) -> Act + Clone + Send + 'static) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let listener = TcpListener::from_std(listener).unwrap();
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let act = act.clone();
                tokio::spawn(async move {
                    let (mut seen, mut part) = (Vec::new(), [0; 4096]);
                    loop {
                        let Some(end) = seen.windows(4).position(|w| w == b"\r\n\r\n") else {
                            match stream.read(&mut part).await {
                                Ok(n) if n > 0 => seen.extend_from_slice(&part[..n]),
                                _ => return,
                            }
                            continue;
                        };
                        let head = String::from_utf8_lossy(&seen[..end]).into_owned();
                        // Bodies are not looked at: tests only send requests without.
                        seen.drain(..end + 4);
                        let line = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
                        match act(&line) {
                            Act::Answer(status, body) => {
                                let head = format!(
                                    "HTTP/1.1 {status} X\r\nApi-Version: 1.41\r\nContent-Length: {}\r\n\r\n",
                                    body.len()
                                );
                                stream.write_all((head + &body).as_bytes()).await.unwrap();
                            }
                            Act::Raw(bytes) => {
                                stream.write_all(bytes.as_bytes()).await.unwrap();
                                return;
                            }
                            Act::Silence => std::future::pending().await,
                        }
                    }
                });
            }
        });
        Self { port, server }
    }

    pub async fn reader(&self) -> Result<Reader, EngineError> {
        let endpoint = Endpoint { host: Host::Tcp { host: "127.0.0.1".to_owned(), port: self.port }, tls: None };
        let client = Client::with_patience(&endpoint, Duration::from_millis(300))?;
        Ok(Reader::new(version::agree(client, None).await?))
    }
}

impl Drop for FakeEngine {
    fn drop(&mut self) {
        self.server.abort();
    }
}

mod tests {
    use super::*;
    use crate::engine::{EventFilters, LogQuery, Wanted};

    const MANAGER: &str =
        r#"{"Swarm": {"LocalNodeState": "active", "ControlAvailable": true, "Cluster": {"ID": "c"}}}"#;

    fn ok(body: &str) -> Act {
        Act::Answer(200, body.to_owned())
    }

    /// An engine that is a manager of an empty swarm but for one path.
    fn but(path: &'static str, act: impl Fn() -> Act + Clone + Send + 'static) -> FakeEngine {
        FakeEngine::start(move |line| match line {
            "GET /_ping" => ok("OK"),
            line if line.contains(path) => act(),
            line if line.contains("/info") => ok(MANAGER),
            _ => ok("[]"),
        })
    }

    #[tokio::test]
    async fn one_broken_object_spoils_nothing() {
        let engine = but("/services", || {
            ok(r#"[{"ID": "a"}, {"ID": "b", "Version": {"Index": 1}, "Spec": {"Name": "web"}}, null]"#)
        });
        let snapshot = engine.reader().await.unwrap().snapshot("s", &Wanted::default()).await.unwrap();
        assert_eq!(snapshot.services.len(), 1);
        assert_eq!(snapshot.damaged.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["a", "?"]);
    }

    #[tokio::test]
    async fn an_engine_that_breaks_down_is_named_with_the_request() {
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{\"ID\":";
        type Case = (fn() -> Act, &'static str);
        let cases: [Case; 5] = [
            (
                || Act::Answer(500, r#"{"message":"rpc error: code = Unknown desc = disk full"}"#.into()),
                "disk full (500 to GET /nodes)",
            ),
            (|| Act::Raw(String::new()), "stopped answering (GET /nodes)"),
            (|| Act::Silence, "did not answer GET /nodes within"),
            (|| ok("[{"), "answer to GET /nodes makes no sense"),
            (|| ok(r#"{"a": 1}"#), "a list was expected"),
        ];
        for (act, words) in cases {
            let engine = but("/nodes", act);
            let said = engine.reader().await.unwrap().nodes().await.unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
        let engine = but("/nodes", move || Act::Raw(cut.to_owned()));
        let error = engine.reader().await.unwrap().nodes().await.unwrap_err();
        assert!(matches!(error, EngineError::Lost { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_log_or_stream_that_breaks_is_lost_and_one_that_ends_is_over() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let event = r#"{"Type":"service","Action":"update"}"#;
        let body = format!("{head}{:x}\r\n{event}\r\n", event.len());
        for (tail, ends_well) in [("0\r\n\r\n", true), ("", false)] {
            let whole = body.clone() + tail;
            let engine = but("/events", move || Act::Raw(whole.clone()));
            let reader = engine.reader().await.unwrap();
            let mut events = reader.events(&EventFilters::default()).await.unwrap();
            assert_eq!(events.next().await.unwrap().unwrap().action, "update");
            match events.next().await {
                None => assert!(ends_well),
                Some(next) => assert!(!ends_well && matches!(next, Err(EngineError::Lost { .. })), "{next:?}"),
            }
        }
        // Events come in any pieces, and several in one.
        let pieces = [&event[..9], &event[9..], "\n", &format!("{event}\n{event}\n")].map(str::to_owned);
        let chunks: String = pieces.iter().map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len())).collect();
        for (tail, ends_well) in [("0\r\n\r\n", true), ("7\r\n<html>\n\r\n", false)] {
            let whole = format!("{head}{chunks}{tail}");
            let engine = but("/v1.41/events?", move || Act::Raw(whole.clone()));
            let mut events = engine.reader().await.unwrap().events(&EventFilters::default()).await.unwrap();
            for _ in 0..3 {
                assert_eq!(events.next().await.unwrap().unwrap().kind, "service");
            }
            match events.next().await {
                None => assert!(ends_well),
                Some(next) => assert!(!ends_well && matches!(next, Err(EngineError::Nonsense { .. })), "{next:?}"),
            }
        }
        let refusal = but("/events", || Act::Answer(500, r#"{"message": "too many listeners"}"#.to_owned()));
        let error = refusal.reader().await.unwrap().events(&EventFilters::default()).await.unwrap_err();
        assert!(matches!(&error, EngineError::Refused(r) if r.message == "too many listeners"), "{error}");
        let silent = but("/events", || Act::Silence);
        let error = silent.reader().await.unwrap().events(&EventFilters::default()).await.unwrap_err();
        assert!(matches!(error, EngineError::TimedOut { .. }), "{error}");

        let raw =
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\nContent-Length: 9\r\n\r\none\r\ntwo";
        let engine = but("/logs", move || Act::Raw(raw.to_owned()));
        let error = engine.reader().await.unwrap().task_log("t", &LogQuery::default()).await.unwrap_err();
        assert!(matches!(error, EngineError::Lost { .. }), "{error}");
    }

    #[tokio::test]
    async fn the_version_is_on_the_wire() {
        let engine = FakeEngine::start(|line| match line {
            "GET /_ping" => ok("OK"),
            "GET /v1.41/nodes" => ok("[]"),
            other => Act::Answer(404, format!(r#"{{"message": "{other}"}}"#)),
        });
        assert!(engine.reader().await.unwrap().nodes().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_old_engine_and_a_stranger_are_told_apart() {
        let cases = [
            ("HTTP/1.1 200 OK\r\nApi-Version: 1.40\r\nContent-Length: 2\r\n\r\nOK", "speaks API up to 1.40"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "is there a Docker engine"),
            ("HTTP/1.1 301 X\r\nContent-Length: 0\r\nLocation: https://x/\r\n\r\n", "a redirection"),
            ("SSH-2.0-OpenSSH_9.2\r\n", "makes no sense: no HTTP"),
        ];
        for (bytes, words) in cases {
            let engine = FakeEngine::start(move |_| Act::Raw(bytes.to_owned()));
            let said = engine.reader().await.unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}
