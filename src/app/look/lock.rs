//! A lock in words.

use jiff::SignedDuration;

use super::ago;
use crate::release::lease::{Held, Standing, Timing};

/// `ana@build-3 applies plan p-6c1f-90ab-22e4 since 2 minutes`.
pub fn lock_holder(held: &Held) -> String {
    let holder = &held.holder;
    let who = if holder.who.is_empty() { "somebody" } else { &holder.who };
    let doing = match (holder.manual, holder.command.as_str()) {
        (true, _) => "locked it by hand".to_owned(),
        (false, "apply") if !holder.plan.is_empty() => format!("applies plan {}", holder.plan),
        (false, "") => "holds it".to_owned(),
        (false, command) => format!("runs {command}"),
    };
    let age = match held.age() {
        Some(age) if holder.manual => format!(" {} ago", low(age)),
        Some(age) => format!(", started {} ago", low(age)),
        None => String::new(),
    };
    let message = if holder.message.is_empty() { String::new() } else { format!(": {}", holder.message) };
    format!("{who} {doing}{age}{message}")
}

fn low(long: SignedDuration) -> String {
    ago(long).to_lowercase()
}

/// What it is worth, and where to look.
pub fn lock_details(held: &Held) -> Vec<String> {
    let holder = &held.holder;
    let silent = held.silent().map(low).unwrap_or_else(|| "nobody knows how long".to_owned());
    let standing = match held.standing(&Timing::default()) {
        Standing::Manual => "it never expires".to_owned(),
        Standing::Live => format!("last sign of life {silent} ago"),
        Standing::Expired => format!("silent for {silent}: the next apply takes it over"),
        Standing::Left => "it went before it was done: the next apply goes on with it".to_owned(),
        Standing::Dead => format!("its process {} has ended: the next apply takes it over", holder.process.pid),
    };
    [standing, holder.run_url.clone()].into_iter().filter(|line| !line.is_empty()).collect()
}
