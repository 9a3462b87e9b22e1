//! One look at the swarm: seven requests at once, eight with configs of others, and one for each network that the
//! engine's list leaves out.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::EngineError;
use super::client::Client;
use super::decode::{self, Decoded};
use super::reader::of_stack;
use super::target::Target;
use crate::swarm::{Kind, LiveConfig, LiveNetwork, LiveService, Snapshot, Task};

/// What a snapshot must hold beside the objects with the stack's label.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Names of configs that are not ours, or that have a `name:`.
    pub configs: Vec<String>,
}

/// Networks asked for one by one, at once.
const NETWORKS_AT_ONCE: usize = 8;

pub(super) async fn take(client: &Client, stack: &str, wanted: &Wanted) -> Result<Snapshot, EngineError> {
    let own = json!({ "label": [of_stack(stack)] });
    let targets = [
        Target::new("/services").with("status", "true"),
        // Tasks of others hold room that this stack cannot have.
        Target::new("/tasks"),
        Target::new("/networks"),
        Target::new("/configs").filtered(&own),
        Target::new("/secrets"),
        Target::new("/nodes"),
    ];
    let [services, tasks, networks, configs, secrets, nodes] = &targets;
    let (info, services, tasks, networks, configs, others, secrets, nodes) = tokio::join!(
        async { client.get(&Target::new("/info")).await?.json() },
        list(client, services),
        async { client.get(tasks).await?.list_of(decode::TASK) },
        list(client, networks),
        list(client, configs),
        named_configs(client, &wanted.configs),
        list(client, secrets),
        list(client, nodes),
    );
    // On a node that is no manager all the others fail too; this one says why.
    let info = info?;
    let cluster = decode::cluster(&info, client.endpoint(), client.version()).map_err(EngineError::Refused)?;
    let mut snapshot =
        Snapshot { cluster, stack: stack.to_owned(), taken: decode::clock(&info), ..Snapshot::default() };
    let damaged = &mut snapshot.damaged;
    snapshot.services = keep(decode::each(services?, Some(Kind::Service), decode::service), damaged);
    let tasks = keep(decode::tasks(tasks?), damaged);
    snapshot.networks = keep(decode::each(networks?, Some(Kind::Network), decode::network), damaged);
    snapshot.configs = keep(decode::each(configs?, Some(Kind::Config), decode::config), damaged);
    let others = keep(decode::each(others?, Some(Kind::Config), decode::config), damaged);
    snapshot.secrets = keep(decode::each(secrets?, Some(Kind::Secret), decode::secret), damaged);
    snapshot.nodes = keep(decode::each(nodes?, None, decode::node), damaged);

    snapshot.tasks = what_matters(tasks, &snapshot);
    add_configs(&mut snapshot.configs, others, &wanted.configs);
    let found = unlisted_networks(client, unlisted(&snapshot.services, &snapshot.networks)).await?;
    snapshot.networks.extend(keep(decode::each(found, Some(Kind::Network), decode::network), &mut snapshot.damaged));
    Ok(snapshot)
}

/// All tasks of the stack; of others those that have not ended, with what they reserve and nothing else.
fn what_matters(tasks: Vec<Task>, snapshot: &Snapshot) -> Vec<Task> {
    let own: BTreeSet<&str> = snapshot.own_services().map(|service| service.id.as_str()).collect();
    let kept = tasks.into_iter().filter_map(|mut task| {
        if own.contains(task.service.as_str()) {
            return Some(task);
        }
        if task.state.is_over() {
            return None;
        }
        task.spec = Arc::new(json!({ "Resources": task.spec.get("Resources") }));
        Some(task)
    });
    kept.collect()
}

fn keep<T>(decoded: Decoded<T>, damaged: &mut Vec<crate::swarm::Damaged>) -> Vec<T> {
    damaged.extend(decoded.damaged);
    decoded.good
}

async fn list(client: &Client, target: &Target) -> Result<Vec<Value>, EngineError> {
    client.get(target).await?.list()
}

async fn named_configs(client: &Client, names: &[String]) -> Result<Vec<Value>, EngineError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    list(client, &Target::new("/configs").filtered(&json!({ "name": names }))).await
}

