//! `profiles`: services that are there only when asked for.

use std::collections::BTreeMap;

use crate::compose::model::{Stack, Text};
use crate::compose::options::Options;

/// Takes out the services of which no profile is in COMPOSE_PROFILES, and tells their names.
pub fn select(stack: &mut Stack, profiles: &BTreeMap<String, Vec<Text>>, options: &Options) -> Vec<String> {
    let active = options.environment.get("COMPOSE_PROFILES").map(String::as_str).unwrap_or_default();
    let active: Vec<&str> = active.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
    let mut left_out = Vec::new();
    for (name, wanted) in profiles {
        let on =
            wanted.is_empty() || active.contains(&"*") || wanted.iter().any(|w| active.contains(&w.value.as_str()));
        if !on && stack.services.remove(name).is_some() {
            left_out.push(name.clone());
        }
    }
    left_out
}
