//! A POST to somebody else's server: https by the machine's roots, no redirect, no more of an answer than a sentence.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);
const ANSWER: usize = 64 * 1024;
/// No server may make us wait for longer than this.
const LONGEST: Duration = Duration::from_secs(120);

/// Speaks to any host.
#[derive(Clone, Debug)]
pub struct Poster(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub status: StatusCode,
    pub text: String,
    /// How long it wants to be left alone.
    pub wait: Option<Duration>,
}

impl Poster {
    /// Words where there is no TLS to be had.
    pub fn new() -> Result<Self, String> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be set up: {error}"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let https = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(30));
        Ok(Self(builder.build(https.build())))
    }

    /// Words where there was no answer.
    pub async fn post(&self, url: &str, headers: &[(HeaderName, HeaderValue)], body: Bytes) -> Result<Said, String> {
        let mut request = Request::post(url)
            .header(USER_AGENT, concat!("stackup/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| format!("no request can be made of it: {error}"))?;
        request.headers_mut().extend(headers.iter().cloned());
        let asked = async {
            let reply = self.0.request(request).await.map_err(|error| causes(&error))?;
            let (head, body) = reply.into_parts();
            let text = Limited::new(body, ANSWER).collect().await.map(http_body_util::Collected::to_bytes);
            let text = text.map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
            Ok(Said { status: head.status, text, wait: wait(&head.headers, jiff::Timestamp::now().as_second()) })
        };
        timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} seconds", PATIENCE.as_secs())))
    }
}

/// An error says little without those below it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut all = vec![error.to_string()];
    let mut below = error.source();
    while let Some(cause) = below {
        all.push(cause.to_string());
        below = cause.source();
    }
    all.dedup();
    all.join(": ")
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
