//! The rollouts of a wave step by step beside each other: what one frees on its way, another may take before it goes on.
//!
//! Whole rollouts one after the other (see `wave`) are some of these ways, and the only ones where nobody rolls.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::explore::Seen;
use super::fill::Dice;
use super::global;
use super::rollout::Rollout;
use super::room::Room;
use super::service::Service;
use super::start::start;
use super::state::State;

/// Ways that are gone where not all can be.
const SAMPLES: usize = 64;
/// Steps of one of them.
const LONGEST: usize = 400;

/// How far a service is; its tasks are the guests of the nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Way {
    todo: u32,
    flight: u32,
    flying: u32,
    extra: u32,
    homeless: u32,
    begun: bool,
}

/// Where all of them are.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Moment {
    /// Rooms, with the tasks of each service as guests.
    nodes: State,
    ways: Vec<Way>,
}

/// The services of a wave that roll at the same time.
pub(super) struct Beside<'a> {
    pub rollouts: Vec<Rollout<'a>>,
}

/// What comes of it.
#[derive(Default)]
pub(super) struct Outcome {
    /// Each service at each end.
    pub ends: Vec<Vec<State>>,
    /// By service.
    pub seen: Vec<Seen>,
    /// Global services when they had their turn: which, how it was, nodes without their task.
    pub globals: FxHashSet<(usize, State, Vec<usize>)>,
    /// Not every way was gone.
    pub sampled: bool,
    /// Moments that were made.
    pub made: usize,
}

/// Whether two of them can get in each other's way while they roll. With room for all at every moment they cannot.
pub(super) fn compete(services: &[&Service], rooms: &[Room]) -> bool {
    let rolls = |service: &&Service| {
        let start = start(service, rooms);
        start.todo > 0 || start.spots.iter().any(|spot| spot.leaving > 0)
    };
    services.iter().any(rolls) && !roomy(services, rooms)
}

/// Every node has room for all new tasks of all of them, beside what is there.
fn roomy(services: &[&Service], rooms: &[Room]) -> bool {
    let scarce = |service: &&Service| !service.demand.generic.is_empty() || !service.demand.ports.is_empty();
    let most = |amount: fn(&Service) -> i64| -> i64 {
        let each = services.iter().map(|s| {
            let tasks = s.replicas().unwrap_or(1).min(1 << 20) as i64;
            amount(s).saturating_mul(tasks)
        });
        each.fold(0, i64::saturating_add)
    };
    let (cpu, memory) = (most(|s| s.demand.cpu), most(|s| s.demand.memory));
    !services.iter().any(scarce) && rooms.iter().all(|room| room.cpu >= cpu && room.memory >= memory)
}

