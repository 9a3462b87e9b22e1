//! `stackup apply`

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use super::planning::{self, PlanningArgs};
use super::prompt::{self, Approval};
use super::rollout::{RolloutArgs, carry_out};
use crate::app::deny::Deny;
use crate::app::event::Event;
use crate::app::exit::ExitCode;
use crate::app::plan::Planned;
use crate::plan::{Action, Plan};

/// Do what the plan says, follow it and verify it
///
/// Shows the plan, asks, carries it out, and returns when what is planned is live and healthy.
#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    /// Name of the stack; default: name: of the file, STACKUP_STACK, or the folder's name
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

pub async fn run(args: &ApplyArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let mut options = args.planning.options();
    options.skip_preflight = args.skip_preflight.clone();
    let planned = planning::make(&args.files, args.stack.as_deref(), options, Deny::default(), invocation).await?;
    planning::point_at_lints(&planned, invocation);
    show(&planned, args.planning.full, invocation)?;
    let plan = &planned.plan;
    if !plan.applyable() {
        return Ok(ExitCode::Preflight);
    }
    if plan.is_empty() {
        return Ok(ExitCode::Ok);
    }
    if args.planning.expect_no_changes {
        return Ok(ExitCode::Changes);
    }
    approve(args, plan, invocation)?;
    carry_out(&planned, &args.rollout, args.detach, args.with_registry_auth, invocation).await
}

/// The plan, for people and for programs.
pub fn show(planned: &Planned, full: bool, invocation: &Invocation) -> Result<(), Failure> {
    if invocation.output.wants_events() {
        let plan = planning::json(planned, invocation);
        invocation.tell(&Event::Plan { message: planning::sentence(planned), plan })?;
    }
    if !invocation.settings.quiet || !planned.plan.applyable() {
        invocation.output.text(&planning::text(planned, full, false, invocation))?;
    }
    Ok(())
}

fn approve(args: &ApplyArgs, plan: &Plan, invocation: &Invocation) -> Result<(), Failure> {
    if let Some(id) = &args.approve_plan {
        if !is_same(id, &plan.id) {
            let words = format!(
                "the plan is {} and not the approved {id}: the files or the swarm have changed since; nothing was done",
                plan.short_id()
            );
            return Err(Failure::words(ExitCode::Stale, words));
        }
    } else if !args.auto_approve {
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
            cluster.id.get(..8).unwrap_or(&cluster.id),
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

/// An approval may name the short form that people see: 12 digits or more, with or without dashes.
fn is_same(approved: &str, id: &str) -> bool {
    let digits = |text: &str| text.trim().strip_prefix("p-").unwrap_or(text.trim()).replace('-', "").to_lowercase();
    let (approved, id) = (digits(approved), digits(id));
    approved.len() >= 12 && id.starts_with(&approved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_names_one_plan() {
        let id = "p-6c1f90ab22e4aaaaaaaaaaaaaaaaaaaa";
        for (approved, same) in [
            ("p-6c1f-90ab-22e4", true),
            (id, true),
            ("6C1F90AB22E4", true),
            ("p-6c1f-90ab", false),
            ("p-6c1f-90ab-22e5", false),
            ("", false),
        ] {
            assert_eq!(is_same(approved, id), same, "{approved}");
        }
    }
}
