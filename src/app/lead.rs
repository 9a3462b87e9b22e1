//! Of several watchers that follow the same one leads: it holds a lease in the swarm.

use std::time::Duration;

use super::deliver::Actor;
use crate::engine::{EngineError, Reader};
use crate::release::Lock;
use crate::release::lease::{self, Held, Holder, Lease, NotAcquired, Standing, Timing, Wait};

/// Sooner heard of than the lease of a stack: nothing is done by then. Between trust and expiry lies the time that a
/// write may be on its way (`engine/transport`), here too.
const TIMING: Timing =
    Timing { beat: Duration::from_secs(5), trust: Duration::from_secs(15), expiry: Duration::from_secs(30) };

/// What came of it.
#[derive(Debug)]
pub enum Sought {
    /// From now on until it is lost.
    Lead(Box<Lease>),
    /// Another one leads.
    Led(Box<Held>),
}

/// Takes the lead of those who follow `group`, where nobody has it or who had it is no more. Nothing is written where
/// somebody leads.
pub async fn seek(reader: &Reader, group: &str, actor: &Actor, message: &str) -> Result<Sought, EngineError> {
    let lock = Lock::Watch(group.to_owned());
    if let Some(held) = lease::look(reader, lock.clone()).await?
        && matches!(held.standing(&TIMING), Standing::Live | Standing::Manual)
    {
        return Ok(Sought::Led(Box::new(held)));
    }
    let holder = Holder { message: message.to_owned(), ..actor.holder("watch") };
    match lease::acquire(&reader.writer(), lock, holder, Wait::default(), TIMING).await {
        Ok(lease) => Ok(Sought::Lead(Box::new(lease))),
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
