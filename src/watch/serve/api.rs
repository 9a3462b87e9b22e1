//! `/api/v1/stacks`: what is known, and what a person may ask for.

use std::net::IpAddr;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::reply::{self, Refused, Reply};
use crate::plan::is_same;
use crate::watch::daemon::Message;
use crate::watch::lead::Rank;
use crate::watch::machine::{Ask, Event};

pub fn stacks(shared: &Shared) -> Reply {
    let stacks: Vec<Value> = shared.board.stacks().iter().map(|stack| json!(stack)).collect();
    reply::json(
        StatusCode::OK,
        &json!({"v": 1, "stacks": stacks, "sources": shared.board.sources(), "watcher": shared.board.rank().json()}),
    )
}

pub fn stack(shared: &Shared, name: &str) -> Result<Reply, Refused> {
    let view = shared.board.stack(name).ok_or_else(|| unknown(name))?;
    let mut told = json!(view);
    if let Some(members) = told.as_object_mut() {
        members.insert("evidence".to_owned(), Value::from(shared.board.evidence(name)));
    }
    Ok(reply::json(StatusCode::OK, &told))
}

/// What is recorded of it, newest first.
pub fn releases(shared: &Shared, name: &str) -> Result<Reply, Refused> {
    shared.board.stack(name).ok_or_else(|| unknown(name))?;
    Ok(reply::json(StatusCode::OK, &json!({"v": 1, "releases": *shared.board.releases(name)})))
}

/// What would have to be changed, as `stackup plan --json` shows it.
pub fn plan(shared: &Shared, name: &str) -> Result<Reply, Refused> {
    let Some(plan) = shared.board.plan(name) else {
        return Err(Refused::new(
            StatusCode::NOT_FOUND,
            "there is nothing to change",
            "a plan is here while one waits or goes on",
        ));
    };
    let plan = serde_json::to_value(&*plan).unwrap_or_default();
    Ok(reply::json(StatusCode::OK, &plan))
}

#[derive(Deserialize)]
struct Approval {
    plan_id: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Back {
    to: Option<u64>,
}

/// Nothing may be asked of one that stands by: it has nothing to do with what happens.
pub fn must_lead(shared: &Shared) -> Result<(), Refused> {
    let rank = shared.board.rank();
    let help = match &rank {
        Rank::Leads => return Ok(()),
        Rank::StandsBy(_) => "ask the one that leads",
        Rank::Seeks(_) => "ask again in a moment",
    };
    Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, format!("this watcher {}", rank.words()), help))
}

/// Asks the machine, and leaves a line that says who did. Whether anything comes of it, events tell.
pub fn ask(shared: &Shared, name: &str, action: &str, body: &[u8], peer: IpAddr) -> Result<(), Refused> {
    must_lead(shared)?;
    let view = shared.board.stack(name).ok_or_else(|| unknown(name))?;
    let (what, words) = match action {
        "sync" => (Ask::Sync, "sync".to_owned()),
        "suspend" => (Ask::Suspend, "suspend".to_owned()),
        "resume" => (Ask::Resume, "resume".to_owned()),
        "approve" => {
            let approval: Approval = serde_json::from_slice(body).map_err(|error| {
                let why = format!("there is no approval in the body: {error}");
                Refused::new(StatusCode::BAD_REQUEST, why, r#"send {"plan_id": "p-…"}"#)
            })?;
            // Another plan than the one that waits is nothing that anybody has seen.
            let Some(id) = view.plan_id.filter(|id| view.sync == "held" && is_same(&approval.plan_id, id)) else {
                let help = format!("GET /api/v1/stacks/{name} tells which one waits");
                return Err(Refused::new(StatusCode::CONFLICT, "this is not the plan that waits", help));
            };
            (Ask::Approve(id.clone()), format!("approve {id}"))
        }
        "rollback" => {
            // Without a word it is the last one that had succeeded.
            let back = match body.trim_ascii().is_empty() {
                true => Ok(Back::default()),
                false => serde_json::from_slice::<Back>(body),
            };
            let back = back.map_err(|error| {
                let why = format!("the body names no release: {error}");
                Refused::new(StatusCode::BAD_REQUEST, why, r#"send {"to": 12}, or nothing"#)
            })?;
            if view.release.is_none() {
                let help = "`stackup history` lists what is recorded";
                return Err(Refused::new(StatusCode::CONFLICT, "no release is known to go back from", help));
            }
            let words = back.to.map(|to| format!(" to release #{to}")).unwrap_or_default();
            (Ask::Rollback(back.to), format!("rollback{words}"))
        }
        _ => return Err(Refused::not_found()),
    };
    // A loop that has ended does nothing more.
    let event = Event::Asked { stack: name.to_owned(), what };
    if shared.send.send(Message::Event(event)).is_err() {
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the watcher is going", "ask the next one"));
    }
    shared.say_of(name, format!("{words}: asked for over the API, from {peer}"));
    Ok(())
}

fn unknown(name: &str) -> Refused {
    let name: String = name.chars().take(64).filter(char::is_ascii_graphic).collect();
    Refused::new(
        StatusCode::NOT_FOUND,
        format!("no stack `{name}` is followed"),
        "GET /api/v1/stacks lists those that are",
    )
}
