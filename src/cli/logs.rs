//! `stackup logs`

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::failure::Failure;
use super::interrupt::signalled;
use super::invocation::Invocation;
use super::looking::engine;
use crate::app::event::{Event, RowKind};
use crate::app::exit::ExitCode;
use crate::app::look::{Details, LogTarget, Named, choose};
use crate::engine::{EngineError, LogLine, LogQuery, Reader, engine_time};
use crate::swarm::{LiveService, Task};

/// Show the logs of a stack, all its services together or one of them
#[derive(Clone, Debug, Default, clap::Args)]
pub struct LogsArgs {
    /// Name of the stack
    pub stack: String,
    /// Only this service (`web` or `shop_web`), slot (`web.1`) or task id
    pub service: Option<String>,
    /// Go on until Ctrl-C
    #[arg(short, long)]
    pub follow: bool,
    /// Only lines since a time (2026-01-31T13:23:37Z) or a while ago (42m)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only the last N lines of each task
    #[arg(short = 'n', long, value_name = "N|all", default_value = "all")]
    pub tail: String,
    /// The time of each line
    #[arg(short, long)]
    pub timestamps: bool,
    /// Ids of services and nodes, not their names
    #[arg(long)]
    pub no_resolve: bool,
    /// Only what the programs wrote, without service, slot and node before it
    #[arg(long)]
    pub raw: bool,
}

/// What is asked for, and what names the lines.
struct Wanted {
    services: Vec<LiveService>,
    /// `None` is every task.
    tasks: Option<BTreeSet<String>>,
    names: Named,
    /// Characters that names take.
    width: usize,
}

pub async fn run(args: &LogsArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let query = query(args)?;
    let Some(wanted) = wanted(args, reader).await? else {
        invocation.output.note(&format!("Nothing found in stack: {}", args.stack));
        return Ok(ExitCode::Error);
    };
    tokio::select! {
        done = stream(args, &query, wanted, reader, invocation) => done,
        code = signalled() => Ok(code),
    }
}

fn query(args: &LogsArgs) -> Result<LogQuery, Failure> {
    let tail = match args.tail.as_str() {
        "all" | "" => None,
        number => Some(number.parse().map_err(|_| {
            Failure::words(ExitCode::Usage, format!("--tail {number} is no number of lines, and not `all`"))
        })?),
    };
    let since = match &args.since {
        // Once for all services: each would say the same.
        Some(time) => Some(
            engine_time(time, Timestamp::now())
                .map_err(|why| Failure::words(ExitCode::Usage, format!("--since {why}")))?,
        ),
        None => None,
    };
    // Details tell whose each line is.
    Ok(LogQuery { follow: args.follow, timestamps: args.timestamps, details: true, since, tail })
}

async fn names(args: &LogsArgs, reader: &Reader) -> Result<(Vec<LiveService>, Vec<Task>, Named), EngineError> {
    let (services, tasks, nodes) =
        tokio::join!(reader.services(Some(&args.stack)), reader.tasks(&args.stack, false), reader.nodes());
    let (services, tasks) = (services?, tasks?);
    let names = Named::of(&tasks, &services, &nodes?, &args.stack, !args.no_resolve);
    Ok((services, tasks, names))
}

/// `None` where the stack has no service.
async fn wanted(args: &LogsArgs, reader: &Reader) -> Result<Option<Wanted>, Failure> {
    let (mut services, tasks, names) = names(args, reader).await.map_err(engine)?;
    if services.is_empty() {
        return Ok(None);
    }
    let mut only = None;
    if let Some(word) = &args.service {
        let id = match choose(word, &args.stack, &services, &tasks) {
            Ok(LogTarget::Service(id)) => id,
            Ok(LogTarget::Tasks { service, tasks }) => {
                only = Some(tasks.into_iter().collect::<BTreeSet<_>>());
                service
            }
            Err(near) => return Err(unknown(word, &args.stack, near)),
        };
        services.retain(|s| s.id == id);
    }
    let shown =
        |t: &&Task| services.iter().any(|s| s.id == t.service) && only.as_ref().is_none_or(|ids| ids.contains(&t.id));
    let width = names.width(tasks.iter().filter(shown).map(|t| t.id.as_str()));
    Ok(Some(Wanted { services, tasks: only, names, width }))
}

fn unknown(word: &str, stack: &str, near: Option<String>) -> Failure {
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`stackup services {stack}` shows its services"),
    };
    Failure::words(ExitCode::Error, format!("no service or task `{word}` in stack {stack}: {hint}"))
}

async fn stream(
    args: &LogsArgs,
    query: &LogQuery,
    wanted: Wanted,
    reader: &Reader,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    let (sender, lines) = unbounded_channel();
    let ids: Vec<(String, String)> = wanted.services.iter().map(|s| (s.id.clone(), s.name.clone())).collect();
    let one = |(id, name): &(String, String)| {
        let (id, name, sender) = (id.clone(), name.clone(), sender.clone());
        async move {
            // The channel closes only when printing has ended, and this with it.
            let mut hand_over = |line| drop(sender.send(line));
            let read = reader.service_log(&id, query, &mut hand_over).await;
            read.map_err(|error| format!("{name}: {error}"))
        }
    };
    let producers: Vec<_> = ids.iter().map(one).collect();
    drop(sender);
    // One task does both, so whoever reads our lines slowly slows the reading down too.
    let reading = async { Ok(join_all(producers).await) };
    let (read, ()) = try_join(reading, print(args, wanted, lines, reader, invocation)).await?;
    let failed: Vec<String> = read.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(ExitCode::Ok) } else { Err(Failure::words(ExitCode::Error, failed.join("; "))) }
}

/// Names are asked for again at most this often.
const FRESH: Duration = Duration::from_secs(1);

async fn print(
    args: &LogsArgs,
    mut wanted: Wanted,
    mut lines: UnboundedReceiver<LogLine>,
    reader: &Reader,
    invocation: &Invocation,
) -> Result<(), Failure> {
    let mut asked = Instant::now();
    while let Some(line) = lines.recv().await {
        let (time, rest) = match args.timestamps {
            true => line.text.split_once(' ').unwrap_or(("", &line.text)),
            false => ("", line.text.as_str()),
        };
        let (details, text) = Details::split(rest);
        if wanted.tasks.as_ref().is_some_and(|tasks| !tasks.contains(&details.task)) {
            continue;
        }
        // A task that started after us.
        if wanted.names.get(&details.task).is_none() && asked.elapsed() > FRESH {
            asked = Instant::now();
            if let Ok((_, tasks, names)) = names(args, reader).await {
                wanted.width = wanted.width.max(names.width(tasks.iter().map(|t| t.id.as_str())));
                wanted.names = names;
            }
        }
        let name = wanted.names.get(&details.task).unwrap_or(&details.task);
        let head = if args.raw { String::new() } else { format!("{name:<width$} | ", width = wanted.width) };
        let time_head = if time.is_empty() { String::new() } else { format!("{time} ") };
        let shown = format!("{time_head}{head}{text}\n");
        invocation.output.text(&shown)?;
        if invocation.output.wants_events() {
            let stream = if line.stderr { "stderr" } else { "stdout" };
            let log = json!({
                "task": details.task, "service": details.service, "node": details.node, "name": name,
                "stream": stream, "time": Some(time).filter(|t| !t.is_empty()), "text": text,
            });
            let fields = json!({ "log": log });
            invocation.tell(&Event::Row { kind: RowKind::Log, address: None, fields, message: text.to_owned() })?;
        }
    }
    Ok(())
}
