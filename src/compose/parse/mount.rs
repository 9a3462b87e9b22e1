//! `services.NAME.volumes` and service-level `tmpfs`.

use super::mount_spec::mount_spec;
use super::units;
use super::value::{boolean, bytes, mode, text};
use crate::compose::context::{Context, is_windows_absolute};
use crate::compose::model::{Bytes, Mount, MountType, Text};
use crate::compose::yaml::{Map, Node};
use crate::diagnostic::{Spanned, closest, code};

fn bare(kind: MountType, source: Option<Text>, target: Text) -> Mount {
    Mount {
        kind,
        source,
        target,
        read_only: None,
        consistency: None,
        bind: false,
        propagation: None,
        no_copy: None,
        subpath: None,
        tmpfs_size: None,
        tmpfs_mode: None,
    }
}

pub fn mount(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<Mount>> {
    let mount = match node.as_map() {
        Some(map) => long(cx, map, node),
        None => short(cx, node),
    }?;
    Some(Spanned::new(mount, node.span))
}

fn short(cx: &mut Context<'_>, node: &Node) -> Option<Mount> {
    let written = node.as_text()?;
    let help = "write SOURCE:TARGET or SOURCE:TARGET:ro";
    let spec = match mount_spec(written) {
        Ok(spec) => spec,
        Err(why) => {
            cx.error(code::BAD_MOUNT, format!("`{written}` is no volume: {why}"), node.span, help);
            return None;
        }
    };
    // SELinux labels are docker's own business on one host; the others are slips.
    for option in spec.unknown.iter().filter(|o| !matches!(**o, "z" | "Z" | "cached" | "delegated" | "consistent")) {
        let message = format!("`{option}` is no option of a volume and is ignored");
        cx.warning(code::IGNORED_OPTION, message, node.span, "options are ro, rw, nocopy and the propagation modes");
    }
    let at = |text: &str| Spanned::new(text.to_owned(), node.span);
    let mut mount = bare(spec.kind, spec.source.map(at), at(spec.target));
    mount.read_only = spec.read_only.then(|| Spanned::new(true, node.span));
    mount.no_copy = spec.no_copy.then(|| Spanned::new(true, node.span));
    mount.propagation = spec.propagation.map(at);
    mount.bind = spec.propagation.is_some();
    if mount.kind == MountType::Bind {
        mount.source = mount.source.map(|s| host_path(cx, s));
    }
    Some(mount)
}

fn long(cx: &mut Context<'_>, map: &Map, node: &Node) -> Option<Mount> {
    let kind = match map.get("type") {
        Some(kind) => mount_type(cx, kind)?,
        None => {
            cx.error(code::MISSING_KEY, "this volume has no `type`", node.span, "add type: volume, bind or tmpfs");
            return None;
        }
    };
    let Some(target) = map.get("target").and_then(text) else {
        if map.get("target").is_none() {
            cx.error(code::MISSING_KEY, "this volume has no `target`", node.span, "add target: /PATH/IN/CONTAINER");
        }
        return None;
    };
    let source = map.get("source").and_then(text).filter(|s| !s.value.is_empty());
    check_source(cx, &kind, source.as_ref(), node);
    check_parts(cx, &kind, map);
    let source = match (&kind, source) {
        (MountType::Bind, Some(source)) => Some(host_path(cx, source)),
        (_, source) => source,
    };
    let sub = |section: &str, key: &str| map.get(section).and_then(|s| s.get(key));
    let mut mount = bare(kind, source, target);
    mount.read_only = map.get("read_only").and_then(|n| boolean(cx, n));
    mount.consistency = map.get("consistency").and_then(text);
    mount.bind = map.get("bind").is_some();
    mount.propagation = sub("bind", "propagation").and_then(text);
    mount.no_copy = sub("volume", "nocopy").and_then(|n| boolean(cx, n));
    mount.subpath = sub("volume", "subpath").or_else(|| sub("image", "subpath")).and_then(text);
    mount.tmpfs_size = sub("tmpfs", "size").and_then(|n| bytes(cx, n));
    mount.tmpfs_mode = sub("tmpfs", "mode").and_then(|n| mode(cx, n));
    Some(mount)
}

fn mount_type(cx: &mut Context<'_>, node: &Node) -> Option<MountType> {
    let kind = text(node)?;
    Some(match kind.value.as_str() {
        "volume" | "" => MountType::Volume,
        "bind" => MountType::Bind,
        "tmpfs" => MountType::Tmpfs,
        "npipe" => MountType::Npipe,
        "image" => MountType::Image,
        "cluster" => MountType::Cluster,
        other => {
            let words = ["volume", "bind", "tmpfs", "npipe", "image", "cluster"];
            let help = match closest(other, words) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", words.join(", ")),
            };
            cx.error(code::BAD_MOUNT, format!("there is no volume of type `{other}`"), kind.span, help);
            return None;
        }
    })
}

