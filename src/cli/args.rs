//! The command line as a whole.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use super::{
    action, adopt, apply, check, completions, config, deploy, drift, examples, explain, graph, history, lock, logs, ls,
    man, plan, ps, rm, rollback, scale, schema, services, show, snapshot, status, watch,
};

/// Deploys Compose files to Docker Swarm: a plan that tells the truth, an apply that is verified.
#[derive(Debug, Parser)]
#[command(name = "stackup", version, disable_help_subcommand = true, max_term_width = 120, after_help = examples::ALL)]
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
    #[command(after_help = examples::PLAN)]
    Plan(plan::PlanArgs),
    #[command(after_help = examples::APPLY)]
    Apply(apply::ApplyArgs),
    #[command(after_help = examples::DEPLOY)]
    Deploy(deploy::DeployArgs),
    #[command(after_help = examples::SHOW)]
    Show(show::ShowArgs),
    #[command(after_help = examples::SNAPSHOT)]
    Snapshot(snapshot::SnapshotArgs),
    #[command(after_help = examples::DRIFT)]
    Drift(drift::DriftArgs),
    #[command(after_help = examples::HISTORY)]
    History(history::HistoryArgs),
    #[command(after_help = examples::ROLLBACK)]
    Rollback(rollback::RollbackArgs),
    #[command(after_help = examples::WATCH)]
    Watch(watch::WatchArgs),
    #[command(visible_alias = "validate")]
    #[command(after_help = examples::CHECK)]
    Check(check::CheckArgs),
    #[command(after_help = examples::CONFIG)]
    Config(config::ConfigArgs),
    #[command(after_help = examples::GRAPH)]
    Graph(graph::GraphArgs),
    #[command(after_help = examples::LS)]
    Ls(ls::LsArgs),
    #[command(after_help = examples::PS)]
    Ps(ps::PsArgs),
    #[command(after_help = examples::SERVICES)]
    Services(services::ServicesArgs),
    #[command(after_help = examples::STATUS)]
    Status(status::StatusArgs),
    #[command(after_help = examples::LOGS)]
    Logs(logs::LogsArgs),
    #[command(after_help = examples::RM)]
    Rm(rm::RmArgs),
    #[command(after_help = examples::SCALE)]
    Scale(scale::ScaleArgs),
    #[command(after_help = examples::ADOPT)]
    Adopt(adopt::AdoptArgs),
    #[command(after_help = examples::LOCK)]
    Lock(lock::LockArgs),
    #[command(after_help = examples::EXPLAIN)]
    Explain(explain::ExplainArgs),
    #[command(after_help = examples::SCHEMA)]
    Schema(schema::SchemaArgs),
    #[command(after_help = examples::COMPLETIONS)]
    Completions(completions::CompletionsArgs),
    #[command(after_help = examples::MAN)]
    Man(man::ManArgs),
    #[command(hide = true)]
    Action(action::ActionArgs),
}

impl Args {
    /// The whole command line, for completions and man pages.
    pub fn tree() -> clap::Command {
        Self::command()
    }
}
