//! One file, parsed but not yet merged with the others.

use std::collections::BTreeMap;

use super::budget::Budget;
use super::context::{Context, MAX_PORTS};
use super::interpolate::interpolate;
use super::layers::Layers;
use super::model::{Stack, Text};
use super::options::Options;
use super::parse::{Extends, ObjectKind, extensions, file_object, network, service, text, volume};
use super::schema::{self, Version};
use super::tags::{self, Cleared};
use super::yaml::{Entry, Node, decode, parse};
use crate::diagnostic::{Diagnostics, Sources, Spanned, code};

/// A swarm of thousands of nodes has fewer.
const MAX_SERVICES: usize = 50_000;

/// What one file says.
#[derive(Default)]
pub struct Document {
    pub stack: Stack,
    pub version: Option<Spanned<Version>>,
    pub profiles: BTreeMap<String, Vec<Text>>,
    pub extends: BTreeMap<String, Extends>,
    /// What `!reset` and `!override` take out of earlier files.
    pub cleared: Vec<Cleared>,
    /// The nodes of `include`.
    pub include: Vec<Node>,
    /// What this file says, and later the others with it.
    pub layers: Layers,
}

/// Reads one file. `None` where it cannot be understood at all; all problems are in `diagnostics`.
pub fn document(
    path: &str,
    bytes: &[u8],
    dir: &std::path::Path,
    options: &Options,
    files: &Budget<'_>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Document> {
    let file = decode(path, bytes, sources, diagnostics)?;
    let source = sources.get(file)?.text.clone();
    let mut root = parse(file, &source, diagnostics)?;
    let version = schema::version(&root, sources, diagnostics);
    if options.interpolate {
        interpolate(&mut root, &options.environment, sources, diagnostics);
    }
    let in_force = version.map_or(Version::NEWEST, |v| v.value);
    schema::check(&root, in_force, diagnostics);
    // Few files have such tags; the others need not be walked.
    let cleared = if source.contains("!reset") || source.contains("!override") {
        tags::take(&mut root, diagnostics)
    } else {
        Vec::new()
    };
    let mut cx = Context { options, files, dir, diagnostics, address: None, ports_left: MAX_PORTS };
    let mut document = Document { version, cleared, ..Document::default() };
    document.fill(&mut cx, &root, in_force);
    document.layers = Layers::of(file, root, document.cleared.clone());
    document.stack.version = version.map(|v| Spanned::new(v.value.to_string(), v.span));
    Some(document)
}

impl Document {
    fn fill(&mut self, cx: &mut Context<'_>, root: &Node, version: Version) {
        let stack = &mut self.stack;
        stack.name = root.get("name").and_then(text).filter(|n| !n.value.is_empty());
        stack.extensions = root.as_map().map(extensions).unwrap_or_default();
        let services = entries(root, "services").count();
        if services > MAX_SERVICES
            && let Some(one) = entries(root, "services").nth(MAX_SERVICES)
        {
            let message = format!("the file has {services} services; {MAX_SERVICES} are read");
            cx.error(code::TOO_MANY_VALUES, message, one.key.span, "split it into several stacks");
        }
        for entry in entries(root, "services").take(MAX_SERVICES) {
            cx.address = Some(format!("service/{}", entry.key.value));
            let parsed = service(cx, entry);
            let name = entry.key.value.clone();
            if !parsed.profiles.is_empty() {
                self.profiles.insert(name.clone(), parsed.profiles);
            }
            self.extends.extend(parsed.extends.map(|e| (name.clone(), e)));
            stack.services.insert(name, parsed.service);
        }
        for entry in entries(root, "networks") {
            cx.address = Some(format!("network/{}", entry.key.value));
            stack.networks.insert(entry.key.value.clone(), network(cx, entry, version));
        }
        for entry in entries(root, "volumes") {
            cx.address = Some(format!("volume/{}", entry.key.value));
            stack.volumes.insert(entry.key.value.clone(), volume(cx, entry, version));
        }
        for entry in entries(root, "secrets") {
            cx.address = Some(format!("secret/{}", entry.key.value));
            stack.secrets.insert(entry.key.value.clone(), file_object(cx, entry, ObjectKind::Secret, version));
        }
        for entry in entries(root, "configs") {
            cx.address = Some(format!("config/{}", entry.key.value));
            stack.configs.insert(entry.key.value.clone(), file_object(cx, entry, ObjectKind::Config, version));
        }
        cx.address = None;
        self.include = root.get("include").and_then(Node::as_list).map(<[Node]>::to_vec).unwrap_or_default();
    }
}

/// The named objects of a section; `x-…` notes among them are none.
fn entries<'a>(root: &'a Node, section: &str) -> impl Iterator<Item = &'a Entry> {
    let map = root.get(section).and_then(Node::as_map);
    map.into_iter().flat_map(|m| &m.entries).filter(|e| !e.key.value.starts_with("x-") || e.value.as_map().is_some())
}
