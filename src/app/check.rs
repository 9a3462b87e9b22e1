//! Everything that can be known to be wrong without an engine.

use super::deny::Deny;
use super::load::{self, Loaded, Request};
use super::name::{self, NameError};
use crate::compose;
use crate::plan::Redactor;
use crate::swarm::{Snapshot, convert};

/// What was read, and what no output may show of it.
#[derive(Debug)]
pub struct Checked {
    pub loaded: Loaded,
    pub redactor: Redactor,
}

/// Reads the files, converts and lints them; all problems are in the diagnostics, save those that comments allow. `variable`
/// names the stack as for a plan.
pub fn check(request: &Request, variable: Option<&str>, deny: &Deny) -> Result<Checked, NameError> {
    let mut loaded = load::load(request);
    let mut redactor = Redactor::default();
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let mut complete = false;
    if let Some(stack) = loaded.stack.as_ref().filter(|_| !diagnostics.has_errors()) {
        let name = name::choose(None, Some(stack), variable, &loaded.working_dir)?;
        let mut desired = convert::convert(stack, &name.name, &mut diagnostics);
        loaded.mark(stack, &mut desired);
        redactor = Redactor::from(&desired, &Snapshot::default());
        complete = !diagnostics.has_errors();
        diagnostics.extend(compose::lint(stack, &loaded.sources));
    }
    loaded.layers.label(&mut diagnostics);
    loaded.secrets.clean(&mut diagnostics);
    loaded.diagnostics = deny.apply(compose::silence(diagnostics, &loaded.sources, complete));
    Ok(Checked { loaded, redactor })
}
