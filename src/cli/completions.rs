//! `stackup completions`

use clap_complete::Shell;

use super::args::Args;
use super::failure::Failure;
use super::invocation::Invocation;
use crate::app::exit::ExitCode;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// Shell to write them for
    pub shell: Shell,
}

pub fn run(args: &CompletionsArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::tree(), "stackup", &mut script);
    invocation.output.raw(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::Ok)
}
