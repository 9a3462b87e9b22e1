//! `stackup deploy`

use super::apply::show;
use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use super::planning::{self, Resolve};
use super::rollout::{RolloutArgs, finish};
use crate::app::deny::Deny;
use crate::app::exit::ExitCode;
use crate::app::plan::LiveState;
use crate::plan::PlanOptions;

/// Deploy as `docker stack deploy` does: its flags and defaults, no question
///
/// Unlike docker it writes nothing that has not changed, and prunes last.
#[derive(Debug, clap::Args)]
pub struct DeployArgs {
    /// Name of the stack
    pub stack: String,
    /// Compose file; repeat, or separate with commas, to add files that override it, - is standard input
    #[arg(short = 'c', long = "compose-file", value_name = "FILE", value_delimiter = ',', required = true)]
    pub files: Vec<String>,
    /// File of variables for ${NAME}; default: .env beside the first Compose file
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
    /// Remove what carries the stack's label and no file names (volumes never)
    #[arg(long)]
    pub prune: bool,
    /// When to ask registries for digests
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub resolve_image: Resolve,
    /// Send credentials for the images' registries, where there are some
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub with_registry_auth: bool,
    /// Give services that do not change the credentials of their registry anew; no task restarts
    #[arg(long)]
    pub refresh_registry_auth: bool,
    /// Return when everything is submitted
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub detach: bool,
    #[command(flatten)]
    pub rollout: RolloutArgs,
}

pub async fn run(args: &DeployArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let files = FilesArgs { files: args.files.clone(), env_file: args.env_file.clone() };
    let options = PlanOptions {
        prune: args.prune,
        resolve: args.resolve_image.option(),
        // docker places nothing and asks for no place; swarm will say.
        skip_preflight: planning::PLACEMENT.iter().map(|code| code.id.to_owned()).collect(),
        ..PlanOptions::default()
    };
    let (stack, renew) = (Some(args.stack.as_str()), args.refresh_registry_auth);
    let planned = planning::make(&files, stack, options, Deny::default(), LiveState::Swarm, renew, invocation).await?;
    show(&planned, false, invocation)?;
    finish(&planned, &args.rollout, args.detach, args.with_registry_auth, |_| Ok(()), invocation).await
}
