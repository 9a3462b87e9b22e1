//! `stackup rollback`

use super::apply::{approve, show};
use super::failure::Failure;
use super::history::{no_such, number, unreadable};
use super::invocation::Invocation;
use super::looking::engine;
use super::rollout::{RolloutArgs, finish};
use crate::app::exit::ExitCode;
use crate::app::rollback::{self, NoWayBack};
use crate::engine::Reader;
use crate::plan::{Plan, PlanOptions};

/// Go back to a recorded release
///
/// Plans for the record as for a file, shows that plan, asks, carries it out and records a new release.
#[derive(Debug, clap::Args)]
pub struct RollbackArgs {
    /// Name of the stack
    pub stack: String,
    /// The release to go back to; default: the last before the live one that had succeeded
    #[arg(long, value_name = "RELEASE", value_parser = number)]
    pub to: Option<u64>,
    /// Remove services, networks, configs and secrets that the release did not have
    #[arg(long)]
    pub prune: bool,
    /// Remove and create networks that differ; the services on them stop meanwhile
    #[arg(long)]
    pub recreate_networks: bool,
    /// The swarm owns this field: neither shown nor written (deploy.replicas, web:deploy.replicas; repeat)
    #[arg(long, value_name = "PATH")]
    pub ignore: Vec<String>,
    /// Whole diffs and digests
    #[arg(long)]
    pub full: bool,
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
    /// Send credentials for the images' registries, where there are some
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub with_registry_auth: bool,
}

pub async fn run(args: &RollbackArgs, reader: Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let options = PlanOptions {
        prune: args.prune,
        recreate_networks: args.recreate_networks,
        ignore: args.ignore.clone(),
        skip_preflight: args.skip_preflight.clone(),
        ..PlanOptions::default()
    };
    let planned = rollback::plan(reader, &args.stack, args.to, options).await.map_err(|e| failure(e, &args.stack))?;
    let redactor = planned.redactor.clone();
    invocation.output.hide(move |text| redactor.scrub(text).into_owned());
    invocation.warn(&planned.plan.diagnostics, &planned.sources);
    show(&planned, args.full, invocation)?;
    let approve = |plan: &Plan| approve(args.approve_plan.as_deref(), args.auto_approve, plan, invocation);
    finish(&planned, &args.rollout, false, args.with_registry_auth, approve, invocation).await
}

fn failure(error: NoWayBack, stack: &str) -> Failure {
    let words = match error {
        NoWayBack::Engine(error) => return engine(error),
        NoWayBack::Unreadable(error) => return unreadable(error),
        NoWayBack::NoSuch { number, kept } => no_such(stack, number, kept.into_iter()),
        NoWayBack::Unrecorded => {
            format!(
                "no release of {stack} is recorded, so there is none to go back to: `stackup apply` and `stackup adopt` record one"
            )
        }
        NoWayBack::NoneBefore => {
            format!(
                "no earlier release of {stack} succeeded (`stackup history {stack}`); `--to` names any that is kept"
            )
        }
    };
    Failure::words(ExitCode::Error, words)
}
