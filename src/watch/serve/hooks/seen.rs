//! Deliveries that came before.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// The oldest are forgotten; a delivery that comes again after that costs one fetch.
const MOST: usize = 8192;

#[derive(Debug, Default)]
pub struct Seen(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Seen {
    /// Whether none of these marks came before. They have now.
    pub fn is_new(&self, marks: Vec<String>) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !marks.iter().any(|mark| kept.known.contains(mark));
        for mark in marks {
            if kept.known.insert(mark.clone()) {
                kept.order.push_back(mark);
            }
        }
        while kept.order.len() > MOST {
            if let Some(oldest) = kept.order.pop_front() {
                kept.known.remove(&oldest);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_new_once() {
        let seen = Seen::default();
        let marks = |all: &[&str]| all.iter().map(|mark| (*mark).to_owned()).collect::<Vec<_>>();
        assert!(seen.is_new(marks(&["id 1", "mac 1"])));
        assert!(!seen.is_new(marks(&["id 1", "mac 1"])));
        // The id is not signed: whoever sends the same under another one is known by what is.
        assert!(!seen.is_new(marks(&["id 2", "mac 1"])));
        assert!(seen.is_new(marks(&["id 3", "mac 3"])));
        assert!((0..MOST).all(|n| seen.is_new(vec![n.to_string()])));
        assert!(seen.is_new(marks(&["id 1"])));
        assert!(seen.0.lock().unwrap().known.len() == MOST);
    }
}
