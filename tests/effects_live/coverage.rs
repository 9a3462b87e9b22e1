//! Nothing is left out: every field that a client sends, that we compare, write or find stored has a row, or a reason why not.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use stackup::plan::{Effect, fields};
use stackup::swarm::Kind;

use crate::bench::Seen;
use crate::cover::{WITHOUT_A_ROW, leaves, without_a_row};
use crate::rows;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn kept(name: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("fixtures/effects").join(name)).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Fields that an engine stores for the rows' services and no row is about.
pub fn of_stored(seen: &Seen) -> Vec<String> {
    let specs = seen.services.values().map(|service| leaves(&service.spec));
    let paths: BTreeSet<String> = specs.flat_map(std::collections::BTreeMap::into_keys).collect();
    without_a_row(paths.iter().map(String::as_str), &rows::all())
}

#[test]
fn every_field_that_a_client_sends_has_a_row() {
    let sent = kept("sent.txt");
    assert!(sent.len() > 100, "{}", sent.len());
    assert_eq!(without_a_row(sent.iter().map(String::as_str), &rows::all()), Vec::<String>::new());
}

/// Where recorded requests are at hand, the list is what stands in them.
#[test]
fn the_list_of_fields_that_a_client_sends_is_whole() {
    let shared = std::env::var_os("STACKUP_SHARED").map_or_else(|| root().join("../shared"), Into::into);
    let Ok(folder) = std::fs::read_dir(shared.join("data/captured")) else { return };
    let mut sent = BTreeSet::new();
    for path in folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let recorded: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for request in recorded["requests"].as_array().into_iter().flatten().filter(|r| r["method"] == "POST") {
            let path = request["path"].as_str().unwrap();
            let kinds =
                [("/services/", ""), ("/networks/", "network:"), ("/configs/", "config:"), ("/secrets/", "secret:")];
            let Some((_, kind)) = kinds.iter().find(|(part, _)| path.contains(part)) else { continue };
            sent.extend(leaves(&request["body"]).into_keys().map(|field| format!("{kind}{field}")));
        }
    }
    let kept = kept("sent.txt");
    let missing: Vec<&String> = sent.difference(&kept).collect();
    assert!(missing.is_empty(), "not in fixtures/effects/sent.txt:\n{missing:#?}");
}

/// A field of the table that decides has a row whose spec it changes.
#[test]
fn every_field_that_is_compared_has_a_row() {
    let path = |kind: Kind, spec: &str| match kind {
        Kind::Service => spec.to_owned(),
        kind => format!("{}:{spec}", kind.as_str()),
    };
    let all: Vec<String> = fields().map(|field| path(field.kind, field.spec)).collect();
    assert!(all.len() > 80, "{}", all.len());
    assert_eq!(without_a_row(all.iter().map(String::as_str), &rows::all()), Vec::<String>::new());
    let effects: BTreeSet<Effect> = fields().map(|field| field.effect).collect();
    assert_eq!(effects.len(), 5, "each effect is stated for some field");
}

/// Names of fields in the code that makes specs of Compose files.
#[test]
fn every_field_that_is_written_has_a_row() {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("src/swarm/convert")).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        // `.put("Name", …)`, `.put_full("Name", …)`, `json!({"Name": …})`
        let quoted = text.split('"').skip(1).step_by(2);
        let is_field = |word: &&str| {
            word.len() > 1 && word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphanumeric)
        };
        let before = |word: &str| [format!("(\"{word}\","), format!("\"{word}\":"), format!("\"{word}\" =>")];
        names.extend(
            quoted
                .filter(is_field)
                .filter(|word| before(word).iter().any(|form| text.contains(form)))
                .map(str::to_owned),
        );
    }
    assert!(names.len() > 80, "{names:?}");
    let parts = rows::all();
    let covers = parts.iter().flat_map(|part| &part.rows).flat_map(|row| row.covers.iter().copied());
    let known: BTreeSet<&str> =
        covers.chain(WITHOUT_A_ROW.iter().map(|(path, _)| *path)).flat_map(|path| path.split('/')).collect();
    let missing: Vec<&String> = names.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_reason_is_still_one() {
    let parts = rows::all();
    let rows: BTreeSet<&str> =
        parts.iter().flat_map(|part| &part.rows).flat_map(|row| row.covers.iter().copied()).collect();
    for (path, why) in WITHOUT_A_ROW {
        assert!(!rows.contains(path) && !why.is_empty(), "{path} has a row: the reason why not is none");
    }
    let mut names: Vec<String> = parts.iter().flat_map(|part| &part.rows).map(crate::row::Row::name).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "two rows have one name");
}
