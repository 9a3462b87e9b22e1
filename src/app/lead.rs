//! Of several watchers that follow the same one leads: it holds a lease in the swarm.

use std::time::{Duration, Instant};

use super::deliver::Actor;
use crate::engine::{EngineError, Reader};
use crate::release::Lock;
use crate::release::lease::{self, Held, Holder, Lease, NotAcquired, Process, Timing, Wait};

/// Sooner heard of than the lease of a stack: nothing is done by then. Between trust and expiry lies the time that a
/// write may be on its way (`engine/transport`), here too.
const TIMING: Timing =
    Timing { beat: Duration::from_secs(5), trust: Duration::from_secs(15), expiry: Duration::from_secs(30) };

/// What came of it.
#[derive(Debug)]
pub enum Sought {
    /// From now on until it is lost. `after` is who had it and is no more.
    Lead { lease: Box<Lease>, after: Option<Process> },
    /// Another one leads.
    Led(Box<Held>),
}

/// What who stands by has seen of the one who leads. Clocks of other machines may say anything, so nothing is compared
/// with them: the lease has expired when it was the same for so long while it was watched from here.
#[derive(Debug, Default)]
pub struct Sighted(Option<Sight>);

#[derive(Debug)]
struct Sight {
    id: String,
    version: u64,
    /// When it was first seen so.
    since: Instant,
}

impl Sighted {
    /// How long there was no sign of life.
    fn silence(&mut self, held: &Held, now: Instant) -> Duration {
        let same = |sight: &&Sight| sight.id == held.id && sight.version == held.version;
        let since = self.0.as_ref().filter(same).map_or(now, |sight| sight.since);
        self.0 = Some(Sight { id: held.id.clone(), version: held.version, since });
        now.saturating_duration_since(since)
    }
}

/// Takes the lead of those who follow `group`, where nobody has it or who had it is no more. Nothing is written where
/// somebody leads.
pub async fn seek(
    reader: &Reader,
    group: &str,
    actor: &Actor,
    message: &str,
    sighted: &mut Sighted,
) -> Result<Sought, EngineError> {
    let (lock, writer) = (Lock::Watch(group.to_owned()), reader.writer());
    let mut after = None;
    if let Some(held) = lease::look(reader, lock.clone()).await? {
        let silent = sighted.silence(&held, Instant::now());
        if !held.standing_after(silent, &TIMING).is_over() {
            return Ok(Sought::Led(Box::new(held)));
        }
        lease::remove(&writer, &held).await?;
        after = Some(held.holder.process);
    }
    let holder = Holder { message: message.to_owned(), ..actor.holder("watch") };
    // Whoever was quicker has not been watched yet.
    let unwatched = Timing { expiry: Duration::MAX, ..TIMING };
    match lease::acquire(&writer, lock, holder, Wait::default(), unwatched).await {
        Ok(lease) => Ok(Sought::Lead { lease: Box::new(lease), after }),
        Err(NotAcquired::Held(held)) => Ok(Sought::Led(held)),
        Err(NotAcquired::Engine(error)) => Err(error),
    }
}

/// `ana@build-3 (process 4711 of build-3)`.
pub fn leader(held: &Held) -> String {
    let (holder, process) = (&held.holder, &held.holder.process);
    let who = if holder.who.is_empty() { "somebody" } else { &holder.who };
    let place = if holder.message.is_empty() { String::new() } else { format!(", {}", holder.message) };
    format!("{who} (process {} of {}{place})", process.pid, process.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stands_by_counts_from_what_he_saw_himself() {
        let held = |id: &str, version: u64| Held {
            id: id.into(),
            version,
            holder: Holder::default(),
            since: None,
            // By a clock that is years off.
            heard: "2001-01-01T00:00:00Z".parse().ok(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let (mut sighted, began) = (Sighted::default(), Instant::now());
        for (at, id, version, silent) in
            [(0, "a", 1, 0), (20, "a", 1, 20), (29, "a", 2, 0), (59, "a", 2, 30), (60, "b", 2, 0), (61, "b", 2, 1)]
        {
            let silence = sighted.silence(&held(id, version), began + Duration::from_secs(at));
            assert_eq!(silence, Duration::from_secs(silent), "{at} {id} {version}");
        }
    }
}
