//! Data that is on one node only.

use super::rules::Subject;
use crate::compose::model::{MountType, Volume};
use crate::diagnostic::{Diagnostic, code};

pub fn relative_bind(subject: &mut Subject<'_>) {
    if subject.is_pinned() {
        return;
    }
    let service = subject.service;
    for mount in service.mounts.iter().filter(|m| m.kind == MountType::Bind) {
        let Some(source) = &mount.source else { continue };
        let written = subject.written(source.span).trim_start_matches(['"', '\'']);
        let windows = written.as_bytes().get(1) == Some(&b':');
        if written.is_empty() || windows || written.starts_with(['/', '~', '$', '\\']) {
            continue;
        }
        let message = format!("`{}` must be on every node that may run `{}`", source.value, subject.name());
        subject.say(
            Diagnostic::warning(code::RELATIVE_BIND, message).at(source.span).help(
                "use a config or a volume, or pin the service: deploy.placement.constraints: [node.hostname == …]",
            ),
        );
    }
}

pub fn moving_volume(subject: &mut Subject<'_>) {
    if subject.is_pinned() || subject.mode() != "replicated" {
        return;
    }
    let (stack, service) = (subject.stack, subject.service);
    for mount in service.mounts.iter().filter(|m| m.kind == MountType::Volume) {
        let Some(source) = &mount.source else { continue };
        let Some(volume) = stack.volumes.get(&source.value).filter(|v| is_local(v)) else { continue };
        let message = format!(
            "`{}` may start on another node, and finds an empty volume `{}` there",
            subject.name(),
            source.value
        );
        subject.say(
            Diagnostic::warning(code::MOVING_VOLUME, message)
                .at(source.span)
                .also(volume.span, "declared here, a folder of one node")
                .help("pin the service: deploy.placement.constraints: [node.hostname == …], or use a shared volume driver"),
        );
    }
}

/// A folder of the node. With options the driver `local` mounts something else, often from the net.
fn is_local(volume: &Volume) -> bool {
    let driver = volume.driver.as_ref().map_or("local", |d| &d.value);
    let kind = volume.driver_opts.get("type").map_or("none", |t| t.value.as_str());
    volume.external.is_none() && matches!(driver, "" | "local") && matches!(kind, "" | "none" | "bind")
}
