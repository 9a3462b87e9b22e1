//! Why a command could not go on.

use super::output::Closed;
use crate::app::exit::ExitCode;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, code};
use crate::system::unfit;

/// The exit code, and what to say. `cli::main` says it; commands only return it with `?`.
#[derive(Debug)]
pub struct Failure {
    pub exit: ExitCode,
    /// Without a code: usage, and what is no problem of a file or a swarm.
    pub words: Option<String>,
    pub diagnostics: Diagnostics,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
}

impl Failure {
    pub fn new(exit: ExitCode, diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(diagnostic);
        Self { diagnostics, ..Self::said(exit) }
    }

    /// On a system where `what` cannot be done safely; `Ok` elsewhere.
    pub fn unless_fit(what: &str) -> Result<(), Self> {
        let Some(why) = unfit::UNATTENDED else { return Ok(()) };
        let problem = Diagnostic::error(code::UNFIT_SYSTEM, format!("{what} does not run on this system: {why}"));
        Err(Self::new(
            ExitCode::Usage,
            problem.help("run it on Linux, or in a Linux container; `plan` and `apply` work here"),
        ))
    }

    /// One sentence, lower case first, no full stop.
    pub fn words(exit: ExitCode, words: impl Into<String>) -> Self {
        Self { words: Some(words.into()), ..Self::said(exit) }
    }

    /// Everything was said already.
    pub fn said(exit: ExitCode) -> Self {
        Self { exit, words: None, diagnostics: Diagnostics::default(), sources: Sources::default() }
    }
}

impl From<Closed> for Failure {
    fn from(_: Closed) -> Self {
        Self::said(ExitCode::Ok)
    }
}
