//! What was approved: enough of a plan to tell later whether another one does the same.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Decision, Ground, Plan};
use crate::swarm::Kind;

/// No sensitive value is in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Approved {
    /// Which swarm.
    pub cluster_id: String,
    pub endpoint: String,
    pub decision: Decision,
    pub ground: Ground,
    /// For saying what is different now.
    pub changes: Vec<ApprovedChange>,
}

/// One change, as far as people are told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovedChange {
    pub address: String,
    pub kind: Kind,
    pub name: String,
    pub action: String,
    pub fields: Vec<ApprovedField>,
}

/// One field of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovedField {
    pub path: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub sensitive: bool,
}

impl Plan {
    /// Approved before the swarm had a key: what could not be seen then is not compared.
    pub fn is_approved_by(&self, id: &str) -> bool {
        is_same(id, &self.id) || is_same(id, &self.decision.keyless_id)
    }
}

impl Approved {
    pub fn of(plan: &Plan) -> Self {
        let changes = plan.changes.iter().map(|change| ApprovedChange {
            address: change.address(),
            kind: change.kind,
            name: change.name.clone(),
            action: change.action.as_str().to_owned(),
            fields: change
                .fields
                .iter()
                .map(|field| ApprovedField {
                    path: field.path.clone(),
                    before: field.before.clone(),
                    after: field.after.clone(),
                    sensitive: field.sensitive,
                })
                .collect(),
        });
        Self {
            cluster_id: plan.cluster.id.clone(),
            endpoint: plan.cluster.endpoint.clone(),
            decision: plan.decision.clone(),
            ground: plan.ground.clone(),
            changes: changes.collect(),
        }
    }

    pub(super) fn change(&self, address: &str) -> Option<&ApprovedChange> {
        self.changes.iter().find(|change| change.address == address)
    }
}

/// An approval may name the short form that people see: 12 digits or more, with or without dashes.
pub fn is_same(approved: &str, id: &str) -> bool {
    let digits = |text: &str| text.trim().strip_prefix("p-").unwrap_or(text.trim()).replace('-', "").to_lowercase();
    let (approved, id) = (digits(approved), digits(id));
    approved.len() >= 12 && id.starts_with(&approved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_names_one_plan() {
        let id = "p-6c1f90ab22e4aaaaaaaaaaaaaaaaaaaa";
        for (approved, same) in [
            ("p-6c1f-90ab-22e4", true),
            (id, true),
            ("6C1F90AB22E4", true),
            ("p-6c1f-90ab", false),
            ("p-6c1f-90ab-22e5", false),
            ("", false),
        ] {
            assert_eq!(is_same(approved, id), same, "{approved}");
        }
    }
}
