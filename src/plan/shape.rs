//! How swarm rolls a service over, from the spec that will be written: how many at a time, how long at least, how few tasks
//! serve meanwhile and how many run side by side.
//!
//! Swarm's updater has as many workers as tasks may be replaced at once. A worker stops and starts a task (in the order that
//! the spec says), waits until it runs, and waits for the delay; the next worker does not wait for it. What is told here is
//! what holds however fast the machine is: the time that swarm itself spends, and counts that it keeps to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::diff::duration;
use super::settled::networks;
use crate::swarm::{Members, is_predefined};

pub(super) const SECOND: u64 = 1_000_000_000;
/// Nanoseconds in a millisecond.
const MILLI: u64 = 1_000_000;
/// Swarm waits this long before it stops a task that is on an overlay network, so that nobody is sent to it any more.
pub(super) const GOSSIP: u64 = 2 * SECOND;
/// Interval of health checks that name none.
const PROBE: u64 = 30 * SECOND;
/// What a task has for stopping where nothing is written.
const GRACE: u64 = 10 * SECOND;
/// Killing a task and clearing it away, on a busy machine.
const CLEARING: u64 = 2 * SECOND;
/// How long a replaced task is watched where nothing is written.
const MONITOR: u64 = 5 * SECOND;

/// What swarm goes by when it replaces tasks, and what comes of it. Durations are as a Compose file writes them: `1m30s`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rollout {
    /// Tasks replaced at a time; 0 is all at once.
    pub parallelism: u64,
    /// `stop-first` or `start-first`.
    pub order: String,
    /// Between one replaced task and the next.
    pub delay: String,
    /// How long a replaced task is watched.
    pub monitor: String,
    /// `pause`, `continue` or `rollback`.
    pub failure_action: String,
    /// Part of the replaced tasks that may fail before that happens, 0 to 1.
    pub max_failure_ratio: f64,
    pub shape: Shape,
}

/// The course of a rollout. Times are the least that swarm takes, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shape {
    /// Tasks that are replaced.
    pub tasks: u64,
    /// So many at a time; the last round may have fewer.
    pub batch: u64,
    pub rounds: u64,
    /// From the start of one round to that of the next.
    pub round_ms: u64,
    /// Of a round: the task that is replaced serves nobody. With `start-first` there is no such time.
    pub gap_ms: u64,
    /// Watching after the last round.
    pub watch_ms: u64,
    /// All of it.
    pub least_ms: u64,
    /// Tasks that serve before it.
    pub running: u64,
    /// Fewest tasks that serve on the way.
    pub lowest: u64,
    /// Tasks that serve after it.
    pub wanted: u64,
    /// Most tasks side by side, old ones that are stopping among them: at least so many.
    pub peak: u64,
    /// The same if every old task takes all the time that it has for stopping.
    pub peak_most: u64,
    /// Bytes of memory reserved at that peak beyond what is reserved now; `null` where the tasks reserve none.
    pub more_memory: Option<u64>,
}

/// The tasks of a service that is rolled over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// Running now.
    pub running: u64,
    /// Wanted by the new spec.
    pub wanted: u64,
    /// Those that are replaced.
    pub replaced: u64,
}

impl Rollout {
    /// What swarm does where nothing is written is written out. `start_interval` says whether the engine knows that field of a
    /// health check (API 1.44).
    pub fn of(spec: &Value, tasks: Tasks, start_interval: bool) -> Self {
        let get = |key: &str| spec.get("UpdateConfig").and_then(|config| config.get(key));
        let word = |key: &str, default: &str| {
            get(key).and_then(Value::as_str).filter(|word| !word.is_empty()).unwrap_or(default).to_owned()
        };
        Self {
            parallelism: parallelism(spec),
            order: word("Order", "stop-first"),
            delay: written(delay(spec)),
            monitor: written(monitor(spec)),
            failure_action: word("FailureAction", "pause"),
            max_failure_ratio: get("MaxFailureRatio").and_then(Value::as_f64).unwrap_or(0.0),
            shape: Shape::of(spec, tasks, start_interval),
        }
    }
}

