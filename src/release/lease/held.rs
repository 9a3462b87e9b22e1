//! A lock as it is in the swarm.

use jiff::{SignedDuration, Timestamp};

use super::Timing;
use super::holder::Holder;
use super::process::Process;
use crate::engine::{EngineError, Reader, Writer};
use crate::release::name::Lock;
use crate::swarm::LiveConfig;

/// A lock that is there.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: String,
    pub holder: Holder,
    pub since: Option<Timestamp>,
    /// The last sign of life.
    pub heard: Option<Timestamp>,
    /// The engine's clock when it was looked at.
    pub now: Timestamp,
}

/// What a lock is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Live,
    /// Taken by hand.
    Manual,
    /// Its holder was not heard of for too long.
    Expired,
    /// Its holder was a process of this machine, and is no more.
    Dead,
}

impl Held {
    fn of(config: &LiveConfig, now: Timestamp) -> Self {
        let labels = config.spec.get("Labels").and_then(|l| l.as_object()).into_iter().flatten();
        let labels = labels.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect();
        Self {
            id: config.id.clone(),
            holder: Holder::of(&labels),
            since: config.created,
            heard: config.updated.or(config.created),
            now,
        }
    }

    pub fn standing(&self, timing: &Timing) -> Standing {
        self.standing_for(&Process::current(), timing)
    }

    fn standing_for(&self, here: &Process, timing: &Timing) -> Standing {
        if self.holder.manual {
            return Standing::Manual;
        }
        if self.holder.process.is_dead(here) {
            return Standing::Dead;
        }
        let expiry = SignedDuration::try_from(timing.expiry).unwrap_or(SignedDuration::MAX);
        match self.silent() {
            Some(silent) if silent >= expiry => Standing::Expired,
            _ => Standing::Live,
        }
    }

    /// Its holder is no more, and may have left work half done.
    pub fn is_left(&self) -> bool {
        matches!(self.standing(&Timing::default()), Standing::Dead | Standing::Expired)
    }

    /// When the work began that it stands for.
    pub(super) fn left_since(&self) -> Option<Timestamp> {
        self.holder.left_since.or(self.since)
    }

    /// How long ago it was taken.
    pub fn age(&self) -> Option<SignedDuration> {
        Some(self.now.duration_since(self.since?))
    }

    /// How long its holder was not heard of.
    pub fn silent(&self) -> Option<SignedDuration> {
        Some(self.now.duration_since(self.heard?))
    }
}

/// The lock, of a stack for one, if there is one.
pub async fn look(reader: &Reader, lock: impl Into<Lock>) -> Result<Option<Held>, EngineError> {
    let Some(config) = reader.config_named(&lock.into().name()).await? else { return Ok(None) };
    let now = reader.clock().await?.unwrap_or_else(Timestamp::now);
    Ok(Some(Held::of(&config, now)))
}

/// Takes this very lock away, and no other that somebody made since.
pub async fn remove(writer: &Writer, held: &Held) -> Result<(), EngineError> {
    writer.remove_config(&held.id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lock_is_worth() {
        let now: Timestamp = "2026-11-20T12:01:00Z".parse().unwrap();
        let here = Process::current();
        let held = |heard: &str, manual: bool, process: Process| Held {
            id: "l".into(),
            holder: Holder { manual, process, ..Holder::default() },
            since: None,
            heard: heard.parse().ok(),
            now,
        };
        let elsewhere = || Process { host: "b".into(), boot: "other".into(), ..Process::default() };
        let gone = Process { start: "1".into(), ..here.clone() };
        for (lock, standing) in [
            (held("2026-11-20T12:00:01Z", false, elsewhere()), Standing::Live),
            (held("2026-11-20T12:00:00Z", false, elsewhere()), Standing::Expired),
            (held("2026-11-20T12:00:59Z", false, gone), Standing::Dead),
            (held("2026-11-20T12:00:59Z", false, here.clone()), Standing::Live),
            (held("2020-01-01T00:00:00Z", true, elsewhere()), Standing::Manual),
            (held("", false, elsewhere()), Standing::Live),
            // A clock that runs ahead takes nothing away.
            (held("2026-11-20T12:05:00Z", false, elsewhere()), Standing::Live),
        ] {
            assert_eq!(lock.standing_for(&here, &Timing::default()), standing, "{lock:?}");
        }
    }
}
