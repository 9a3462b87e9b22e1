//! A lock in words.

use serde_json::{Value, json};

use super::theme::visible;
use crate::app::look::{lock_details, lock_holder};
use crate::release::lease::{Held, Standing, Timing};

/// Who, and what for.
pub fn holder(held: &Held) -> String {
    visible(&lock_holder(held)).into_owned()
}

/// What it is worth, and where to look.
pub fn details(held: &Held) -> Vec<String> {
    lock_details(held).iter().map(|line| visible(line).into_owned()).collect()
}

/// For machines.
pub fn json(held: &Held) -> Value {
    let holder = &held.holder;
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    let standing = match held.standing(&Timing::default()) {
        Standing::Manual => "manual",
        Standing::Live => "live",
        Standing::Expired => "expired",
        Standing::Dead => "dead",
        Standing::Left => "left",
    };
    json!({"holder": holder.who, "command": holder.command, "plan": holder.plan, "commit": holder.commit,
        "run_url": holder.run_url, "message": holder.message, "host": holder.process.host, "pid": holder.process.pid,
        "since": time(held.since), "heard": time(held.heard), "standing": standing})
}
