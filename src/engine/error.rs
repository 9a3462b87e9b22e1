//! What can go wrong between us and the engine.

use std::time::Duration;

/// Why a request did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// Nobody answers at the address.
    #[error("no engine answers at {endpoint}: {why}")]
    Unreachable { endpoint: String, reason: Unreach, why: String },
    /// The address, context or certificates make no sense.
    #[error("{0}")]
    Address(String),
    /// Something on this side, before any request: a time that is none, a credential helper that fails.
    #[error("{0}")]
    Local(String),
    /// We may not write any more: a lease was lost. No request was sent.
    #[error("{0}")]
    Forbidden(String),
    /// The engine speaks no version that we speak.
    #[error("the engine at {endpoint} speaks API {theirs}; stackup needs {ours}")]
    Version { endpoint: String, theirs: String, ours: String },
    /// The engine answered no.
    #[error("{0}")]
    Refused(Refusal),
    /// The connection broke or stayed silent in the middle.
    #[error("the engine stopped answering ({request}): {why}")]
    Lost { request: String, why: String },
    #[error("the engine did not answer {request} within {after:?}")]
    TimedOut { request: String, after: Duration },
    /// An answer that is not what the API promises.
    #[error("the engine's answer to {request} makes no sense: {why}")]
    Nonsense { request: String, why: String },
}

/// Why nobody answers; each has its own way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreach {
    /// There is no such socket file.
    NoSocket,
    /// The socket is there and this user may not open it.
    Permission,
    /// Nobody listens there.
    NobodyListens,
    /// The host's name is unknown.
    UnknownHost,
    /// No answer within the connect timeout, or no route.
    Silent,
    /// The two sides agree on no TLS session.
    Tls,
    /// `ssh`, or `docker` at its other end, gave up.
    Ssh,
    Other,
}

/// An answer of 400 or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// The engine's words, without `rpc error: code = … desc =`.
    pub message: String,
    /// `GET /services/x`.
    pub request: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} to {})", self.message, self.status, self.request)
    }
}

impl Refusal {
    /// From the body of an answer: `{"message": …}`, or plain text from something in between.
    pub(super) fn from_body(status: u16, request: String, body: &[u8]) -> Self {
        let stated = serde_json::from_slice::<serde_json::Value>(body)
            .ok()
            .and_then(|v| v.get("message").and_then(|m| m.as_str()).map(str::to_owned));
        let text = stated.unwrap_or_else(|| String::from_utf8_lossy(body).chars().take(300).collect());
        let message = match plain_words(&text) {
            "" => "no reason given".to_owned(),
            words => words.to_owned(),
        };
        Self { status, message, request }
    }
}

/// Without the wrapping that swarm's own errors come in; it may be there more than once.
fn plain_words(text: &str) -> &str {
    let mut rest = text.trim();
    while let Some(inner) = rest.strip_prefix("rpc error: code = ").and_then(|r| r.split_once(" desc = ")) {
        rest = inner.1.trim();
    }
    rest.strip_prefix("Error response from daemon: ").unwrap_or(rest)
}

impl EngineError {
    /// Somebody wrote the object since its version was read (it comes as a 500 with this text).
    pub fn is_out_of_sequence(&self) -> bool {
        matches!(self, Self::Refused(r) if r.message.contains("update out of sequence"))
    }

    /// A manager answered, and does not know what became of the request, or has no leader to ask: it died, say. The same
    /// manager knows more when another one is elected.
    pub fn is_unsure(&self) -> bool {
        const WORDS: [&str; 7] = [
            "does not have a leader",
            "deadline exceeded",
            "is closing",
            "connection is unavailable",
            "connection error",
            "lost leader",
            "too few managers",
        ];
        matches!(self, Self::Refused(r) if r.status >= 500 && WORDS.iter().any(|words| r.message.contains(words)))
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(r) => Some(r.status),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_the_words_and_drops_the_noise() {
        let cases = [
            (r#"{"message":"rpc error: code = Unknown desc = update out of sequence"}"#, "update out of sequence"),
            (r#"{"message":"rpc error: code = A desc = rpc error: code = B desc = two deep\n"}"#, "two deep"),
            (r#"{"message":"network web not found"}"#, "network web not found"),
            ("<html>502</html>", "<html>502</html>"),
            ("", "no reason given"),
        ];
        for (body, words) in cases {
            assert_eq!(Refusal::from_body(500, "GET /x".into(), body.as_bytes()).message, words);
        }
    }
}
