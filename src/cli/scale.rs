//! `stackup scale`

use std::time::{Duration, Instant};

use serde_json::json;

use super::failure::Failure;
use super::interrupt::signalled;
use super::invocation::Invocation;
use super::leases::Leases;
use super::looking::{engine, say, say_step, service_address};
use super::prompt::{Approval, ask};
use crate::app::event::Event;
use crate::app::exit::{Changed, ExitCode};
use crate::app::scale::{Progress, ScaleError, Scaling, Wish, follow, scale, wishes};
use crate::diagnostic::closest;
use crate::engine::{EngineError, Reader};

/// Set the number of tasks of replicated services
///
/// The next apply sets it back to what the file says.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ScaleArgs {
    /// Service (`shop_web`) and number of tasks
    #[arg(required = true, value_name = "SERVICE=N")]
    pub wishes: Vec<String>,
    /// Do not ask
    #[arg(short = 'y', long)]
    pub auto_approve: bool,
    /// Do not wait
    #[arg(short, long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false")]
    pub detach: bool,
    /// Seconds to wait until that many run
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub timeout: u64,
}

pub async fn run(args: &ScaleArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let wishes = wishes(&args.wishes).map_err(|error| Failure::words(ExitCode::Usage, error.to_string()))?;
    let scalings = resolve(wishes, reader).await?;
    for scaling in scalings.iter().filter(|s| !s.changes()) {
        let name = &scaling.service.name;
        let message = format!("{name} is at {} already", scaling.after);
        say(invocation, &Event::Unchanged { fields: json!({"service": name, "replicas": scaling.after}), message });
    }
    let scalings: Vec<Scaling> = scalings.into_iter().filter(Scaling::changes).collect();
    if scalings.is_empty() {
        return Ok(ExitCode::Ok);
    }
    for scaling in &scalings {
        show(scaling, invocation);
    }
    if !args.auto_approve {
        if !invocation.settings.interactive {
            let words = "scale would change the swarm: -y says yes where nobody can be asked";
            return Err(Failure::words(ExitCode::Declined, words));
        }
        if !ask("Scale?", &Approval::Yes, invocation) {
            return Err(Failure::words(ExitCode::Declined, "nothing was changed"));
        }
    }
    let stacks = scalings.iter().filter_map(|scaling| scaling.stack());
    let leases = Leases::take(stacks, "scale", reader, invocation).await?;
    let (done, failed) = write(&scalings, &leases, reader, invocation).await;
    // Waiting writes nothing.
    leases.give_back().await;
    if !args.detach && !done.is_empty() {
        wait(&done, Duration::from_secs(args.timeout), reader, invocation).await?;
    }
    if failed.is_empty() { Ok(ExitCode::Ok) } else { Err(Failure::words(ExitCode::Error, failed.join("\n"))) }
}

/// All wishes are looked at before anything is written.
async fn resolve(wishes: Vec<Wish>, reader: &Reader) -> Result<Vec<Scaling>, Failure> {
    let live = reader.services(None).await.map_err(engine)?;
    let (mut scalings, mut wrong): (Vec<Scaling>, Vec<String>) = (Vec::new(), Vec::new());
    for Wish { service, replicas } in wishes {
        let Some(found) = live.iter().find(|s| s.name == service || s.id == service) else {
            let names = || live.iter().map(|s| s.name.as_str());
            let mut near: Vec<&str> = names().filter(|name| name.ends_with(&format!("_{service}"))).collect();
            if near.is_empty() {
                near.extend(closest(&service, names()));
            }
            let hint = match near.as_slice() {
                [] => "services are called STACK_SERVICE, see `stackup services STACK`".to_owned(),
                near => format!("did you mean {}?", near.iter().take(3).copied().collect::<Vec<_>>().join(" or ")),
            };
            let hint = format!(" ({hint})");
            wrong.push(format!("service {service} not found{hint}"));
            continue;
        };
        match Scaling::of(found.clone(), replicas) {
            Some(scaling) => scalings.push(scaling),
            None => wrong.push(format!(
                "{service}: scale can only be used with replicated or replicated-job mode, and this is {}",
                found.mode().as_str()
            )),
        }
    }
    if wrong.is_empty() { Ok(scalings) } else { Err(Failure::words(ExitCode::Error, wrong.join("\n"))) }
}

fn show(scaling: &Scaling, invocation: &Invocation) {
    let name = &scaling.service.name;
    let again = if scaling.is_job() { "   the job runs again" } else { "" };
    let message = format!("> service  {name}  SCALE {} -> {}{again}", scaling.before, scaling.after);
    let change = json!({"service": name, "before": scaling.before, "after": scaling.after});
    say(invocation, &Event::PlannedChange { address: service_address(name), action: SCALE, change, message });
}

/// As in the ledger of an apply.
const SCALE: &str = "scale";

async fn write(
    scalings: &[Scaling],
    leases: &Leases,
    reader: &Reader,
    invocation: &Invocation,
) -> (Vec<Scaling>, Vec<String>) {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for scaling in scalings {
        let name = &scaling.service.name;
        let began = Instant::now();
        let written = scale(&leases.writer(scaling.stack(), reader), scaling).await;
        invocation.wrote(match &written {
            Ok(_) => Changed::Yes,
            Err(ScaleError::Engine(EngineError::Lost { .. } | EngineError::TimedOut { .. })) => Changed::Unknown,
            Err(_) => Changed::No,
        });
        match written {
            Ok(warnings) => {
                let (message, seconds) = (format!("{name} scaled to {}", scaling.after), began.elapsed().as_secs_f64());
                let address = service_address(name);
                say(invocation, &Event::ApplyComplete { address, action: SCALE, seconds, message });
                warnings.iter().for_each(|warning| invocation.output.note(&format!("{name}: {warning}")));
                done.push(scaling.clone());
            }
            Err(error) => {
                let message = format!("{name} was not scaled: {error}");
                let address = service_address(name);
                // Whoever has gone reads the exit code.
                let _ = invocation.tell(&Event::ApplyFailed {
                    address,
                    reason: "refused",
                    reverted: false,
                    message: message.clone(),
                });
                failed.push(message);
            }
        }
    }
    (done, failed)
}

async fn wait(
    scalings: &[Scaling],
    patience: Duration,
    reader: &Reader,
    invocation: &Invocation,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut moved = |p: &Progress| {
        let progress = crate::rollout::Progress {
            wanted: p.wanted,
            running: p.there,
            elapsed: began.elapsed().try_into().unwrap_or_default(),
            ..Default::default()
        };
        let (address, message) = (service_address(&p.name), format!("{} {}/{}", p.name, p.there, p.wanted));
        say_step(invocation, &Event::Progress { address, state: None, progress, heartbeat: false, message });
    };
    let reached = tokio::select! {
        reached = follow(reader, scalings, patience, &mut moved) => reached.map_err(engine)?,
        code = signalled() => {
            let words = "stopped waiting; swarm goes on by itself (`stackup status STACK --follow` shows how far)";
            return Err(Failure::words(code, words));
        }
    };
    let late: Vec<String> = reached
        .iter()
        .filter(|p| !p.is_done())
        .map(|p| format!("{} is at {} of {} after {} s", p.name, p.there, p.wanted, patience.as_secs()))
        .collect();
    if late.is_empty() {
        return Ok(());
    }
    let words = format!("{} (`stackup status STACK` says why)", late.join("; "));
    Err(Failure::words(ExitCode::Deadline, words))
}
