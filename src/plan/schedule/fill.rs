//! How swarm spreads a group of tasks over nodes.
//!
//! Nodes are sorted by tasks of the service, then by tasks of all services; equals come in any order. Swarm then walks along
//! them: it stays on a node until the next one has less, and from the last one goes round. That is no true spread: where a
//! service starts uneven, one node may get more than its share (3,0,0 with five more becomes 3,4,1).

use std::cell::{Cell, RefCell};
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::service::Service;
use super::state::{Shared, Spot, State};

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
        let passing = self.ranked(state, members.iter().copied());
        if passing.is_empty() || count == 0 {
            return vec![(state.clone(), 0)];
        }
        let length = passing.len().min(count as usize);
        let mut outcomes = Vec::new();
        let mut seen = FxHashSet::default();
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
                share(spots);
            }
        }
    }

    /// The nodes that take a task, in swarm's order.
    fn ranked(&self, state: &State, members: impl Iterator<Item = usize>) -> Vec<Ranked> {
        let spots = members.filter_map(|at| Some((at, state.spots.get(at)?)));
        let passing = spots.filter(|(at, spot)| self.service.refuses(*at, spot).is_none());
        let mut passing: Vec<Ranked> = passing.map(|(at, spot)| (rank(spot), at)).collect();
        passing.sort_unstable();
        passing
    }

    /// One outcome of filling all nodes, in place.
    pub fn put(&self, state: &mut State, count: u32) -> u32 {
        if count == 1 {
            let Some(at) = self.any_of_the_best(state) else { return 0 };
            return self.walk(state, &[at], count);
        }
        let passing = self.ranked(state, 0..state.spots.len());
        if passing.is_empty() {
            return 0;
        }
        let length = passing.len().min(count as usize);
        let order = self.any_order(&passing, length);
        self.walk(state, &order, count)
    }

    /// What the first of any order of all nodes is, without an order.
    fn any_of_the_best(&self, state: &State) -> Option<usize> {
        let mut best: Vec<usize> = Vec::with_capacity(state.spots.len());
        let mut least = (u32::MAX, u32::MAX);
        for (at, spot) in state.spots.iter().enumerate() {
            let here = rank(spot);
            if here > least || self.service.refuses(at, spot).is_some() {
                continue;
            }
            if here < least {
                least = here;
                best.clear();
            }
            best.push(at);
        }
        if best.is_empty() {
            return None;
        }
        let number = self.dice.borrow_mut().roll(best.len());
        best.get(number).copied()
    }

    fn walk(&self, state: &mut State, order: &[usize], count: u32) -> u32 {
        let mut full = vec![false; order.len()];
        let (mut turn, mut placed) = (0, 0);
        let node = |turn: usize| order.get(turn % order.len()).copied().unwrap_or_default();
        loop {
            if let Some(spot) = state.spots.get_mut(node(turn)) {
                spot.change(|spot| {
                    spot.new += 1;
                    spot.room.take(&self.service.demand);
                });
            }
            placed += 1;
            if placed == count {
                return placed;
            }
            let last = turn + 1 >= order.len();
            let rank = |turn: usize| state.spots.get(node(turn)).map(|spot| rank(spot));
            if last || rank(turn + 1) < rank(turn) {
                turn += 1;
            }
            let start = turn;
            loop {
                let index = turn % order.len();
                let passes = |spot: &Shared| self.service.refuses(node(turn), spot).is_none();
                let is_full =
                    full.get(index).copied().unwrap_or(true) || !state.spots.get(node(turn)).is_some_and(passes);
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
    fn orders(&self, state: &State, sorted: &[Ranked], length: usize) -> Vec<Vec<usize>> {
        // Those behind the last equal of the last one that counts are never reached.
        let last = sorted.get(length - 1).map(|(rank, _)| *rank);
        let reached = sorted.partition_point(|(rank, _)| Some(*rank) <= last);
        let near = sorted.get(..reached).unwrap_or(sorted);
        let looks = self.looks(state, near);
        if looks.iter().all(|look| *look == 0) {
            return vec![sorted.iter().map(|(_, at)| *at).take(length).collect()];
        }
        // An order as places in `sorted`.
        let mut found: Vec<Vec<usize>> = vec![Vec::new()];
        let mut used: Vec<usize> = Vec::new();
        let mut taken = vec![false; reached];
        for turn in 0..length {
            let best = near.get(turn).map(|(rank, _)| *rank);
            let begin = near.partition_point(|(rank, _)| Some(*rank) < best);
            let end = near.partition_point(|(rank, _)| Some(*rank) <= best);
            let mut longer = Vec::new();
            for order in &found {
                mark(&mut taken, order, true);
                used.clear();
                for place in begin..end {
                    let (Some(false), Some(look)) = (taken.get(place), looks.get(place)) else { continue };
                    if !used.contains(look) {
                        used.push(*look);
                        longer.push([order.as_slice(), &[place]].concat());
                    }
                }
                mark(&mut taken, order, false);
            }
            found = longer;
            if found.len() > self.width {
                self.sampled.set(true);
                return (0..self.width).map(|_| self.any_order(sorted, length)).collect();
            }
        }
        let node = |place: usize| sorted.get(place).map(|(_, at)| *at).unwrap_or_default();
        found.into_iter().map(|order| order.into_iter().map(node).collect()).collect()
    }

    fn any_order(&self, sorted: &[Ranked], length: usize) -> Vec<usize> {
        let mut dice = self.dice.borrow_mut();
        let mut order = sorted.to_vec();
        for start in 0..length {
            let Some((best, _)) = order.get(start).copied() else { break };
            let ties = order.iter().skip(start).take_while(|(rank, _)| *rank == best).count();
            order.swap(start, start + dice.roll(ties));
        }
        order.into_iter().map(|(_, at)| at).take(length).collect()
    }

    /// A number for each node: the same where class and contents are.
    fn looks(&self, state: &State, nodes: &[Ranked]) -> Vec<usize> {
        let mut known: Vec<(usize, &Shared)> = Vec::new();
        let mut looks = Vec::with_capacity(nodes.len());
        for (_, at) in nodes {
            let class = self.classes.partition_point(|class| class.end <= *at);
            let Some(spot) = state.spots.get(*at) else { continue };
            let look = known.iter().position(|before| *before == (class, spot));
            looks.push(look.unwrap_or(known.len()));
            if look.is_none() {
                known.push((class, spot));
            }
        }
        looks
    }
}

/// What swarm sorts nodes by, and the node.
type Ranked = ((u32, u32), usize);

fn rank(spot: &Spot) -> (u32, u32) {
    (spot.active(), spot.room.tasks)
}

fn mark(taken: &mut [bool], places: &[usize], is: bool) {
    for place in places {
        if let Some(taken) = taken.get_mut(*place) {
            *taken = is;
        }
    }
}

/// Neighbours that are equal become one, which is compared at a glance.
fn share(spots: &mut [Shared]) {
    for at in 1..spots.len() {
        if let Some([before, here]) = spots.get_mut(at - 1..=at)
            && !before.is_same(here)
            && before == here
        {
            *here = before.clone();
        }
    }
}
