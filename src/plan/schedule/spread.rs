//! Spread preferences: a tree of branches that swarm evens out level by level, before it looks at nodes.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::fill::Filler;
use super::state::State;

/// A branch of the tree: nodes with the same value of a label.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// None at a leaf.
    branches: Vec<Tree>,
    members: Vec<usize>,
}

impl Tree {
    /// `paths` are the branches of each node, level by level.
    pub fn grow<'a>(paths: impl Iterator<Item = (usize, &'a [u32])>) -> Self {
        let mut children: BTreeMap<u32, Vec<(usize, &[u32])>> = BTreeMap::new();
        let mut members = Vec::new();
        for (node, path) in paths {
            members.push(node);
            if let Some((first, rest)) = path.split_first() {
                children.entry(*first).or_default().push((node, rest));
            }
        }
        let branches = children.into_values().map(|nodes| Self::grow(nodes.into_iter())).collect();
        Self { branches, members }
    }

    fn tasks(&self, state: &State) -> i64 {
        let active = |at: &usize| state.spots.get(*at).map_or(0, |spot| i64::from(spot.active()));
        self.members.iter().map(active).sum()
    }
}

/// Where the evening out of one level stands.
#[derive(Clone)]
struct Round {
    state: State,
    placed: u32,
    /// Branches that took less than they were asked to.
    full: Vec<bool>,
}

impl Filler<'_> {
    /// Up to `count` tasks below `tree`, of which `left` are still without a node: every outcome, and how many were placed.
    pub fn spread(&self, state: &State, tree: &Tree, count: u32, left: u32) -> Vec<(State, u32)> {
        if tree.branches.is_empty() {
            return self.fill(state, &tree.members, count.min(left));
        }
        // Swarm counts the tasks of a branch once, before it begins.
        let before: Vec<i64> = tree.branches.iter().map(|branch| branch.tasks(state)).collect();
        let mut open = vec![Round { state: state.clone(), placed: 0, full: vec![false; before.len()] }];
        let mut outcomes = Vec::new();
        let mut seen = FxHashSet::default();
        while let Some(round) = open.pop() {
            let usable = round.full.iter().filter(|full| !**full).count() as i64;
            if round.placed == count || usable == 0 {
                if seen.insert(round.state.clone()) {
                    outcomes.push((round.state, round.placed));
                }
                continue;
            }
            let there: i64 = before.iter().zip(&round.full).filter(|(_, full)| !**full).map(|(tasks, _)| tasks).sum();
            let all = there + i64::from(count - round.placed);
            let (share, remainder) = (all / usable, all % usable);
            let mut next = Vec::new();
            for order in self.branch_orders(before.len()) {
                next.extend(self.even_out(&round, tree, &before, &order, (share, remainder), left));
            }
            self.narrow(&mut next);
            if next.is_empty() {
                // No branch is below its share, and tasks are left.
                self.hangs.set(true);
                outcomes.push((round.state, round.placed));
            }
            open.extend(next);
            if open.len() > self.width * 4 {
                self.sampled.set(true);
                open.truncate(self.width * 4);
            }
        }
        outcomes
    }

    /// One pass over the branches; nothing where no branch is below its share.
    fn even_out(
        &self,
        round: &Round,
        tree: &Tree,
        before: &[i64],
        order: &[usize],
        (share, remainder): (i64, i64),
        left: u32,
    ) -> Vec<Round> {
        let mut going = vec![(round.clone(), remainder, false)];
        for at in order {
            let (Some(branch), Some(tasks)) = (tree.branches.get(*at), before.get(*at)) else { continue };
            let mut next = Vec::new();
            for (round, remainder, moved) in going {
                let is_full = round.full.get(*at).copied().unwrap_or(true);
                if is_full || *tasks > share || (*tasks == share && remainder == 0) {
                    next.push((round, remainder, moved));
                    continue;
                }
                let wanted = u32::try_from(share - tasks).unwrap_or(0) + u32::from(remainder > 0);
                for (state, placed) in self.spread(&round.state, branch, wanted, left.saturating_sub(round.placed)) {
                    let mut after = Round { state, placed: round.placed + placed, full: round.full.clone() };
                    let mut remainder = remainder;
                    if placed < wanted {
                        if let Some(full) = after.full.get_mut(*at) {
                            *full = true;
                        }
                    } else if remainder > 0 {
                        remainder -= 1;
                    }
                    next.push((after, remainder, true));
                }
            }
            if next.len() > self.width * 4 {
                self.sampled.set(true);
                next.truncate(self.width * 4);
            }
            going = next;
        }
        going.into_iter().filter(|(_, _, moved)| *moved).map(|(round, _, _)| round).collect()
    }

    fn narrow(&self, rounds: &mut Vec<Round>) {
        let mut seen = FxHashSet::default();
        rounds.retain(|round| seen.insert((round.state.clone(), round.placed, round.full.clone())));
        if rounds.len() > self.width {
            self.sampled.set(true);
            rounds.truncate(self.width);
        }
    }

    /// Swarm walks over branches in any order.
    fn branch_orders(&self, branches: usize) -> Vec<Vec<usize>> {
        let mut found: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..branches {
            let longer = found.iter().flat_map(|order| {
                let left = (0..branches).filter(|at| !order.contains(at));
                left.map(|at| [order.as_slice(), &[at]].concat()).collect::<Vec<_>>()
            });
            found = longer.collect();
            if found.len() > self.width {
                self.sampled.set(true);
                let mut dice = self.dice.borrow_mut();
                return (0..self.width)
                    .map(|_| {
                        let mut order: Vec<usize> = (0..branches).collect();
                        (0..branches).for_each(|at| order.swap(at, at + dice.roll(branches - at)));
                        order
                    })
                    .collect();
            }
        }
        found
    }
}
