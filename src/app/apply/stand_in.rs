//! Stands for a change in a run that writes nothing: somebody else has written it, or it is live already.

use std::collections::BTreeMap;

use crate::diagnostic::Span;
use crate::plan::{Action, Change, Impact, Preconditions, Write};
use crate::swarm::{Kind, LiveService};

pub(super) fn stand_in(key: &str, live: &LiveService, span: Option<Span>) -> Change {
    Change {
        kind: Kind::Service,
        key: key.to_owned(),
        name: live.name.clone(),
        id: Some(live.id.clone()),
        action: Action::Update,
        wave: 1,
        after: BTreeMap::new(),
        reasons: Vec::new(),
        fields: Vec::new(),
        content_diff: None,
        impact: Impact::default(),
        rollout: None,
        health: None,
        preconditions: Preconditions {
            present: true,
            index: Some(live.version),
            spec_digest: None,
            update_state: live.update.as_ref().map(|u| u.state.as_str().to_owned()),
        },
        span,
        write: Write::UpdateService { id: live.id.clone(), spec: live.spec.as_ref().clone(), before: None },
    }
}
