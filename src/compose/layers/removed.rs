//! What `!reset` of a later file took away.

use super::Layers;
use crate::diagnostic::Diagnostic;

impl Layers {
    /// Says of something that is missing where it was, and which tag took it away, if one did.
    pub fn explain_missing(&self, problem: Diagnostic, path: &[&str]) -> Diagnostic {
        let leads_here = |cleared: &[String]| !cleared.is_empty() && cleared.iter().zip(path).all(|(a, b)| a == b);
        let taken = self.layers.iter().enumerate().rev().find_map(|(place, layer)| {
            let by = layer.cleared.iter().find(|c| c.path.len() <= path.len() && leads_here(&c.path))?;
            Some((place, by.span))
        });
        let Some((place, by)) = taken else { return problem };
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        let was = self.layers.iter().take(place).rev().find_map(|layer| layer.get(&path, true));
        let problem = problem.also(by, "taken away here");
        match was {
            Some(was) => problem.also(was.key, "it was defined here"),
            None => problem,
        }
    }
}
