//! One look at the swarm: seven requests at once, eight with configs of others, and one for each network that the
//! engine's list leaves out.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::EngineError;
use super::client::Client;
use super::common::{Common, list};
use super::decode;
use super::reader::of_stack;
use super::target::Target;
use crate::swarm::{Kind, LiveConfig, Snapshot, Task};

/// What a snapshot must hold beside the objects with the stack's label.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Names of configs that are not ours, or that have a `name:`.
    pub configs: Vec<String>,
}

pub(super) async fn take(client: &Client, stack: &str, wanted: &Wanted) -> Result<Snapshot, EngineError> {
    let own = Target::new("/configs").filtered(&json!({ "label": [of_stack(stack)] }));
    let (common, configs, others) =
        tokio::join!(Common::read(client), list(client, &own), named_configs(client, &wanted.configs));
    let (mut snapshot, tasks) = common?.snapshot(stack);
    let damaged = &mut snapshot.damaged;
    snapshot.configs = decode::each(configs?, Some(Kind::Config), decode::config).keep(damaged);
    let others = decode::each(others?, Some(Kind::Config), decode::config).keep(damaged);
    snapshot.tasks = what_matters(tasks, &snapshot);
    add_configs(&mut snapshot.configs, others, &wanted.configs);
    Ok(snapshot)
}

/// All tasks of the stack; of others those that have not ended, with what they reserve and nothing else.
fn what_matters(tasks: Vec<Task>, snapshot: &Snapshot) -> Vec<Arc<Task>> {
    let own: BTreeSet<&str> = snapshot.own_services().map(|service| service.id.as_str()).collect();
    let kept = tasks.into_iter().filter_map(|task| match own.contains(task.service.as_str()) {
        true => Some(task),
        false => of_others(task),
    });
    kept.map(Arc::new).collect()
}

/// What matters of a task of another stack: the room that it holds, if it does.
pub(super) fn of_others(mut task: Task) -> Option<Task> {
    if task.state.is_over() {
        return None;
    }
    task.spec = Arc::new(json!({ "Resources": task.spec.get("Resources") }));
    Some(task)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_others_matter_for_the_room_that_they_hold() {
        let task = |service: &str, state: &str| {
            decode::task(&json!({"ID": "t", "ServiceID": service, "NodeID": "n1", "DesiredState": "running",
                "Spec": {"Resources": {"Reservations": {"MemoryBytes": 5}}, "ContainerSpec": {"Env": ["A=secret"]}},
                "Status": {"State": state}}))
            .unwrap()
        };
        let own = decode::service(json!({"ID": "own", "Version": {"Index": 1},
            "Spec": {"Name": "st_web", "Labels": {"com.docker.stack.namespace": "st"}}}))
        .unwrap();
        let snapshot = Snapshot { stack: "st".to_owned(), services: vec![own].into(), ..Snapshot::default() };
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
