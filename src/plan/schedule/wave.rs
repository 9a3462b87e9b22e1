//! The services of a plan, wave after wave. Those of one wave go at the same time, so that each may be first.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::beside::{Beside, compete};
use super::even::is_even;
use super::explore::{Seen, explore};
use super::fill::{Dice, Filler};
use super::forecast::Tally;
use super::global;
use super::quick::quick;
use super::rollout::Rollout;
use super::room::Room;
use super::scene::Scene;
use super::service::Service;
use super::spread::Tree;
use super::start::start;
use super::state::State;

/// Nodes in all states that are made for a plan, before it is left at samples: a fraction of a second.
const ALLOWANCE: usize = 300_000;
/// The same, for services of one wave step by step beside each other.
const BESIDE: usize = 100_000;
/// Of one service.
const MOST_STATES: usize = 20_000;
/// With fewer for each service no search is begun.
const LEAST_STATES: usize = 100;
/// Worlds that are carried on from one service to the next.
const WORLDS: usize = 24;
/// Orders of the services of one wave.
const ORDERS: usize = 24;

/// A world in the middle of a wave.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Moment {
    rooms: Vec<Room>,
    /// Services that wait for room, and jobs, which end with the wave.
    others: Vec<Other>,
}

/// A service in the middle of its way: its tasks by node, and what is still to come.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Other {
    /// Place in the scene.
    service: usize,
    /// Kept, old, leaving, new.
    tasks: Vec<[u32; 4]>,
    todo: u32,
    flight: u32,
    flying: u32,
    extra: u32,
    homeless: u32,
}

impl Other {
    fn of(service: usize, state: &State) -> Self {
        Self {
            service,
            tasks: state.spots.iter().map(|s| [s.kept, s.old, s.leaving, s.new]).collect(),
            todo: state.todo,
            flight: state.flight,
            flying: state.flying,
            extra: state.extra,
            homeless: state.homeless,
        }
    }

    fn on(&self, rooms: &[Room]) -> State {
        let mut state = State::new(rooms);
        for (spot, [kept, old, leaving, new]) in state.spots.iter_mut().zip(&self.tasks) {
            spot.change(|spot| (spot.kept, spot.old, spot.leaving, spot.new) = (*kept, *old, *leaving, *new));
        }
        (state.todo, state.flight, state.flying) = (self.todo, self.flight, self.flying);
        (state.extra, state.homeless, state.begun) = (self.extra, self.homeless, true);
        state
    }

    fn unplaced(&self) -> u32 {
        self.flight + self.extra
    }

    fn waits(&self) -> bool {
        self.unplaced() + self.todo > 0
    }

    /// While another service was on its way.
    fn after(&self, end: &State, guest: usize, start_first: bool) -> Self {
        let left = end.lurking.get(guest).copied().unwrap_or(0);
        let placed = self.unplaced().saturating_sub(left);
        let of_rollout = placed.min(self.flight);
        let mut after = self.clone();
        after.tasks = end.spots.iter().filter_map(|spot| spot.guests.get(guest).copied()).collect();
        after.flight -= of_rollout;
        after.extra -= placed - of_rollout;
        after.flying += if start_first { of_rollout } else { 0 };
        after
    }
}

/// What one service was seen to do, and whether some of it was left out.
struct Run {
    seen: Seen,
    sampled: bool,
    hangs: bool,
    /// Global services: nodes without the task that they should have.
    blocked: Vec<usize>,
}

/// Runs that were walked already, by where they began.
type Memo = FxHashMap<(usize, Vec<usize>, State), Rc<Run>>;

/// The dry run of a whole plan.
pub(super) struct Walk<'a> {
    scene: &'a Scene<'a>,
    left: Cell<usize>,
    beside_left: Cell<usize>,
    memo: RefCell<Memo>,
    /// Worlds or orders were left out.
    blurred: Cell<bool>,
    tallies: Vec<RefCell<Tally>>,
}

impl<'a> Walk<'a> {
    pub fn new(scene: &'a Scene<'a>) -> Self {
        let tallies = scene.services.iter().map(|_| RefCell::new(Tally::default())).collect();
        let (left, blurred) = (Cell::new(ALLOWANCE), Cell::new(false));
        Self { scene, left, beside_left: Cell::new(BESIDE), memo: RefCell::default(), blurred, tallies }
    }

