//! Two documents.

use super::clear;
use super::rules::by_key;
use super::service::service;
use crate::compose::document::Document;

/// `next` over `base`. Networks, volumes, secrets and configs are replaced whole.
pub fn document(mut base: Document, next: Document) -> Document {
    clear::document(&mut base, &next.cleared);
    for (name, other) in next.stack.services {
        let merged = match base.stack.services.remove(&name) {
            Some(own) => service(own, other),
            None => other,
        };
        base.stack.services.insert(name, merged);
    }
    by_key(&mut base.stack.networks, next.stack.networks);
    by_key(&mut base.stack.volumes, next.stack.volumes);
    by_key(&mut base.stack.secrets, next.stack.secrets);
    by_key(&mut base.stack.configs, next.stack.configs);
    // Like docker, which keeps the first file's notes only; our own settings count wherever they stand.
    for (key, value) in next.stack.extensions.into_iter().filter(|(k, _)| k.starts_with("x-stackup")) {
        base.stack.extensions.insert(key, value);
    }
    base.stack.name = next.stack.name.or(base.stack.name);
    base.stack.version = base.stack.version.or(next.stack.version);
    base.cleared.extend(next.cleared);
    base.layers.over(next.layers);
    base.version = base.version.or(next.version);
    for (name, profiles) in next.profiles {
        base.profiles.entry(name).or_default().extend(profiles);
    }
    base
}
