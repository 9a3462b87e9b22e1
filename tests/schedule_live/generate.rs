//! Random stacks on random nodes. The same seed makes the same.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Numbers that look random.
pub struct Dice(u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.roll(list.len())]
    }
}

/// What a node is made to be.
#[derive(Clone, PartialEq)]
pub struct NodeSetting {
    pub labels: BTreeMap<&'static str, &'static str>,
    pub availability: &'static str,
}

#[derive(Clone, Default)]
pub struct Service {
    pub mode: &'static str,
    pub replicas: usize,
    pub cpus: Option<&'static str>,
    pub memory: Option<&'static str>,
    pub gpu: bool,
    pub constraints: Vec<&'static str>,
    pub preference: Option<&'static str>,
    pub most: usize,
    pub port: Option<u32>,
    pub log_driver: Option<&'static str>,
    pub volume_driver: Option<&'static str>,
    pub order: &'static str,
    pub parallelism: usize,
    /// Another value replaces all tasks.
    pub version: usize,
}

pub struct Case {
    dice: Dice,
    pub nodes: [NodeSetting; 3],
    /// Services of another stack: node, replicas, CPUs reserved.
    pub neighbours: Vec<(usize, usize, &'static str)>,
    pub services: BTreeMap<&'static str, Service>,
}

const CONSTRAINTS: [&str; 10] = [
    "node.labels.disk == ssd",
    "node.labels.disk != ssd",
    "node.labels.zone == a",
    "node.labels.zone != a",
    "node.hostname == n2",
    "node.hostname != n1",
    "node.role == manager",
    "node.id != nosuchnode",
    "node.platform.os == linux",
    "node.platform.arch == amd64",
];
const CPUS: [&str; 6] = ["0.2", "0.3", "0.5", "0.7", "1", "1.5"];
const MEMORY: [&str; 4] = ["3G", "6G", "9G", "13G"];

impl Case {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let nodes = std::array::from_fn(|_| {
            let mut labels = BTreeMap::new();
            if dice.chance(75) {
                labels.insert("zone", dice.pick(&["a", "a", "b", "c"]));
            }
            if dice.chance(50) {
                labels.insert("disk", dice.pick(&["ssd", "hdd"]));
            }
            let availability = match dice.roll(12) {
                0 => "drain",
                1 => "pause",
                _ => "active",
            };
            NodeSetting { labels, availability }
        });
        let neighbours =
            (0..dice.roll(3)).map(|_| (dice.roll(3), 1 + dice.roll(3), dice.pick(&["0", "0.3", "0.5"]))).collect();
        let mut case = Self { dice, nodes, neighbours, services: BTreeMap::new() };
        // A stack that nobody can start says little.
        if case.nodes.iter().all(|node| node.availability != "active") {
            case.nodes[0].availability = "active";
        }
        for name in ["one", "two", "three", "four"].into_iter().take(1 + case.dice.roll(4)) {
            let service = case.service();
            case.services.insert(name, service);
        }
        case
    }

    fn service(&mut self) -> Service {
        let dice = &mut self.dice;
        let mut service = Service {
            mode: dice.pick(&[
                "replicated",
                "replicated",
                "replicated",
                "replicated",
                "replicated",
                "replicated",
                "global",
                "replicated-job",
            ]),
            replicas: 1 + dice.roll(6),
            order: dice.pick(&["stop-first", "start-first"]),
            parallelism: dice.roll(4),
            ..Service::default()
        };
        if dice.chance(35) {
            service.cpus = Some(dice.pick(&CPUS));
        }
        if dice.chance(20) {
            service.memory = Some(dice.pick(&MEMORY));
        }
        service.gpu = dice.chance(2);
        if dice.chance(20) {
            service.constraints.push(dice.pick(&CONSTRAINTS));
        }
        if dice.chance(25) {
            service.preference = Some(dice.pick(&["node.labels.zone", "node.labels.disk", "node.hostname"]));
        }
        if dice.chance(30) && service.mode != "global" {
            service.most = 1 + dice.roll(3);
        }
        if dice.chance(15) {
            service.port = Some(18080 + dice.roll(2) as u32);
        }
        if dice.chance(2) {
            service.log_driver = Some(dice.pick(&["local", "nosuchdriver"]));
        }
        if dice.chance(2) {
            service.volume_driver = Some("nosuchdriver");
        }
        service
    }

