//! `stackup services`

use super::failure::Failure;
use super::invocation::Invocation;
use super::looking::{engine, format_words, print};
use crate::app::exit::ExitCode;
use crate::app::look::{Filter, ServiceRow, service_rows};
use crate::engine::Reader;
use crate::ui::listing::Format;

/// List the services of a stack
///
/// With --quiet, only their ids.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServicesArgs {
    /// Name of the stack
    pub stack: String,
    /// Only services that fit: id=, label=, mode=, name=, runtime= (repeatable)
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub filter: Vec<String>,
    /// Print as `table`, `table TEMPLATE`, `json`, `raw` or a Go template over .ID .Name .Mode .Replicas .Image .Ports
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
}

pub async fn run(args: &ServicesArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let filter = Filter::parse(&args.filter)?;
    let services = filter.services(reader.services(Some(&args.stack)).await.map_err(engine)?)?;
    if services.is_empty() {
        invocation.output.note(&format!("Nothing found in stack: {}", args.stack));
        return Ok(ExitCode::Ok);
    }
    let quiet = invocation.settings.quiet;
    let words = format_words(args.format.as_deref(), "servicesFormat", invocation);
    print(&service_rows(&services), &Format::of::<ServiceRow>(&words, quiet), invocation)?;
    Ok(ExitCode::Ok)
}
