//! A lock as it is in the swarm.

use std::time::Duration;

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
    /// Moves with each sign of life.
    pub version: u64,
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
    /// Its holder went, and said that somebody else is to go on with its work.
    Left,
}

impl Standing {
    /// Nobody is at work any more, and what was begun may be half done.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Expired | Self::Dead | Self::Left)
    }
}

impl Held {
    fn of(config: &LiveConfig, now: Timestamp) -> Self {
        let labels = config.spec.get("Labels").and_then(|l| l.as_object()).into_iter().flatten();
        let labels = labels.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect();
        Self {
            id: config.id.clone(),
            version: config.version,
            holder: Holder::of(&labels),
            since: config.created,
            heard: config.updated.or(config.created),
            now,
        }
    }

    pub fn standing(&self, timing: &Timing) -> Standing {
        self.standing_for(&Process::current(), self.silent(), timing)
    }

    /// The same without anybody's clock: `silent` is how long it was watched, and gave no sign of life.
    pub fn standing_after(&self, silent: Duration, timing: &Timing) -> Standing {
        self.standing_for(&Process::current(), SignedDuration::try_from(silent).ok(), timing)
    }

    fn standing_for(&self, here: &Process, silent: Option<SignedDuration>, timing: &Timing) -> Standing {
        if self.holder.manual {
            return Standing::Manual;
        }
        if self.holder.left {
            return Standing::Left;
        }
        if self.holder.process.is_dead(here) {
            return Standing::Dead;
        }
        let expiry = SignedDuration::try_from(timing.expiry).unwrap_or(SignedDuration::MAX);
        match silent {
            Some(silent) if silent >= expiry => Standing::Expired,
            _ => Standing::Live,
        }
    }

    /// Its holder is no more, and may have left work half done.
    pub fn is_left(&self) -> bool {
        self.standing(&Timing::default()).is_over()
    }

    /// When the work began that it stands for.
    pub fn left_since(&self) -> Option<Timestamp> {
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

/// The same in what was read already: `find` knows configs by name, `now` is when by the engine's clock.
pub fn among<'a>(
    lock: impl Into<Lock>,
    now: Option<Timestamp>,
    find: impl FnOnce(&str) -> Option<&'a LiveConfig>,
) -> Option<Held> {
    find(&lock.into().name()).map(|config| Held::of(config, now.unwrap_or_else(Timestamp::now)))
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
            version: 1,
            holder: Holder { manual, process, ..Holder::default() },
            since: None,
            heard: heard.parse().ok(),
            now,
        };
        let elsewhere = || Process { host: "b".into(), boot: "other".into(), ..Process::default() };
        let gone = Process { start: "1".into(), ..here.clone() };
        // Where the system tells too little of a process, nobody is taken for dead.
        let dead = if here.boot.is_empty() { Standing::Live } else { Standing::Dead };
        for (lock, standing) in [
            (held("2026-11-20T12:00:01Z", false, elsewhere()), Standing::Live),
            (held("2026-11-20T12:00:00Z", false, elsewhere()), Standing::Expired),
            (held("2026-11-20T12:00:59Z", false, gone), dead),
            (held("2026-11-20T12:00:59Z", false, here.clone()), Standing::Live),
            (held("2020-01-01T00:00:00Z", true, elsewhere()), Standing::Manual),
            (held("", false, elsewhere()), Standing::Live),
            // A clock that runs ahead takes nothing away.
            (held("2026-11-20T12:05:00Z", false, elsewhere()), Standing::Live),
        ] {
            assert_eq!(lock.standing_for(&here, lock.silent(), &Timing::default()), standing, "{lock:?}");
        }
        // Who watches for himself asks no clock: that of another machine may say anything.
        let ahead = held("2026-11-20T11:00:00Z", false, elsewhere());
        for (watched, standing) in [(0, Standing::Live), (59, Standing::Live), (60, Standing::Expired)] {
            assert_eq!(ahead.standing_after(Duration::from_secs(watched), &Timing::default()), standing, "{watched}");
        }
        let mut left = held("2026-11-20T12:00:59Z", false, elsewhere());
        left.holder.left = true;
        assert!(left.standing(&Timing::default()) == Standing::Left && left.is_left());
    }
}
