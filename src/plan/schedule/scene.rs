//! Everything that the dry run looks at: nodes, what runs on them, and the services of the plan. Each task is looked at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::demand::Demand;
use super::filter::{Needs, Site, unready};
use super::room::{Catalogue, Room};
use super::service::{Before, Fate, Service, fate, is_placed, lives};
use crate::plan::settled::networks;
use crate::plan::shape::{batch, start_first};
use crate::plan::{Action, Change, Write};
use crate::swarm::{Availability, LiveService, Members, Node, NodeState, ServiceMode, Snapshot, Task};

/// Nodes, services and rooms as they stand before the first write.
pub(super) struct Scene<'a> {
    pub nodes: Vec<&'a Node>,
    /// Runs of `nodes` that the services of the plan cannot tell apart.
    pub classes: Vec<Range<usize>>,
    pub services: Vec<Service>,
    pub rooms: Vec<Room>,
    pub catalogue: Catalogue,
}

impl<'a> Scene<'a> {
    /// `placing` are the changes of services to look at, with their waves; networks are among `changes`.
    pub fn set<'c>(placing: impl Iterator<Item = &'c Change>, changes: &[Change], snapshot: &'a Snapshot) -> Self {
        let touched: Vec<&Change> = placing.collect();
        let mut catalogue = Catalogue::default();
        let demands: Vec<Demand> = touched
            .iter()
            .map(|c| c.write.service_spec().map_or_else(Demand::default, |s| Demand::wanted(s, &mut catalogue)))
            .collect();
        let specs: HashMap<&str, &Value> = snapshot.services.iter().map(|s| (s.id.as_str(), &*s.spec)).collect();

        let mut nodes: Vec<&Node> = snapshot.nodes.iter().collect();
        let mut rooms: Vec<Room> = nodes.iter().map(|node| Room::of(node, &catalogue)).collect();
        let mut tasks: HashMap<&str, Vec<&Task>> = HashMap::new();
        let places: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, n)| (n.id.as_str(), at)).collect();
        // Tasks of one service hold the same as long as they were made from one spec.
        let mut holds: HashMap<&str, (&Arc<Value>, Demand)> = HashMap::new();
        for task in snapshot.tasks.iter().filter(|task| lives(task)) {
            let service = task.service.as_str();
            tasks.entry(service).or_default().push(task);
            let at = task.node.as_deref().filter(|_| is_placed(task)).and_then(|id| places.get(id));
            let Some(room) = at.and_then(|at| rooms.get_mut(*at)) else { continue };
            let of = |task: &'a Task| (&task.spec, Demand::held(&task.spec, specs.get(service).copied(), &catalogue));
            let (spec, demand) = holds.entry(service).or_insert_with(|| of(task));
            if !Arc::ptr_eq(spec, &task.spec) {
                (*spec, *demand) = of(task);
            }
            room.take(demand);
        }

        let map = Map { nodes: &nodes, places: &places, drivers: drivers(changes, snapshot) };
        let mut services = Vec::with_capacity(touched.len());
        for (change, demand) in touched.into_iter().zip(demands) {
            let own = change.id.as_deref().and_then(|id| tasks.get(id)).map(Vec::as_slice).unwrap_or_default();
            let live = change.id.as_deref().and_then(|id| specs.get(id)).copied();
            let held = own.first().map_or_else(Demand::default, |task| Demand::held(&task.spec, live, &catalogue));
            services.push(service(change, demand, held, own, &map));
        }
        let touched: HashSet<String> = services.iter().map(|s: &Service| s.name.clone()).collect();
        let first = services.iter().map(|s| s.wave).min().unwrap_or(0);
        for live in snapshot.services.iter().filter(|live| !touched.contains(&live.name)) {
            let own = tasks.get(live.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            if own.iter().any(|task| task.node.is_none()) {
                let demand =
                    Demand::held(live.spec.get("TaskTemplate").unwrap_or(&Value::Null), Some(&live.spec), &catalogue);
                services.push(bystander(live, demand, own, first, &map));
            }
        }
        let order = by_class(&rooms, &services);
        nodes = order.iter().filter_map(|(_, at)| nodes.get(*at).copied()).collect();
        rooms = order.iter().filter_map(|(_, at)| rooms.get(*at).cloned()).collect();
        for service in &mut services {
            service.sites = order.iter().filter_map(|(_, at)| service.sites.get(*at).cloned()).collect();
            service.before = order.iter().filter_map(|(_, at)| service.before.get(*at).cloned()).collect();
        }
        let mut classes: Vec<Range<usize>> = Vec::new();
        for (at, (key, _)) in order.iter().enumerate() {
            match classes.last_mut() {
                Some(class) if order.get(class.start).is_some_and(|(first, _)| first == key) => class.end = at + 1,
                _ => classes.push(at..at + 1),
            }
        }
        Self { nodes, classes, services, rooms, catalogue }
    }
}

/// Nodes side by side that are alike: a key, and the place of the node before.
fn by_class(rooms: &[Room], services: &[Service]) -> Vec<(u64, usize)> {
    let mut order: Vec<(u64, usize)> = Vec::with_capacity(rooms.len());
    let mut first: HashMap<u64, usize> = HashMap::new();
    for (at, room) in rooms.iter().enumerate() {
        let mut hasher = DefaultHasher::new();
        room.hash(&mut hasher);
        for service in services {
            service.sites.get(at).hash(&mut hasher);
            service.before.get(at).map(|b| (b.kept, b.old)).hash(&mut hasher);
        }
        let key = hasher.finish();
        first.entry(key).or_insert(at);
        order.push((key, at));
    }
    order.sort_by_key(|(key, at)| (first.get(key).copied(), *at));
    order
}

