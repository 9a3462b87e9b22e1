//! Everything that can be known to be wrong without an engine.

use super::load::{self, Loaded, Request};
use super::name::{self, NameError};
use crate::swarm::convert;

/// Reads the files and converts them; all problems of both are in the diagnostics. `argument` and `variable` name the
/// stack as for a plan.
pub fn check(request: &Request, variable: Option<&str>) -> Result<Loaded, NameError> {
    let mut loaded = load::load(request);
    if let Some(stack) = loaded.stack() {
        let name = name::choose(None, Some(stack), variable, &loaded.working_dir)?;
        let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
        if let Some(stack) = &loaded.stack {
            convert::convert(stack, &name.name, &mut diagnostics);
        }
        loaded.diagnostics = diagnostics;
    }
    Ok(loaded)
}
