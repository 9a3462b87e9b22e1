//! `volumes` and `tmpfs` → `ContainerSpec.Mounts`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{Object, labels_of, strings};
use super::trail::Trail;
use crate::compose::model::{Mount, MountType, Service, Stack, Volume};
use crate::diagnostic::code::{CONTRADICTION, UNDEFINED_REFERENCE};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned, closest};
use crate::swarm::{NAMESPACE_LABEL, join, scoped};

/// In file order.
pub(super) fn mounts(
    service: &Service,
    stack: &Stack,
    name: &str,
    trail: &mut Trail,
    diagnostics: &mut Diagnostics,
) -> Vec<Value> {
    let mut all = Vec::new();
    for mount in &service.mounts {
        trail.at(&join("/volumes", &mount.target.value), mount.span);
        check_options(mount, diagnostics);
        match spec(mount, &stack.volumes, name) {
            Ok(value) => all.push(value),
            Err(problem) => diagnostics.push(problem.about(format!("service/{}", service.name.value))),
        }
    }
    all
}

fn spec(mount: &Spanned<Mount>, volumes: &BTreeMap<String, Volume>, name: &str) -> Result<Value, Box<Diagnostic>> {
    let mut source = mount.source.as_ref().map(|s| s.value.clone()).unwrap_or_default();
    let mut options: Option<(&str, Object)> = None;
    match mount.kind {
        MountType::Volume if source.is_empty() => {}
        MountType::Volume => {
            let volume = declared(mount, &source, volumes)?;
            let mut of_volume = Object::default();
            of_volume.put_full("NoCopy", mount.no_copy.as_ref().is_some_and(|n| n.value));
            source = volume_name(volume, &source, name);
            if volume.external.is_none() {
                of_volume.put("Labels", labels_of(&volume.labels, &[(NAMESPACE_LABEL, name)]));
                if volume.driver.is_some() || !volume.driver_opts.is_empty() {
                    let mut driver = Object::default();
                    driver.put_full("Name", volume.driver.as_ref().map(|d| d.value.clone()).unwrap_or_default());
                    driver.put_full("Options", strings(&volume.driver_opts));
                    of_volume.put("DriverConfig", driver.into_value());
                }
            }
            of_volume.put_some("Subpath", mount.subpath.as_ref().map(|s| s.value.clone()));
            options = Some(("VolumeOptions", of_volume));
        }
        MountType::Cluster => {
            needs_source(mount)?;
            if !source.starts_with("group:") {
                source = volume_name(declared(mount, &source, volumes)?, &source, name);
            }
            options = Some(("ClusterOptions", Object::default()));
        }
        MountType::Bind | MountType::Npipe => {
            needs_source(mount)?;
            if mount.bind || mount.propagation.is_some() {
                let mut bind = Object::default();
                bind.put_full("Propagation", mount.propagation.as_ref().map(|p| p.value.clone()).unwrap_or_default());
                options = Some(("BindOptions", bind));
            }
        }
        MountType::Image => {
            needs_source(mount)?;
            if let Some(subpath) = &mount.subpath {
                let mut image = Object::default();
                image.put("Subpath", subpath.value.clone());
                options = Some(("ImageOptions", image));
            }
        }
        MountType::Tmpfs => {
            if let Some(source) = &mount.source {
                let problem = Diagnostic::error(CONTRADICTION, "a `tmpfs` mount has no source").at(source.span);
                return Err(Box::new(problem.help("remove `source`: a tmpfs starts empty")));
            }
            if mount.tmpfs_size.is_some() || mount.tmpfs_mode.is_some() {
                let mut tmpfs = Object::default();
                tmpfs.put_full("SizeBytes", mount.tmpfs_size.as_ref().map_or(0, |s| s.value.0));
                tmpfs.put_full("Mode", mount.tmpfs_mode.as_ref().map_or(0, |m| m.value));
                options = Some(("TmpfsOptions", tmpfs));
            }
        }
    }
    let mut spec = Object::default();
    spec.put("Type", type_word(&mount.kind))
        .put_full("Source", source)
        .put("Target", mount.target.value.clone())
        .put_full("ReadOnly", mount.read_only.as_ref().is_some_and(|r| r.value))
        .put_full("Consistency", mount.consistency.as_ref().map(|c| c.value.clone()).unwrap_or_default());
    if let Some((key, object)) = options {
        spec.put(key, object.into_value());
    }
    Ok(spec.into_value())
}

fn type_word(kind: &MountType) -> &'static str {
    match kind {
        MountType::Volume => "volume",
        MountType::Bind => "bind",
        MountType::Tmpfs => "tmpfs",
        MountType::Npipe => "npipe",
        MountType::Image => "image",
        MountType::Cluster => "cluster",
    }
}

fn declared<'a>(
    mount: &Spanned<Mount>,
    key: &str,
    volumes: &'a BTreeMap<String, Volume>,
) -> Result<&'a Volume, Box<Diagnostic>> {
    volumes.get(key).ok_or_else(|| {
        let span = mount.source.as_ref().map_or(mount.span, |s| s.span);
        let help = match closest(key, volumes.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare it:  volumes: {{{key}: {{}}}}"),
        };
        Box::new(Diagnostic::error(UNDEFINED_REFERENCE, format!("undefined volume `{key}`")).at(span).help(help))
    })
}

fn volume_name(volume: &Volume, key: &str, stack: &str) -> String {
    match (&volume.external, &volume.name) {
        (Some(external), _) => external.name.value.clone(),
        (None, Some(name)) => name.value.clone(),
        (None, None) => scoped(stack, key),
    }
}

fn needs_source(mount: &Spanned<Mount>) -> Result<(), Box<Diagnostic>> {
    if mount.source.as_ref().is_some_and(|s| !s.value.is_empty()) {
        return Ok(());
    }
    let message = format!("a `{}` mount needs a `source`", type_word(&mount.kind));
    Err(Box::new(Diagnostic::error(CONTRADICTION, message).at(mount.span).help("say what is mounted at the target")))
}

/// Options of one type on a mount of another would be dropped in silence.
fn check_options(mount: &Spanned<Mount>, diagnostics: &mut Diagnostics) {
    use MountType::{Bind, Image, Npipe, Tmpfs, Volume};
    let wrong = [
        ("bind", mount.bind || mount.propagation.is_some(), matches!(mount.kind, Bind | Npipe)),
        ("tmpfs", mount.tmpfs_size.is_some() || mount.tmpfs_mode.is_some(), mount.kind == Tmpfs),
        ("volume", mount.no_copy.is_some(), mount.kind == Volume),
        ("subpath", mount.subpath.is_some(), matches!(mount.kind, Volume | Image)),
    ];
    for (section, written, fits) in wrong {
        if written && !fits {
            let message = format!("`{section}` options do not go with a mount of type `{}`", type_word(&mount.kind));
            diagnostics
                .push(Diagnostic::error(CONTRADICTION, message).at(mount.span).help("remove them, or change `type`"));
        }
    }
}
