//! A live network against what the files want of it. Swarm can change nothing of a network in place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::plan::{Effect, FieldChange, Op};
use crate::swarm::{DesiredNetwork, LiveNetwork, join};

/// Options that the engine adds by itself.
const ENGINES_OWN: &str = "com.docker.network.driver.overlay.vxlanid_list";

/// What differs. Subnets count only where the files fix them; the engine picks the others.
pub(in crate::plan) fn diff_network(desired: &DesiredNetwork, live: &LiveNetwork) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    let mut differ = |path: &str, before: Option<Value>, after: Option<Value>| {
        if before == after {
            return;
        }
        let op = match (&before, &after) {
            (None, _) => Op::Add,
            (_, None) => Op::Remove,
            _ => Op::Replace,
        };
        let span = desired.origins.nearest(path);
        let effect = Effect::ForcesRecreate;
        fields.push(FieldChange {
            path: path.into(),
            op,
            before,
            after,
            effect,
            sensitive: false,
            unknown: false,
            span,
        });
    };
    let body = &desired.body;
    differ("/driver", Some(json!(live.driver)), body.get("Driver").cloned());
    for (key, path) in [("Internal", "/internal"), ("Attachable", "/attachable")] {
        let flag = |v: &Value| Some(Value::Bool(v.get(key).and_then(Value::as_bool).unwrap_or(false)));
        differ(path, flag(&live.raw), flag(body));
    }
    let ipam_driver = body.pointer("/IPAM/Driver").and_then(Value::as_str).unwrap_or("default");
    let live_ipam = live.raw.pointer("/IPAM/Driver").and_then(Value::as_str).unwrap_or("default");
    differ("/ipam/driver", Some(json!(live_ipam)), Some(json!(ipam_driver)));
    let wanted = subnets(body);
    if !wanted.is_empty() {
        let list = |subnets: BTreeSet<String>| Some(json!(subnets));
        differ("/ipam/config", list(subnets(&live.raw)), list(wanted));
    }
    let options = |v: &Value| {
        let mut map = strings(v.get("Options"));
        map.remove(ENGINES_OWN);
        map
    };
    for (section, before, after) in [
        ("/driver_opts", options(&live.raw), options(body)),
        ("/labels", live.labels.clone(), strings(body.get("Labels"))),
    ] {
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let value = |map: &BTreeMap<String, String>| map.get(key).map(|v| json!(v));
            differ(&join(section, key), value(&before), value(&after));
        }
    }
    fields
}

fn strings(value: Option<&Value>) -> BTreeMap<String, String> {
    let pairs = value.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
}

fn subnets(value: &Value) -> BTreeSet<String> {
    let list = value.pointer("/IPAM/Config").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|c| c.get("Subnet")?.as_str()).map(str::to_owned).collect()
}
