//! `stackup config`

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use crate::app::exit::ExitCode;
use crate::app::load::load;
use crate::compose;

/// Print the merged, resolved Compose file, which can be deployed again
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    #[command(flatten)]
    pub files: FilesArgs,
}

pub fn run(args: &ConfigArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let loaded = load(&args.files.request(&invocation.settings, false));
    match loaded.stack() {
        Some(stack) => {
            invocation.warn(&loaded.diagnostics, &loaded.sources);
            invocation.output.raw(&compose::emit(stack))?;
            Ok(ExitCode::Ok)
        }
        None => Err(Failure {
            diagnostics: loaded.diagnostics,
            sources: loaded.sources,
            ..Failure::said(ExitCode::Invalid)
        }),
    }
}
