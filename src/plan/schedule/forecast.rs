//! What the dry run tells of each service.

use std::ops;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::explore::Seen;
use super::filter::{Reason, sentence, unready};
use super::scene::Scene;
use super::service::Service;
use super::state::{Shared, Spot, State};
use super::wave::Walk;
use crate::plan::{Action, Change};
use crate::swarm::{Kind, Snapshot};

/// From the fewest to the most; the same where swarm has no choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    pub min: u64,
    pub max: u64,
}

/// Whether all tasks find a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Fits,
    /// Swarm may choose nodes so that some task finds none.
    MayNotFit,
    /// Some task finds no node, whatever swarm chooses.
    DoesNotFit,
    /// An update that starts new tasks first: it may come to where none fits beside the old ones.
    MayGetStuck,
    /// The same, whatever swarm chooses. It waits for ever, and swarm never calls it failed.
    GetsStuck,
}

/// Where one service of the plan goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Compose key.
    pub service: String,
    pub verdict: Verdict,
    /// Tasks as they are wanted: for a job those that run at a time, for a global service one a node that takes them.
    pub tasks: u64,
    /// How many of them find a node.
    pub placed: Range,
    /// Tasks by node in the end, most first, without nodes that get none in any case.
    pub counts: Vec<Range>,
    /// Hostname and tasks in the end, in the order of the swarm's list; nodes that get none in any case are left out.
    pub nodes: Vec<(String, Range)>,
    /// With old and new side by side; `None` where there are never more than in the end.
    pub peak: Option<Peak>,
    /// Why the first task without a node has none: every node that is not to be had.
    pub refused: Vec<Refusal>,
    /// What swarm will say of that task.
    pub says: Option<String>,
    /// Swarm's leader goes round for ever in the spread preferences, on engines before 28.3.
    pub hangs: bool,
    /// Every way was followed. Otherwise the ranges are those of samples.
    pub exact: bool,
}

/// Most tasks at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peak {
    pub tasks: u64,
    pub nodes: Vec<(String, Range)>,
}

/// A node that does not take a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub hostname: String,
    /// All of them, in the order in which swarm looks.
    pub reasons: Vec<Reason>,
}

/// What was seen of a service in all worlds.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: Option<Vec<Range>>,
    nodes: Vec<Range>,
    placed: Option<Range>,
    fits: bool,
    fails: bool,
    /// A state in which a task has no node.
    stuck: Option<(State, Vec<usize>)>,
    peak: u32,
    at_peak: Vec<Range>,
    hangs: bool,
    sampled: bool,
}

impl Tally {
    /// What was seen on the way.
    pub fn saw(&mut self, seen: &Seen, classes: &[ops::Range<usize>], sampled: bool, hangs: bool) {
        self.sampled |= sampled;
        self.hangs |= hangs;
        if seen.peak > self.peak || self.at_peak.is_empty() {
            (self.peak, self.at_peak) = (seen.peak, Vec::new());
        }
        if seen.peak == self.peak {
            let ranges: Vec<Range> =
                seen.at_peak.iter().map(|(min, max)| Range { min: u64::from(*min), max: u64::from(*max) }).collect();
            widen(&mut self.at_peak, &shared(&ranges, classes));
        }
    }

    /// Nothing moves any more. `blocked` are nodes without their task of a global service.
    pub fn ended(&mut self, service: &Service, classes: &[ops::Range<usize>], end: &State, blocked: &[usize]) {
        let counts: Vec<u64> = end.spots.iter().map(|spot| u64::from(spot.active())).collect();
        let mut sorted = counts.clone();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let exactly = |counts: &[u64]| -> Vec<Range> { counts.iter().map(|n| Range { min: *n, max: *n }).collect() };
        widen(self.counts.get_or_insert_default(), &exactly(&sorted));
        widen(&mut self.nodes, &shared(&exactly(&counts), classes));
        let new: u64 = end.spots.iter().map(|spot| u64::from(spot.new + spot.kept)).sum();
        let range = self.placed.get_or_insert(Range { min: new, max: new });
        *range = Range { min: range.min.min(new), max: range.max.max(new) };
        // A job goes on with the nodes that it has.
        let fits = blocked.is_empty() && (end.is_done() || (service.is_job() && new > 0));
        self.fits |= fits;
        self.fails |= !fits;
        if !fits && self.stuck.is_none() {
            self.stuck = Some((end.clone(), blocked.to_vec()));
        }
    }

