//! `stackup graph`

use clap::ValueEnum;

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use crate::app::exit::ExitCode;
use crate::app::load::{Request, load};
use crate::app::unseal::Unseal;
use crate::ui::graph::{Graph, dot, mermaid, svg};

/// Draw the services of the files, in waves, and what they use
///
/// Ports lead to services; services use networks, volumes, configs and secrets. Needs no engine.
#[derive(Debug, clap::Args)]
pub struct GraphArgs {
    /// Title of the drawing; default: name: of the file
    pub stack: Option<String>,
    #[command(flatten)]
    pub files: FilesArgs,
    /// What to draw with
    #[arg(long, value_enum, default_value_t)]
    pub format: GraphFormat,
}

/// Forms of a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// A Mermaid flowchart
    #[default]
    Mermaid,
    /// For Graphviz
    Dot,
    /// A drawing
    Svg,
}

pub fn run(args: &GraphArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let request = Request { unseal: Unseal::masked(), ..args.files.request(&invocation.settings, false) };
    let loaded = load(&request);
    let Some(stack) = loaded.stack() else {
        return Err(Failure {
            diagnostics: loaded.diagnostics,
            sources: loaded.sources,
            ..Failure::said(ExitCode::Invalid)
        });
    };
    let title = args.stack.clone().or_else(|| stack.name.as_ref().map(|name| name.value.clone()));
    let graph = Graph::of(stack, title);
    invocation.output.raw(&match args.format {
        GraphFormat::Mermaid => mermaid(&graph),
        GraphFormat::Dot => dot(&graph),
        GraphFormat::Svg => svg(&graph),
    })?;
    Ok(ExitCode::Ok)
}