    pub fn run(self) -> Vec<Tally> {
        let mut worlds = vec![self.scene.rooms.clone()];
        let waves: BTreeSet<u32> = self.scene.services.iter().map(|s| s.wave).collect();
        for wave in waves {
            let numbered = self.scene.services.iter().enumerate();
            let members: Vec<usize> = numbered.filter(|(_, s)| s.wave == wave).map(|(at, _)| at).collect();
            worlds = self.wave(&members, worlds);
            self.memo.borrow_mut().clear();
        }
        self.tallies.into_iter().map(RefCell::into_inner).collect()
    }

    fn wave(&self, members: &[usize], worlds: Vec<Vec<Room>>) -> Vec<Vec<Room>> {
        let mut after = BTreeSet::new();
        for order in self.orders(members) {
            if self.left.get() == 0 && !after.is_empty() {
                self.blurred.set(true);
                break;
            }
            let mut moments: Vec<Moment> =
                worlds.iter().map(|rooms| Moment { rooms: rooms.clone(), others: Vec::new() }).collect();
            for at in order {
                let Some(service) = self.scene.services.get(at) else { continue };
                let next = moments.into_iter().flat_map(|moment| {
                    let start = start(service, &moment.rooms);
                    self.step(at, service, start, moment)
                });
                moments = self.narrow(next.collect());
            }
            for moment in moments.into_iter().flat_map(|moment| self.again(moment)) {
                after.insert(self.close(moment));
            }
        }
        after.extend(worlds.iter().flat_map(|rooms| self.beside(members, rooms)));
        self.narrow(after)
    }

    /// The same services, step by step beside each other: the worlds that come of it.
    fn beside(&self, members: &[usize], rooms: &[Room]) -> Vec<Vec<Room>> {
        let services: Vec<&Service> = members.iter().filter_map(|at| self.scene.services.get(*at)).collect();
        let is_small = (2..=4).contains(&services.len()) && self.left.get() > 0;
        // Who runs to an end and frees its room is followed with the wave, not in it.
        if !is_small || services.iter().any(|s| s.is_job()) || services.iter().all(|s| s.is_light()) {
            return Vec::new();
        }
        if !compete(&services, rooms) {
            return Vec::new();
        }
        let limit = self.beside_left.get() / self.scene.nodes.len().max(1);
        let rollouts = services.iter().zip(members).map(|(s, at)| self.rollout(*at, s, Vec::new(), limit)).collect();
        let beside = Beside { rollouts };
        let outcome = beside.explore(rooms, limit);
        self.beside_left.set(self.beside_left.get().saturating_sub(outcome.made * self.scene.nodes.len().max(1)));
        for (which, (service, at)) in services.iter().zip(members).enumerate() {
            let Some(tally) = self.tallies.get(*at) else { continue };
            let mut tally = tally.borrow_mut();
            let (seen, hangs) = (outcome.seen.get(which), beside.hangs(which));
            if let Some(seen) = seen {
                tally.saw(seen, &self.scene.classes, outcome.sampled, hangs);
            }
            for (_, state, blocked) in outcome.globals.iter().filter(|(global, ..)| *global == which) {
                tally.ended(service, &self.scene.classes, state, blocked);
            }
            let is_global = service.replicas().is_none() && !service.removed;
            for end in outcome.ends.iter().filter_map(|end| end.get(which)).filter(|_| !is_global) {
                tally.ended(service, &self.scene.classes, end, &[]);
            }
        }
        let mut worlds: Vec<Vec<Room>> = outcome.ends.iter().filter_map(|end| end.first()).map(State::rooms).collect();
        worlds.sort_unstable();
        worlds
    }

