//! What a reviewed plan did to each object, in a few digits, so that a later one can tell what moved. It approves nothing.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::plan::document::{Change, Document};

/// Address to digits.
pub type Objects = BTreeMap<String, String>;

/// Past this many characters the header goes without.
const MOST: usize = 12_000;

/// `None` where there are too many for a comment.
pub fn of(plan: &Document) -> Option<Objects> {
    let all: Objects = plan.changes.iter().map(|change| (change.address.clone(), digits(change))).collect();
    let size: usize = all.iter().map(|(address, digits)| address.chars().count() + digits.len() + 6).sum();
    (size <= MOST).then_some(all)
}

fn digits(change: &Change) -> String {
    let fields: Vec<_> =
        change.fields.iter().map(|field| json!([field.path, field.before, field.after, field.sensitive])).collect();
    let text = json!([change.action.as_str(), fields, change.content_diff]).to_string();
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// A line an object that is planned otherwise now.
pub fn moved(reviewed: &Objects, fresh: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &fresh.changes {
        let now = match change.reasons.is_empty() {
            true => change.action.as_str().to_owned(),
            false => format!("{}: {}", change.action.as_str(), change.reasons.join(", ")),
        };
        match reviewed.get(&change.address) {
            None => lines.push(format!("{} was not in the reviewed plan; now {now}", change.address)),
            Some(before) if *before != digits(change) => {
                lines.push(format!("{} is planned otherwise than was reviewed; now {now}", change.address));
            }
            Some(_) => {}
        }
    }
    for address in reviewed.keys().filter(|address| !fresh.changes.iter().any(|c| c.address == **address)) {
        lines.push(format!("{address} was in the reviewed plan; now nothing is to be done to it"));
    }
    if lines.is_empty() {
        lines.push("no difference can be seen: a sensitive value, or the swarm itself, is another one".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;
    use crate::plan::document::sample::{document, everything};

    #[test]
    fn tells_what_came_went_and_changed() {
        let plan = document(&everything());
        let reviewed = of(&plan).unwrap();
        assert_eq!(moved(&reviewed, &plan).len(), 1, "nothing to see");
        let mut fresh = plan.clone();
        let gone = fresh.changes.remove(0).address;
        fresh.changes[0].action = Action::Remove;
        let mut new = fresh.changes[1].clone();
        new.address = "service/fresh".to_owned();
        fresh.changes.push(new);
        let lines = moved(&reviewed, &fresh).join("\n");
        assert!(lines.contains(&format!("{gone} was in the reviewed plan")), "{lines}");
        assert!(lines.contains("service/fresh was not in the reviewed plan"), "{lines}");
        assert!(lines.contains(&format!("{} is planned otherwise", fresh.changes[0].address)), "{lines}");
        assert_eq!(lines.lines().count(), 3, "{lines}");
    }
}
