//! `stackup config`

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use crate::app::exit::ExitCode;
use crate::app::load::{Request, load};
use crate::app::unseal::Unseal;
use crate::compose::{Emit, Origins, emit_as};

/// Print the merged, resolved Compose file, which can be deployed again
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    #[command(flatten)]
    pub files: FilesArgs,

    /// Keep `${VARIABLES}` as the files write them
    #[arg(long)]
    pub skip_interpolation: bool,

    /// Say in comments which file and line each value came from
    #[arg(long)]
    pub origins: bool,
}

pub fn run(args: &ConfigArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let interpolate = !args.skip_interpolation;
    // What comes out is for everybody to see.
    let request = Request { unseal: Unseal::masked(), ..args.files.request(&invocation.settings, false) };
    let loaded = load(&Request { interpolate, ..request });
    match loaded.stack() {
        Some(stack) => {
            invocation.warn(&loaded.diagnostics, &loaded.sources);
            let origins = Origins { sources: &loaded.sources, folder: &loaded.working_dir };
            // A `$` that was not interpolated must not be escaped either.
            let how = Emit { escape: interpolate, origins: args.origins.then_some(origins) };
            invocation.output.raw(&emit_as(stack, how))?;
            Ok(ExitCode::Ok)
        }
        None => Err(Failure {
            diagnostics: loaded.diagnostics,
            sources: loaded.sources,
            ..Failure::said(ExitCode::Invalid)
        }),
    }
}
