//! Following every way that a rollout can go; where they are too many, some.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::quick::quick;
use super::rollout::Rollout;
use super::state::State;

/// What was seen on all ways.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// States that were made.
    pub made: usize,
    /// Nothing can run out, and how the tasks are spread is anybody's guess.
    pub loose: bool,
    /// Where it ends: done, or stuck.
    pub ends: Vec<State>,
    /// Most tasks that swarm counts at one moment.
    pub peak: u32,
    /// At those moments: tasks of each node, fewest and most.
    pub at_peak: Vec<(u32, u32)>,
}

impl Seen {
    pub fn look(&mut self, state: &State) {
        let active = state.active();
        let counts = state.spots.iter().map(|spot| spot.active());
        if active > self.peak || self.at_peak.is_empty() {
            self.peak = active;
            self.at_peak = counts.map(|count| (count, count)).collect();
        } else if active == self.peak {
            for (range, count) in self.at_peak.iter_mut().zip(counts) {
                *range = (range.0.min(count), range.1.max(count));
            }
        }
    }
}

/// Where the service can end up from one of `starts`. Makes no more than about `limit` states before it takes samples.
pub(super) fn explore(rollout: &Rollout, starts: &[State], limit: usize) -> Seen {
    let mut seen = Seen::default();
    let mut open: Vec<Rc<State>> = starts.iter().cloned().map(Rc::new).collect();
    let mut known: FxHashSet<Rc<State>> = open.iter().cloned().collect();
    let mut ends: FxHashSet<Rc<State>> = FxHashSet::default();
    while let Some(state) = open.pop() {
        seen.look(&state);
        let next = rollout.next(&state);
        seen.made += next.len() + 1;
        if next.is_empty() {
            ends.insert(state);
            continue;
        }
        for after in next.into_iter().map(Rc::new) {
            if known.insert(after.clone()) {
                open.push(after);
            }
        }
        if seen.made > limit {
            rollout.filler.sampled.set(true);
            for start in starts.iter().cycle().take(SAMPLES) {
                ends.insert(Rc::new(quick(rollout, start.clone(), &mut seen)));
            }
            break;
        }
    }
    drop(known);
    seen.ends = ends.into_iter().map(Rc::unwrap_or_clone).collect();
    // A set has no order of its own, and the same inputs give the same plan.
    seen.ends.sort_by(|a, b| (&a.spots, a.todo, a.flight, a.extra).cmp(&(&b.spots, b.todo, b.flight, b.extra)));
    seen
}

const SAMPLES: usize = 32;
