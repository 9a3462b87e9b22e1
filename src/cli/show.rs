//! `stackup show`

use std::path::PathBuf;

use super::failure::Failure;
use super::invocation::Invocation;
use super::plan::PlanFormat;
use super::{planning, saved};
use crate::app::event::Event;
use crate::app::exit::ExitCode;

/// Show a saved plan again; needs neither engine nor files
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The file that `plan -o` wrote
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    pub format: PlanFormat,
    /// Whole diffs and digests
    #[arg(long)]
    pub full: bool,
}

pub fn run(args: &ShowArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let document = saved::open(&args.plan)?.document;
    if invocation.output.wants_events() {
        let message = format!("plan {} of {}", document.short_id(), document.stack);
        invocation.tell(&Event::Plan { message, plan: planning::json(&document) })?;
    }
    if !invocation.settings.json {
        args.format.show(&document, args.full, invocation)?;
    }
    Ok(ExitCode::Ok)
}