    /// Whoever waits gets another chance when the others are done.
    fn again(&self, moment: Moment) -> Vec<Moment> {
        let mut open = vec![moment];
        for _ in 0..3 {
            let mut next = BTreeSet::new();
            for moment in open {
                let mut turns: Vec<usize> = moment.others.iter().filter(|o| o.waits()).map(|o| o.service).collect();
                let mut moments = vec![moment];
                turns.dedup();
                for at in turns {
                    let Some(service) = self.scene.services.get(at) else { continue };
                    let resumed = moments.into_iter().flat_map(|mut moment| {
                        match moment.others.iter().position(|other| other.service == at) {
                            Some(place) => {
                                let state = moment.others.remove(place).on(&moment.rooms);
                                self.step(at, service, state, moment)
                            }
                            None => vec![moment],
                        }
                    });
                    moments = self.narrow(resumed.collect());
                }
                next.extend(moments);
            }
            open = self.narrow(next);
        }
        // Now nothing moves any more.
        for moment in &open {
            for other in &moment.others {
                let (at, state) = (other.service, other.on(&moment.rooms));
                if let (Some(tally), Some(service)) = (self.tallies.get(at), self.scene.services.get(at))
                    && !service.is_job()
                {
                    tally.borrow_mut().ended(service, &self.scene.classes, &state, &[]);
                }
            }
        }
        open
    }

    /// Jobs have run when the next wave begins.
    fn close(&self, mut moment: Moment) -> Vec<Room> {
        for other in &moment.others {
            let Some(service) = self.scene.services.get(other.service).filter(|service| service.is_job()) else {
                continue;
            };
            for (room, [_, _, _, new]) in moment.rooms.iter_mut().zip(&other.tasks) {
                for _ in 0..*new {
                    room.dismiss();
                    room.free(&service.demand);
                }
            }
        }
        for class in &self.scene.classes {
            if let Some(rooms) = moment.rooms.get_mut(class.clone()) {
                rooms.sort_unstable();
            }
        }
        moment.rooms
    }

    fn step(&self, at: usize, service: &Service, mut start: State, mut moment: Moment) -> Vec<Moment> {
        let Some(tally) = self.tallies.get(at) else { return vec![moment] };
        let search = self.states(at) >= LEAST_STATES;
        if search {
            let lurking = moment.others.iter().map(|o| if self.is_job(o.service) { 0 } else { o.unplaced() });
            start.lurking = lurking.collect();
            for (node, spot) in start.spots.iter_mut().enumerate().filter(|_| !moment.others.is_empty()) {
                let guests = moment.others.iter().map(|o| o.tasks.get(node).copied().unwrap_or_default());
                spot.change(|spot| spot.guests = guests.collect());
            }
        }
        let run = self.follow(at, service, &moment.others, start, search);
        let sure = run.seen.loose || (service.is_light() && !run.sampled);
        let sampled = run.sampled || (self.blurred.get() && !sure);
        tally.borrow_mut().saw(&run.seen, &self.scene.classes, sampled, run.hangs);
        let before = std::mem::take(&mut moment.others);
        let mut after = Vec::with_capacity(run.seen.ends.len());
        for end in &run.seen.ends {
            let others = before.iter().enumerate().map(|(guest, other)| {
                let start_first = self.scene.services.get(other.service).is_some_and(|s| s.start_first);
                if search { other.after(end, guest, start_first) } else { other.clone() }
            });
            let mut next = Moment { rooms: end.rooms(), others: others.collect() };
            let is_over = end.is_done() || service.is_job() || !run.blocked.is_empty();
            if is_over {
                tally.borrow_mut().ended(service, &self.scene.classes, end, &run.blocked);
            }
            if is_over && run.seen.loose {
                tally.borrow_mut().loosen(service, end);
            }
            if service.is_job() || !is_over {
                next.others.push(Other::of(at, end));
            }
            after.push(next);
        }
        after
    }

    /// How many states may be made for a service.
    fn states(&self, at: usize) -> usize {
        let later = self.scene.services.len().saturating_sub(at).max(1);
        (self.left.get() / (self.scene.nodes.len().max(1) * later * 2)).min(MOST_STATES)
    }

    fn is_job(&self, at: usize) -> bool {
        self.scene.services.get(at).is_some_and(Service::is_job)
    }

    fn follow(&self, at: usize, service: &Service, others: &[Other], start: State, search: bool) -> Rc<Run> {
        if !search {
            return Rc::new(self.go(at, service, Vec::new(), start, false));
        }
        let key = (at, others.iter().map(|other| other.service).collect(), start);
        if let Some(run) = self.memo.borrow().get(&key) {
            return run.clone();
        }
        let guests = others.iter().filter_map(|other| self.scene.services.get(other.service)).collect();
        let run = Rc::new(self.go(at, service, guests, key.2.clone(), true));
        self.memo.borrow_mut().insert(key, run.clone());
        run
    }