/// The engine's filter takes prefixes too; only exact names are wanted, and none twice.
fn add_configs(configs: &mut Vec<LiveConfig>, others: Vec<LiveConfig>, names: &[String]) {
    let known: BTreeSet<String> = configs.iter().map(|c| c.id.clone()).collect();
    configs.extend(others.into_iter().filter(|c| names.contains(&c.name) && !known.contains(&c.id)));
}

/// Networks that services refer to and the list lacks: swarm's own `host`, `bridge` and `none`, or removed ones.
fn unlisted(services: &[LiveService], networks: &[LiveNetwork]) -> BTreeSet<String> {
    let known: BTreeSet<&str> = networks.iter().flat_map(|n| [n.id.as_str(), n.name.as_str()]).collect();
    let attachments = services.iter().flat_map(|service| {
        let lists = ["/TaskTemplate/Networks", "/Networks"].into_iter().filter_map(|path| service.spec.pointer(path));
        lists.filter_map(Value::as_array).flatten()
    });
    let targets = attachments.filter_map(|attachment| attachment.get("Target")?.as_str());
    targets.filter(|target| !target.is_empty() && !known.contains(target)).map(str::to_owned).collect()
}

async fn unlisted_networks(client: &Client, ids: BTreeSet<String>) -> Result<Vec<Value>, EngineError> {
    let answers = stream::iter(ids).map(|id| async move {
        match client.find(&Target::of("/networks", &id)).await? {
            Some(answer) => answer.json().map(Some),
            None => Ok(None),
        }
    });
    answers.buffer_unordered(NETWORKS_AT_ONCE).try_filter_map(|found| async move { Ok(found) }).try_collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_networks_that_nobody_listed_are_asked_for() {
        let service = |networks: Value| {
            decode::service(json!({"ID": "s", "Version": {"Index": 1},
                "Spec": {"Name": "w", "TaskTemplate": {"Networks": networks}, "Networks": null}}))
            .unwrap()
        };
        let services = [
            service(json!([{"Target": "listed"}, {"Target": "hostid"}])),
            service(json!([{"Target": "hostid"}, {"Target": "webnet"}, {"Target": ""}])),
            service(Value::Null),
        ];
        let networks = [decode::network(json!({"Id": "listed", "Name": "webnet"})).unwrap()];
        assert_eq!(unlisted(&services, &networks), BTreeSet::from(["hostid".to_owned()]));
    }

    #[test]
    fn tasks_of_others_matter_for_the_room_that_they_hold() {
        let task = |service: &str, state: &str| {
            decode::task(json!({"ID": "t", "ServiceID": service, "NodeID": "n1", "DesiredState": "running",
                "Spec": {"Resources": {"Reservations": {"MemoryBytes": 5}}, "ContainerSpec": {"Env": ["A=secret"]}},
                "Status": {"State": state}}))
            .unwrap()
        };
        let own = decode::service(json!({"ID": "own", "Version": {"Index": 1},
            "Spec": {"Name": "st_web", "Labels": {"com.docker.stack.namespace": "st"}}}))
        .unwrap();
        let snapshot = Snapshot { stack: "st".to_owned(), services: vec![own], ..Snapshot::default() };
        let all = vec![task("own", "failed"), task("other", "running"), task("other", "failed")];
        let kept = what_matters(all, &snapshot);
        assert_eq!(kept.iter().map(|t| t.service.as_str()).collect::<Vec<_>>(), ["own", "other"]);
        assert!(kept[0].spec.get("ContainerSpec").is_some());
        assert_eq!(*kept[1].spec, json!({"Resources": {"Reservations": {"MemoryBytes": 5}}}));
    }

    #[test]
    fn a_config_is_there_once_and_by_its_exact_name() {
        let config = |id: &str, name: &str| {
            decode::config(json!({"ID": id, "Version": {"Index": 1}, "Spec": {"Name": name}})).unwrap()
        };
        let mut configs = vec![config("1", "a")];
        add_configs(
            &mut configs,
            vec![config("1", "a"), config("2", "b"), config("3", "bb")],
            &["a".into(), "b".into()],
        );
        assert_eq!(configs.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    }
}
