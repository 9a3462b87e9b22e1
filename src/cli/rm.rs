//! `stackup rm`

use std::time::Duration;

use super::failure::Failure;
use super::interrupt::signalled;
use super::invocation::Invocation;
use super::leases::Leases;
use super::looking::{engine, say, say_step};
use super::prompt::{Approval, ask};
use crate::app::event::Event;
use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::{Entry, Fate, Ledger};
use crate::app::remove::{Belonging, Patience, Removal, Step, belongings, remove};
use crate::engine::{Reader, Wanted};
use crate::release::history;
use crate::swarm::{Kind, unscoped};

/// Remove stacks: services, secrets, configs and networks. Volumes stay
///
/// Waits until their tasks have stopped and their networks are gone.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct RmArgs {
    /// Names of the stacks
    #[arg(required = true, value_name = "STACK")]
    pub stacks: Vec<String>,
    /// Do not ask
    #[arg(short = 'y', long)]
    pub auto_approve: bool,
    /// Do not wait
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false")]
    pub detach: bool,
    /// Seconds to wait for tasks to stop, and again for networks to go
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub timeout: u64,
}

pub async fn run(args: &RmArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let mut found: Vec<(&str, Vec<Belonging>)> = Vec::new();
    for stack in &args.stacks {
        if found.iter().any(|(known, _)| known == stack) {
            continue;
        }
        let live = reader.snapshot(stack, &Wanted::default()).await.map_err(engine)?;
        let all = belongings(&live, &history::objects(reader, stack).await.map_err(engine)?);
        if all.is_empty() {
            invocation.output.note(&format!("Nothing found in stack: {stack}"));
        } else {
            found.push((stack, all));
        }
    }
    if !args.auto_approve {
        approve(&found, invocation)?;
    }
    let leases = Leases::take(found.iter().map(|(stack, _)| *stack), "rm", reader, invocation).await?;
    let patience = Patience { wait: (!args.detach).then(|| Duration::from_secs(args.timeout)) };
    let done = tokio::select! {
        removals = remove_all(&found, &leases, patience, reader, invocation) => conclude(&removals, invocation),
        code = signalled() => {
            let words = "interrupted: what is named above was asked to go, the rest is as it was; \
                `stackup rm` of the same stacks goes on";
            Err(Failure::words(code, words))
        }
    };
    leases.give_back().await;
    done
}

async fn remove_all<'a>(
    found: &[(&'a str, Vec<Belonging>)],
    leases: &Leases,
    patience: Patience,
    reader: &Reader,
    invocation: &Invocation,
) -> Vec<(&'a str, Removal)> {
    let mut removals = Vec::new();
    for (stack, all) in found {
        let mut step = |step: Step| tell(&step, stack, invocation);
        removals.push((*stack, remove(&leases.writer(Some(stack), reader), stack, all, patience, &mut step).await));
    }
    removals
}

/// Every stack by its name, before anything is removed.
fn approve(found: &[(&str, Vec<Belonging>)], invocation: &Invocation) -> Result<(), Failure> {
    for (stack, all) in found {
        let what = inventory(all);
        if !invocation.settings.interactive {
            let words = format!("rm would remove {what} of {stack}: -y says yes where nobody can be asked");
            return Err(Failure::words(ExitCode::Declined, words));
        }
        let question = format!("Remove {what} of {stack}? Volumes stay.");
        if !ask(&question, &Approval::Name((*stack).to_owned()), invocation) {
            return Err(Failure::words(ExitCode::Declined, "nothing was removed"));
        }
    }
    Ok(())
}

/// `2 services, 1 network`
fn inventory(all: &[Belonging]) -> String {
    let count = |kind| all.iter().filter(|b| b.kind == kind).count();
    [Kind::Service, Kind::Secret, Kind::Config, Kind::Network]
        .into_iter()
        .map(|kind| (count(kind), kind.as_str()))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}{}", if n == 1 { "" } else { "s" }))
        .collect::<Vec<_>>()
        .join(", ")
}

