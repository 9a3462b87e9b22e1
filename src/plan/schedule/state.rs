//! One moment of a service's way to what is wanted.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

use rustc_hash::FxHasher;

use super::room::Room;

/// One node and the tasks of the service on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub room: Room,
    /// Tasks that stay.
    pub kept: u32,
    /// Tasks that are still to be replaced.
    pub old: u32,
    /// Old tasks that were told to end and still hold their room.
    pub leaving: u32,
    /// Tasks as they are wanted.
    pub new: u32,
    /// Of services that wait for room, and of jobs: kept, old, leaving, new.
    pub guests: Vec<[u32; 4]>,
}

impl Spot {
    pub fn empty(room: Room) -> Self {
        Self { room, kept: 0, old: 0, leaving: 0, new: 0, guests: Vec::new() }
    }

    /// Tasks that swarm counts.
    pub fn active(&self) -> u32 {
        self.kept + self.old + self.new
    }
}

/// A spot that many states have in common: one step of a rollout changes one node or two, of fifty.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    spot: Rc<Spot>,
    /// Of `spot`, so that a state is hashed without a look at what is on its nodes.
    digest: u64,
}

impl Shared {
    pub fn new(spot: Spot) -> Self {
        let digest = digest(&spot);
        Self { spot: Rc::new(spot), digest }
    }

    /// In this state alone.
    pub fn change(&mut self, change: impl FnOnce(&mut Spot)) {
        let spot = Rc::make_mut(&mut self.spot);
        change(spot);
        self.digest = digest(spot);
    }

    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.spot, &other.spot)
    }
}

fn digest(spot: &Spot) -> u64 {
    let mut hasher = FxHasher::default();
    spot.hash(&mut hasher);
    hasher.finish()
}

impl Deref for Shared {
    type Target = Spot;

    fn deref(&self) -> &Spot {
        &self.spot
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || (self.digest == other.digest && self.spot == other.spot)
    }
}

impl Eq for Shared {}

impl PartialOrd for Shared {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shared {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.is_same(other) { Ordering::Equal } else { self.spot.cmp(&other.spot) }
    }
}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest);
    }
}

/// All nodes, and what is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub spots: Vec<Shared>,
    /// Slots whose turn to be replaced has not come.
    pub todo: u32,
    /// New tasks of the rollout that have no node.
    pub flight: u32,
    /// New tasks (start-first) whose old task has still to be told to end.
    pub flying: u32,
    /// Tasks of new slots that have no node.
    pub extra: u32,
    /// Old tasks that wait for a node.
    pub homeless: u32,
    /// The first slots have been taken.
    pub begun: bool,
    /// New tasks of the guests that have no node: they take what room becomes free.
    pub lurking: Vec<u32>,
}

impl State {
    pub fn new(rooms: &[Room]) -> Self {
        Self {
            spots: rooms.iter().cloned().map(Spot::empty).map(Shared::new).collect(),
            todo: 0,
            flight: 0,
            flying: 0,
            extra: 0,
            homeless: 0,
            begun: false,
            lurking: Vec::new(),
        }
    }

    /// New tasks that wait for a node.
    pub fn unplaced(&self) -> u32 {
        self.flight + self.extra
    }

    /// Everything is as it is wanted.
    pub fn is_done(&self) -> bool {
        self.todo == 0 && self.unplaced() == 0 && self.flying == 0
    }

    pub fn rooms(&self) -> Vec<Room> {
        self.spots.iter().map(|spot| spot.room.clone()).collect()
    }

    /// Tasks that swarm counts.
    pub fn active(&self) -> u32 {
        self.spots.iter().map(|spot| spot.active()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_the_same_whichever_way_it_came_about() {
        let rooms = vec![Room { cpu: 4, memory: 8, generic: Vec::new(), ports: Vec::new(), tasks: 0 }; 3];
        let start = State::new(&rooms);
        let put = |at: usize| {
            let mut state = start.clone();
            state.spots[at].change(|spot| (spot.new, spot.room.tasks) = (1, 1));
            state
        };
        let (first, second) = (put(0), put(0));
        assert!(!first.spots[0].is_same(&second.spots[0]) && first.spots[1].is_same(&second.spots[1]));
        let known: rustc_hash::FxHashSet<State> = [first.clone(), second, put(1), start.clone()].into_iter().collect();
        assert_eq!(known.len(), 3);
        assert!(first != start && start.spots.iter().all(|spot| spot.new == 0), "the one before is as it was");
        assert!(start.spots[0] < first.spots[0] && start.spots[0] == start.spots[1]);
    }
}
