//! Flags of the commands that judge files.

use super::failure::Failure;
use crate::app::deny::Deny;
use crate::app::exit::ExitCode;
use crate::diagnostic;

/// Which warnings are errors.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Files")]
pub struct DenyArgs {
    /// All warnings are errors
    #[arg(long)]
    pub deny_warnings: bool,
    /// Warnings of this code are errors (repeat)
    #[arg(short = 'D', long = "deny", value_name = "CODE", value_delimiter = ',')]
    pub deny: Vec<String>,
}

impl DenyArgs {
    /// Fails on a code that there is none of.
    pub fn deny(&self) -> Result<Deny, Failure> {
        let mut codes = Vec::new();
        for wanted in &self.deny {
            match diagnostic::code::all().find(|code| code.id.eq_ignore_ascii_case(wanted)) {
                Some(code) => codes.push(code),
                None => return Err(unknown(wanted)),
            }
        }
        Ok(Deny { all: self.deny_warnings, codes })
    }
}

fn unknown(wanted: &str) -> Failure {
    let ids: Vec<&str> = diagnostic::code::all().map(|code| code.id).collect();
    let near = diagnostic::closest(wanted, ids.iter().copied());
    let hint = near.map(|id| format!(" (did you mean {id}?)")).unwrap_or_default();
    let words = format!("there is no code `{wanted}` to deny{hint}; `stackup explain codes` lists all codes");
    Failure::words(ExitCode::Usage, words)
}
