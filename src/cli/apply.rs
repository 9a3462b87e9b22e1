//! `stackup apply`

use clap::ValueEnum;

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use super::planning::{self, PlanningArgs};
use super::prompt::{self, Approval};
use super::rollout::{RolloutArgs, finish};
use super::saved;
use crate::app::deny::Deny;
use crate::app::event::Event;
use crate::app::exit::ExitCode;
use crate::app::plan::{LiveState, Planned};
use crate::app::saved::{Argument, recognise};
use crate::plan::{Action, Plan};
use crate::swarm::short_id;

/// Do what the plan says, follow it and verify it
///
/// Shows the plan, asks, carries it out, and returns when what is planned is live and healthy. A saved plan (`plan -o`) is
/// approved already: it is carried out if the same would still be done, and not otherwise.
#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    /// Name of the stack; default: name: of the file, STACKUP_STACK, or the folder's name. Or the file of a saved plan
    #[arg(value_name = "STACK|PLAN")]
    pub stack: Option<String>,
    #[command(flatten)]
    pub files: FilesArgs,
    #[command(flatten)]
    pub planning: PlanningArgs,
    #[command(flatten)]
    pub rollout: RolloutArgs,
    /// Ask no question
    #[arg(short = 'y', long)]
    pub auto_approve: bool,
    /// Go on only if the plan is this one; asks no question
    #[arg(long, value_name = "ID")]
    pub approve_plan: Option<String>,
    /// What to do when the swarm has changed since the plan was made
    #[arg(long, value_name = "ACTION", value_enum, default_value_t)]
    pub on_stale: OnStale,
    /// Make errors of this preflight check warnings (repeat)
    #[arg(long, value_name = "CODE")]
    pub skip_preflight: Vec<String>,
    /// Submit everything in order and wait for nothing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub detach: bool,
    /// Send credentials for the images' registries, where there are some
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub with_registry_auth: bool,
}

/// What to do when the swarm has changed since the plan was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnStale {
    /// Exit 4, and nothing is done
    #[default]
    Fail,
    /// Show the new plan and ask again
    Replan,
}

pub async fn run(args: &ApplyArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    if args.on_stale == OnStale::Replan && (args.auto_approve || args.approve_plan.is_some()) {
        let words = "`--on-stale replan` asks again, and `-y` and `--approve-plan` ask nothing: leave one of them out";
        return Err(Failure::words(ExitCode::Usage, words));
    }
    match args.stack.as_deref().map(recognise) {
        Some(Argument::Plan) => return saved::run(args, invocation).await,
        Some(Argument::Either) => {
            let name = args.stack.as_deref().unwrap_or_default();
            let words = format!(
                "`{name}` is a saved plan in this folder, and could be a stack: write `./{name}` for the plan, or `name: {name}` in the Compose file and no argument for the stack"
            );
            return Err(Failure::words(ExitCode::Usage, words));
        }
        Some(Argument::Neither(words)) => return Err(Failure::words(ExitCode::Usage, words)),
        Some(Argument::Stack) | None => {}
    }
    loop {
        let exit = once(args, invocation).await?;
        if !replans(args, exit, invocation) {
            return Ok(exit);
        }
        invocation.output.note("Planning again.\n");
    }
}

/// Stale before anything was written, and somebody is there to be asked about the new plan.
pub fn replans(args: &ApplyArgs, exit: ExitCode, invocation: &Invocation) -> bool {
    exit == ExitCode::Stale
        && args.on_stale == OnStale::Replan
        && invocation.settings.interactive
        && invocation.is_unchanged()
}

/// Makes a plan, shows it, asks, and carries it out.
pub async fn once(args: &ApplyArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let mut options = args.planning.options();
    options.skip_preflight = args.skip_preflight.clone();
    let (stack, live) = (args.stack.as_deref(), LiveState::Swarm);
    let renew = args.planning.refresh_registry_auth;
    let planned = planning::make(&args.files, stack, options, Deny::default(), live, renew, invocation).await?;
    planning::point_at_lints(&planned, invocation);
    show(&planned, args.planning.full, invocation)?;
    if args.planning.expect_no_changes && planned.plan.applyable() {
        return Ok(if planned.plan.is_empty() { ExitCode::Ok } else { ExitCode::Changes });
    }
    let approve = |plan: &Plan| approve(args.approve_plan.as_deref(), args.auto_approve, plan, invocation);
    finish(&planned, &args.rollout, args.detach, args.with_registry_auth, approve, invocation).await
}

/// The plan, for people and for programs.
pub fn show(planned: &Planned, full: bool, invocation: &Invocation) -> Result<(), Failure> {
    let document = planning::document(planned, invocation);
    if invocation.output.wants_events() {
        let plan = planning::json(&document);
        invocation.tell(&Event::Plan { message: planning::sentence(planned), plan })?;
    }
    if !invocation.settings.quiet || !planned.plan.applyable() {
        invocation.output.text(&planning::text(&document, full, false, invocation))?;
    }
    Ok(())
}

/// Asks, unless `approved` names this very plan or `auto` says yes to any.
pub fn approve(approved: Option<&str>, auto: bool, plan: &Plan, invocation: &Invocation) -> Result<(), Failure> {
    if let Some(id) = approved {
        if !plan.is_approved_by(id) {
            let words = format!(
                "the plan is {} and not the approved {id}: the files or the swarm have changed since; nothing was done",
                plan.short_id()
            );
            return Err(Failure::words(ExitCode::Stale, words));
        }
    } else if !auto {
        if !invocation.settings.interactive {
            let words = format!(
                "nobody can be asked here, so nothing was done: approve this plan with `--approve-plan {}`, or any with `-y`",
                plan.short_id()
            );
            return Err(Failure::words(ExitCode::Declined, words));
        }
        let cluster = &plan.cluster;
        let question = format!(
            "Apply plan {} to {} on swarm {} ({})?",
            plan.short_id(),
            plan.stack,
            short_id(&cluster.id),
            cluster.endpoint
        );
        if !prompt::ask(&question, &needed(plan), invocation) {
            return Err(Failure::words(ExitCode::Declined, "declined; nothing was done"));
        }
    }
    invocation.tell(&Event::Approval { approved: true, message: format!("plan {} approved", plan.short_id()) })?;
    Ok(())
}

/// What is removed, or is down for a while, takes more than a yes.
fn needed(plan: &Plan) -> Approval {
    let drastic = plan.changes.iter().any(|change| matches!(change.action, Action::Remove | Action::Recreate));
    if drastic { Approval::Name(plan.stack.clone()) } else { Approval::Yes }
}