fn check_source(cx: &mut Context<'_>, kind: &MountType, source: Option<&Text>, node: &Node) {
    match (kind, source) {
        (MountType::Tmpfs, Some(source)) => {
            cx.error(code::BAD_MOUNT, "a tmpfs has no `source`", source.span, "take `source` out");
        }
        (MountType::Bind | MountType::Npipe | MountType::Image | MountType::Cluster, None) => {
            let what = match kind {
                MountType::Bind => "a bind mount",
                MountType::Npipe => "a named pipe",
                MountType::Image => "an image mount",
                _ => "a cluster volume",
            };
            cx.error(code::BAD_MOUNT, format!("{what} needs a `source`"), node.span, "add source: …");
        }
        _ => {}
    }
}

/// `bind:` on a volume and the like.
fn check_parts(cx: &mut Context<'_>, kind: &MountType, map: &Map) {
    let fits: &[&str] = match kind {
        MountType::Volume => &["volume"],
        MountType::Bind | MountType::Npipe => &["bind"],
        MountType::Tmpfs => &["tmpfs"],
        MountType::Image => &["image"],
        MountType::Cluster => &[],
    };
    for part in ["bind", "volume", "tmpfs", "image"] {
        if let Some(entry) = map.entry(part).filter(|_| !fits.contains(&part)) {
            let name = format!("{kind:?}").to_lowercase();
            let message = format!("`{part}` has no meaning for a mount of type {name}");
            cx.error(code::BAD_MOUNT, message, entry.key.span, format!("take `{part}` out, or change `type`"));
        }
    }
}

/// `~` is the person's home; relative paths start at the first file's folder.
fn host_path(cx: &mut Context<'_>, source: Text) -> Text {
    let Some(rest) = source.value.strip_prefix('~') else {
        return Spanned::new(cx.path(&source.value), source.span);
    };
    match &cx.options.home {
        Some(home) => {
            let path = format!("{home}{rest}");
            let path = if is_windows_absolute(&path) { path } else { cx.path(&path) };
            Spanned::new(path, source.span)
        }
        None => {
            let message = format!("`{}`: there is no home folder to put for `~`", source.value);
            cx.error(code::NO_HOME, message, source.span, "set HOME, or write the whole path");
            source
        }
    }
}

/// `tmpfs: /run:size=64m,mode=1770`
pub fn tmpfs(cx: &mut Context<'_>, node: &Text) -> Spanned<Mount> {
    let (target, options) = node.value.split_once(':').unwrap_or((&node.value, ""));
    let mut mount = bare(MountType::Tmpfs, None, Spanned::new(target.to_owned(), node.span));
    for option in options.split(',').filter(|o| !o.is_empty()) {
        let taken = match option.split_once('=') {
            Some(("size", size)) => {
                mount.tmpfs_size = units::bytes(size).map(|s| Spanned::new(Bytes(s), node.span));
                mount.tmpfs_size.is_some()
            }
            Some(("mode", mode)) => {
                mount.tmpfs_mode = u32::from_str_radix(mode, 8).ok().map(|m| Spanned::new(m, node.span));
                mount.tmpfs_mode.is_some()
            }
            None if option == "ro" => {
                mount.read_only = Some(Spanned::new(true, node.span));
                true
            }
            None => matches!(option, "rw" | "nosuid" | "nodev" | "noexec"),
            _ => false,
        };
        if !taken {
            let message = format!("swarm's tmpfs has no option `{option}`; it is ignored");
            cx.warning(code::IGNORED_OPTION, message, node.span, "options are size=64m, mode=1770 and ro");
        }
    }
    Spanned::new(mount, node.span)
}
