//! A record that takes over what is live.

use std::collections::BTreeSet;

use super::keep::{Keep, assemble, service};
use crate::plan::diff::unscoped;
use crate::swarm::{LiveService, Recorded, RecordedService, Snapshot};

/// The record with what is live of `services` (Compose keys). None named: all that it knows, and no other.
pub fn accept(previous: &Recorded, live: &Snapshot, services: &[String]) -> Recorded {
    let nothing = BTreeSet::new();
    let from = Keep { live, desired: None, previous: Some(previous), untouched: &nothing };
    let accepted = |key: &str| services.is_empty() || services.iter().any(|s| s == key);
    let now = |name: &str| live.own_services().find(|s| s.name == name);
    let known = previous.services.iter().filter_map(|then| {
        if !accepted(&then.key) {
            return Some(then.clone());
        }
        // What only the files knew stays known.
        now(&then.name).map(|now| RecordedService {
            depends_on: then.depends_on.clone(),
            wave: then.wave,
            ..service(from, now, None)
        })
    });
    let key = |s: &LiveService| unscoped(&live.stack, &s.name).to_owned();
    let new = live
        .own_services()
        .filter(|s| previous.service(&s.name).is_none() && services.contains(&key(s)))
        .map(|s| service(from, s, None));
    assemble(from, known.chain(new).collect())
}
