//! What a look reads, whichever stacks it is about.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::Value;

use super::EngineError;
use super::client::Client;
use super::decode;
use super::target::Target;
use crate::swarm::{Cluster, Damaged, Kind, List, LiveNetwork, LiveSecret, LiveService, Node, Snapshot, Task};

/// Networks asked for one by one, at once.
const NETWORKS_AT_ONCE: usize = 8;

/// Everything in the swarm but its configs.
pub(super) struct Common {
    pub cluster: Cluster,
    /// The engine's clock.
    pub taken: Option<Timestamp>,
    pub services: List<LiveService>,
    /// Those that the engine lists, and those that services refer to.
    pub networks: List<LiveNetwork>,
    pub secrets: List<LiveSecret>,
    pub nodes: List<Node>,
    pub tasks: Vec<Task>,
    pub damaged: Vec<Damaged>,
}

impl Common {
    /// Six requests at once, and those for the networks that are not listed.
    pub async fn read(client: &Client) -> Result<Self, EngineError> {
        let targets = [
            Target::new("/services").with("status", "true"),
            // Tasks of others hold room that a stack cannot have.
            Target::new("/tasks"),
            Target::new("/networks"),
            Target::new("/secrets"),
            Target::new("/nodes"),
        ];
        let [services, tasks, networks, secrets, nodes] = &targets;
        let (info, services, tasks, networks, secrets, nodes) = tokio::join!(
            async { client.get(&Target::new("/info")).await?.json() },
            list(client, services),
            async { client.get(tasks).await?.tasks() },
            list(client, networks),
            list(client, secrets),
            list(client, nodes),
        );
        // On a node that is no manager all the others fail too; this one says why.
        let info = info?;
        let cluster = decode::cluster(&info, client.endpoint(), client.version()).map_err(EngineError::Refused)?;
        let mut damaged = Vec::new();
        let services = decode::each(services?, Some(Kind::Service), decode::service).keep(&mut damaged);
        let tasks = tasks?.keep(&mut damaged);
        let mut networks = decode::each(networks?, Some(Kind::Network), decode::network).keep(&mut damaged);
        let secrets = decode::each(secrets?, Some(Kind::Secret), decode::secret).keep(&mut damaged);
        let nodes = decode::each(nodes?, None, decode::node).keep(&mut damaged);
        let found = unlisted_networks(client, unlisted(&services, &networks)).await?;
        networks.extend(decode::each(found, Some(Kind::Network), decode::network).keep(&mut damaged));
        Ok(Self {
            cluster,
            taken: decode::clock(&info),
            services: services.into(),
            networks: networks.into(),
            secrets: secrets.into(),
            nodes: nodes.into(),
            tasks,
            damaged,
        })
    }

    /// For one stack, still without tasks and configs; and the tasks of all.
    pub fn snapshot(self, stack: &str) -> (Snapshot, Vec<Task>) {
        let Self { cluster, taken, services, networks, secrets, nodes, tasks, damaged } = self;
        let stack = stack.to_owned();
        let (configs, none) = (Vec::new(), Vec::new());
        (Snapshot { cluster, stack, taken, services, networks, configs, secrets, tasks: none, nodes, damaged }, tasks)
    }
}

pub(super) async fn list(client: &Client, target: &Target) -> Result<Vec<Value>, EngineError> {
    client.get(target).await?.list()
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
    use serde_json::json;

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
}
