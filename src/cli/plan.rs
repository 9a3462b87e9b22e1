//! `stackup plan`

use clap::ValueEnum;

use super::deny::DenyArgs;
use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use super::planning::{self, PlanningArgs};
use crate::app::event::Event;
use crate::app::exit::ExitCode;

/// Show what apply would do; changes nothing
///
/// Compares the files with the live swarm and says what would be done, what that does to running tasks, and why.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// Name of the stack; default: name: of the file, STACKUP_STACK, or the folder's name
    pub stack: Option<String>,
    #[command(flatten)]
    pub files: FilesArgs,
    #[command(flatten)]
    pub planning: PlanningArgs,
    #[command(flatten)]
    pub deny: DenyArgs,
    /// Exit 0 without changes, 2 with changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// How to show the plan
    #[arg(long, value_enum, default_value_t)]
    pub format: PlanFormat,
}

/// Forms of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    #[default]
    Text,
    /// One line an object
    Compact,
    /// The plan document
    Json,
}

pub async fn run(args: &PlanArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let (options, deny) = (args.planning.options(), args.deny.deny()?);
    let planned = planning::make(&args.files, args.stack.as_deref(), options, deny, invocation).await?;
    planning::point_at_lints(&planned, invocation);
    let output = &invocation.output;
    if output.wants_events() {
        let plan = planning::json(&planned, invocation);
        invocation.tell(&Event::Plan { message: planning::sentence(&planned), plan })?;
    }
    match args.format {
        _ if invocation.settings.json => {}
        PlanFormat::Text => output.text(&planning::text(&planned, args.planning.full, false, invocation))?,
        PlanFormat::Compact => output.text(&planning::text(&planned, args.planning.full, true, invocation))?,
        PlanFormat::Json => output.document(&planning::json(&planned, invocation))?,
    }
    Ok(planning::exit(&planned, args.detailed_exitcode || args.planning.expect_no_changes))
}
