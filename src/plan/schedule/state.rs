//! One moment of a service's way to what is wanted.

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

/// All nodes, and what is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub spots: Vec<Spot>,
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
            spots: rooms.iter().cloned().map(Spot::empty).collect(),
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
        self.spots.iter().map(Spot::active).sum()
    }
}
