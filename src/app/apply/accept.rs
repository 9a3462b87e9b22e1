//! What swarm made of a write.

use serde_json::Value;

use super::unsure::through_election;
use crate::engine::{EngineError, Reader};
use crate::plan::spec_digest;
use crate::rollout::Accepted;
use crate::swarm::{LiveService, ServiceMode};

/// Reads a service right after it was written. Swarm fills in defaults, so its own form is what must stay live.
pub(super) async fn accepted(reader: &Reader, id: &str, spec: &Value) -> Result<Accepted, EngineError> {
    let live = through_election(|| reader.service(id)).await?;
    let Some(live) = live else {
        return Ok(Accepted { id: id.to_owned(), digest: String::new(), version: 0, written: None });
    };
    // Somebody (or a very quick rollback) may have been in between: then nothing may pass for the planned spec.
    let digest = if is_ours(&live, spec) { spec_digest(&live.spec) } else { String::new() };
    Ok(Accepted { id: live.id, digest, version: live.version, written: live.updated.or(live.created) })
}

/// Compares what swarm never rewrites.
fn is_ours(live: &LiveService, spec: &Value) -> bool {
    let image = spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str).unwrap_or_default();
    let force = |spec: &Value| spec.pointer("/TaskTemplate/ForceUpdate").and_then(Value::as_u64).unwrap_or_default();
    let labels = |spec: &Value| spec.get("Labels").and_then(Value::as_object).filter(|l| !l.is_empty()).cloned();
    live.image() == image
        && ServiceMode::of(&live.spec) == ServiceMode::of(spec)
        && force(&live.spec) == force(spec)
        && labels(&live.spec) == labels(spec)
}
