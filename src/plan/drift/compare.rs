//! A recorded object against the live one, by the one differ.

use std::collections::BTreeMap;

use crate::plan::FieldChange;
use crate::plan::diff::{Names, ResolveImage, diff_network, diff_service};
use crate::swarm::{
    DesiredNetwork, DesiredService, LiveNetwork, LiveService, Origins, RecordedNetwork, RecordedService,
};

/// What would put the live service back: `before` is live, `after` was applied. Empty where both mean the same.
pub(super) fn service(
    recorded: &RecordedService,
    live: &LiveService,
    names: &Names,
    ignored: &dyn Fn(&str) -> bool,
) -> Vec<FieldChange> {
    let applied = DesiredService {
        key: recorded.key.clone(),
        name: recorded.name.clone(),
        spec: recorded.spec.clone(),
        origins: Origins::default(),
        depends_on: BTreeMap::new(),
        wave: None,
    };
    // The recorded image is pinned: no registry has a say in it.
    let never = (ResolveImage::Never, BTreeMap::new());
    diff_service(&applied, &recorded.spec, live, names, never.0, &never.1, ignored).fields
}

pub(super) fn network(recorded: &RecordedNetwork, live: &LiveNetwork) -> Vec<FieldChange> {
    let applied = DesiredNetwork {
        key: recorded.key.clone(),
        name: recorded.name.clone(),
        body: recorded.body.clone(),
        origins: Origins::default(),
    };
    diff_network(&applied, live)
}

/// Somebody wrote the service since it was recorded. The index alone does not tell: swarm moves it with the state of an
/// update too. But a write begins another update, or wipes the state of the last one.
pub(super) fn written_since(recorded: &RecordedService, live: &LiveService) -> bool {
    if live.version == recorded.index {
        return false;
    }
    match (recorded.update_started, live.update.as_ref().map(|u| u.started)) {
        (_, None) => true,
        (Some(then), Some(now)) => now != Some(then),
        // It had only just been written when it was recorded.
        (None, Some(_)) => false,
    }
}