    /// Any node that takes a task may have all of them.
    pub fn loosen(&mut self, service: &Service, end: &State) {
        let total: u64 = end.spots.iter().map(|spot| u64::from(spot.active())).sum();
        let takes = |at: usize, spot: &Spot| spot.active() > 0 || service.refuses(at, spot).is_none();
        let open: Vec<bool> = end.spots.iter().enumerate().map(|(at, spot)| takes(at, spot)).collect();
        let nodes = open.iter().filter(|open| **open).count() as u64;
        let any = |most: u64, open: bool| Range { min: 0, max: if open { most } else { 0 } };
        self.nodes = open.iter().map(|open| any(total, *open)).collect();
        let peak = u64::from(self.peak);
        self.at_peak = open.iter().map(|open| any(peak, *open)).collect();
        let counts = self.counts.iter_mut().flatten().zip(1..);
        // The fullest has its share at least, and of the next ones none can have more than what that leaves.
        counts.for_each(|(range, rank)| {
            let least = if rank == 1 { total.div_ceil(nodes.max(1)) } else { 0 };
            *range = Range { min: least, max: if rank <= nodes { total / rank } else { 0 } };
        });
    }

    fn placement(self, service: &Service, scene: &Scene) -> Placement {
        let tasks = match service.replicas() {
            Some(replicas) => replicas,
            None => self.placed.map_or(0, |placed| placed.max) + self.stuck.as_ref().map_or(0, |(_, b)| b.len() as u64),
        };
        let beside = self.stuck.as_ref().is_some_and(|(end, _)| old_are_in_the_way(service, end));
        let verdict = match (self.fits, self.fails, beside) {
            (_, false, _) => Verdict::Fits,
            (true, true, true) => Verdict::MayGetStuck,
            (true, true, false) => Verdict::MayNotFit,
            (false, true, true) => Verdict::GetsStuck,
            (false, true, false) => Verdict::DoesNotFit,
        };
        let named = |ranges: &[Range]| -> Vec<(String, Range)> {
            let all = scene.nodes.iter().zip(ranges).filter(|(_, range)| range.max > 0);
            let mut named: Vec<(String, Range)> = all.map(|(node, range)| (node.hostname.clone(), *range)).collect();
            named.sort();
            named
        };
        let peak =
            (u64::from(self.peak) > tasks).then(|| Peak { tasks: u64::from(self.peak), nodes: named(&self.at_peak) });
        let (refused, says) =
            self.stuck.as_ref().map_or((Vec::new(), None), |(end, blocked)| why(service, scene, end, blocked));
        Placement {
            service: service.key.clone(),
            verdict,
            tasks,
            placed: self.placed.unwrap_or_default(),
            counts: self.counts.unwrap_or_default().into_iter().filter(|range| range.max > 0).collect(),
            nodes: named(&self.nodes),
            peak,
            refused,
            says,
            hangs: self.hangs,
            exact: !self.sampled,
        }
    }
}

/// Without the old tasks, which start-first keeps, a new one would fit.
fn old_are_in_the_way(service: &Service, end: &State) -> bool {
    let fits = |(at, spot): (usize, &Shared)| {
        let mut alone = Spot::clone(spot);
        for _ in 0..spot.old {
            alone.room.dismiss();
            alone.room.free(&service.held);
        }
        alone.old = 0;
        spot.old > 0 && service.refuses(at, &alone).is_none()
    };
    service.start_first && end.spots.iter().enumerate().any(fits)
}