impl Shape {
    fn of(spec: &Value, tasks: Tasks, start_interval: bool) -> Self {
        let Tasks { running, wanted, replaced } = tasks;
        let (batch, delay, start_first) = (batch(spec, replaced).min(replaced), delay(spec), start_first(spec));
        let gap = if start_first { 0 } else { stopping(spec) + first_probe(spec, start_interval) };
        let round = delay + if start_first { first_probe(spec, start_interval) } else { gap };
        let rounds = if batch == 0 { 0 } else { replaced.div_ceil(batch) };
        // An update that is watched for less than its delay is watched for the delay and a second.
        let watch = if delay < monitor(spec) { monitor(spec) } else { delay + SECOND };
        let kept = running.min(wanted);
        let (lowest, beside, beside_most) = match start_first {
            false => (kept.saturating_sub(batch), 0, 0),
            true => (kept, batch, side_by_side(spec, replaced, batch, round)),
        };
        let peak = running.max(wanted + beside);
        let peak_most = running.max(wanted) + beside_most;
        Self {
            tasks: replaced,
            batch,
            rounds,
            round_ms: round / MILLI,
            gap_ms: gap / MILLI,
            watch_ms: watch / MILLI,
            least_ms: rounds.saturating_mul(round).saturating_add(watch) / MILLI,
            running,
            lowest,
            wanted,
            peak,
            peak_most,
            more_memory: memory(spec).map(|bytes| bytes.saturating_mul(peak_most.saturating_sub(running))),
        }
    }

    /// Rounds as (milliseconds from the start, tasks), first to last.
    pub fn batches(&self) -> impl Iterator<Item = (u64, u64)> {
        let Self { tasks, batch, rounds, round_ms, .. } = *self;
        (0..rounds).map(move |n| (n.saturating_mul(round_ms), batch.min(tasks.saturating_sub(n.saturating_mul(batch)))))
    }

    /// Fewer tasks than before serve for at least so many milliseconds, in all.
    pub fn low_ms(&self) -> u64 {
        self.rounds.saturating_mul(self.gap_ms)
    }
}

/// New tasks beside old ones at most: a round does not wait for the old tasks of those before.
fn side_by_side(spec: &Value, replaced: u64, batch: u64, round: u64) -> u64 {
    let grace = number(spec, "/TaskTemplate/ContainerSpec/StopGracePeriod").unwrap_or(GRACE);
    let stop = stopping(spec).saturating_add(grace).saturating_add(CLEARING);
    // In rounds of no known length any of them may fall into the time that one task takes to stop.
    match stop.checked_div(round) {
        None => replaced,
        Some(rounds) => replaced.min(batch.saturating_mul(1 + rounds)),
    }
}

/// Time that swarm waits before it stops a task.
fn stopping(spec: &Value) -> u64 {
    if networked(spec) { GOSSIP } else { 0 }
}

fn number(spec: &Value, pointer: &str) -> Option<u64> {
    spec.member(pointer).and_then(Value::as_u64)
}

pub(super) fn start_first(spec: &Value) -> bool {
    spec.member("/UpdateConfig/Order").is_some_and(|o| o == "start-first")
}

fn delay(spec: &Value) -> u64 {
    number(spec, "/UpdateConfig/Delay").unwrap_or(0)
}

/// 0 is the default too.
pub(super) fn monitor(spec: &Value) -> u64 {
    number(spec, "/UpdateConfig/Monitor").filter(|m| *m > 0).unwrap_or(MONITOR)
}

/// Tasks replaced at once; 0 is all of them.
pub(super) fn parallelism(spec: &Value) -> u64 {
    let written = spec.get("UpdateConfig").filter(|c| c.is_object());
    written.map_or(1, |c| c.get("Parallelism").and_then(Value::as_u64).unwrap_or(0))
}

/// Tasks replaced at once, of so many.
pub(super) fn batch(spec: &Value, tasks: u64) -> u64 {
    match parallelism(spec) {
        0 => tasks.max(1),
        n => n,
    }
}

/// On an overlay network, or on the one behind published ports.
fn networked(spec: &Value) -> bool {
    let list = |pointer: &str| spec.member(pointer).and_then(Value::as_array).into_iter().flatten();
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    networks(spec).any(|target| !target.is_empty() && !is_predefined(target))
        || list("/EndpointSpec/Ports").any(|port| word(port, "PublishMode") != "host")
}

fn memory(spec: &Value) -> Option<u64> {
    number(spec, "/TaskTemplate/Resources/Reservations/MemoryBytes").filter(|bytes| *bytes > 0)
}

/// A task counts as running after its first good health check.
pub(super) fn first_probe(spec: &Value, start_interval: bool) -> u64 {
    let Some(check) = spec.member("/TaskTemplate/ContainerSpec/Healthcheck") else { return 0 };
    let test = check.get("Test").and_then(Value::as_array).and_then(|t| t.first()).and_then(Value::as_str);
    if matches!(test, None | Some("NONE")) {
        return 0;
    }
    let time = |key: &str| check.get(key).and_then(Value::as_u64).filter(|n| *n > 0);
    let interval = time("Interval").unwrap_or(PROBE);
    if start_interval && time("StartPeriod").is_some() {
        return interval.min(time("StartInterval").unwrap_or(5 * SECOND));
    }
    interval
}

fn written(nanos: u64) -> String {
    duration(i64::try_from(nanos).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