    /// Another version of the stack: some services scaled, some replaced, some both; now and then a node too.
    pub fn change(&mut self) {
        let names: Vec<&'static str> = self.services.keys().copied().collect();
        for name in names {
            let Some(mut service) = self.services.remove(name) else { continue };
            let job = service.mode == "replicated-job";
            if self.dice.chance(55) && !job {
                service.version += 1;
                service.order = self.dice.pick(&["stop-first", "start-first", "start-first"]);
                service.parallelism = self.dice.roll(4);
            }
            if self.dice.chance(35) && !job {
                service.replicas = 1 + self.dice.roll(8);
            }
            if self.dice.chance(10) && service.mode == "replicated" {
                service.most = self.dice.roll(3);
            }
            self.services.insert(name, service);
        }
        if self.dice.chance(25) {
            let at = self.dice.roll(3);
            self.nodes[at].availability = match self.nodes[at].availability {
                "active" if self.nodes.iter().filter(|n| n.availability == "active").count() > 1 => "drain",
                _ => "active",
            };
        }
    }

    pub fn compose(&self, image: &str) -> String {
        let mut text = String::from("version: \"3.9\"\nservices:\n");
        let mut volumes = String::new();
        for (name, s) in &self.services {
            let _ = write!(
                text,
                "  {name}:\n    image: {image}\n    command: [\"sh\", \"-c\", \"trap 'exit 0' TERM; sleep 1000000 & wait\"]\n    \
                 environment: {{V: \"{}\"}}\n    stop_grace_period: 20s\n",
                s.version
            );
            match s.port {
                Some(port) => {
                    let _ = writeln!(text, "    ports: [{{target: 80, published: {port}, mode: host}}]");
                }
                // Without an overlay swarm does not wait two seconds at each stop.
                None => text.push_str("    networks: [outside]\n"),
            }
            if let Some(driver) = s.log_driver {
                let _ = writeln!(text, "    logging: {{driver: {driver}}}");
            }
            if let Some(driver) = s.volume_driver {
                let _ = writeln!(text, "    volumes: [\"{name}:/data\"]");
                let _ = writeln!(volumes, "  {name}: {{driver: {driver}}}");
            }
            let _ = writeln!(text, "    deploy:\n      mode: {}", s.mode);
            if s.mode != "global" {
                let _ = writeln!(text, "      replicas: {}", s.replicas);
            }
            if s.mode != "replicated-job" {
                let _ = writeln!(
                    text,
                    "      update_config: {{order: {}, parallelism: {}, monitor: 100ms, delay: 0s}}",
                    s.order, s.parallelism
                );
            }
            text.push_str("      placement:\n");
            let _ = writeln!(text, "        constraints: {:?}", s.constraints);
            if s.most > 0 {
                let _ = writeln!(text, "        max_replicas_per_node: {}", s.most);
            }
            if let Some(preference) = s.preference {
                let _ = writeln!(text, "        preferences: [{{spread: {preference}}}]");
            }
            if s.cpus.is_some() || s.memory.is_some() || s.gpu {
                text.push_str("      resources:\n        reservations:\n");
                if let Some(cpus) = s.cpus {
                    let _ = writeln!(text, "          cpus: \"{cpus}\"");
                }
                if let Some(memory) = s.memory {
                    let _ = writeln!(text, "          memory: {memory}");
                }
                if s.gpu {
                    text.push_str("          generic_resources: [{discrete_resource_spec: {kind: gpu, value: 1}}]\n");
                }
            }
        }
        text.push_str("networks:\n  outside: {external: true, name: host}\n");
        if !volumes.is_empty() {
            let _ = write!(text, "volumes:\n{volumes}");
        }
        text
    }
}
