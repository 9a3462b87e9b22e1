//! Times, and how long to wait.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use jiff::Timestamp;

/// The two clocks of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the program began; never goes back.
    pub up: Duration,
    /// Of the calendar, for windows and reports.
    pub at: Timestamp,
}

/// Several pokes in a row are one.
pub const DEBOUNCE: Duration = Duration::from_millis(300);
/// A push of many refs comes as many hooks.
pub const HOOKS: Duration = Duration::from_millis(100);
/// Between two pokes of one source that are heeded.
pub const GAP: Duration = Duration::from_secs(1);
/// A stack that nothing happened to is looked at all the same.
pub const RESYNC: Duration = Duration::from_secs(600);

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(300);

/// After so many failures in a row: 5 s, 10 s, … 5 min, each shortened by up to half, so that not all come at once.
pub fn backoff(name: &str, failures: u32, seed: u64) -> Duration {
    let full = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST);
    full.mul_f64(0.5 + 0.5 * fraction(name, failures.into(), seed))
}

/// Within a tenth of a period.
pub fn spread(name: &str, period: Duration, round: u64, seed: u64) -> Duration {
    period.mul_f64(0.9 + 0.2 * fraction(name, round, seed))
}

/// From 0 to 1; the same for the same.
fn fraction(name: &str, number: u64, seed: u64) -> f64 {
    let mut hasher = DefaultHasher::new();
    (name, number, seed).hash(&mut hasher);
    // 32 bits fit a float exactly.
    f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_met_with_patience() {
        for failures in 1..40 {
            let wait = backoff("shop", failures, 7);
            let full = Duration::from_secs((5 << (failures - 1).min(10)).min(300));
            assert!(wait >= full / 2 && wait <= full, "{failures}: {wait:?}");
        }
        assert_ne!(backoff("a", 9, 1), backoff("b", 9, 1));
        let minute = Duration::from_secs(60);
        for round in 0..100 {
            let period = spread("a", minute, round, 3);
            assert!(period >= minute.mul_f64(0.89) && period <= minute.mul_f64(1.11));
        }
    }
}
