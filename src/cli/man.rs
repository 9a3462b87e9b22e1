//! `stackup man`

use clap_mangen::Man;

use super::args::Args;
use super::environment;
use super::failure::Failure;
use super::invocation::Invocation;
use crate::app::exit::ExitCode;

/// Print the manual page, or the page of one command
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Command whose page to print
    pub command: Option<String>,
}

pub fn run(args: &ManArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let mut tree = Args::tree();
    tree.build();
    let command = match &args.command {
        Some(name) => match tree.find_subcommand(name) {
            Some(command) => command.clone(),
            None => return Err(Failure::words(ExitCode::Usage, format!("there is no command `{name}`"))),
        },
        None => tree,
    };
    let mut page = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = Man::new(command).source(concat!("stackup ", env!("CARGO_PKG_VERSION"))).render(&mut page);
    let mut page = String::from_utf8_lossy(&page).into_owned();
    if args.command.is_none() {
        page.push_str(&tables());
    }
    invocation.output.raw(&page)?;
    Ok(ExitCode::Ok)
}

/// Environment and exit codes, in roff.
fn tables() -> String {
    let mut page = String::from(".SH ENVIRONMENT\n");
    for variable in environment::ALL {
        page.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", variable.name, escape(variable.does)));
    }
    page.push_str(".SH \"EXIT STATUS\"\n");
    for code in ExitCode::ALL {
        page.push_str(&format!(".TP\n\\fB{}\\fR {}\n{}\n", code.number(), code.name(), escape(code.meaning())));
    }
    page
}

/// Backslashes, and dots that would start a request.
fn escape(text: &str) -> String {
    text.replace('\\', "\\e").replace("\n.", "\n\\&.").replace('-', "\\-")
}
