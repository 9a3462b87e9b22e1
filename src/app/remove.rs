//! Taking a stack down: services, secrets, configs, networks, in this order, and waiting until they are gone.

use std::time::{Duration, Instant};

use crate::engine::{EngineError, Reader, Wanted, Writer};
use crate::swarm::{Kind, LiveService, Node, NodeState, Snapshot, Task};

/// One object that belongs to the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    pub kind: Kind,
    pub id: String,
    pub name: String,
    /// For a network: services of others that use it, and so keep it.
    pub held_by: Vec<String>,
}

/// What carries the stack's label, and stackup's own `records` (id and name), in the order of removal, each kind by name.
pub fn belongings(live: &Snapshot, records: &[(String, String)]) -> Vec<Belonging> {
    let own: Vec<&str> = live.own_services().map(|s| s.id.as_str()).collect();
    let one = |kind, id: &str, name: &str| Belonging { kind, id: id.into(), name: name.into(), held_by: Vec::new() };
    let mut all: Vec<Belonging> = live.own_services().map(|s| one(Kind::Service, &s.id, &s.name)).collect();
    all.extend(live.own_secrets().map(|s| one(Kind::Secret, &s.id, &s.name)));
    all.extend(live.own_configs().map(|c| one(Kind::Config, &c.id, &c.name)));
    all.extend(records.iter().map(|(id, name)| one(Kind::Config, id, name)));
    all.extend(live.own_networks().map(|n| {
        let others = live.services.iter().filter(|s| !own.contains(&s.id.as_str()) && uses(s, &n.id, &n.name));
        Belonging { held_by: others.map(|s| s.name.clone()).collect(), ..one(Kind::Network, &n.id, &n.name) }
    }));
    all.sort_by(|a, b| (rank(a.kind), &a.name).cmp(&(rank(b.kind), &b.name)));
    all.dedup_by(|a, b| a.kind == b.kind && a.id == b.id);
    all
}

fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Service => 0,
        Kind::Secret => 1,
        Kind::Config => 2,
        Kind::Network => 3,
    }
}

/// The service attaches to the network; old specs keep it at the top.
fn uses(service: &LiveService, id: &str, name: &str) -> bool {
    ["/TaskTemplate/Networks", "/Networks"]
        .into_iter()
        .filter_map(|path| service.spec.pointer(path)?.as_array())
        .flatten()
        .filter_map(|network| network.get("Target")?.as_str())
        .any(|target| target == id || target == name)
}

/// What happens on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Removing {
        kind: Kind,
        name: String,
    },
    Failed {
        kind: Kind,
        name: String,
        why: String,
    },
    /// Tasks that still stop.
    Stopping {
        tasks: usize,
    },
}

/// What is left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    pub removed: Vec<(Kind, String)>,
    /// What could not be removed, and why.
    pub kept: Vec<(Kind, String, String)>,
    /// Tasks that had not stopped when the time was over.
    pub stopping: usize,
    /// Nobody waited.
    pub detached: bool,
}

