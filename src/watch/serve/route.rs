//! From a path to an answer.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Limited, StreamBody};
use hyper::body::Incoming;
use serde_json::json;

use super::form::Form;
use super::reply::{self, Refused, Reply};
use super::{Shared, api, guard, hooks, live, metrics, page};

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
        (&Method::POST, ["stacks", name, action, more @ ..]) if more.len() < 2 => {
            let (name, action) = ((*name).to_owned(), (*action).to_owned());
            let about = more.first().map(|more| (*more).to_owned());
            let taken = order(shared, &name, &action, about.as_deref(), peer, request).await;
            taken.unwrap_or_else(|refused| page::refused(&name, refused))
        }
        _ => wrong_method("GET"),
    }
}

async fn read(shared: &Shared, segments: &[&str], request: &Request<Incoming>) -> Result<Reply, Refused> {
    match segments {
        ["healthz" | "livez"] => return Ok(reply::text(StatusCode::OK, "ok\n")),
        ["readyz"] => return Ok(ready(shared)),
        ["style.css"] => return Ok(page::style()),
        ["live.js"] => return Ok(page::script()),
        _ => {}
    }
    let settings = shared.settings.borrow().clone();
    guard::may_read(shared, &settings, request.headers()).await?;
    match segments {
        ["metrics"] => Ok(reply::reply(StatusCode::OK, metrics::KIND, metrics::text(&shared.board, &shared.counts))),
        ["api", "v1", "stacks"] => Ok(api::stacks(shared)),
        ["api", "v1", "stacks", name] => api::stack(shared, name),
        ["api", "v1", "stacks", name, "plan"] => api::plan(shared, name),
        ["api", "v1", "stacks", name, "releases"] => api::releases(shared, name),
        ["events"] => events(shared, request),
        [""] => Ok(page::all(shared)),
        ["stacks", name] => page::one(shared, name),
        _ => Err(Refused::not_found()),
    }
}

/// It leads, and the first look at everything is over. Nothing is told that takes a token.
fn ready(shared: &Shared) -> Reply {
    let leads = shared.board.rank().leads();
    let ready = leads && shared.board.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply::json(status, &json!({"ready": ready, "standby": !leads}))
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
    let body = short(request.into_body()).await?;
    api::ask(shared, name, action, &body, peer)?;
    Ok(reply::json(StatusCode::ACCEPTED, &json!({"stack": name, "asked": action})))
}

/// The same from the page's form. The token is in it: what a browser would send by itself opens nothing.
async fn order(
    shared: &Shared,
    name: &str,
    action: &str,
    about: Option<&str>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Reply, Refused> {
    let settings = shared.settings.borrow().clone();
    let form = Form::read(&short(request.into_body()).await?);
    guard::has_token(shared, &settings, form.token.as_deref()).await?;
    let words = match (action, about) {
        ("approve", None) => json!({"plan_id": form.plan_id.unwrap_or_default()}).to_string(),
        ("rollback", Some(release)) => {
            let to: u64 = release.parse().map_err(|_| Refused::not_found())?;
            json!({"to": to}).to_string()
        }
        (_, Some(_)) => return Err(Refused::not_found()),
        (_, None) => String::new(),
    };
    api::ask(shared, name, action, words.as_bytes(), peer)?;
    let mut reply = reply::text(StatusCode::SEE_OTHER, "asked for\n");
    if let Ok(place) = http::HeaderValue::try_from(format!("/stacks/{name}")) {
        reply.headers_mut().insert(http::header::LOCATION, place);
    }
    Ok(reply)
}

async fn short(body: Incoming) -> Result<Bytes, Refused> {
    match tokio::time::timeout(PATIENCE, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        _ => Err(Refused::new(StatusCode::BAD_REQUEST, "the body is too long, or did not come", "send a line")),
    }
}

fn wrong_method(allowed: &'static str) -> Reply {
    let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method", format!("use {allowed}"));
    let mut reply = Reply::from(refused);
    reply.headers_mut().insert(http::header::ALLOW, http::HeaderValue::from_static(allowed));
    reply
}
