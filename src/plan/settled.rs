//! What a service comes to with the plan, as far as others have to know: whole specs of a thousand services are a lot.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Change;
use super::preflight::{FixedPort, fixed_ports};
use super::version::references;
use crate::swarm::{Kind, Members};

/// One service of the files.
#[derive(Clone, Debug, Default)]
pub(super) struct Settled {
    pub ports: BTreeSet<FixedPort>,
    /// Names of configs and secrets.
    pub files: BTreeSet<(Kind, String)>,
    /// Networks by id or name, as the spec has them.
    pub networks: Vec<String>,
    /// The plan writes it.
    pub changed: bool,
    /// Of the live service that is written.
    pub id: Option<String>,
}

impl Settled {
    /// `spec` is the one that will be live.
    pub fn of(spec: &Value, change: Option<&Change>) -> Self {
        Self {
            ports: fixed_ports(spec),
            files: references(spec),
            networks: networks(spec).map(str::to_owned).collect(),
            changed: change.is_some(),
            id: change.and_then(|change| change.id.clone()),
        }
    }
}

/// Networks that a spec names, by id or name.
pub(super) fn networks(spec: &Value) -> impl Iterator<Item = &str> {
    let list = spec.member("/TaskTemplate/Networks").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|network| network.get("Target")?.as_str())
}