fn tell(step: &Step, stack: &str, invocation: &Invocation) {
    let address = |kind: Kind, name: &str| format!("{}/{}", kind.as_str(), unscoped(stack, name));
    match step {
        Step::Removing { kind, name } => {
            // What was asked for may have happened, whatever is heard of it.
            invocation.changed(Changed::Unknown);
            let message = format!("Removing {} {name}", kind.as_str());
            let address = address(*kind, name);
            say_step(invocation, &Event::ApplyStart { address, action: REMOVE, wanted: None, message });
        }
        Step::Failed { kind, name, why } => {
            let message = format!("Failed to remove {} {name}: {why}", kind.as_str());
            invocation.output.note(&message);
            // Whoever listens is told again in the ledger.
            let address = address(*kind, name);
            let _ = invocation.tell(&Event::ApplyFailed { address, reason: "refused", reverted: false, message });
        }
        Step::Stopping { tasks } => {
            let message = format!("Waiting for {tasks} task{} to stop", if *tasks == 1 { "" } else { "s" });
            say_step(invocation, &Event::Stopping { stack: stack.to_owned(), tasks: *tasks, message });
        }
    }
}

/// As in the ledger of an apply.
const REMOVE: &str = "remove";

fn ledger(stack: &str, removal: &Removal) -> Ledger {
    let entry = |kind: Kind, name: &str, fate: Fate, why: &str| Entry {
        address: format!("{}/{}", kind.as_str(), unscoped(stack, name)),
        action: REMOVE,
        fate,
        why: why.to_owned(),
    };
    let gone = if removal.detached { Fate::Submitted } else { Fate::Done };
    let removed = removal.removed.iter().map(|(kind, name)| entry(*kind, name, gone, "removed"));
    let kept = removal.kept.iter().map(|(kind, name, why)| entry(*kind, name, Fate::Failed, why));
    Ledger(removed.chain(kept).collect())
}

/// The ledger of what is left.
fn conclude(removals: &[(&str, Removal)], invocation: &Invocation) -> Result<ExitCode, Failure> {
    let (mut exit, mut changed) = (ExitCode::Ok, Changed::No);
    for (stack, removal) in removals {
        if !removal.removed.is_empty() {
            changed = Changed::Yes;
        }
        let message = summary(stack, removal);
        let event = Event::Ledger { ledger: ledger(stack, removal), message: message.clone() };
        if removal.is_complete() {
            say(invocation, &event);
            continue;
        }
        invocation.tell(&event)?;
        invocation.output.note(&message);
        // What failed outweighs what only takes longer.
        if !removal.kept.is_empty() {
            exit = ExitCode::Error;
        } else if exit == ExitCode::Ok {
            exit = ExitCode::Deadline;
        }
    }
    invocation.changed(changed);
    if exit == ExitCode::Ok { Ok(exit) } else { Err(Failure::said(exit)) }
}

fn summary(stack: &str, removal: &Removal) -> String {
    if removal.is_complete() {
        let how = if removal.detached { "; its tasks stop in the background" } else { "" };
        return format!("Removed stack {stack}{how}");
    }
    let mut lines = vec![format!("failed to remove some resources from stack: {stack}")];
    lines.push(format!("  removed  {}", removal.removed.len()));
    for (kind, name, why) in &removal.kept {
        lines.push(format!("  kept     {} {name}: {why}", kind.as_str()));
    }
    if removal.stopping > 0 {
        lines.push(format!("  stopping {} tasks that had not ended when the time was over", removal.stopping));
    }
    lines.push(format!("next: stackup rm {stack}"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(kind: Kind, name: &str) -> Belonging {
        Belonging { kind, id: name.into(), name: name.into(), held_by: Vec::new() }
    }

    #[test]
    fn counts_what_goes() {
        let all = [one(Kind::Service, "a"), one(Kind::Service, "b"), one(Kind::Network, "n")];
        assert_eq!(inventory(&all), "2 services, 1 network");
    }

    #[test]
    fn says_what_is_left() {
        let mut removal = Removal { removed: vec![(Kind::Service, "s_web".into())], ..Removal::default() };
        assert_eq!(summary("s", &removal), "Removed stack s");
        removal.kept.push((Kind::Network, "s_net".into(), "in use by o_web".into()));
        let said = summary("s", &removal);
        assert!(said.contains("kept     network s_net: in use by o_web"), "{said}");
        assert!(said.ends_with("next: stackup rm s"), "{said}");
    }
}
