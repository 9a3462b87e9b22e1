//! The course of a rollout as moments: what happens when, at the earliest.

use super::words::clock;
use crate::plan::Shape;
use crate::ui::diagnostic::count;

/// Rounds told one by one.
const TOLD: u64 = 6;

/// A moment and what happens then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// `1m00s` after the start; empty where several are summed up.
    pub at: String,
    pub what: String,
}

/// First to last. Empty where nothing is replaced.
pub fn moments(shape: &Shape) -> Vec<Moment> {
    if shape.rounds == 0 {
        return Vec::new();
    }
    let at = |ms: u64, what: String| Moment { at: clock(ms / 1000), what };
    let mut out = Vec::new();
    for (number, (ms, tasks)) in (1..).zip(shape.batches()) {
        let first = shape.rounds <= TOLD || number < TOLD - 1;
        if first || number == shape.rounds {
            out.push(at(ms, format!("round {number} of {}: {}", shape.rounds, count(tasks, "task"))));
        } else if number == TOLD - 1 {
            out.push(Moment { at: String::new(), what: format!("{} more rounds", shape.rounds - TOLD + 1) });
        }
    }
    let watched = shape.least_ms.saturating_sub(shape.watch_ms);
    out.push(at(watched, format!("watched for {}", clock(shape.watch_ms / 1000))));
    out.push(at(shape.least_ms, "done at the earliest".to_owned()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(rounds: u64) -> Shape {
        Shape {
            tasks: rounds * 2 - 1,
            batch: 2,
            rounds,
            round_ms: 10_000,
            gap_ms: 0,
            watch_ms: 30_000,
            least_ms: rounds * 10_000 + 30_000,
            running: 9,
            lowest: 9,
            wanted: 9,
            peak: 9,
            peak_most: 9,
            more_memory: None,
        }
    }

    fn lines(rounds: u64) -> Vec<String> {
        moments(&shape(rounds)).into_iter().map(|moment| format!("{} {}", moment.at, moment.what)).collect()
    }

    #[test]
    fn every_round_and_the_end() {
        assert_eq!(
            lines(2),
            ["0s round 1 of 2: 2 tasks", "10s round 2 of 2: 1 task", "20s watched for 30s", "50s done at the earliest"]
        );
    }

    #[test]
    fn many_rounds_are_summed_up() {
        let told = lines(100);
        assert_eq!(told.len(), 8);
        assert_eq!(told[4..6], [" 95 more rounds", "16m30s round 100 of 100: 1 task"]);
        assert_eq!(lines(6).len(), 8);
    }
}
