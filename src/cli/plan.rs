//! `stackup plan`

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::deny::DenyArgs;
use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use super::output::Closed;
use super::planning::{self, PlanningArgs};
use crate::app::deny::Deny;
use crate::app::event::Event;
use crate::app::exit::ExitCode;
use crate::app::plan::{LiveState, Planned};
use crate::app::{saved, snapshot};
use crate::plan::Against;
use crate::plan::document::Document;
use crate::ui::plan::html::html;
use crate::ui::plan::markdown::{COMMENT, markdown};

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
    /// Save the plan, for `show` and `apply`; nothing sensitive is in the file
    #[arg(short = 'o', long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Compare with a snapshot, or with an empty swarm, instead of the live one; speaks to no engine
    #[arg(long, value_name = "FILE|empty")]
    pub live: Option<String>,
}

/// Forms of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    #[default]
    Text,
    /// One line an object
    Compact,
    /// A comment for a pull request: GitHub's Markdown, at most 60,000 characters
    Markdown,
    /// One page that stands by itself
    Html,
    /// The plan document
    Json,
}

impl PlanFormat {
    /// The document in this form, on standard output.
    pub fn show(self, plan: &Document, full: bool, invocation: &Invocation) -> Result<(), Closed> {
        let output = &invocation.output;
        match self {
            Self::Text => output.text(&planning::text(plan, full, false, invocation)),
            Self::Compact => output.text(&planning::text(plan, full, true, invocation)),
            Self::Markdown => output.form(&markdown(plan, COMMENT)),
            Self::Html => output.form(&html(plan)),
            Self::Json => output.document(&planning::json(plan)),
        }
    }
}

/// Saves, and says what to type with it.
fn keep(
    path: &Path,
    args: &PlanArgs,
    planned: &Planned,
    document: Document,
    deny: &Deny,
    invocation: &Invocation,
) -> Result<(), Failure> {
    let shown = path.display();
    saved::save(path, planned, document, &args.files.env_file, deny)
        .map_err(|why| Failure::words(ExitCode::Usage, format!("`{shown}` {why}")))?;
    if !invocation.settings.quiet && !invocation.settings.json {
        let next = if planned.plan.against == Against::Swarm { "stackup apply" } else { "stackup show" };
        invocation.output.note(&format!("Saved: {next} {shown}\n"));
    }
    Ok(())
}

/// What `--live` names.
fn live(named: Option<&str>) -> Result<LiveState, Failure> {
    match named {
        None => Ok(LiveState::Swarm),
        Some("empty") => Ok(LiveState::Nothing),
        Some(file) => match snapshot::open(Path::new(file)) {
            Ok(recorded) => Ok(LiveState::Recorded(Box::new(recorded), file.to_owned())),
            Err(why) => Err(Failure::words(ExitCode::Invalid, format!("the snapshot `{file}` {why}"))),
        },
    }
}

pub async fn run(args: &PlanArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let (options, deny) = (args.planning.options(), args.deny.deny()?);
    let live = live(args.live.as_deref())?;
    let renew = args.planning.refresh_registry_auth;
    let stack = args.stack.as_deref();
    let planned = planning::make(&args.files, stack, options, deny.clone(), live, renew, invocation).await?;
    planning::point_at_lints(&planned, invocation);
    let (output, document) = (&invocation.output, planning::document(&planned, invocation));
    if output.wants_events() {
        let plan = planning::json(&document);
        invocation.tell(&Event::Plan { message: planning::sentence(&planned), plan })?;
    }
    if !invocation.settings.json {
        args.format.show(&document, args.planning.full, invocation)?;
    }
    if let Some(path) = &args.out {
        keep(path, args, &planned, document, &deny, invocation)?;
    }
    Ok(planning::exit(&planned, args.detailed_exitcode || args.planning.expect_no_changes))
}
