//! The last events, for those who listen: a ring in memory, each event with a number.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::telling::{Telling, line};
use crate::app::event::Event;
use crate::diagnostic::{Diagnostics, Scrub, Sources};

const MOST: usize = 2000;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// One event that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub number: u64,
    pub kind: Arc<str>,
    /// JSON, on one line.
    pub text: Arc<str>,
}

/// The last events.
#[derive(Debug)]
pub struct Journal {
    /// Numbers of another process mean nothing in this one.
    pub epoch: i64,
    kept: Mutex<Kept>,
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Entry>,
    bytes: usize,
    newest: u64,
}

impl Journal {
    pub fn new(epoch: i64) -> Self {
        Self { epoch, kept: Mutex::default(), newest: watch::Sender::new(0) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, line: &Value) {
        let kind = line.get("type").and_then(Value::as_str).unwrap_or("event");
        let text: Arc<str> = line.to_string().into();
        let mut kept = self.kept();
        kept.newest += 1;
        kept.bytes += text.len();
        let number = kept.newest;
        kept.entries.push_back(Entry { number, kind: kind.into(), text });
        while kept.entries.len() > MOST || (kept.bytes > MOST_BYTES && kept.entries.len() > 1) {
            let first = kept.entries.pop_front();
            kept.bytes -= first.map_or(0, |entry| entry.text.len());
        }
        drop(kept);
        self.newest.send_replace(number);
    }

    /// Those that came after `number`, the oldest first, and how many of them are gone already.
    pub fn after(&self, number: u64, most: usize) -> (Vec<Entry>, u64) {
        let kept = self.kept();
        let first = kept.entries.front().map_or(kept.newest + 1, |entry| entry.number);
        let lost = first.saturating_sub(number + 1);
        let skip = usize::try_from((number + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        (kept.entries.iter().skip(skip).take(most).cloned().collect(), lost)
    }

    /// The last that fit, the oldest first.
    pub fn latest(&self, most: usize, fits: impl Fn(&Value) -> bool) -> Vec<Entry> {
        let entries: Vec<Entry> = self.kept().entries.iter().cloned().collect();
        let fits = |entry: &&Entry| serde_json::from_str(&entry.text).is_ok_and(|line| fits(&line));
        let mut latest: Vec<Entry> = entries.iter().rev().filter(fits).take(most).cloned().collect();
        latest.reverse();
        latest
    }

    pub fn newest(&self) -> u64 {
        self.kept().newest
    }

    /// Changes with every event.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }
}

/// Passes on what is told, and keeps it.
pub struct Recording {
    pub to: Arc<dyn Telling>,
    pub journal: Arc<Journal>,
}

impl Telling for Recording {
    fn event(&self, stack: Option<&str>, at: Timestamp, event: &Event, scrub: Scrub) {
        self.journal.push(&line(stack, at, event, scrub));
        self.to.event(stack, at, event, scrub);
    }

    fn problems(&self, stack: Option<&str>, diagnostics: &Diagnostics, sources: &Sources, scrub: Scrub) {
        for diagnostic in diagnostics {
            self.journal.push(&line(stack, Timestamp::now(), &Event::problem(diagnostic, sources, scrub), scrub));
        }
        self.to.problems(stack, diagnostics, sources, scrub);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn numbers(journal: &Journal, after: u64) -> (Vec<u64>, u64) {
        let (entries, lost) = journal.after(after, 3);
        (entries.iter().map(|entry| entry.number).collect(), lost)
    }

    #[test]
    fn who_comes_late_is_told_what_he_missed() {
        let journal = Journal::new(7);
        assert_eq!(numbers(&journal, 0), (vec![], 0));
        for _ in 0..5 {
            journal.push(&json!({"type": "sync"}));
        }
        assert_eq!(numbers(&journal, 0), (vec![1, 2, 3], 0));
        assert_eq!(numbers(&journal, 4), (vec![5], 0));
        assert_eq!(numbers(&journal, 5), (vec![], 0));
        // A number that was never given.
        assert_eq!(numbers(&journal, 99), (vec![], 0));
        for _ in 0..MOST {
            journal.push(&json!({"type": "sync"}));
        }
        assert_eq!(numbers(&journal, 2), (vec![6, 7, 8], 3));
        assert_eq!(*journal.follow().borrow(), 2005);
        // However long they are, they are bounded.
        for _ in 0..40 {
            journal.push(&json!({"type": "log", "text": "x".repeat(MOST_BYTES / 10)}));
        }
        assert!(journal.kept().bytes <= MOST_BYTES && journal.kept().entries.len() < 12);
    }
}
