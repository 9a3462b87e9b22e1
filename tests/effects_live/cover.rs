//! Which fields there are, by path: `/TaskTemplate/ContainerSpec/Env/-` in a service's spec, `network:/Driver` in another's. `-` is
//! any item of a list, `*` any key of a map whose keys are the user's own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::rows::Part;

/// What no row can change, and why.
pub const WITHOUT_A_ROW: &[(&str, &str)] = &[
    ("/Name", "a service under another name is another service"),
    ("/TaskTemplate/Runtime", "always `container`: the engine writes it"),
    (
        "/TaskTemplate/ContainerSpec/Privileges/SELinuxContext",
        "no Compose file sets it; what is set by hand stays (a row shows it)",
    ),
    ("/TaskTemplate/ContainerSpec/Mounts/-/ClusterOptions", "always empty, and no engine keeps it"),
    ("network:/Scope", "never in a Compose file"),
    ("network:/Ingress", "never in a Compose file"),
    ("network:/ConfigFrom", "never in a Compose file"),
    ("network:/ConfigOnly", "never in a Compose file"),
    ("network:/IPAM/Options", "not taken from a Compose file"),
    ("network:/CheckDuplicate", "asks the engine to look for another of that name; it is not stored"),
];

/// Maps whose keys are the user's own.
const MAPS: &[&str] = &["Labels", "Options", "DriverOpts", "Sysctls"];

/// Every leaf of a spec with its values; an empty object is a leaf, null is none.
pub fn leaves(spec: &Value) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    walk(spec, "", &mut all);
    all
}

fn walk(value: &Value, path: &str, all: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Null => {}
        Value::Object(object) if !object.is_empty() => {
            let own = path.rsplit('/').next().is_some_and(|name| MAPS.contains(&name));
            for (key, value) in object {
                if own {
                    all.entry(format!("{path}/*")).or_default().push(format!("{key}={value}"));
                } else {
                    walk(value, &format!("{path}/{key}"), all);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{path}/-"), all)),
        leaf => all.entry(path.to_owned()).or_default().push(leaf.to_string()),
    }
}

/// What stands at a path and below it.
pub fn at<'a>(leaves: &'a BTreeMap<String, Vec<String>>, path: &str) -> Vec<(&'a String, &'a Vec<String>)> {
    leaves.iter().filter(|(leaf, _)| is_below(leaf, path)).collect()
}

fn is_below(leaf: &str, path: &str) -> bool {
    leaf.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Those of these paths that no row is about.
pub fn without_a_row<'a>(paths: impl IntoIterator<Item = &'a str>, parts: &[Part]) -> Vec<String> {
    let rows = parts.iter().flat_map(|part| &part.rows).flat_map(|row| row.covers.iter().copied());
    let known: BTreeSet<&str> = rows.chain(WITHOUT_A_ROW.iter().map(|(path, _)| *path)).collect();
    // An empty object stands for all that could be in it, and a part of a field for the field.
    let covered = |path: &str| known.iter().any(|known| is_below(known, path) || is_below(path, known));
    paths.into_iter().filter(|path| !covered(path)).map(str::to_owned).collect()
}
