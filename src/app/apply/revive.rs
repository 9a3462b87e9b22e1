//! A network that an earlier `rm` is still taking away.
//!
//! Swarm forgets it at once, but an engine lists it until the last container has left: a plan made meanwhile takes it
//! for unchanged, and creating a service on it fails with "network … not found". It is made again as it was.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::engine::{EngineError, Wanted, Writer};
use crate::swarm::LiveNetwork;

const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(300);

/// The engine says that a network of the spec does not exist.
pub(super) fn is_network_missing(error: &EngineError) -> bool {
    let text = error.to_string();
    matches!(error, EngineError::Refused(_)) && text.contains("network") && text.contains("not found")
}

/// The old one is still in the way.
pub(super) fn is_taken(error: &EngineError) -> bool {
    let text = error.to_string();
    matches!(error, EngineError::Refused(_))
        && (text.contains("already exists") || text.contains("in use") || text.contains("overlaps"))
}

/// Waits until nobody lists the network any more, and creates it as it was. The new id.
pub(super) async fn revive(writer: &Writer, stack: &str, dead: &LiveNetwork) -> Result<String, EngineError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < deadline {
        let snapshot = writer.reader().snapshot(stack, &Wanted::default()).await?;
        if snapshot.network_by_id(&dead.id).is_none() {
            break;
        }
        tokio::time::sleep(STEP).await;
    }
    create_network(writer, &body(dead)).await
}

/// Creates a network; while an old one of its name is going, tries again.
pub(super) async fn create_network(writer: &Writer, body: &Value) -> Result<String, EngineError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match writer.create_network(body).await {
            Ok(created) => return Ok(created.id),
            Err(error) if is_taken(&error) && tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(STEP).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The request that makes a network like this one.
fn body(network: &LiveNetwork) -> Value {
    let mut body = Map::new();
    body.insert("CheckDuplicate".into(), Value::Bool(true));
    for key in ["Name", "Driver", "Internal", "Attachable", "EnableIPv6", "EnableIPv4", "IPAM", "Labels", "Options"] {
        if let Some(value) = network.raw.get(key).filter(|v| !v.is_null()) {
            body.insert(key.into(), value.clone());
        }
    }
    if let Some(Value::Object(options)) = body.get_mut("Options") {
        // Given by swarm to that one network.
        options.remove("com.docker.network.driver.overlay.vxlanid_list");
    }
    Value::Object(body)
}
