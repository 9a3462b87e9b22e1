//! Taking what is live into a record: a stack that docker made, or what somebody changed and is to stay.

use std::collections::BTreeSet;

use super::base::{self, Known};
use super::deliver::{Actor, NotStarted};
use super::record;
use crate::engine::{EngineError, Reader, Wanted};
use crate::plan::drift::{self, Drift};
use crate::plan::record::{Keep, accept, keep};
use crate::release::lease::{self, Timing, Wait};
use crate::release::model::Origin;
use crate::swarm::{Recorded, Snapshot};

/// What there is to take over.
#[derive(Debug)]
pub struct Found {
    pub known: Known,
    pub live: Snapshot,
    /// Of the last release, where one can be read.
    pub drift: Vec<Drift>,
    /// Something else deployed the whole stack since.
    pub other_tool: bool,
}

/// Looks at the stack and at its last release.
pub async fn look(reader: &Reader, stack: &str, ignore: &[String]) -> Result<Found, EngineError> {
    let wanted = Wanted::default();
    let (known, live) = tokio::try_join!(base::known(reader, stack), reader.snapshot(stack, &wanted))?;
    let drift = known.recorded.as_ref().map(|r| drift::find(r, &live, ignore)).unwrap_or_default();
    let other_tool = known.recorded.as_ref().is_some_and(|r| drift::deployed_by_other(r, &live));
    Ok(Found { known, live, drift, other_tool })
}

/// Records everything that carries the stack's label. The release's number.
pub async fn adopt(found: &Found, actor: &Actor, reader: &Reader) -> Result<u64, NotStarted> {
    let untouched = BTreeSet::new();
    let previous = found.known.recorded.as_ref();
    let stack = keep(Keep { live: &found.live, desired: None, previous, untouched: &untouched });
    write(found, stack, Origin::Adopt, "adopt", actor, reader).await
}

/// Records the last release with what is live of `services` (Compose keys; none is all that it knows).
pub async fn accept_drift(
    found: &Found,
    previous: &Recorded,
    services: &[String],
    actor: &Actor,
    reader: &Reader,
) -> Result<u64, NotStarted> {
    let stack = accept(previous, &found.live, services);
    write(found, stack, Origin::Accept, "drift --accept", actor, reader).await
}

async fn write(
    found: &Found,
    stack: Recorded,
    origin: Origin,
    command: &str,
    actor: &Actor,
    reader: &Reader,
) -> Result<u64, NotStarted> {
    let writer = reader.writer();
    let name = &found.live.stack;
    let lease = lease::acquire(&writer, name, actor.holder(command), Wait::default(), Timing::default()).await?;
    let guarded = writer.guarded(lease.guard());
    let at = record::at(&found.live);
    let written = record::as_live(stack, origin, at, &actor.who, &found.known.history, &guarded).await;
    // What cannot be given back expires by itself.
    let _ = lease.release().await;
    written.map_err(NotStarted::Engine)
}