impl Beside<'_> {
    /// All that can come of it from these rooms. Makes about `limit` moments before it takes samples.
    pub fn explore(&self, rooms: &[Room], limit: usize) -> Outcome {
        let mut outcome =
            Outcome { seen: self.rollouts.iter().map(|_| Seen::default()).collect(), ..Outcome::default() };
        let first = Rc::new(self.first(rooms));
        let mut open = vec![first.clone()];
        let mut known: FxHashSet<Rc<Moment>> = open.iter().cloned().collect();
        let mut ends: Vec<Rc<Moment>> = Vec::new();
        while let Some(moment) = open.pop() {
            let next = self.next(&moment, &mut outcome);
            outcome.made += next.len() + 1;
            if next.is_empty() {
                ends.push(moment);
                continue;
            }
            for after in next.into_iter().map(Rc::new) {
                if known.insert(after.clone()) {
                    open.push(after);
                }
            }
            if outcome.made > limit {
                outcome.sampled = true;
                self.sample(&first, &mut ends, &mut outcome);
                break;
            }
        }
        outcome.sampled |= self.rollouts.iter().any(|rollout| rollout.filler.sampled.get());
        let each = |end: Rc<Moment>| (0..self.rollouts.len()).map(|which| self.of(&end, which)).collect();
        outcome.ends = ends.into_iter().map(each).collect();
        outcome
    }

    /// Swarm's leader would go round for ever in the preferences of service `which`.
    pub fn hangs(&self, which: usize) -> bool {
        self.rollouts.get(which).is_some_and(|rollout| rollout.filler.hangs.get())
    }

    fn sample(&self, first: &Rc<Moment>, ends: &mut Vec<Rc<Moment>>, outcome: &mut Outcome) {
        let mut dice = Dice::new(SAMPLES as u64);
        for _ in 0..SAMPLES {
            let mut here = first.clone();
            for _ in 0..LONGEST {
                let mut next = self.next(&here, outcome);
                if next.is_empty() {
                    ends.push(here);
                    break;
                }
                here = Rc::new(next.swap_remove(dice.roll(next.len())));
            }
        }
    }

    fn first(&self, rooms: &[Room]) -> Moment {
        let mut nodes = State::new(rooms);
        for spot in &mut nodes.spots {
            spot.change(|spot| spot.guests = vec![[0; 4]; self.rollouts.len()]);
        }
        Moment { nodes, ways: vec![Way::default(); self.rollouts.len()] }
    }

    /// Everything that can happen next.
    fn next(&self, moment: &Moment, outcome: &mut Outcome) -> Vec<Moment> {
        let mut next = Vec::new();
        for (which, rollout) in self.rollouts.iter().enumerate() {
            let service = rollout.filler.service;
            let is_global = service.replicas().is_none() && !service.removed;
            let begun = moment.ways.get(which).is_some_and(|way| way.begun);
            let mut own = Vec::new();
            if !begun {
                let start = self.start(moment, which);
                if is_global {
                    let globals = global::run(service, start, service.parallelism);
                    outcome.globals.insert((which, globals.state.clone(), globals.blocked));
                    own.push(State { begun: true, ..globals.state });
                } else {
                    own = rollout.next(&start);
                }
                let after = own.drain(..).map(|state| self.with(moment, which, state));
                next.extend(after.flat_map(|moment| self.place(moment)));
                continue;
            }
            if is_global {
                continue;
            }
            let state = self.of(moment, which);
            if let Some(seen) = outcome.seen.get_mut(which) {
                seen.look(&state);
            }
            rollout.take_more(&state, &mut own);
            rollout.finish(&state, &mut own);
            next.extend(own.into_iter().map(|state| self.with(moment, which, state)));
            let freed = rollout.freed(&state).map(|(_, state)| self.with(moment, which, state));
            next.extend(freed.flat_map(|moment| self.place(moment)));
        }
        next
    }

    /// The scheduler tries to place everything that waits, service after service, in any order.
    fn place(&self, moment: Moment) -> Vec<Moment> {
        let waits = |way: &Way| way.begun && way.flight + way.extra > 0;
        let waiting: Vec<usize> =
            (0..).zip(&moment.ways).filter(|(_, way)| waits(way)).map(|(which, _)| which).collect();
        let mut done = Vec::new();
        let mut open = vec![(moment, waiting)];
        while let Some((moment, waiting)) = open.pop() {
            if waiting.is_empty() {
                done.push(moment);
                continue;
            }
            for (turn, which) in waiting.iter().enumerate() {
                let Some(rollout) = self.rollouts.get(*which) else { continue };
                let mut left = waiting.clone();
                left.remove(turn);
                let placed = rollout.place(self.of(&moment, *which));
                open.extend(placed.into_iter().map(|state| (self.with(&moment, *which, state), left.clone())));
            }
        }
        done
    }

    /// A service before its first step.
    fn start(&self, moment: &Moment, which: usize) -> State {
        let Some(rollout) = self.rollouts.get(which) else { return moment.nodes.clone() };
        let mut start = start(rollout.filler.service, &moment.nodes.rooms());
        for (spot, node) in start.spots.iter_mut().zip(&moment.nodes.spots) {
            spot.change(|spot| spot.guests.clone_from(&node.guests));
        }
        start
    }

    /// As service `which` sees it.
    fn of(&self, moment: &Moment, which: usize) -> State {
        let mut state = moment.nodes.clone();
        for spot in &mut state.spots {
            let own = spot.guests.get(which).copied().unwrap_or_default();
            if own != [0; 4] {
                spot.change(|spot| {
                    [spot.kept, spot.old, spot.leaving, spot.new] = own;
                    if let Some(guest) = spot.guests.get_mut(which) {
                        *guest = [0; 4];
                    }
                });
            }
        }
        let way = moment.ways.get(which).cloned().unwrap_or_default();
        let Way { todo, flight, flying, extra, homeless, begun } = way;
        State { todo, flight, flying, extra, homeless, begun, ..state }
    }

    /// After a step of service `which`.
    fn with(&self, moment: &Moment, which: usize, state: State) -> Moment {
        let State { mut spots, todo, flight, flying, extra, homeless, begun, .. } = state;
        for spot in &mut spots {
            let own = [spot.kept, spot.old, spot.leaving, spot.new];
            if own != [0; 4] {
                spot.change(|spot| {
                    (spot.kept, spot.old, spot.leaving, spot.new) = (0, 0, 0, 0);
                    if let Some(guest) = spot.guests.get_mut(which) {
                        *guest = own;
                    }
                });
            }
        }
        let mut ways = moment.ways.clone();
        if let Some(way) = ways.get_mut(which) {
            *way = Way { todo, flight, flying, extra, homeless, begun };
        }
        let mut nodes = State { spots, ..moment.nodes.clone() };
        if let Some(rollout) = self.rollouts.get(which) {
            rollout.filler.canonical(&mut nodes);
        }
        Moment { nodes, ways }
    }
}
