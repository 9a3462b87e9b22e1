//! Data that is on one node only.

use super::rules::Subject;
use crate::compose::context::is_windows_absolute;
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

/// Nodes refuse the task, and its next try, and so on.
pub fn relative_target(subject: &mut Subject<'_>) {
    let service = subject.service;
    for mount in &service.mounts {
        let target = &mount.target.value;
        if target.starts_with('/') || is_windows_absolute(target) {
            continue;
        }
        let message = format!("no node takes a mount at `{target}`, which is no absolute path");
        let help = format!("write the path from the root of the container: /{}", target.trim_start_matches("./"));
        subject.say(Diagnostic::warning(code::RELATIVE_TARGET, message).at(mount.target.span).help(help));
    }
}

/// A folder of the node. With options the driver `local` mounts something else, often from the net.
fn is_local(volume: &Volume) -> bool {
    let driver = volume.driver.as_ref().map_or("local", |d| &d.value);
    let kind = volume.driver_opts.get("type").map_or("none", |t| t.value.as_str());
    volume.external.is_none() && matches!(driver, "" | "local") && matches!(kind, "" | "none" | "bind")
}
