//! `stackup status`

use std::io::IsTerminal;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::failure::Failure;
use super::interrupt::signalled;
use super::invocation::Invocation;
use super::looking::{engine, service_address};
use super::output::Closed;
use crate::app::event::{Event, RowKind};
use crate::app::exit::ExitCode;
use crate::app::look::{ServiceStatus, StackStatus, Trouble, status};
use crate::engine::{EngineError, Reader};
use crate::ui;

/// Show how a stack is: what runs, what fails and why, worst first
#[derive(Clone, Debug, Default, clap::Args)]
pub struct StatusArgs {
    /// Name of the stack
    pub stack: String,
    /// Go on until Ctrl-C: redrawn on a terminal, elsewhere a line for each change
    #[arg(long)]
    pub follow: bool,
}

const PAUSE: Duration = Duration::from_secs(1);
/// An engine that is silent for so many looks is given up.
const PATIENCE: u32 = 60;

pub async fn run(args: &StatusArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let seen = look(&args.stack, reader).await.map_err(engine)?;
    if seen.services.is_empty() {
        let words = format!("nothing found in stack: {} (`stackup ls` shows the stacks of this swarm)", args.stack);
        return Err(Failure::words(ExitCode::Error, words));
    }
    if !args.follow {
        draw(&seen, invocation)?;
        changes(&[], &seen, invocation)?;
        return Ok(ExitCode::Ok);
    }
    let redraw = !invocation.settings.json && std::io::stdout().is_terminal();
    tokio::select! {
        done = follow(seen, redraw, reader, invocation) => done,
        code = signalled() => Ok(code),
    }
}

async fn look(stack: &str, reader: &Reader) -> Result<StackStatus, EngineError> {
    let (services, tasks, nodes) =
        tokio::join!(reader.services(Some(stack)), reader.tasks(stack, false), reader.nodes());
    Ok(status(stack, &services?, &tasks?, &nodes?))
}

async fn follow(
    first: StackStatus,
    redraw: bool,
    reader: &Reader,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    let (mut seen, mut before, mut silent) = (first, Vec::new(), 0);
    loop {
        if redraw {
            // From the top left corner of an empty screen.
            invocation.output.raw("\u{1b}[H\u{1b}[2J")?;
            draw(&seen, invocation)?;
        } else {
            lines(&before, &seen, invocation)?;
        }
        changes(&before, &seen, invocation)?;
        before = seen.services;
        seen = loop {
            tokio::time::sleep(PAUSE).await;
            match look(&seen.stack, reader).await {
                Ok(next) => break next,
                Err(error) if silent >= PATIENCE => return Err(engine(error)),
                Err(error) => {
                    if silent == 0 {
                        invocation.output.note(&format!("{error}; trying again"));
                    }
                    silent += 1;
                }
            }
        };
        silent = 0;
    }
}

fn draw(seen: &StackStatus, invocation: &Invocation) -> Result<(), Closed> {
    invocation.output.text(&ui::status::status(seen, Timestamp::now(), &invocation.settings.theme))
}

/// Services that are otherwise than before.
fn changed<'a>(before: &'a [ServiceStatus], now: &'a StackStatus) -> impl Iterator<Item = &'a ServiceStatus> {
    now.services.iter().filter(|s| !before.contains(s))
}

fn gone<'a>(before: &'a [ServiceStatus], now: &'a StackStatus) -> impl Iterator<Item = &'a ServiceStatus> {
    before.iter().filter(|b| !now.services.iter().any(|s| s.name == b.name))
}

fn lines(before: &[ServiceStatus], now: &StackStatus, invocation: &Invocation) -> Result<(), Closed> {
    let time = Timestamp::now();
    changed(before, now).try_for_each(|s| invocation.output.text(&ui::status::line(s, time)))?;
    gone(before, now).try_for_each(|s| invocation.output.text(&format!("{}  removed", s.name)))
}

fn changes(before: &[ServiceStatus], now: &StackStatus, invocation: &Invocation) -> Result<(), Closed> {
    if !invocation.output.wants_events() {
        return Ok(());
    }
    let time = Timestamp::now();
    for service in changed(before, now) {
        invocation.tell(&Event::Row {
            kind: RowKind::ServiceStatus,
            address: Some(service_address(&service.name)),
            fields: fields(service),
            message: ui::status::line(service, time),
        })?;
    }
    for service in gone(before, now) {
        invocation.tell(&Event::Row {
            kind: RowKind::ServiceRemoved,
            address: Some(service_address(&service.name)),
            fields: json!({}),
            message: format!("{}  removed", service.name),
        })?;
    }
    Ok(())
}

fn fields(service: &ServiceStatus) -> serde_json::Value {
    let update = service.update.as_ref();
    let trouble = |t: &Trouble| {
        json!({
            "task": t.task, "node": t.node, "state": t.state.as_str(), "since": t.since.map(|s| s.to_string()),
            "error": t.error, "tasks": t.tasks,
        })
    };
    let troubles: Vec<_> = service.troubles.iter().map(trouble).collect();
    json!({
        "service": {
            "name": service.name, "mode": service.mode, "running": service.running, "desired": service.wanted,
            "health": service.health.as_str().replace(' ', "_"), "image": service.image,
            "update_state": update.map(|(state, _)| state.as_str()),
            "update_since": update.and_then(|(_, when)| when.map(|w| w.to_string())),
            "update_message": service.update_message, "troubles": troubles,
        },
    })
}
