//! Answers.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

pub type Reply = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// Anything, in one piece.
pub fn reply(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Reply {
    whole(status, kind, Full::new(body.into()).boxed_unsync())
}

/// Nothing that is answered may be kept by a cache, or taken for what it is not.
pub fn whole(status: StatusCode, kind: &'static str, body: UnsyncBoxBody<Bytes, Infallible>) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    reply
}

pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    reply(status, "text/plain; charset=utf-8", body)
}

pub fn json(status: StatusCode, value: &Value) -> Reply {
    reply(status, "application/json", format!("{value}\n"))
}

/// A request that is not done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub status: StatusCode,
    pub why: String,
    pub help: String,
}

impl Refused {
    pub fn new(status: StatusCode, why: impl Into<String>, help: impl Into<String>) -> Self {
        Self { status, why: why.into(), help: help.into() }
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing here", "docs/watch.md lists what is")
    }
}

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Self {
        let mut reply = json(refused.status, &json!({"error": refused.why, "help": refused.help}));
        let headers = reply.headers_mut();
        // What is left of the request is read by nobody.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if refused.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"stackup\""));
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"stackup\", charset=\"UTF-8\""));
        }
        if refused.status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("10"));
        }
        reply
    }
}
