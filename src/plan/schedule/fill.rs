//! How swarm spreads a group of tasks over nodes.
//!
//! Nodes are sorted by tasks of the service, then by tasks of all services; equals come in any order. Swarm then walks along
//! them: it stays on a node until the next one has less, and from the last one goes round. That is no true spread: where a
//! service starts uneven, one node may get more than its share (3,0,0 with five more becomes 3,4,1).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::service::Service;
use super::state::{Spot, State};

/// Puts tasks of one service on nodes, in all ways that swarm may.
pub(super) struct Filler<'a> {
    pub service: &'a Service,
    /// Runs of nodes that nothing tells apart but what is on them.
    pub classes: &'a [Range<usize>],
    /// Ways followed at each choice.
    pub width: usize,
    /// Some ways were left out.
    pub sampled: Cell<bool>,
    /// Swarm's leader would go round for ever in its preferences, on engines before 28.3.
    pub hangs: Cell<bool>,
    pub dice: RefCell<Dice>,
}

/// The same numbers every time: a plan is made of its inputs alone.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// Below `sides`; 0 for none.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides.max(1)
    }
}

impl Filler<'_> {
    /// Up to `count` tasks on the nodes `members`: every outcome, and how many were placed.
    pub fn fill(&self, state: &State, members: &[usize], count: u32) -> Vec<(State, u32)> {
        let mut passing: Vec<usize> = members.iter().copied().filter(|at| self.passes(state, *at)).collect();
        if passing.is_empty() || count == 0 {
            return vec![(state.clone(), 0)];
        }
        passing.sort_by_key(|at| rank(state, *at));
        let length = passing.len().min(count as usize);
        let mut outcomes = Vec::new();
        let mut seen = HashSet::new();
        for order in self.orders(state, &passing, length) {
            let mut filled = state.clone();
            let placed = self.walk(&mut filled, &order, count);
            self.canonical(&mut filled);
            if seen.insert(filled.clone()) {
                outcomes.push((filled, placed));
            }
        }
        outcomes
    }

    /// Nodes that nothing tells apart may stand in any order: one order stands for all.
    pub fn canonical(&self, state: &mut State) {
        for class in self.classes {
            if let Some(spots) = state.spots.get_mut(class.clone()) {
                spots.sort_unstable();
            }
        }
    }

    fn passes(&self, state: &State, at: usize) -> bool {
        state.spots.get(at).is_some_and(|spot| self.service.refuses(at, spot).is_none())
    }

    /// One outcome of filling all nodes, in place.
    pub fn put(&self, state: &mut State, count: u32) -> u32 {
        let mut passing: Vec<usize> = (0..state.spots.len()).filter(|at| self.passes(state, *at)).collect();
        if passing.is_empty() {
            return 0;
        }
        passing.sort_by_key(|at| rank(state, *at));
        let length = passing.len().min(count as usize);
        let order = self.any_order(state, passing, length);
        self.walk(state, &order, count)
    }

    fn walk(&self, state: &mut State, order: &[usize], count: u32) -> u32 {
        let mut full = vec![false; order.len()];
        let (mut turn, mut placed) = (0, 0);
        let node = |turn: usize| order.get(turn % order.len()).copied().unwrap_or_default();
        loop {
            if let Some(spot) = state.spots.get_mut(node(turn)) {
                spot.new += 1;
                spot.room.take(&self.service.demand);
            }
            placed += 1;
            if placed == count {
                return placed;
            }
            let last = turn + 1 >= order.len();
            if last || rank(state, node(turn + 1)) < rank(state, node(turn)) {
                turn += 1;
            }
            let start = turn;
            loop {
                let index = turn % order.len();
                let is_full = full.get(index).copied().unwrap_or(true) || !self.passes(state, node(turn));
                if !is_full {
                    break;
                }
                if let Some(flag) = full.get_mut(index) {
                    *flag = true;
                }
                turn += 1;
                if turn - start == order.len() {
                    return placed;
                }
            }
        }
    }

    /// The first `length` nodes in every order that sorting allows; nodes that look the same stand in for each other.
    fn orders(&self, state: &State, sorted: &[usize], length: usize) -> Vec<Vec<usize>> {
        let looks = self.looks(state, sorted);
        let distinct = looks.values().collect::<HashSet<_>>().len();
        if distinct == 1 {
            return vec![sorted.iter().copied().take(length).collect()];
        }
        let mut found: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..length {
            let mut longer = Vec::new();
            for order in &found {
                let left: Vec<usize> = sorted.iter().copied().filter(|at| !order.contains(at)).collect();
                let Some(best) = left.first().map(|at| rank(state, *at)) else { continue };
                let mut used = HashSet::new();
                for at in left.into_iter().take_while(|at| rank(state, *at) == best) {
                    if used.insert(looks.get(&at)) {
                        longer.push([order.as_slice(), &[at]].concat());
                    }
                }
            }
            found = longer;
            if found.len() > self.width {
                self.sampled.set(true);
                return (0..self.width).map(|_| self.any_order(state, sorted.to_vec(), length)).collect();
            }
        }
        found
    }

    fn any_order(&self, state: &State, mut order: Vec<usize>, length: usize) -> Vec<usize> {
        let mut dice = self.dice.borrow_mut();
        let mut start = 0;
        while start < length {
            let Some(best) = order.get(start).map(|at| rank(state, *at)) else { break };
            let ties = order.iter().skip(start).take_while(|at| rank(state, **at) == best).count();
            order.swap(start, start + dice.roll(ties));
            start += 1;
        }
        order.truncate(length);
        order
    }

    /// A number for each node: the same where class and contents are.
    fn looks(&self, state: &State, nodes: &[usize]) -> BTreeMap<usize, usize> {
        let mut known: BTreeMap<(usize, &Spot), usize> = BTreeMap::new();
        let mut looks = BTreeMap::new();
        for at in nodes {
            let Some(spot) = state.spots.get(*at) else { continue };
            let class = self.classes.partition_point(|class| class.end <= *at);
            let next = known.len();
            looks.insert(*at, *known.entry((class, spot)).or_insert(next));
        }
        looks
    }
}

/// What swarm sorts nodes by.
fn rank(state: &State, at: usize) -> (u32, u32) {
    state.spots.get(at).map_or((u32::MAX, u32::MAX), |spot| (spot.active(), spot.room.tasks))
}
