//! `stackup scale`

use std::time::Duration;

use serde_json::json;

use super::failure::Failure;
use super::invocation::Invocation;
use super::looking::{engine, say, say_step};
use super::prompt::{Approval, ask};
use crate::app::exit::ExitCode;
use crate::app::scale::{Progress, Scaling, Wish, follow, scale, wishes};
use crate::diagnostic::closest;
use crate::engine::Reader;

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
        let msg = format!("{name} is at {} already", scaling.after);
        say(invocation, "unchanged", &msg, json!({"service": name, "replicas": scaling.after}));
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
    let (done, failed) = write(&scalings, reader, invocation).await;
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
    let msg = format!("> service  {name}  SCALE {} -> {}{again}", scaling.before, scaling.after);
    let fields = json!({"service": name, "before": scaling.before, "after": scaling.after});
    say(invocation, "planned_change", &msg, fields);
}

async fn write(scalings: &[Scaling], reader: &Reader, invocation: &Invocation) -> (Vec<Scaling>, Vec<String>) {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for scaling in scalings {
        let name = &scaling.service.name;
        match scale(&reader.writer(), scaling).await {
            Ok(warnings) => {
                let msg = format!("{name} scaled to {}", scaling.after);
                say(invocation, "scaled", &msg, json!({"service": name, "replicas": scaling.after}));
                warnings.iter().for_each(|warning| invocation.output.note(&format!("{name}: {warning}")));
                done.push(scaling.clone());
            }
            Err(error) => failed.push(format!("{name} was not scaled: {error}")),
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
    let mut moved = |p: &Progress| {
        let msg = format!("{} {}/{}", p.name, p.there, p.wanted);
        say_step(invocation, "progress", &msg, json!({"service": p.name, "running": p.there, "desired": p.wanted}));
    };
    let reached = tokio::select! {
        reached = follow(reader, scalings, patience, &mut moved) => reached.map_err(engine)?,
        _ = tokio::signal::ctrl_c() => {
            let words = "stopped waiting; swarm goes on by itself (`stackup status STACK --follow` shows how far)";
            return Err(Failure::words(ExitCode::Interrupted, words));
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
