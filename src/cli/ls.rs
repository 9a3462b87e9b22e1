//! `stackup ls`

use super::failure::Failure;
use super::invocation::Invocation;
use super::looking::{engine, print};
use crate::app::exit::ExitCode;
use crate::app::look::{StackRow, stack_rows};
use crate::engine::Reader;
use crate::ui::listing::Format;

/// List the stacks of the swarm
#[derive(Clone, Debug, Default, clap::Args)]
pub struct LsArgs {
    /// Print as `table`, `table TEMPLATE`, `json` or a Go template over .Name and .Services
    #[arg(long, value_name = "FORMAT", default_value = "", hide_default_value = true)]
    pub format: String,
}

pub async fn run(args: &LsArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let rows = stack_rows(&reader.services(None).await.map_err(engine)?);
    print(&rows, &Format::of::<StackRow>(&args.format, false), invocation)?;
    Ok(ExitCode::Ok)
}
