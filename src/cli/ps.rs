//! `stackup ps`

use jiff::Timestamp;

use super::failure::Failure;
use super::invocation::Invocation;
use super::looking::{engine, format_words, print};
use crate::app::exit::ExitCode;
use crate::app::look::{Filter, TaskRow, TaskView, task_rows};
use crate::engine::Reader;
use crate::ui::listing::Format;

/// List the tasks of a stack
///
/// The newest of each slot first, earlier ones indented beneath. With --quiet, only their ids.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PsArgs {
    /// Name of the stack
    pub stack: String,
    /// Only tasks that fit: desired-state=, id=, label=, name=, node=, runtime=, service= (repeatable)
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// Print as `table`, `table TEMPLATE`, `json`, `raw` or a Go template over
    /// .ID .Name .Image .Node .DesiredState .CurrentState .Error .Ports
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Ids of services and nodes, not their names
    #[arg(long)]
    pub no_resolve: bool,
    /// Whole ids, image names and errors
    #[arg(long)]
    pub no_trunc: bool,
}

pub async fn run(args: &PsArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let filter = Filter::parse(&args.filter)?;
    let (services, tasks, nodes) =
        tokio::join!(reader.services(Some(&args.stack)), reader.tasks(&args.stack, false), reader.nodes());
    let (services, nodes) = (services.map_err(engine)?, nodes.map_err(engine)?);
    let tasks = filter.tasks(tasks.map_err(engine)?, &services, &nodes)?;
    if tasks.is_empty() {
        return Err(Failure::words(ExitCode::Error, format!("nothing found in stack: {}", args.stack)));
    }
    let quiet = invocation.settings.quiet;
    let words = format_words(args.format.as_deref(), "tasksFormat", invocation);
    let format = Format::of::<TaskRow>(&words, quiet);
    let view = TaskView {
        no_resolve: args.no_resolve,
        no_trunc: args.no_trunc,
        indent: format.is_table(),
        now: Timestamp::now(),
    };
    print(&task_rows(&tasks, &services, &nodes, view), &format, invocation)?;
    Ok(ExitCode::Ok)
}
