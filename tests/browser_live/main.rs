//! What a person sees, in a real browser. `STACKUP_UPDATE_DOCS=1` takes the pictures of `docs/` anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "../support/action.rs"]
mod action;
#[path = "../watch_live/bench.rs"]
#[allow(dead_code, reason = "shared")]
mod bench;
#[path = "../support/browser.rs"]
mod browser;
#[path = "../action_live/github.rs"]
#[allow(dead_code, reason = "shared")]
mod github;
#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/swarm.rs"]
mod swarm;

mod change;
mod markdown;
mod watch;
