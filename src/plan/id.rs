//! The id of a decision.

use super::digest::{canonical, sha256};
use super::{Change, Write};
use crate::swarm::Cluster;

/// `p-` and 32 hex digits. What is decided is in it: which swarm, which stack, what is written to what and with what
/// effect. When, by whom, from where and at which index is not; nor is any sensitive value.
pub(super) fn plan_id(cluster: &Cluster, stack: &str, changes: &[Change]) -> String {
    let mut text = format!("stackup plan 1\n{}\n{stack}\n", cluster.id);
    for change in changes {
        text.push_str(&format!("{} {} {} {}\n", change.address(), change.name, change.action.as_str(), change.wave));
        match &change.write {
            Write::CreateConfig { content, .. } | Write::UpdateConfig { content, .. } => {
                text.push_str(&sha256(&content.0));
                text.push('\n');
            }
            Write::CreateNetwork { body } | Write::RecreateNetwork { body, .. } => {
                canonical(body, &mut text);
                text.push('\n');
            }
            _ => {}
        }
        for field in &change.fields {
            text.push_str(&format!("{} {:?} {} ", field.path, field.op, field.effect.as_str()));
            match &field.after {
                Some(_) if field.sensitive => {}
                Some(value) => canonical(value, &mut text),
                None => {}
            }
            text.push('\n');
        }
    }
    format!("p-{}", sha256(text.as_bytes()).get(..32).unwrap_or_default())
}