/// Which filter refuses on each node, and what swarm says then.
fn why(service: &Service, scene: &Scene, end: &State, blocked: &[usize]) -> (Vec<Refusal>, Option<String>) {
    let global = service.replicas().is_none();
    let mut refused = Vec::new();
    for (at, (node, spot)) in scene.nodes.iter().zip(&end.spots).enumerate() {
        if global && !blocked.contains(&at) {
            continue;
        }
        let mut reasons: Vec<Reason> = unready(node).into_iter().collect();
        let (demand, room) = (&service.demand, &spot.room);
        if demand.reserves() {
            if demand.cpu > room.cpu {
                reasons.push(Reason::Cpu { wanted: demand.cpu, free: room.cpu });
            }
            if demand.memory > room.memory {
                reasons.push(Reason::Memory { wanted: demand.memory, free: room.memory });
            }
            let short =
                demand.generic.iter().filter(|(kind, count)| room.generic(*kind).is_none_or(|free| *count > free));
            reasons.extend(short.map(|(kind, count)| Reason::Generic {
                kind: scene.catalogue.kind_name(*kind).to_owned(),
                wanted: *count,
                free: room.generic(*kind),
            }));
        }
        reasons.extend(service.needs.unmet(node));
        let taken = demand.ports.iter().filter(|port| room.ports.binary_search(port).is_ok());
        reasons.extend(taken.map(|port| Reason::HostPort(scene.catalogue.port_name(*port))));
        if service.most > 0 && u64::from(spot.active()) >= service.most {
            reasons.push(Reason::MaxReplicas(service.most));
        }
        if !reasons.is_empty() {
            refused.push(Refusal { hostname: node.hostname.clone(), reasons });
        }
    }
    refused.sort_by(|a, b| a.hostname.cmp(&b.hostname));
    let blamed: Vec<&Reason> = refused.iter().filter_map(|refusal| refusal.reasons.first()).collect();
    let blamed = if global { blamed.into_iter().take(1).collect() } else { blamed };
    let says = sentence(&blamed, global);
    (refused, Some(says))
}

/// Tasks start, end or move.
fn places(change: &Change) -> bool {
    change.kind == Kind::Service && change.action != Action::Update
}

/// Nodes of one class stand in for each other.
fn shared(ranges: &[Range], classes: &[ops::Range<usize>]) -> Vec<Range> {
    let mut shared = ranges.to_vec();
    for class in classes {
        let members = ranges.get(class.clone()).unwrap_or_default();
        let min = members.iter().map(|r| r.min).min().unwrap_or(0);
        let max = members.iter().map(|r| r.max).max().unwrap_or(0);
        shared.get_mut(class.clone()).unwrap_or_default().fill(Range { min, max });
    }
    shared
}

fn widen(ranges: &mut Vec<Range>, by: &[Range]) {
    if ranges.is_empty() {
        *ranges = by.to_vec();
    }
    for (range, by) in ranges.iter_mut().zip(by) {
        *range = Range { min: range.min.min(by.min), max: range.max.max(by.max) };
    }
}

/// Where the tasks of the plan go. `changes` have their waves; `unreadable` are services that swarm will refuse. Nothing where
/// no node is known.
pub(in crate::plan) fn forecast(changes: &[Change], snapshot: &Snapshot, unreadable: &[String]) -> Vec<Placement> {
    if snapshot.nodes.is_empty() {
        return Vec::new();
    }
    let mut placing = changes.iter().filter(|c| places(c) && !unreadable.contains(&c.key)).peekable();
    // The scene is as large as the swarm.
    if placing.peek().is_none() {
        return Vec::new();
    }
    let scene = Scene::set(placing, changes, snapshot);
    let tallies = Walk::new(&scene).run();
    let told = scene.services.iter().zip(tallies).filter(|(service, _)| !service.removed && !service.bystander);
    told.map(|(service, tally)| tally.placement(service, &scene)).collect()
}