impl Removal {
    pub fn is_complete(&self) -> bool {
        self.kept.is_empty() && self.stopping == 0
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For tasks to stop, and again for networks to go; `None` is not at all.
    pub wait: Option<Duration>,
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Removes `belongings`; goes on after errors. Only a connection that is lost while waiting ends it early.
pub async fn remove(
    writer: &Writer,
    stack: &str,
    belongings: &[Belonging],
    patience: Patience,
    step: &mut dyn FnMut(Step),
) -> Removal {
    let mut removal = Removal { detached: patience.wait.is_none(), ..Removal::default() };
    for one in belongings.iter().filter(|b| b.kind != Kind::Network) {
        step(Step::Removing { kind: one.kind, name: one.name.clone() });
        let done = drop_object(writer, one).await;
        settle(one, done, &mut removal, step);
    }
    if let Some(wait) = patience.wait {
        // A service that could not be removed keeps its tasks.
        let stays = |b: &&Belonging| removal.kept.iter().any(|(kind, name, _)| (*kind, name) == (b.kind, &b.name));
        let kept: Vec<&str> = belongings.iter().filter(stays).map(|b| b.id.as_str()).collect();
        removal.stopping = tasks_gone(writer.reader(), stack, &kept, wait, step).await;
    }
    for one in belongings.iter().filter(|b| b.kind == Kind::Network) {
        step(Step::Removing { kind: one.kind, name: one.name.clone() });
        let done = drop_network(writer, one, patience.wait).await;
        settle(one, done, &mut removal, step);
    }
    if let Some(wait) = patience.wait {
        networks_gone(writer.reader(), stack, &mut removal, belongings, wait, step).await;
    }
    removal
}

async fn drop_object(writer: &Writer, one: &Belonging) -> Result<(), String> {
    let done = match one.kind {
        Kind::Service => writer.remove_service(&one.id).await,
        Kind::Secret => writer.remove_secret(&one.id).await,
        Kind::Config => writer.remove_config(&one.id).await,
        Kind::Network => writer.remove_network(&one.id).await,
    };
    done.map_err(|error| error.to_string())
}

/// A network in use is asked again until the time is over; one that others hold is asked once.
async fn drop_network(writer: &Writer, one: &Belonging, wait: Option<Duration>) -> Result<(), String> {
    let end = Instant::now() + wait.unwrap_or_default();
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match writer.remove_network(&one.id).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if !one.held_by.is_empty() {
            return Err(format!("in use by {}, which is not of this stack", one.held_by.join(", ")));
        }
        if !matches!(error, EngineError::Refused(_)) || Instant::now() >= end {
            return Err(error.to_string());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn settle(one: &Belonging, done: Result<(), String>, removal: &mut Removal, step: &mut dyn FnMut(Step)) {
    match done {
        Ok(()) => removal.removed.push((one.kind, one.name.clone())),
        Err(why) => {
            step(Step::Failed { kind: one.kind, name: one.name.clone(), why: why.clone() });
            removal.kept.push((one.kind, one.name.clone(), why));
        }
    }
}

/// Waits until no task of the stack is left on a node that answers, but those of the `kept` services; how many are left
/// when the time is over. Tasks outlive their service by their stop, also those of an earlier removal.
async fn tasks_gone(reader: &Reader, stack: &str, kept: &[&str], wait: Duration, step: &mut dyn FnMut(Step)) -> usize {
    let end = Instant::now() + wait;
    let (mut pause, mut said) = (FIRST_PAUSE, 0);
    loop {
        // An engine that does not answer is asked again: the waiting must not fail where the removal did not.
        let left = match futures_util::future::join(reader.tasks(stack, false), reader.nodes()).await {
            (Ok(tasks), Ok(nodes)) => still_there(&tasks, kept, &nodes),
            _ => said.max(1),
        };
        if left == 0 || Instant::now() >= end {
            return left;
        }
        if left != said {
            step(Step::Stopping { tasks: left });
            said = left;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Tasks of removed services that may still hold a container: those that came to a node, unless the node is down and
/// tells nothing more. (Tasks of a removed job that waited for a node wait on in the engine's list for ever.)
fn still_there(tasks: &[Task], kept: &[&str], nodes: &[Node]) -> usize {
    let answers = |id: &str| nodes.iter().any(|n| n.id == id && n.state != NodeState::Down);
    let stops = |task: &&Task| {
        !kept.contains(&task.service.as_str()) && !task.state.is_over() && task.node.as_deref().is_some_and(answers)
    };
    tasks.iter().filter(stops).count()
}

/// A removed network stays listed while its last endpoints go.
async fn networks_gone(
    reader: &Reader,
    stack: &str,
    removal: &mut Removal,
    belongings: &[Belonging],
    wait: Duration,
    step: &mut dyn FnMut(Step),
) {
    let gone = |b: &&Belonging| b.kind == Kind::Network && removal.removed.contains(&(b.kind, b.name.clone()));
    let mut left: Vec<Belonging> = belongings.iter().filter(gone).cloned().collect();
    let end = Instant::now() + wait;
    let mut pause = FIRST_PAUSE;
    while !left.is_empty() {
        if let Ok(live) = reader.snapshot(stack, &Wanted::default()).await {
            left.retain(|b| live.network_by_id(&b.id).is_some());
        }
        if left.is_empty() || Instant::now() >= end {
            break;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    for one in left {
        removal.removed.retain(|(kind, name)| *kind != Kind::Network || *name != one.name);
        settle(&one, Err("accepted, but still listed by the engine".into()), removal, step);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::app::look::testing::{node, service, task};
    use crate::swarm::{LiveConfig, LiveNetwork, NAMESPACE_LABEL, TaskState};

    fn network(name: &str, stack: &str) -> LiveNetwork {
        LiveNetwork {
            id: format!("id-{name}"),
            name: name.into(),
            driver: "overlay".into(),
            scope: "swarm".into(),
            ingress: false,
            labels: BTreeMap::from([(NAMESPACE_LABEL.into(), stack.into())]),
            raw: json!({}),
        }
    }

    fn config(name: &str, label: &str, value: &str) -> LiveConfig {
        let spec = json!({"Name": name, "Labels": {label: value}});
        LiveConfig {
            id: format!("id-{name}"),
            name: name.into(),
            version: 1,
            spec,
            data: None,
            created: None,
            updated: None,
        }
    }

    #[test]
    fn takes_its_own_in_order_and_nothing_else() {
        let mut other = service("o_web");
        other.spec_mut()["TaskTemplate"]["Networks"] = json!([{"Target": "id-s_net"}]);
        let live = Snapshot {
            stack: "s".into(),
            services: vec![service("s_web"), service("s_db"), other].into(),
            networks: vec![network("s_net", "s"), network("o_net", "o")].into(),
            configs: vec![config("s_conf", NAMESPACE_LABEL, "s"), config("mine", "stackup.stack", "s")],
            ..Snapshot::default()
        };
        let all = belongings(&live, &[("r1".to_owned(), "stackup.release.ab.1".to_owned())]);
        let shown: Vec<_> = all.iter().map(|b| (b.kind.as_str(), b.name.as_str())).collect();
        let wanted = [
            ("service", "s_db"),
            ("service", "s_web"),
            ("config", "s_conf"),
            ("config", "stackup.release.ab.1"),
            ("network", "s_net"),
        ];
        assert_eq!(shown, wanted);
        assert_eq!(all.last().map(|b| b.held_by.clone()), Some(vec!["o_web".to_owned()]));
    }

    #[test]
    fn waits_for_what_can_still_stop() {
        let mut over = task("over", "id-s_web", 1, "n1");
        over.state = TaskState::Shutdown;
        let mut lost = node("n2");
        lost.state = NodeState::Down;
        let tasks = [
            over,
            task("runs", "id-s_web", 2, "n1"),
            task("lost", "id-s_web", 3, "n2"),
            task("other", "id-s_kept", 1, "n1"),
            task("unknown", "id-s_web", 4, "n9"),
            task("waits", "id-s_web", 5, ""),
        ];
        assert_eq!(still_there(&tasks, &["id-s_kept"], &[node("n1"), lost]), 1);
    }
}
