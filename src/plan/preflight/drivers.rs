//! Plugins that a secret's driver needs.

use serde_json::Value;

use crate::diagnostic::code::DRIVER_MISSING;
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::Write;
use crate::plan::draft::Draft;

/// Swarm asks a plugin of its managers for the secret, and refuses one whose plugin it does not find. Nodes list their plugins;
/// where none does, nothing is known.
pub(in crate::plan) fn check_drivers(draft: &mut Draft) {
    let managers = draft.snapshot.nodes.iter().filter(|n| n.manager);
    let listed = managers.filter_map(|n| n.raw.pointer("/Description/Engine/Plugins")?.as_array()).flatten();
    let plugins: Vec<&str> = listed.filter_map(|p| p.get("Name")?.as_str()).map(untagged).collect();
    if plugins.is_empty() {
        return;
    }
    let mut missing: Vec<(Diagnostic, Option<Span>)> = Vec::new();
    for change in &draft.changes {
        let Write::CreateSecret { spec, .. } = &change.write else { continue };
        let Some(driver) = spec.pointer("/Driver/Name").and_then(Value::as_str) else { continue };
        if !plugins.contains(&untagged(driver)) {
            let message = format!("secret `{}` needs the plugin `{driver}`, and no manager lists it", change.key);
            let problem = Diagnostic::error(DRIVER_MISSING, message)
                .help(format!("on every manager: docker plugin install {driver}"))
                .about(change.address());
            missing.push((problem, change.span));
        }
    }
    for (problem, span) in missing {
        draft.refuse(problem, span);
    }
}

fn untagged(name: &str) -> &str {
    name.strip_suffix(":latest").unwrap_or(name)
}
