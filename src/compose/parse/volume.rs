//! `volumes.NAME`, and what it shares with the other named objects: `external` and `name`.

use super::pairs::{labels, options};
use super::value::{boolean, extensions, text};
use crate::compose::context::Context;
use crate::compose::model::{External, Text, Volume};
use crate::compose::schema::Version;
use crate::compose::yaml::{Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, Spanned, code};

pub fn volume(cx: &mut Context<'_>, entry: &Entry, version: Version) -> Volume {
    let (span, node) = (entry.key.span, &entry.value);
    let external = external(cx, entry, "volume", version, 4);
    if external.is_some() {
        let own = node.as_map().into_iter().flat_map(|m| &m.entries);
        for entry in own.filter(|e| matches!(e.key.value.as_str(), "driver" | "driver_opts" | "labels")) {
            let message = format!("an external volume is somebody else's: `{}` cannot be set", entry.key.value);
            cx.error(code::CONFLICT, message, entry.key.span, "take it out, or take `external` out");
        }
    }
    let mut extensions = node.as_map().map(extensions).unwrap_or_default();
    extensions.remove("x-cluster-spec");
    Volume {
        span,
        name: name(node, external.is_some()),
        external,
        driver: node.get("driver").and_then(text),
        driver_opts: node.get("driver_opts").map(options).unwrap_or_default(),
        labels: node.get("labels").map(labels).unwrap_or_default(),
        extensions,
    }
}

/// `name:` of an object of the stack's own; an empty one (a variable that is not set) is none.
pub fn name(node: &Node, external: bool) -> Option<Text> {
    node.get("name").and_then(text).filter(|n| !external && !n.value.is_empty())
}

/// `external: true` with `name`, or the older `external: {name: …}`, deprecated since version 3.`deprecated`.
pub fn external(cx: &mut Context<'_>, entry: &Entry, what: &str, version: Version, deprecated: u8) -> Option<External> {
    let (key, node) = (&entry.key, &entry.value);
    let name = node.get("name").and_then(text).filter(|n| !n.value.is_empty());
    let value = node.get("external")?;
    let Kind::Map(map) = &value.kind else {
        let external = boolean(cx, value)?;
        let name = name.unwrap_or_else(|| key.clone());
        return external.value.then_some(External { name });
    };
    let Some(old) = map.get("name").and_then(text).filter(|n| !n.value.is_empty()) else {
        return Some(External { name: name.unwrap_or_else(|| key.clone()) });
    };
    if let Some(name) = name {
        let problem = Diagnostic::error(code::CONFLICT, format!("{what} `{}` has two names", key.value))
            .at_with(old.span, "`external.name` is the older form")
            .also(name.span, "`name` is here")
            .help("write `external: true` and keep `name`");
        cx.say(problem);
    } else if version.0 >= deprecated {
        let message = format!("`external.name` of {what} `{}` is deprecated", key.value);
        cx.warning(code::DEPRECATED, message, old.span, format!("write external: true and name: {}", old.value));
    }
    Some(External { name: Spanned::new(old.value, old.span) })
}
