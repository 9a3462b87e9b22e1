//! The command line as a whole.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use super::{
    apply, check, completions, config, deploy, explain, logs, ls, man, plan, ps, rm, scale, schema, services, status,
};

/// Deploys Compose files to Docker Swarm: a plan that tells the truth, an apply that is verified.
#[derive(Debug, Parser)]
#[command(name = "stackup", version, disable_help_subcommand = true, max_term_width = 120)]
pub struct Args {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command has.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct GlobalArgs {
    /// Address of the engine: unix://, tcp:// or ssh:// (DOCKER_HOST)
    #[arg(short = 'H', long, global = true, value_name = "ADDRESS", conflicts_with = "context")]
    pub host: Option<String>,
    /// Docker context to use (DOCKER_CONTEXT)
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// No colours (NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// One JSON object a line on standard output, instead of text
    #[arg(long, global = true, conflicts_with = "json_into")]
    pub json: bool,
    /// One JSON object a line into FILE, beside the text
    #[arg(long, global = true, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Say only what went wrong, and the result
    #[arg(short = 'q', long, global = true)]
    pub quiet: bool,
}

/// A file a command: its arguments and its `run`.
#[derive(Debug, Subcommand)]
pub enum Command {
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Deploy(deploy::DeployArgs),
    #[command(visible_alias = "validate")]
    Check(check::CheckArgs),
    Config(config::ConfigArgs),
    Ls(ls::LsArgs),
    Ps(ps::PsArgs),
    Services(services::ServicesArgs),
    Status(status::StatusArgs),
    Logs(logs::LogsArgs),
    Rm(rm::RmArgs),
    Scale(scale::ScaleArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Args {
    /// The whole command line, for completions and man pages.
    pub fn tree() -> clap::Command {
        Self::command()
    }
}
