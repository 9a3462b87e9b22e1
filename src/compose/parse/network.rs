//! `networks.NAME`.

use super::pairs::{labels, options};
use super::value::{boolean, extensions, text};
use super::volume::{external, name};
use crate::compose::context::Context;
use crate::compose::model::Network;
use crate::compose::schema::Version;
use crate::compose::yaml::{Entry, Node};

pub fn network(cx: &mut Context<'_>, entry: &Entry, version: Version) -> Network {
    let (span, node) = (entry.key.span, &entry.value);
    let ipam = node.get("ipam");
    let subnets = ipam.and_then(|i| i.get("config")).and_then(Node::as_list).unwrap_or_default();
    let external = external(cx, entry, "network", version, 5);
    Network {
        span,
        name: name(node, external.is_some()),
        external,
        driver: node.get("driver").and_then(text),
        driver_opts: node.get("driver_opts").map(options).unwrap_or_default(),
        ipam_driver: ipam.and_then(|i| i.get("driver")).and_then(text),
        subnets: subnets.iter().filter_map(|n| n.get("subnet").and_then(text)).collect(),
        ipam: ipam.is_some(),
        internal: node.get("internal").and_then(|n| boolean(cx, n)),
        attachable: node.get("attachable").and_then(|n| boolean(cx, n)),
        labels: node.get("labels").map(labels).unwrap_or_default(),
        extensions: node.as_map().map(extensions).unwrap_or_default(),
    }
}
