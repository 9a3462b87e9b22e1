//! The last look before the first write: is everything still as the plan saw it?

use crate::engine::Wanted;
use crate::plan::{Change, Plan, Write, spec_digest};
use crate::swarm::{Kind, Snapshot};

use super::outcome::StaleObject;

/// Configs that services of the plan refer to; a snapshot holds those of other stacks only when asked.
pub(super) fn wanted(plan: &Plan) -> Wanted {
    let mut configs: Vec<String> = Vec::new();
    for change in &plan.changes {
        let Some(spec) = service_spec(change) else {
            if change.kind == Kind::Config {
                configs.push(change.name.clone());
            }
            continue;
        };
        let container = &spec["TaskTemplate"]["ContainerSpec"];
        let list = container["Configs"].as_array().into_iter().flatten();
        configs.extend(list.filter_map(|c| c["ConfigName"].as_str().map(str::to_owned)));
        configs.extend(container["Privileges"]["CredentialSpec"]["Config"].as_str().map(str::to_owned));
    }
    configs.sort();
    configs.dedup();
    Wanted { configs }
}

/// The ServiceSpec that a change writes.
pub(super) fn service_spec(change: &Change) -> Option<&serde_json::Value> {
    match &change.write {
        Write::CreateService { spec } | Write::UpdateService { spec, .. } | Write::RecreateService { spec, .. } => {
            Some(spec)
        }
        _ => None,
    }
}

/// Everything that is no longer as the plan saw it; empty means: write.
pub(super) fn stale(plan: &Plan, snapshot: &Snapshot) -> Vec<StaleObject> {
    if plan.cluster.id != snapshot.cluster.id {
        return vec![StaleObject {
            address: "cluster".into(),
            why: format!(
                "the plan is for swarm {} ({}), this is swarm {} ({})",
                plan.cluster.id, plan.cluster.endpoint, snapshot.cluster.id, snapshot.cluster.endpoint
            ),
        }];
    }
    let object =
        |change: &Change| look(change, snapshot).err().map(|why| StaleObject { address: change.address(), why });
    plan.changes.iter().filter_map(object).collect()
}

/// Id and digest of what is live under the change's name; networks have no digest: swarm cannot change them.
fn live(change: &Change, snapshot: &Snapshot) -> Option<(String, Option<String>)> {
    let name = change.name.as_str();
    let of = |id: &String, spec| Some((id.clone(), Some(spec_digest(spec))));
    match change.kind {
        Kind::Network => snapshot.network(name).map(|n| (n.id.clone(), None)),
        Kind::Config => snapshot.config(name).and_then(|c| of(&c.id, &c.spec)),
        Kind::Secret => snapshot.secret(name).and_then(|s| of(&s.id, &s.spec)),
        Kind::Service => snapshot.service(name).and_then(|s| of(&s.id, &s.spec)),
    }
}

fn look(change: &Change, snapshot: &Snapshot) -> Result<(), String> {
    let expected = &change.preconditions;
    match (expected.present, live(change, snapshot)) {
        (false, None) => Ok(()),
        (false, Some(_)) => Err("exists now; when planned it did not".into()),
        (true, None) => Err("is gone; when planned it was there".into()),
        (true, Some((id, _))) if change.id.as_ref().is_some_and(|planned| *planned != id) => {
            Err("was removed and created again since the plan".into())
        }
        (true, Some((_, digest))) => match (&expected.spec_digest, digest) {
            (Some(planned), Some(now)) if *planned != now => Err("was changed by somebody since the plan".into()),
            _ => Ok(()),
        },
    }
}
