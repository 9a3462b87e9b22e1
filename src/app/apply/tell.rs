//! Happenings as events.

use std::time::{Duration, Instant};

use super::flight::Direction;
use super::run::Run;
use crate::app::event::{Event, TaskEvent};
use crate::rollout::{Expectation, Happening, Progress, TaskFailure, TaskView, Want};
use crate::swarm::{TaskState, UpdateState};

/// A sign of life after this much silence.
const HEARTBEAT: Duration = Duration::from_secs(30);

impl Run<'_> {
    pub(super) fn tell_happening(&mut self, i: usize, happening: Happening) {
        let Some(flight) = self.flights.get(i) else { return };
        let Some(change) = self.plan.changes.get(flight.change) else { return };
        let (address, key) = (change.address(), change.key.clone());
        let progress = flight.rollout.progress();
        let event = match happening {
            Happening::Update { state, message } => {
                // Of an update that goes as it should, swarm's words say the state once more.
                let said =
                    matches!(state, UpdateState::Updating | UpdateState::Completed | UpdateState::RollbackCompleted);
                let words = if said || message.is_empty() { String::new() } else { format!(": {message}") };
                Event::Progress {
                    address,
                    state: Some(state.as_str().to_owned()),
                    progress,
                    heartbeat: false,
                    message: format!("{key} {}{words}", state.as_str().replace('_', " ")),
                }
            }
            // The failure says it better, and comes right after.
            Happening::Task(task) if matches!(task.state, TaskState::Failed | TaskState::Rejected) => return,
            Happening::Task(task) => Event::TaskState { address, task: view(task, flight.rollout.expectation()) },
            Happening::Progress(progress) => Event::Progress {
                address,
                state: None,
                progress,
                heartbeat: false,
                message: counts(&key, flight.direction, &progress),
            },
            Happening::Failure(failure) => Event::TaskState { address, task: failed(failure) },
            Happening::Want(Want::BeginAgain { node }) => Event::Progress {
                address,
                state: None,
                progress,
                heartbeat: false,
                message: format!("{key} waits for a task on {node}, which is down: beginning the update again"),
            },
            Happening::Want(Want::Witness { .. }) | Happening::Ended(_) => return,
        };
        self.tell(event);
        if let Some(flight) = self.flights.get_mut(i) {
            flight.told = Instant::now();
        }
    }

    pub(super) fn heartbeat(&mut self, i: usize) {
        let Some(flight) = self.flights.get_mut(i) else { return };
        if flight.closed || flight.told.elapsed() < HEARTBEAT {
            return;
        }
        flight.told = Instant::now();
        let (progress, direction) = (flight.rollout.progress(), flight.direction);
        let Some(change) = self.plan.changes.get(flight.change) else { return };
        let message = format!("{}, {}s", counts(&change.key, direction, &progress), progress.elapsed.as_secs());
        self.tell(Event::Progress { address: change.address(), state: None, progress, heartbeat: true, message });
    }
}

fn counts(key: &str, direction: Direction, p: &Progress) -> String {
    let word = match direction {
        Direction::Forward => "new",
        Direction::Back => "back",
    };
    let old = if p.old > 0 { format!(", {} old", p.old) } else { String::new() };
    let failures = match p.failures {
        0 => "no failures".to_owned(),
        1 => "1 failure".to_owned(),
        n => format!("{n} failures"),
    };
    format!("{key} {}/{} {word}{old}, {failures}", p.running, p.wanted)
}

fn view(task: TaskView, expectation: &Expectation) -> TaskEvent {
    TaskEvent {
        kept: task.kept,
        words: if task.held { expectation.held_words() } else { task.state.as_str().to_owned() },
        id: task.id,
        name: task.name,
        node: task.node,
        state: task.state.as_str(),
        healthy: task.held,
        failed: false,
        exit_code: None,
        message: task.message,
    }
}

fn failed(failure: TaskFailure) -> TaskEvent {
    TaskEvent {
        kept: false,
        words: failure.state.as_str().to_owned(),
        id: failure.task,
        name: failure.name,
        node: failure.node,
        state: failure.state.as_str(),
        healthy: false,
        failed: true,
        exit_code: failure.exit_code,
        message: failure.error,
    }
}
