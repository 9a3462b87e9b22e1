//! A POST to somebody else's server: https by the machine's roots, no redirect, no more of an answer than a sentence.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};

use crate::https::agent;

const PATIENCE: Duration = Duration::from_secs(10);
const ANSWER: u64 = 64 * 1024;
/// No server may make us wait for longer than this.
const LONGEST: Duration = Duration::from_secs(120);

/// Speaks to any host.
#[derive(Clone, Debug)]
pub struct Poster(ureq::Agent);

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub status: StatusCode,
    pub text: String,
    /// How long it wants to be left alone.
    pub wait: Option<Duration>,
}

impl Poster {
    pub fn new() -> Self {
        Self(agent(PATIENCE))
    }

    /// Words where there was no answer.
    pub async fn post(
        &self,
        url: &str,
        content: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<Said, String> {
        let mut request = Request::post(url)
            .header(CONTENT_TYPE, content)
            .body(body.to_vec())
            .map_err(|error| format!("no request can be made of it: {error}"))?;
        request.headers_mut().extend(headers.iter().cloned());
        let agent = self.0.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let mut answer = agent.run(request)?;
            let wait = wait(answer.headers(), jiff::Timestamp::now().as_second());
            // What it says is for people: a status is enough.
            let text = answer.body_mut().with_config().limit(ANSWER).read_to_string().unwrap_or_default();
            Ok(Said { status: answer.status(), text, wait })
        });
        match asked.await {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(ureq::Error::Timeout(_))) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
            Ok(Err(error)) => Err(error.to_string()),
            Err(broken) => Err(broken.to_string()),
        }
    }
}

/// `retry-after`, or when GitHub's budget begins anew.
fn wait(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let number = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    let seconds = match number(RETRY_AFTER.as_str()) {
        Some(seconds) => seconds,
        None if number("x-ratelimit-remaining") == Some(0) => number("x-ratelimit-reset")? - now,
        None => return None,
    };
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_when_to_come_again() {
        let headers = |all: &[(&'static str, &'static str)]| {
            HeaderMap::from_iter(all.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))))
        };
        let reset = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1030")];
        for (given, seconds) in [
            (&[("retry-after", "7")][..], Some(7)),
            (&[("retry-after", "99999")], Some(120)),
            (&[("retry-after", "-1")], Some(0)),
            (&reset, Some(30)),
            (&[("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "1030")], None),
            (&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], None),
            (&[], None),
        ] {
            assert_eq!(wait(&headers(given), 1000), seconds.map(Duration::from_secs), "{given:?}");
        }
    }
}
