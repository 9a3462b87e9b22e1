//! A live network against what the files want of it. Swarm can change nothing of a network in place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fields::FieldInfo;
use crate::plan::{Effect, FieldChange, Op};
use crate::swarm::{DesiredNetwork, Kind, LiveNetwork, join};

/// Options that the engine adds by itself.
pub(in crate::plan) const ENGINES_OWN: &str = "com.docker.network.driver.overlay.vxlanid_list";

const DRIVER: FieldInfo = field("/Driver", "/driver");
const INTERNAL: FieldInfo = field("/Internal", "/internal");
const ATTACHABLE: FieldInfo = field("/Attachable", "/attachable");
const IPAM_DRIVER: FieldInfo = field("/IPAM/Driver", "/ipam/driver");
const SUBNETS: FieldInfo = field("/IPAM/Config", "/ipam/config");
const OPTIONS: FieldInfo = field("/Options", "/driver_opts");
const LABELS: FieldInfo = field("/Labels", "/labels");

/// Every field of a network that is compared.
pub(super) const FIELDS: &[FieldInfo] = &[DRIVER, INTERNAL, ATTACHABLE, IPAM_DRIVER, SUBNETS, OPTIONS, LABELS];

const fn field(spec: &'static str, compose: &'static str) -> FieldInfo {
    FieldInfo { kind: Kind::Network, spec, compose, effect: Effect::ForcesRecreate }
}

/// What differs. Subnets count only where the files fix them; the engine picks the others.
pub(in crate::plan) fn diff_network(desired: &DesiredNetwork, live: &LiveNetwork) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    let mut differ = |field: FieldInfo, path: &str, before: Option<Value>, after: Option<Value>| {
        if before == after {
            return;
        }
        let op = match (&before, &after) {
            (None, _) => Op::Add,
            (_, None) => Op::Remove,
            _ => Op::Replace,
        };
        let span = desired.origins.nearest(path);
        let effect = field.effect;
        fields.push(FieldChange::new(path, op, before, after, effect, span));
    };
    let body = &desired.body;
    // For a moment after it was made swarm has not allocated it, and an engine tells neither driver nor addresses nor options.
    let allocated = !live.driver.is_empty();
    let mut whole = |field: FieldInfo, before, after| differ(field, field.compose, before, after);
    if allocated {
        whole(DRIVER, Some(json!(live.driver)), body.get("Driver").cloned());
    }
    for field in [INTERNAL, ATTACHABLE] {
        let flag = |v: &Value| Some(Value::Bool(v.pointer(field.spec).and_then(Value::as_bool).unwrap_or(false)));
        whole(field, flag(&live.raw), flag(body));
    }
    if allocated {
        let ipam_driver = |v: &Value| {
            let named = v.pointer(IPAM_DRIVER.spec).and_then(Value::as_str);
            Some(json!(named.unwrap_or("default")))
        };
        whole(IPAM_DRIVER, ipam_driver(&live.raw), ipam_driver(body));
    }
    let wanted = subnets(body);
    if allocated && !wanted.is_empty() {
        let list = |subnets: BTreeSet<String>| Some(json!(subnets));
        whole(SUBNETS, list(subnets(&live.raw)), list(wanted));
    }
    let options = |v: &Value| {
        let mut map = strings(v.get("Options"));
        map.remove(ENGINES_OWN);
        map
    };
    let options = allocated.then(|| (OPTIONS, options(&live.raw), options(body)));
    let labels = (LABELS, live.labels.clone(), strings(body.get("Labels")));
    for (field, before, after) in options.into_iter().chain([labels]) {
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let value = |map: &BTreeMap<String, String>| map.get(key).map(|v| json!(v));
            differ(field, &join(field.compose, key), value(&before), value(&after));
        }
    }
    fields
}

fn strings(value: Option<&Value>) -> BTreeMap<String, String> {
    let pairs = value.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
}

fn subnets(value: &Value) -> BTreeSet<String> {
    let list = value.pointer(SUBNETS.spec).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|c| c.get("Subnet")?.as_str()).map(str::to_owned).collect()
}
