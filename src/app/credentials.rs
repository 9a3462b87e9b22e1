//! Credentials of registries for what a plan writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use secrecy::SecretString;
use serde_json::Value;

use crate::engine::auth::Keyring;
use crate::plan::Plan;

/// X-Registry-Auth by the service's Compose key, and a sentence for each that cannot be read: nodes may have the image, or
/// need no credentials. `folder` is where `docker login` left them.
pub async fn of_plan(plan: &Plan, folder: Option<&Path>) -> (BTreeMap<String, SecretString>, BTreeSet<String>) {
    let (mut found, mut warnings) = (BTreeMap::new(), BTreeSet::new());
    let keyring = Keyring::new(folder);
    for change in &plan.changes {
        let Some(spec) = change.write.service_spec() else { continue };
        let Some(image) = spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str) else { continue };
        match keyring.get(image).await {
            Ok(Some(secret)) => {
                found.insert(change.key.clone(), secret);
            }
            Ok(None) => {}
            Err(error) => {
                warnings.insert(format!("{error}; services go without"));
            }
        }
    }
    (found, warnings)
}
