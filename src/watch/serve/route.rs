//! From a path to an answer.

use std::net::IpAddr;
use std::time::Duration;

use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Limited, StreamBody};
use hyper::body::Incoming;
use serde_json::json;

use super::reply::{self, Refused, Reply};
use super::{Shared, api, guard, hooks, live, metrics};

/// An approval is a line.
const BODY: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

pub async fn answer(shared: &Shared, peer: IpAddr, request: Request<Incoming>) -> Reply {
    let path = request.uri().path().to_owned();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (request.method(), segments.as_slice()) {
        (_, ["hooks", name]) => {
            if request.method() != Method::POST {
                return wrong_method("POST");
            }
            let settings = shared.settings.borrow().clone();
            hooks::take(shared, &settings, name, peer, request).await
        }
        (&Method::GET | &Method::HEAD, segments) => read(shared, segments, &request).await.unwrap_or_else(Reply::from),
        (&Method::POST, ["api", "v1", "stacks", name, action]) => {
            let (name, action) = ((*name).to_owned(), (*action).to_owned());
            change(shared, &name, &action, peer, request).await.unwrap_or_else(Reply::from)
        }
        _ => wrong_method("GET"),
    }
}

async fn read(shared: &Shared, segments: &[&str], request: &Request<Incoming>) -> Result<Reply, Refused> {
    match segments {
        ["healthz" | "livez"] => return Ok(reply::text(StatusCode::OK, "ok\n")),
        ["readyz"] => return Ok(ready(shared)),
        _ => {}
    }
    let settings = shared.settings.borrow().clone();
    guard::may_read(shared, &settings, request.headers()).await?;
    match segments {
        ["metrics"] => Ok(reply::reply(StatusCode::OK, metrics::KIND, metrics::text(&shared.board, &shared.counts))),
        ["api", "v1", "stacks"] => Ok(api::stacks(shared)),
        ["api", "v1", "stacks", name] => api::stack(shared, name),
        ["events"] => events(shared, request),
        _ => Err(Refused::not_found()),
    }
}

/// The first look at everything is over. Nothing is told that takes a token.
fn ready(shared: &Shared) -> Reply {
    let ready = shared.board.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply::json(status, &json!({"ready": ready}))
}

fn events(shared: &Shared, request: &Request<Incoming>) -> Result<Reply, Refused> {
    let Ok(place) = shared.listeners.clone().try_acquire_owned() else {
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "too many listen", "end one of the others"));
    };
    let last = request.headers().get("last-event-id").and_then(|last| last.to_str().ok());
    let stream = live::stream(shared.journal.clone(), last, place);
    let mut reply = reply::whole(StatusCode::OK, "text/event-stream", StreamBody::new(stream).boxed_unsync());
    // nginx would gather them first.
    reply.headers_mut().insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    Ok(reply)
}

async fn change(
    shared: &Shared,
    name: &str,
    action: &str,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Reply, Refused> {
    let settings = shared.settings.borrow().clone();
    guard::may_change(shared, &settings, request.headers()).await?;
    let body = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), BODY).collect()).await;
    let Ok(Ok(body)) = body else {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "the body is too long, or did not come",
            "send a line of JSON",
        ));
    };
    api::ask(shared, name, action, &body.to_bytes(), peer)
}

fn wrong_method(allowed: &'static str) -> Reply {
    let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method", format!("use {allowed}"));
    let mut reply = Reply::from(refused);
    reply.headers_mut().insert(http::header::ALLOW, http::HeaderValue::from_static(allowed));
    reply
}
