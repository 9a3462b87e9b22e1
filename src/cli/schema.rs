//! `stackup schema`

use clap::ValueEnum;

use super::failure::Failure;
use super::invocation::Invocation;
use crate::app::event;
use crate::app::exit::ExitCode;
use crate::compose;
use crate::plan::document;
use crate::watch::settings;

/// Print the JSON Schema of a document that stackup reads or writes
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Which document
    #[arg(value_enum, default_value_t)]
    pub document: SchemaOf,
}

/// Documents that have a schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A Compose file
    #[default]
    Compose,
    /// stackup.yaml, what `watch` follows
    Config,
    /// What `plan --format json` prints
    Plan,
    /// A line of `--json`
    Events,
}

pub fn run(args: &SchemaArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let schema = match args.document {
        SchemaOf::Compose => compose::schema(),
        SchemaOf::Config => settings::schema(),
        SchemaOf::Plan => document::schema(),
        SchemaOf::Events => event::schema(),
    };
    invocation.output.document(&schema)?;
    Ok(ExitCode::Ok)
}
