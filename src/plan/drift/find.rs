//! Everything that is otherwise than the last release left it; the files have no say in it.

use std::collections::BTreeSet;

use super::compare;
use super::model::{Drift, What};
use crate::plan::diff::{Names, unscoped};
use crate::plan::options::listed;
use crate::plan::record::wish;
use crate::swarm::{Kind, Lookup, Recorded, RecordedService, Snapshot};

/// By object, services first. `ignore` are paths as `--ignore` takes them.
pub fn find(recorded: &Recorded, live: &Snapshot, ignore: &[String]) -> Vec<Drift> {
    let live = &Lookup::new(live);
    let names = Names::new(&wish(recorded), live);
    let ignore: Vec<String> = recorded.ignore.iter().chain(ignore).cloned().collect();
    let mut all: Vec<Drift> = recorded.services.iter().flat_map(|s| service(s, live, &names, &ignore)).collect();
    for network in &recorded.networks {
        match live.own_networks().find(|n| n.name == network.name) {
            None => all.push(Drift::whole(Kind::Network, &network.key, &network.name, What::Removed)),
            Some(now) => all.extend(
                compare::network(network, now)
                    .into_iter()
                    .map(|field| Drift::field(Kind::Network, &network.key, &network.name, field)),
            ),
        }
    }
    let configs = recorded.configs.iter().filter(|c| live.own_config(&c.name).is_none());
    all.extend(configs.map(|c| Drift::whole(Kind::Config, &c.key, &c.name, What::Removed)));
    let secrets = recorded.secrets.iter().filter(|s| live.own_secret(&s.name).is_none());
    all.extend(secrets.map(|s| Drift::whole(Kind::Secret, &s.key, &s.name, What::Removed)));
    let known: BTreeSet<&str> = recorded.services.iter().map(|s| s.name.as_str()).collect();
    let mut unmanaged: Vec<_> = live.own_services().filter(|s| !known.contains(s.name.as_str())).collect();
    unmanaged.sort_by(|a, b| a.name.cmp(&b.name));
    all.extend(
        unmanaged.into_iter().map(|s| {
            Drift::whole(Kind::Service, unscoped(&live.stack, &s.name), &s.name, What::Unmanaged).of_service(s)
        }),
    );
    all
}

fn service(recorded: &RecordedService, live: &Lookup, names: &Names, ignore: &[String]) -> Vec<Drift> {
    let Some(now) = live.own_service(&recorded.name) else {
        return vec![Drift::whole(Kind::Service, &recorded.key, &recorded.name, What::Removed)];
    };
    if now.version == recorded.index {
        return Vec::new();
    }
    let ignored = |path: &str| listed(ignore, &recorded.key, path);
    let fields = compare::service(recorded, now, names, &ignored);
    let quiet = fields.is_empty() && compare::written_since(recorded, now);
    let again = quiet.then(|| Drift::whole(Kind::Service, &recorded.key, &recorded.name, What::Resubmitted));
    let changed = fields.into_iter().map(|field| Drift::field(Kind::Service, &recorded.key, &recorded.name, field));
    changed.chain(again).map(|drift| drift.of_service(now)).collect()
}
