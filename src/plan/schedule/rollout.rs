//! What can happen next while swarm brings a service to what is wanted.
//!
//! Stop-first: an old task leaves the count at once, holds its room until it has ended, and its successor is placed as soon as
//! it fits. Start-first: the successor is placed beside the old task, which goes when the new one runs. `parallelism` slots are
//! on their way at a time; which ones, and who is quicker, nobody knows.

use rustc_hash::FxHashSet;

use super::fill::Filler;
use super::filter::refuses;
use super::service::Service;
use super::spread::Tree;
use super::state::{Shared, State};

/// A service on its way.
pub(super) struct Rollout<'a> {
    pub filler: Filler<'a>,
    pub tree: Tree,
    /// Slots on their way at a time.
    pub parallelism: u32,
    /// Other services that wait for room.
    pub guests: Vec<&'a Service>,
}

impl Rollout<'_> {
    /// Every state that can follow. None: it is done, or can never go on.
    pub fn next(&self, state: &State) -> Vec<State> {
        let mut next = Vec::new();
        if !state.begun {
            return self.begin(state);
        }
        self.take_more(state, &mut next);
        self.finish(state, &mut next);
        self.end(state, &mut next);
        next
    }

    /// New slots and the first of the rollout are placed together, or one after the other.
    fn begin(&self, state: &State) -> Vec<State> {
        let begun = State { begun: true, ..state.clone() };
        let first = state.todo.min(self.parallelism);
        let mut next = Vec::new();
        if state.extra > 0 && first > 0 {
            next.extend(self.place(begun.clone()));
        }
        let taken = if first > 0 { self.take(&begun, first) } else { vec![begun] };
        next.extend(taken.into_iter().flat_map(|state| self.place(state)));
        next
    }

    pub fn start_first(&self) -> bool {
        self.filler.service.start_first
    }

    /// The next slots: one, or as many as may.
    pub fn take_more(&self, state: &State, next: &mut Vec<State>) {
        let busy = if self.start_first() {
            state.flight + state.flying
        } else {
            state.flight.max(state.spots.iter().map(|spot| spot.leaving).sum())
        };
        let most = self.parallelism.saturating_sub(busy).min(state.todo);
        for count in [1, most].into_iter().take(most.min(2) as usize) {
            next.extend(self.take(state, count).into_iter().flat_map(|state| self.place(state)));
        }
    }

    /// `count` slots begin.
    fn take(&self, state: &State, count: u32) -> Vec<State> {
        let mut state = state.clone();
        state.todo -= count;
        state.flight += count;
        if self.start_first() {
            return vec![state];
        }
        let mut taken = vec![state];
        for _ in 0..count {
            let mut seen = FxHashSet::default();
            taken = taken
                .iter()
                .flat_map(|state| self.dismiss(state))
                .filter(|state| seen.insert(state.clone()))
                .collect::<Vec<_>>();
            self.thin(&mut taken);
        }
        taken
    }

    /// One old task, any, is told to end.
    fn dismiss(&self, state: &State) -> Vec<State> {
        let lingers = self.filler.service.lingers();
        let mut seen: Vec<(usize, &Shared)> = Vec::new();
        let mut found = Vec::new();
        for (at, spot) in state.spots.iter().enumerate().filter(|(_, spot)| spot.old > 0) {
            let class = self.filler.classes.partition_point(|class| class.end <= at);
            if seen.contains(&(class, spot)) {
                continue;
            }
            seen.push((class, spot));
            let mut after = state.clone();
            if let Some(spot) = after.spots.get_mut(at) {
                spot.change(|spot| {
                    spot.old -= 1;
                    spot.leaving += u32::from(lingers);
                    spot.room.dismiss();
                });
            }
            self.filler.canonical(&mut after);
            found.push(after);
        }
        if state.homeless > 0 {
            found.push(State { homeless: state.homeless - 1, ..state.clone() });
        }
        found
    }

    /// Start-first: a new task runs, so an old one is told to end.
    pub fn finish(&self, state: &State, next: &mut Vec<State>) {
        if state.flying == 0 {
            return;
        }
        let flown = State { flying: state.flying - 1, ..state.clone() };
        next.extend(self.dismiss(&flown));
    }

    /// The old tasks of one node have ended; whoever waits may now fit, and who is first nobody knows.
    fn end(&self, state: &State, next: &mut Vec<State>) {
        for (at, mut after) in self.freed(state) {
            for guest in 0..self.guests.len() {
                if let Some(mut taken) = self.let_in(&after, at, guest) {
                    self.filler.canonical(&mut taken);
                    next.extend(self.place(taken));
                }
            }
            self.filler.canonical(&mut after);
            next.extend(self.place(after));
        }
    }

    /// The old tasks of one node have ended: each node that has some, and what follows before anybody is placed.
    pub fn freed(&self, state: &State) -> impl Iterator<Item = (usize, State)> {
        let leaving = state.spots.iter().enumerate().filter(|(_, spot)| spot.leaving > 0);
        leaving.map(|(at, _)| {
            let mut after = state.clone();
            if let Some(spot) = after.spots.get_mut(at) {
                spot.change(|spot| {
                    (0..spot.leaving).for_each(|_| spot.room.free(&self.filler.service.held));
                    spot.leaving = 0;
                });
            }
            (at, after)
        })
    }

    /// Another service takes what became free on a node.
    fn let_in(&self, state: &State, at: usize, guest: usize) -> Option<State> {
        let service = self.guests.get(guest)?;
        let mut after = state.clone();
        let (spot, lurking) = (after.spots.get_mut(at)?, after.lurking.get_mut(guest)?);
        let (site, before) = (service.sites.get(at)?, *lurking);
        spot.change(|spot| {
            while *lurking > 0 {
                let Some([kept, old, _, new]) = spot.guests.get_mut(guest) else { break };
                if refuses(site, &spot.room, &service.demand, *kept + *old + *new, service.most).is_some() {
                    break;
                }
                *new += 1;
                *lurking -= 1;
                spot.room.take(&service.demand);
            }
        });
        (*lurking < before).then_some(after)
    }

    /// The scheduler tries to place everything that waits.
    pub fn place(&self, state: State) -> Vec<State> {
        let waiting = state.unplaced();
        if waiting == 0 {
            return vec![state];
        }
        let outcomes = self.filler.spread(&state, &self.tree, waiting, waiting);
        let settled = outcomes.into_iter().map(|(mut state, placed)| {
            let of_rollout = placed.min(state.flight);
            state.flight -= of_rollout;
            state.extra -= placed - of_rollout;
            if self.start_first() {
                state.flying += of_rollout;
            }
            state
        });
        settled.collect()
    }

    fn thin(&self, states: &mut Vec<State>) {
        let width = self.filler.width * 4;
        if states.len() > width {
            self.filler.sampled.set(true);
            let mut dice = self.filler.dice.borrow_mut();
            while states.len() > width {
                let at = dice.roll(states.len());
                states.swap_remove(at);
            }
        }
    }
}
