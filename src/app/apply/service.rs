//! One write of one service, guarded by its version.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::engine::{Created, EngineError, Writer};
use crate::plan::{Change, Write, spec_digest};
use crate::rollout::Accepted;

use super::accept::accepted;
use super::ids::{Ids, Missing};
use super::unsure::{create_once, holds, through_election};

/// How often a write is tried again when somebody else was quicker.
const ATTEMPTS: u32 = 5;
/// How long the tasks of a removed service may take to go.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// Why a service was not written.
#[derive(Debug)]
pub(super) enum NotWritten {
    /// It has another spec than expected.
    Changed,
    Stale(String),
    Missing(Missing),
    Engine(EngineError),
}

impl From<EngineError> for NotWritten {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// The write as swarm took it, and the engine's warnings.
#[derive(Debug)]
pub(super) struct Written {
    pub accepted: Accepted,
    pub spec: Value,
    pub warnings: Vec<String>,
}

/// Carries out a service change, except its removal.
pub(super) async fn write(
    writer: &Writer,
    stack: &str,
    ids: &Ids,
    change: &Change,
    version: Option<u64>,
    auth: Option<&SecretString>,
) -> Result<Written, NotWritten> {
    let auth = auth.map(ExposeSecret::expose_secret);
    match &change.write {
        Write::CreateService { spec } => create(writer, ids, spec, auth).await,
        Write::RecreateService { id, spec } => {
            remove_and_wait(writer, stack, id).await?;
            create(writer, ids, spec, auth).await
        }
        Write::UpdateService { id, spec, .. } => {
            let spec = ids.fill(spec).map_err(NotWritten::Missing)?;
            let expected = change.preconditions.spec_digest.as_deref();
            update(writer, id, version, expected, spec, auth).await
        }
        other => Err(NotWritten::Stale(format!("{other:?} is no write of a service"))),
    }
}

async fn create(writer: &Writer, ids: &Ids, spec: &Value, auth: Option<&str>) -> Result<Written, NotWritten> {
    let spec = ids.fill(spec).map_err(NotWritten::Missing)?;
    let name = spec.get("Name").and_then(Value::as_str).unwrap_or_default();
    let find = || async {
        let live = writer.reader().service(name).await?.filter(|live| live.name == name && holds(&live.spec, &spec));
        Ok(live.map(|live| Created { id: live.id, warnings: Vec::new() }))
    };
    let created = create_once(|| writer.create_service(&spec, auth), find).await?;
    let accepted = accepted(writer.reader(), &created.id, &spec).await?;
    Ok(Written { accepted, spec, warnings: created.warnings })
}

/// Posts `spec` with the newest version, as long as the live spec is the one of `expected` (any, for `None`).
pub(super) async fn update(
    writer: &Writer,
    id: &str,
    version: Option<u64>,
    expected: Option<&str>,
    spec: Value,
    auth: Option<&str>,
) -> Result<Written, NotWritten> {
    let mut version = version;
    let (mut attempt, mut unsure) = (0, false);
    loop {
        let index = match version {
            Some(index) => index,
            None => {
                let gone = || NotWritten::Stale("is gone; when planned it was there".into());
                let live = through_election(|| writer.reader().service(id)).await?.ok_or_else(gone)?;
                match found(&live.spec, &spec, expected, unsure) {
                    Found::Before => live.version,
                    Found::Written => {
                        let accepted = accepted(writer.reader(), id, &spec).await?;
                        return Ok(Written { accepted, spec, warnings: Vec::new() });
                    }
                    Found::Other => return Err(NotWritten::Changed),
                }
            }
        };
        match writer.update_service(id, index, &spec, auth).await {
            Ok(warnings) => {
                let accepted = accepted(writer.reader(), id, &spec).await?;
                return Ok(Written { accepted, spec, warnings });
            }
            // The index moves with every status that swarm writes: look again, and go on if the spec is the same.
            Err(error) if (error.is_out_of_sequence() || error.is_unsure()) && attempt < ATTEMPTS => {
                attempt += 1;
                unsure |= error.is_unsure();
                version = None;
                tokio::time::sleep(jitter(attempt)).await;
            }
            Err(error) if error.is_out_of_sequence() => {
                return Err(NotWritten::Stale("is being written by somebody else again and again".into()));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// What a look before a write finds.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// The spec that is to be replaced.
    Before,
    /// Ours: an earlier attempt came about after all, and nobody could say so.
    Written,
    Other,
}

/// A spec that still is the one before may hold ours too, where ours only leaves something out.
fn found(live: &Value, ours: &Value, expected: Option<&str>, unsure: bool) -> Found {
    match expected.map(|digest| digest == spec_digest(live)) {
        Some(true) => Found::Before,
        _ if unsure && holds(live, ours) => Found::Written,
        Some(false) => Found::Other,
        None => Found::Before,
    }
}

/// Removes a service and waits until swarm knows no task of it.
pub async fn remove_and_wait(writer: &Writer, stack: &str, id: &str) -> Result<(), EngineError> {
    through_election(|| writer.remove_service(id)).await?;
    let deadline = tokio::time::Instant::now() + GONE_WITHIN;
    while tokio::time::Instant::now() < deadline {
        let tasks = through_election(|| writer.reader().tasks(stack, false)).await?;
        if !tasks.iter().any(|t| t.service == id && !t.state.is_over()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// 20 to 60 ms, doubled with each attempt; two who collide do not collide again.
fn jitter(attempt: u32) -> Duration {
    let noise = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    Duration::from_millis(u64::from(20 + noise / 1000 % 40) << attempt.min(5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_spec_before_is_not_taken_for_ours() {
        let (delayed, plain) =
            (json!({"UpdateConfig": {"Delay": 1, "Order": "stop-first"}}), json!({"UpdateConfig": {}}));
        let (before, other) = (spec_digest(&delayed), spec_digest(&json!({"Name": "b"})));
        // Nothing that ours says is missing, and it still is not ours.
        assert!(holds(&delayed, &plain));
        assert_eq!(found(&delayed, &plain, Some(&before), true), Found::Before);
        assert_eq!(found(&delayed, &plain, Some(&other), true), Found::Written);
        assert_eq!(found(&delayed, &plain, Some(&other), false), Found::Other);
        assert_eq!(found(&delayed, &plain, None, false), Found::Before);
    }
}