    fn go(&self, at: usize, service: &Service, guests: Vec<&Service>, start: State, search: bool) -> Run {
        let nodes = self.scene.nodes.len().max(1);
        if service.replicas().is_none() && !service.removed {
            self.spend(nodes);
            let globals = global::run(service, start, service.parallelism);
            let mut seen = Seen { peak: globals.peak, ..Seen::default() };
            seen.at_peak = globals.state.spots.iter().map(|spot| (spot.active(), spot.active())).collect();
            seen.ends.push(globals.state);
            return Run { seen, sampled: false, hangs: false, blocked: globals.blocked };
        }
        let limit = self.states(at).max(LEAST_STATES);
        let rollout = self.rollout(at, service, guests, limit);
        let (seen, sampled) = match search {
            false => one_way(&rollout, start),
            // Whoever waited is tried again before anything else happens.
            true => {
                let starts = if start.begun { rollout.place(start) } else { vec![start] };
                let seen = explore(&rollout, &starts, limit);
                (seen, rollout.filler.sampled.get())
            }
        };
        self.spend(nodes * seen.made);
        Run { sampled, hangs: rollout.filler.hangs.get(), seen, blocked: Vec::new() }
    }

    fn rollout<'s>(&'s self, at: usize, service: &'s Service, guests: Vec<&'s Service>, limit: usize) -> Rollout<'s> {
        let filler = Filler {
            service,
            classes: &self.scene.classes,
            width: (limit / 16).clamp(1, 48),
            sampled: Cell::new(false),
            hangs: Cell::new(false),
            dice: RefCell::new(Dice::new(at as u64 + 0x9e37_79b9)),
        };
        let tree = Tree::grow(service.sites.iter().map(|site| site.branch.as_slice()).enumerate());
        Rollout { filler, tree, parallelism: service.parallelism, guests }
    }

    fn spend(&self, nodes: usize) {
        self.left.set(self.left.get().saturating_sub(nodes));
    }

    /// In which orders the services of a wave may get their turn.
    fn orders(&self, members: &[usize]) -> Vec<Vec<usize>> {
        let services = members.iter().filter_map(|at| self.scene.services.get(*at));
        // Where nothing can run out, order only breaks ties between nodes that are as good as each other.
        if members.len() < 2 || services.clone().all(Service::is_light) {
            return vec![members.to_vec()];
        }
        let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
        if members.len() <= 4 {
            for _ in members {
                let longer = orders.iter().flat_map(|order| {
                    let left = members.iter().filter(|at| !order.contains(at));
                    left.map(|at| [order.as_slice(), &[*at]].concat()).collect::<Vec<_>>()
                });
                orders = longer.collect();
            }
            return orders;
        }
        let room = self.left.get() / (self.scene.nodes.len().max(1) * members.len() * LEAST_STATES);
        let count = room.clamp(1, ORDERS);
        let mut dice = Dice::new(members.len() as u64);
        let all = services.filter(|s| !s.is_light()).count();
        if all > 1 || count < ORDERS {
            self.blurred.set(true);
        }
        let mut order = members.to_vec();
        (0..count)
            .map(|_| {
                let this = order.clone();
                (0..order.len()).for_each(|at| order.swap(at, at + dice.roll(members.len() - at)));
                this
            })
            .collect()
    }

    fn narrow<T: Ord>(&self, worlds: BTreeSet<T>) -> Vec<T> {
        let most = if self.left.get() == 0 { 1 } else { WORLDS };
        if worlds.len() <= most {
            return worlds.into_iter().collect();
        }
        self.blurred.set(true);
        // Evenly among them, for neighbours in order are alike.
        let step = worlds.len().div_ceil(most);
        worlds.into_iter().step_by(step).collect()
    }
}

/// Without a search. Where nothing can run out every task fits; and unless what comes out is even, anything may come out.
fn one_way(rollout: &Rollout, start: State) -> (Seen, bool) {
    let service = rollout.filler.service;
    let even = is_even(service, &start);
    let mut seen = Seen::default();
    let end = quick(rollout, start, &mut seen);
    seen.loose = service.is_light() && !even && end.is_done();
    seen.ends.push(end);
    seen.made = 1;
    (seen, !service.is_light())
}
