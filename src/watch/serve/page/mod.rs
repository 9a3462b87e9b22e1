//! `/` and `/stacks/NAME`: what is known, for people. Drawn here and readable without JavaScript; with it, it follows events.

mod evidence;
mod past;
mod plan;

use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::Shared;
use super::reply::{self, Refused, Reply};
use crate::watch::board::StackView;
use crate::watch::journal::Entry;

/// Of a stack's own.
const EVENTS: usize = 40;
/// The form that holds the token.
const ORDERS: &str = "orders";

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

pub fn style() -> Reply {
    reply::reply(StatusCode::OK, "text/css; charset=utf-8", include_str!("style.css"))
}

pub fn script() -> Reply {
    reply::reply(StatusCode::OK, "text/javascript; charset=utf-8", include_str!("live.js"))
}

/// All stacks and sources.
pub fn all(shared: &Shared) -> Reply {
    let (stacks, sources) = (shared.board.stacks(), shared.board.sources());
    let rank = shared.board.rank();
    let synced = stacks.iter().filter(|stack| stack.sync == "synced").count();
    page(
        "stackup",
        &html! {
            h1 { "stackup" }
            @if !rank.leads() { p.trouble { "This watcher " (rank.words()) "." } }
            p { (synced) " of " (stacks.len()) " stacks are as their files say." }
            table {
                thead { tr { th { "Stack" } th { "State" } th { "Commit" } th { "Why" } th { "Last rollout" } } }
                tbody {
                    @for stack in &stacks {
                        tr {
                            td { a href={ "/stacks/" (stack.name) } { (stack.name) } }
                            td { (state(stack)) }
                            td data-is="Commit" { @if let Some(commit) = &stack.commit { code { (commit) } } }
                            td { (stack.message) }
                            td data-is="Last rollout" { (last(stack)) }
                        }
                    }
                }
            }
            h2 { "Sources" }
            table {
                thead { tr { th { "Source" } th { "Commit" } th { "Trouble" } } }
                tbody {
                    @for (name, source) in &sources {
                        tr {
                            td { (name) }
                            td data-is="Commit" { @if let Some(commit) = &source.commit { code { (commit) } } }
                            td.trouble { @if let Some(problem) = &source.problem { (problem) } }
                        }
                    }
                }
            }
        },
    )
}

/// One stack, with what happened to it of late.
pub fn one(shared: &Shared, name: &str) -> Result<Reply, Refused> {
    let stack = shared.board.stack(name).ok_or_else(Refused::not_found)?;
    let rank = shared.board.rank();
    let takes_orders = shared.settings.borrow().auth.is_some();
    let form = (takes_orders && rank.leads()).then_some(ORDERS);
    let events = shared.journal.latest(EVENTS, |line| line.get("stack").and_then(Value::as_str) == Some(name));
    Ok(page(
        &format!("{name} – stackup"),
        &html! {
            p { a href="/" { "All stacks" } }
            h1 { (stack.name) }
            dl {
                dt { "State" } dd { (state(&stack)) }
                dt { "Why" } dd { (stack.message) }
                dt { "Source" } dd { (stack.source) @if let Some(commit) = &stack.commit { " at " code { (commit) } } }
                @if let Some(release) = stack.release { dt { "Release" } dd { (release) } }
                @if let Some(plan) = &stack.plan_id { dt { "Plan" } dd { code { (plan) } } }
                dt { "Last rollout" } dd { (last(&stack)) " " (stack.last.message) }
            }
            @if !rank.leads() { p.trouble { "This watcher " (rank.words()) "." } }
            @else if takes_orders { (orders(&stack)) } @else {
                p { "Nothing can be asked for here: stackup.yaml has no " code { "auth" } "." }
            }
            (evidence::section(&shared.board.evidence(name)))
            @if let Some(plan) = shared.board.plan(name) { (plan::section(&plan)) }
            (past::section(name, &shared.board.releases(name), form))
            h2 { "What happened" }
            ol { @for entry in events.iter().rev() { (event(entry)) } }
        },
    ))
}

/// An order that is not taken.
pub fn refused(name: &str, refused: Refused) -> Reply {
    // A browser would take 401 for its own business, and ask for a password.
    let status = if refused.status == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { refused.status };
    let mut reply = page(
        "stackup",
        &html! {
            h1 { "Not done" }
            p.trouble { (refused.why) }
            p { a href={ "/stacks/" (name) } { "Back to " (name) } }
        },
    );
    *reply.status_mut() = status;
    reply
}

/// The token goes with the order, and is kept nowhere: so no other page can give one.
fn orders(stack: &StackView) -> Markup {
    let order =
        |action: &str, words: &str| html! { button formaction={ "/stacks/" (stack.name) "/" (action) } { (words) } };
    html! {
        form #(ORDERS) method="post" action={ "/stacks/" (stack.name) "/sync" } {
            label { "Token " input type="password" name="token" required autocomplete="current-password"; }
            (order("sync", "Look now"))
            @if stack.suspended { (order("resume", "Resume")) } @else { (order("suspend", "Suspend")) }
            @if stack.release.is_some() { (order("rollback", "Roll back")) }
            @if let Some(plan) = stack.plan_id.as_ref().filter(|_| stack.sync == "held") {
                input type="hidden" name="plan_id" value=(plan);
                (order("approve", "Approve the plan"))
            }
        }
    }
}

/// In words, for who sees no colour.
fn state(stack: &StackView) -> Markup {
    html! {
        span class={ "state " (stack.sync) } { (stack.sync) }
        @if stack.drift { " " span class="state out-of-sync" { "drift" } }
    }
}

fn last(stack: &StackView) -> Markup {
    let (Some(result), Some(at)) = (&stack.last.result, &stack.last.at) else { return html! { "none yet" } };
    html! { (result) ", " (self::at(at)) }
}

/// A moment, for people.
fn at(time: &str) -> Markup {
    html! { time datetime=(time) { (time.replace('T', " ").replace('Z', " UTC")) } }
}

fn event(entry: &Entry) -> Markup {
    let line: Value = serde_json::from_str(&entry.text).unwrap_or_default();
    let field = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (at, words, level) = (field("ts"), field("msg"), field("level"));
    html! {
        li class=[(level == "error").then_some("trouble")] {
            time datetime=(at) { (at.get(11..19).unwrap_or_default()) }
            @if let Some(sync) = line.get("sync").and_then(Value::as_str) { (sync) ": " }
            (words)
        }
    }
}

fn page(title: &str, content: &Markup) -> Reply {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/style.css";
                script type="module" src="/live.js" {}
            }
            body { main #now { (PreEscaped(content.0.as_str())) } }
        }
    };
    let mut reply = reply::reply(StatusCode::OK, "text/html; charset=utf-8", page.into_string());
    reply.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    reply.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    reply
}
