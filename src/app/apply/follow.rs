//! Following all rollouts at once: one look serves every service.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::flight::Flight;
use super::run::{Halt, Run};
use super::unsure::ELECTION;
use crate::engine::{EngineError, LogQuery, Reader};
use crate::rollout::{Happening, Observation, Remains, Verdict, Want, Witness};
use crate::swarm::{LiveService, Node, Task, scoped};

/// How long an engine may be silent before it counts as gone: a manager that restarts.
const SILENCE: Duration = Duration::from_secs(10);
/// Log lines of a failed task.
const LOG_LINES: u64 = 20;
pub(super) const LOG_WITHIN: Duration = Duration::from_secs(3);

/// One look at everything that is in flight.
struct Look {
    services: Vec<LiveService>,
    tasks: Vec<Task>,
    up_to_date: BTreeSet<String>,
    nodes: Vec<Node>,
}

async fn read(reader: &Reader, stack: &str) -> Result<Look, EngineError> {
    let (services, tasks, current, nodes) = tokio::try_join!(
        reader.services(Some(stack)),
        reader.tasks(stack, false),
        reader.tasks(stack, true),
        reader.nodes()
    )?;
    let up_to_date = current.into_iter().map(|t| t.id).collect();
    Ok(Look { services, tasks, up_to_date, nodes })
}

impl Run<'_> {
    /// Looks once, and moves every rollout.
    pub(super) async fn look(&mut self) -> Result<(), Halt> {
        let (mut now, mut silent_since) = (self.clock.now(), None::<Instant>);
        let look = loop {
            match read(self.writer.reader(), &self.plan.stack).await {
                Ok(look) => break look,
                Err(error) => {
                    let patience = if matches!(error, EngineError::Refused(_)) { ELECTION } else { SILENCE };
                    if silent_since.get_or_insert_with(Instant::now).elapsed() >= patience {
                        return Err(Halt::Engine(error));
                    }
                    match self.heed() {
                        // That nothing may be written any more is the least: nobody knows what goes on.
                        Err(Halt::Engine(EngineError::Forbidden(_))) => return Err(Halt::Engine(error)),
                        other => other?,
                    }
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    now = self.clock.now();
                }
            }
        };
        for i in 0..self.flights.len() {
            let happenings = self.step(i, now, &look);
            let stranded = happenings.iter().any(|h| matches!(h, Happening::Want(Want::BeginAgain { .. })));
            self.act(i, happenings);
            if stranded {
                self.begin_again(i).await?;
            }
        }
        Ok(())
    }

    /// Looks until every rollout came to its end.
    pub(super) async fn follow_all(&mut self, every: Duration) -> Result<(), Halt> {
        while self.flights.iter().any(|flight| !flight.closed) {
            self.heed()?;
            let looked = tokio::time::Instant::now();
            self.look().await?;
            self.close().await?;
            self.wait(looked + every).await;
        }
        Ok(())
    }

    fn step(&mut self, i: usize, now: jiff::Timestamp, look: &Look) -> Vec<Happening> {
        let dependencies_run = self.dependencies_run(i, look);
        let Some(flight) = self.flights.get_mut(i) else { return Vec::new() };
        let id = flight.rollout.accepted().id.clone();
        let observation = Observation {
            now,
            service: look.services.iter().find(|s| s.id == id),
            tasks: look.tasks.iter().filter(|t| t.service == id).collect(),
            up_to_date: &look.up_to_date,
            nodes: &look.nodes,
            dependencies_run,
        };
        flight.rollout.step(&observation)
    }

    fn dependencies_run(&self, i: usize, look: &Look) -> bool {
        let Some(change) = self.flights.get(i).and_then(|f| self.plan.changes.get(f.change)) else { return true };
        change.after.keys().all(|key| {
            let name = scoped(&self.plan.stack, key);
            let service = look.services.iter().find(|s| s.name == name);
            service.is_none_or(|s| s.wanted == Some(0) || s.running.is_none_or(|n| n > 0) || s.completed > Some(0))
        })
    }

    fn act(&mut self, i: usize, happenings: Vec<Happening>) {
        for happening in happenings {
            if let Happening::Want(Want::Witness { task, container }) = &happening {
                let handle = tokio::spawn(witness(self.writer.reader().clone(), task.clone(), container.clone()));
                if let Some(flight) = self.flights.get_mut(i) {
                    flight.witnesses.push((task.clone(), handle));
                }
            }
            self.tell_happening(i, happening);
        }
        self.heartbeat(i);
    }

    /// Deals with every rollout that came to its end.
    pub(super) async fn close(&mut self) -> Result<(), Halt> {
        for i in 0..self.flights.len() {
            let Some(flight) = self.flights.get_mut(i) else { continue };
            if flight.closed {
                continue;
            }
            let verdict = flight.rollout.verdict().cloned();
            flight.hear(matches!(verdict, Some(Verdict::Failed(_)))).await;
            if let Some(verdict) = verdict {
                flight.closed = true;
                self.ended(i, verdict).await?;
            }
        }
        Ok(())
    }

    /// The flight of a change, if it flew.
    pub(super) fn flight(&self, i: usize) -> Option<&Flight> {
        self.flights.get(i)
    }
}

/// Both at once: what is left of a task is not there for long.
async fn witness(reader: Reader, task: String, container: Option<String>) -> Witness {
    let remains = async {
        let found = reader.container(container.as_deref()?);
        // A container of another node is not known here.
        let found = tokio::time::timeout(LOG_WITHIN, found).await.ok()?.ok()??;
        Some(Remains::of(&found))
    };
    let (log, container) = tokio::join!(log(reader.clone(), task), remains);
    Witness { log, container }
}

async fn log(reader: Reader, task: String) -> Vec<String> {
    let query = LogQuery { tail: Some(LOG_LINES), ..LogQuery::default() };
    match tokio::time::timeout(LOG_WITHIN, reader.task_log(&task, &query)).await {
        Ok(Ok(lines)) => lines.into_iter().map(|l| l.text.trim_end().to_owned()).collect(),
        // A node that is gone or busy has no log to give; the rest of the evidence stands without it.
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}
