//! Removals: last, and only when everything before went well.

use std::time::Duration;

use super::objects::remove_network;
use super::run::{Halt, Run};
use super::unsure::through_election;
use crate::app::event::Event;
use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::Fate;
use crate::engine::{EngineError, Wanted, Writer};
use crate::plan::Write;

/// How long an engine may list a network that is gone.
const GONE_WITHIN: Duration = Duration::from_secs(60);

/// Services first, then what they used.
fn order(write: &Write) -> Option<u8> {
    match write {
        Write::RemoveService { .. } => Some(0),
        Write::RemoveConfig { .. } => Some(1),
        Write::RemoveSecret { .. } => Some(2),
        Write::RemoveNetwork { .. } => Some(3),
        _ => None,
    }
}

impl Run<'_> {
    pub(super) async fn prune(&mut self) -> Result<(), Halt> {
        let mut removals: Vec<(u8, usize)> =
            self.plan.changes.iter().enumerate().filter_map(|(i, c)| Some((order(&c.write)?, i))).collect();
        removals.sort();
        for (_, i) in removals {
            self.heed()?;
            let Some(change) = self.plan.changes.get(i) else { continue };
            if self.stop || self.exit != ExitCode::Ok {
                self.set(i, Fate::Skipped, "not removed: something before it failed or was stopped");
                continue;
            }
            let began = std::time::Instant::now();
            Self::asks(&self.asked, i);
            match remove(self.writer, &self.plan.stack, &change.write).await {
                Ok(()) => {
                    self.changed = Changed::Yes;
                    self.set(i, Fate::Done, "removed");
                    self.tell(Event::ApplyComplete {
                        address: change.address(),
                        action: change.action.as_str(),
                        seconds: began.elapsed().as_secs_f64(),
                        message: format!("{} {} removed", change.kind.as_str(), change.key),
                    });
                }
                Err(error) => {
                    let gone = matches!(error, EngineError::Lost { .. } | EngineError::Unreachable { .. });
                    self.refused(i, &error);
                    if gone {
                        return Err(Halt::Engine(error));
                    }
                    // One that cannot be removed keeps no other; the exit code tells.
                    self.exit = ExitCode::Ok;
                    self.stop = false;
                }
            }
        }
        if self.failures.iter().any(|f| f.reason == "refused") {
            self.exit = self.exit.worse(ExitCode::Error);
        }
        Ok(())
    }
}

async fn remove(writer: &Writer, stack: &str, write: &Write) -> Result<(), EngineError> {
    match write {
        Write::RemoveService { id } => through_election(|| writer.remove_service(id)).await,
        Write::RemoveNetwork { id } => {
            remove_network(writer, id).await?;
            unlisted(writer, stack, id).await
        }
        Write::RemoveConfig { id } => patiently(|| writer.remove_config(id)).await,
        Write::RemoveSecret { id } => patiently(|| writer.remove_secret(id)).await,
        _ => Ok(()),
    }
}

/// Swarm forgets a network at once, the engine lists it until the last container has left; who deploys at that moment
/// takes it for one that is there.
async fn unlisted(writer: &Writer, stack: &str, id: &str) -> Result<(), EngineError> {
    let end = tokio::time::Instant::now() + GONE_WITHIN;
    while writer.reader().snapshot(stack, &Wanted::default()).await?.network_by_id(id).is_some() {
        if tokio::time::Instant::now() >= end {
            break;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}

/// Swarm needs a moment to see that the service which used it is gone.
async fn patiently<F: Future<Output = Result<(), EngineError>>>(attempt: impl Fn() -> F) -> Result<(), EngineError> {
    for _ in 0..10 {
        match through_election(&attempt).await {
            Err(EngineError::Refused(refusal)) if refusal.message.contains("in use") => {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            other => return other,
        }
    }
    through_election(attempt).await
}
