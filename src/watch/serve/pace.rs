//! How often somebody may come: a bucket each that runs full again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// More peers than this are not told apart for long.
const MOST: usize = 4096;

/// Buckets of one size.
#[derive(Debug)]
pub struct Pace<K> {
    burst: f64,
    per_second: f64,
    left: Mutex<HashMap<K, (f64, Instant)>>,
}

impl<K: Hash + Eq> Pace<K> {
    pub fn new(burst: u32, per_second: f64) -> Self {
        Self { burst: burst.into(), per_second, left: Mutex::default() }
    }

    /// Whether one more is let through.
    pub fn admits(&self, key: K, now: Instant) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = |tokens: f64, at: Instant| {
            (tokens + now.saturating_duration_since(at).as_secs_f64() * self.per_second).min(self.burst)
        };
        if left.len() >= MOST && !left.contains_key(&key) {
            // Who has not come for a while has a full bucket, as one who never came.
            left.retain(|_, (tokens, at)| filled(*tokens, *at) < self.burst);
            if left.len() >= MOST {
                return false;
            }
        }
        let (tokens, at) = left.entry(key).or_insert((self.burst, now));
        let filled = filled(*tokens, *at);
        let admitted = filled >= 1.0;
        (*tokens, *at) = (if admitted { filled - 1.0 } else { filled }, now);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_goes_through_and_then_so_many_a_second() {
        let pace = Pace::new(3, 2.0);
        let begun = Instant::now();
        let at = |millis: u64| begun + Duration::from_millis(millis);
        let passed = |key: &str, millis: u64| (0..5).filter(|_| pace.admits(key.to_owned(), at(millis))).count();
        assert_eq!(passed("a", 0), 3);
        assert_eq!(passed("b", 0), 3);
        assert_eq!(passed("a", 400), 0);
        assert_eq!(passed("a", 500), 1);
        assert_eq!(passed("a", 60_000), 3);
        // However many there are, few are remembered; all of them empty, and the next has to wait.
        let crowd = Pace::new(1, 1.0);
        assert!((0..MOST).all(|n| crowd.admits(n, at(0))));
        assert!(!crowd.admits(MOST, at(0)));
        assert!(crowd.admits(MOST, at(2000)) && crowd.left.lock().unwrap().len() == 1);
    }
}
