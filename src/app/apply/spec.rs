//! What a change writes of a service.

use crate::plan::{Change, Write};

/// The ServiceSpec that a change writes.
pub(super) fn service_spec(change: &Change) -> Option<&serde_json::Value> {
    match &change.write {
        Write::CreateService { spec } | Write::UpdateService { spec, .. } | Write::RecreateService { spec, .. } => {
            Some(spec)
        }
        _ => None,
    }
}
