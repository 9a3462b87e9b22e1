//! Walks a tree beside the key table and says what does not belong.

use std::collections::HashMap;

use super::remedy::remedy;
use super::shape::{Fate, Key, Section, Shape, Since};
use super::top::{HOMES, ROOT};
use super::version::Version;
use crate::compose::yaml::{Directive, Entry, Kind, Map, Node, Style};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Span, closest, code};

/// Checks a whole file: keys, versions and shapes. Values are the parsers' business.
pub fn check(root: &Node, version: Version, diagnostics: &mut Diagnostics) {
    let mut walk = Walk { version, diagnostics, path: Vec::new() };
    if let Some(map) = root.as_map() {
        walk.section(map, &ROOT);
        for section in ["services", "volumes", "secrets", "configs"] {
            walk.names(section, map.get(section));
        }
    }
}

struct Walk<'a> {
    version: Version,
    diagnostics: &'a mut Diagnostics,
    path: Vec<Step<'a>>,
}

/// From a mapping or list to what is in it.
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl<'a> Walk<'a> {
    fn value(&mut self, node: &'a Node, key: Span, shape: &Shape) {
        if node.directive == Some(Directive::Reset) {
            return;
        }
        if !shape.takes(node) {
            self.wrong_type(node, key, shape);
            return;
        }
        match &node.kind {
            Kind::Map(map) => {
                if self.version.0 < shape.map_since {
                    self.too_new("the long form", shape.map_since, node.span);
                }
                match (shape.section, shape.values) {
                    (Some(section), _) => self.section(map, section),
                    (None, Some(values)) => {
                        for entry in &map.entries {
                            if entry.key.value.starts_with("x-") && shape.values.is_some_and(|v| v.section.is_some()) {
                                // An extension among names is no object.
                                if entry.value.as_map().is_none() {
                                    continue;
                                }
                            }
                            self.path.push(Step::Key(&entry.key.value));
                            self.value(&entry.value, entry.key.span, values);
                            self.path.pop();
                        }
                    }
                    (None, None) => {}
                }
            }
            Kind::List(items) => {
                if let Some(shape) = shape.items {
                    for (i, item) in items.iter().enumerate() {
                        self.path.push(Step::Item(i));
                        self.value(item, item.span, shape);
                        self.path.pop();
                    }
                }
                if shape.unique {
                    self.unique(items);
                }
            }
            _ => {}
        }
    }

    fn section(&mut self, map: &'a Map, section: &'static Section) {
        let mut free = None;
        for entry in &map.entries {
            let (name, span) = (entry.key.value.as_str(), entry.key.span);
            let Some(key) = section.keys.iter().find(|k| k.name == name) else {
                if name.starts_with("x-") {
                    self.extension(section, name, span);
                } else {
                    let free = free.get_or_insert_with(|| free_keys(section, map));
                    self.unknown(section, free, entry);
                }
                continue;
            };
            self.path.push(Step::Key(name));
            if let Since::V3(minor) = key.since
                && minor > self.version.0
            {
                self.too_new(&format!("`{name}`"), minor, span);
            } else if entry.value.directive == Some(Directive::Reset) {
                // Nothing is written here; something is taken away.
            } else if self.fate(key, &entry.value, span) {
                self.value(&entry.value, span, &key.shape);
            }
            self.path.pop();
        }
    }

    /// Says what becomes of a key; `false` if its value does not matter.
    fn fate(&mut self, key: &Key, value: &Node, span: Span) -> bool {
        let (diagnostic, go_on) = match key.fate {
            Fate::Held => return true,
            // Written, but asking for nothing.
            Fate::Unsupported(_) if matches!(value.kind, Kind::Bool(false)) => return true,
            Fate::Unsupported(instead) => (
                Diagnostic::warning(
                    code::UNSUPPORTED_KEY,
                    format!("swarm has no `{}`; `{}` is ignored", key.name, self.place()),
                )
                .help(instead),
                true,
            ),
            Fate::Ignored(instead) => {
                let message = format!("`{}` means nothing to swarm and is ignored", self.place());
                (Diagnostic::warning(code::IGNORED_KEY, message).help(instead), true)
            }
            Fate::Forbidden(instead) => (
                Diagnostic::error(code::FORBIDDEN_KEY, format!("`{}` cannot be used with swarm", key.name))
                    .help(instead),
                false,
            ),
        };
        self.push(diagnostic.at(span));
        go_on
    }

    fn extension(&mut self, section: &Section, name: &str, span: Span) {
        match section.extensions {
            Some(minor) if minor > self.version.0 => self.too_new(&format!("`{name}` here"), minor, span),
            Some(_) => {}
            // The specification allows extensions everywhere.
            None => {}
        }
    }

    fn unknown(&mut self, section: &Section, free: &[&str], entry: &Entry) {
        if self.diagnostics.is_full(Severity::Error) {
            return self.diagnostics.omit(1);
        }
        let (name, span) = (entry.key.value.as_str(), entry.key.span);
        let place = if self.path.is_empty() { "the top level".to_owned() } else { format!("`{}`", self.place()) };
        let home = HOMES.iter().find(|(_, s)| !std::ptr::eq(*s, section) && s.keys.iter().any(|k| k.name == name));
        let looks_like_service =
            self.path.is_empty() && (entry.value.get("image").is_some() || entry.value.get("build").is_some());
        let help = if looks_like_service {
            format!("`{name}` looks like a service: indent it beneath `services:`")
        } else if let Some(near) = closest(name, free.iter().copied()) {
            format!("did you mean `{near}`?")
        } else if let Some((home, _)) = home {
            format!("`{name}` belongs to {home}")
        } else {
            "take it out, or begin its name with `x-` to keep it as a note".to_owned()
        };
        self.push(
            Diagnostic::error(code::UNKNOWN_KEY, format!("there is no key `{name}` at {place}")).at(span).help(help),
        );
    }

    fn too_new(&mut self, what: &str, minor: u8, span: Span) {
        let message = format!("{what} needs Compose file version 3.{minor}, and this file has {}", self.version);
        let help = format!("write version: \"3.{minor}\" or leave `version` out");
        self.push(Diagnostic::error(code::KEY_TOO_NEW, message).at(span).help(help));
    }

    fn wrong_type(&mut self, node: &Node, key: Span, shape: &Shape) {
        if self.diagnostics.is_full(Severity::Error) {
            return self.diagnostics.omit(1);
        }
        let mut message = format!("`{}` must be {}, and this is {}", self.place(), shape.nouns(), node.noun());
        let empty = node.is_null() && node.style == Style::Plain;
        let span = if empty && node.span.start == node.span.end || matches!(node.kind, Kind::Map(_) | Kind::List(_)) {
            key
        } else {
            node.span
        };
        if node.is_null() {
            message = format!("`{}` has no value; it must be {}", self.place(), shape.nouns());
        }
        let item = matches!(self.path.last(), Some(Step::Item(_)));
        let key = self.path.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(*key) } else { None });
        let help = remedy(key.unwrap_or_default(), item, node, shape);
        self.push(Diagnostic::error(code::WRONG_TYPE, message).at(span).help(help));
    }

    fn unique(&mut self, items: &[Node]) {
        if items.len() < 2 {
            return;
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for item in items {
            let Some(text) = item.as_text() else { continue };
            match seen.get(text) {
                Some(first) => {
                    let diagnostic = Diagnostic::error(
                        code::DUPLICATE_ENTRY,
                        format!("`{text}` is listed twice in `{}`", self.place()),
                    );
                    let diagnostic = diagnostic.at_with(item.span, "again here").also(*first, "first here");
                    self.push(diagnostic.help("keep one of the two"));
                }
                None => {
                    seen.insert(text, item.span);
                }
            }
        }
    }

    fn names(&mut self, section: &str, node: Option<&Node>) {
        let Some(map) = node.and_then(Node::as_map) else { return };
        for entry in &map.entries {
            let name = &entry.key.value;
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if name.is_empty() || !name.chars().all(good) {
                let message = format!("`{name}` is no name for an entry of `{section}`");
                let help = "use letters, digits, `.`, `_` and `-`";
                self.push(Diagnostic::error(code::BAD_NAME, message).at(entry.key.span).help(help));
            }
        }
    }

    /// `services.web.ports[0]`
    fn place(&self) -> String {
        let mut place = String::new();
        for part in &self.path {
            match part {
                Step::Item(i) => place.push_str(&format!("[{i}]")),
                Step::Key(key) => {
                    if !place.is_empty() {
                        place.push('.');
                    }
                    place.push_str(key);
                }
            }
        }
        place
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        let diagnostic = match self.path.as_slice() {
            [Step::Key(section), Step::Key(name), ..] => match *section {
                "services" => diagnostic.about(format!("service/{name}")),
                "networks" => diagnostic.about(format!("network/{name}")),
                "volumes" => diagnostic.about(format!("volume/{name}")),
                "secrets" => diagnostic.about(format!("secret/{name}")),
                "configs" => diagnostic.about(format!("config/{name}")),
                _ => diagnostic,
            },
            _ => diagnostic,
        };
        self.diagnostics.push(diagnostic);
    }
}

/// Keys of a section that a mapping has not: what a wrong one may have been meant to be.
fn free_keys(section: &'static Section, map: &Map) -> Vec<&'static str> {
    section.keys.iter().map(|k| k.name).filter(|k| map.entry(k).is_none()).collect()
}