/// The drivers of networks, by id and by name.
fn drivers(changes: &[Change], snapshot: &Snapshot) -> HashMap<String, String> {
    let mut drivers = HashMap::new();
    for network in &snapshot.networks {
        drivers.insert(network.id.clone(), network.driver.clone());
        drivers.insert(network.name.clone(), network.driver.clone());
    }
    for change in changes {
        if let Write::CreateNetwork { body } | Write::RecreateNetwork { body, .. } = &change.write {
            let driver = body.get("Driver").and_then(Value::as_str).filter(|d| !d.is_empty()).unwrap_or("overlay");
            drivers.insert(change.name.clone(), driver.to_owned());
        }
    }
    drivers
}

/// Where everything is.
struct Map<'a> {
    nodes: &'a [&'a Node],
    places: &'a HashMap<&'a str, usize>,
    drivers: HashMap<String, String>,
}

/// A service that the plan writes, and the tasks that it has.
fn service(change: &Change, demand: Demand, held: Demand, tasks: &[&Task], map: &Map) -> Service {
    let nothing = Value::Null;
    let spec = change.write.service_spec();
    let mut service = described(&change.key, &change.name, spec.unwrap_or(&nothing), demand, held, map);
    service.wave = change.wave;
    service.removed = spec.is_none();
    service.anew = service.is_job() || matches!(change.action, Action::Recreate | Action::Remove);
    settle(&mut service, tasks, fate(change), map);
    service
}

/// A service that waits for room, and takes what the plan makes free.
fn bystander(live: &LiveService, demand: Demand, tasks: &[&Task], wave: u32, map: &Map) -> Service {
    let mut service = described(&live.name, &live.name, &live.spec, demand.clone(), demand, map);
    (service.wave, service.bystander) = (wave, true);
    settle(&mut service, tasks, Fate::Stay, map);
    service
}

fn described(key: &str, name: &str, spec: &Value, demand: Demand, held: Demand, map: &Map) -> Service {
    // Every engine has `overlay`.
    let driver = |target: &str| map.drivers.get(target).filter(|d| *d != "overlay").cloned();
    let needs = Needs::of(spec, networks(spec).filter_map(driver));
    let (sites, levels) = sites(spec, &needs, map.nodes);
    Service {
        key: key.to_owned(),
        name: name.to_owned(),
        mode: ServiceMode::of(spec),
        wave: 0,
        needs,
        demand,
        held,
        sites,
        most: spec.member("/TaskTemplate/Placement/MaxReplicas").and_then(Value::as_u64).unwrap_or(0),
        levels,
        start_first: start_first(spec),
        parallelism: u32::try_from(batch(spec, u64::from(u32::MAX))).unwrap_or(u32::MAX),
        before: vec![Before::default(); map.nodes.len()],
        homeless: 0,
        anew: false,
        removed: false,
        bystander: false,
    }
}

/// Counts the tasks that are there, by node.
fn settle(service: &mut Service, tasks: &[&Task], fate: Fate, map: &Map) {
    for task in tasks {
        let at = task.node.as_deref().filter(|_| is_placed(task)).and_then(|id| map.places.get(id)).copied();
        let Some((at, here)) = at.and_then(|at| Some((at, service.before.get_mut(at)?))) else {
            service.homeless += u32::from(task.node.is_none());
            continue;
        };
        let stays = match fate {
            Fate::Stay => true,
            Fate::Replaced => false,
            Fate::StayWhereAllowed => service.sites.get(at).is_some_and(|site| site.constraints_met),
        };
        if stays {
            here.kept += 1
        } else {
            here.old += 1
        }
        here.slots.push(task.slot.unwrap_or(0));
    }
}

/// How each node stands to the service, and how many levels of preferences swarm heeds.
fn sites(spec: &Value, needs: &Needs, nodes: &[&Node]) -> (Vec<Site>, usize) {
    let preferences = spec.member("/TaskTemplate/Placement/Preferences").and_then(Value::as_array);
    let descriptors = preferences.into_iter().flatten().filter_map(|p| p.member("/Spread/SpreadDescriptor")?.as_str());
    let labels: Vec<(bool, &str)> = descriptors.filter_map(label).collect();
    let mut values: BTreeMap<(usize, &str), u32> = BTreeMap::new();
    let mut sites = Vec::with_capacity(nodes.len());
    for node in nodes {
        let unmet = needs.unmet(node);
        let mut branch = Vec::new();
        for (level, (of_engine, name)) in labels.iter().enumerate() {
            let labels = if *of_engine { &node.engine_labels } else { &node.labels };
            let value = labels.get(*name).map_or("", String::as_str);
            let next = values.len() as u32;
            branch.push(*values.entry((level, value)).or_insert(next));
        }
        sites.push(Site {
            ready: unready(node).is_none(),
            paused: node.state == NodeState::Ready && node.availability == Availability::Pause,
            constraints_met: !unmet.iter().any(|r| r.filter() == super::filter::Filter::Constraint),
            fixed: unmet.first().map(super::Reason::filter),
            branch,
        });
    }
    (sites, labels.len())
}

/// Swarm spreads over labels only; it passes over anything else without a word.
fn label(descriptor: &str) -> Option<(bool, &str)> {
    let after = |prefix: &str| {
        let (head, name) = descriptor.split_at_checked(prefix.len())?;
        (head.eq_ignore_ascii_case(prefix) && !name.is_empty()).then_some(name)
    };
    after("node.labels.").map(|name| (false, name)).or_else(|| after("engine.labels.").map(|name| (true, name)))
}
