//! `stackup snapshot`

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use super::looking;
use crate::app::basis::wanted;
use crate::app::exit::ExitCode;
use crate::app::files::DEFAULT_NAMES;
use crate::app::load::load;
use crate::app::{name, private_file, snapshot};
use crate::compose::model::Stack;
use crate::diagnostic::Diagnostics;
use crate::engine::connect;
use crate::swarm::convert::convert;

/// Record what is live, without secrets, for `plan --live`
///
/// What `x-stackup.sensitive` marks is left out where the Compose files are read; without files only names that say so
/// (`DB_PASSWORD`) are known to be sensitive.
#[derive(Debug, clap::Args)]
pub struct SnapshotArgs {
    /// Name of the stack; default: name: of the file, STACKUP_STACK, or the folder's name
    pub stack: Option<String>,
    #[command(flatten)]
    pub files: FilesArgs,
    /// Write here instead of standard output, readable by nobody else
    #[arg(short = 'o', long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub async fn run(args: &SnapshotArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let settings = &invocation.settings;
    let stack = read(args, invocation)?;
    let folder = std::env::current_dir().unwrap_or_default();
    let name = name::choose(args.stack.as_deref(), stack.as_ref(), settings.stack.as_deref(), &folder)
        .map_err(|error| Failure::words(ExitCode::Usage, error.to_string()))?;
    let stack = stack.unwrap_or_default();
    // Problems of the files are for `check`; here they only tell what is sensitive.
    let desired = convert(&stack, &name.name, &mut Diagnostics::default());
    let reader = connect(&settings.address).await.map_err(looking::engine)?;
    let live = reader.snapshot(&name.name, &wanted(&desired, &stack)).await.map_err(looking::engine)?;
    let broken = |why: String| Failure::words(ExitCode::Error, format!("the snapshot {why}"));
    let bytes = snapshot::pack_snapshot(&live, &desired).map_err(|error| broken(error.to_string()))?;
    match &args.out {
        Some(path) => {
            let shown = path.display();
            private_file::write(path, &bytes)
                .map_err(|why| Failure::words(ExitCode::Usage, format!("`{shown}` {why}")))?;
            if !settings.quiet && !settings.json {
                invocation.output.note(&format!("Recorded: stackup plan --live {shown} {}\n", name.name));
            }
        }
        None => invocation.output.bytes(&bytes)?,
    }
    Ok(ExitCode::Ok)
}

/// The files, where some are named or there.
fn read(args: &SnapshotArgs, invocation: &Invocation) -> Result<Option<Stack>, Failure> {
    let there = DEFAULT_NAMES.iter().any(|name| Path::new(name).is_file());
    if args.files.files.is_empty() && !there {
        return Ok(None);
    }
    let loaded = load(&args.files.request(&invocation.settings, true));
    if loaded.diagnostics.has_errors() {
        let (diagnostics, sources) = (loaded.diagnostics, loaded.sources);
        return Err(Failure { diagnostics, sources, ..Failure::said(ExitCode::Invalid) });
    }
    Ok(loaded.stack)
}
