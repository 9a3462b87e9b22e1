//! What the engine's API version cannot hold. Such a field would be dropped without an error.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::FIELD_TOO_NEW;
use crate::plan::draft::Draft;
use crate::swarm::{DesiredService, Members};

/// Fields that came later than the oldest version that is spoken (1.41).
const SINCE: &[(&str, &str, (u32, u32))] = &[
    ("/TaskTemplate/ContainerSpec/Healthcheck/StartInterval", "/healthcheck/start_interval", (1, 44)),
    ("/TaskTemplate/ContainerSpec/OomScoreAdj", "/oom_score_adj", (1, 46)),
];

/// Types of mounts that came later; an older engine refuses them.
const MOUNT_TYPES: &[(&str, (u32, u32))] = &[("cluster", (1, 42))];

/// Containers have had it since API 1.48, and no engine's swarm takes it (moby/swarmkit#3198).
const NOT_IN_SWARM: &str = "image";

/// `VolumeOptions.Subpath`; an older engine mounts the whole volume.
const SUBPATH: (u32, u32) = (1, 45);

/// `version` is `1.44`; one that cannot be read is taken for the oldest.
pub(in crate::plan) fn api_at_least(version: &str, least: (u32, u32)) -> bool {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    match (major.parse::<u32>(), minor.parse::<u32>()) {
        (Ok(major), Ok(minor)) => (major, minor) >= least,
        _ => (1, 41) >= least,
    }
}

/// Takes out what the engine would drop in silence, and says so: the plan promises only what will be stored.
pub(in crate::plan) fn drop_newer_fields(desired: &DesiredService, want: &mut Value, draft: &mut Draft) {
    let version = draft.snapshot.cluster.api_version.clone();
    let address = format!("service/{}", desired.key);
    let wanted = |major: u32, minor: u32| format!("needs API {major}.{minor}; this engine speaks {version}");
    for (pointer, path, (major, minor)) in SINCE {
        let written = want.member(pointer).is_some_and(|v| !v.is_null());
        if !written || api_at_least(&version, (*major, *minor)) {
            continue;
        }
        if let Some((parent, key)) = pointer.rsplit_once('/')
            && let Some(Value::Object(object)) = want.member_mut(parent)
        {
            object.shift_remove(key);
        }
        let name = path.trim_start_matches('/').replace('/', ".");
        let problem = Diagnostic::warning(FIELD_TOO_NEW, format!("`{name}` {}", wanted(*major, *minor)))
            .help("the engine would drop it in silence, so it is left out; remove it, or update the engine")
            .about(address.clone());
        draft.note(problem, desired.origins.nearest(path));
    }
    let mounts = want.member_mut("/TaskTemplate/ContainerSpec/Mounts").and_then(Value::as_array_mut);
    for mount in mounts.into_iter().flatten() {
        let target = mount.get("Target").and_then(Value::as_str).unwrap_or_default().to_owned();
        let place = desired.origins.nearest(&crate::swarm::join("/volumes", &target));
        let kind = mount.get("Type").and_then(Value::as_str).unwrap_or_default();
        if kind == NOT_IN_SWARM {
            let problem = Diagnostic::error(FIELD_TOO_NEW, format!("swarm takes no mount of type `{kind}`"))
                .help("put it into the service's own image, or into a volume; for an engine that takes it: `--skip-preflight SU0506`")
                .about(address.clone());
            draft.refuse(problem, place);
            continue;
        }
        if let Some((kind, least)) = MOUNT_TYPES.iter().find(|(k, least)| *k == kind && !api_at_least(&version, *least))
        {
            let problem = Diagnostic::error(FIELD_TOO_NEW, format!("a `{kind}` mount {}", wanted(least.0, least.1)))
                .help("mount something else at this target, or update the engine")
                .about(address.clone());
            draft.refuse(problem, place);
        }
        let options = mount.get_mut("VolumeOptions").and_then(Value::as_object_mut);
        if !api_at_least(&version, SUBPATH) && options.is_some_and(|o| o.shift_remove("Subpath").is_some()) {
            let said = format!("`subpath` of the volume at `{target}` {}", wanted(SUBPATH.0, SUBPATH.1));
            let problem = Diagnostic::warning(FIELD_TOO_NEW, said)
                .help("the engine would drop it in silence, so the WHOLE volume is mounted there; update the engine")
                .about(address.clone());
            draft.note(problem, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert!(api_at_least("1.44", (1, 44)) && api_at_least("1.100", (1, 44)) && api_at_least("2.0", (1, 44)));
        assert!(!api_at_least("1.41", (1, 44)) && !api_at_least("", (1, 44)));
    }
}
