//! `image` is there and can be a reference.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::layers::Layers;
use crate::compose::model::{Service, Stack};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Severity, Span, closest, code};

pub fn check(stack: &Stack, layers: &Layers, diagnostics: &mut Diagnostics) {
    let troubled: BTreeSet<String> = diagnostics
        .iter()
        .filter(|d| d.code == code::UNKNOWN_KEY || d.code == code::WRONG_TYPE)
        .filter_map(|d| d.address.as_deref()?.strip_prefix("service/").map(str::to_owned))
        .collect();
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let wrong: BTreeSet<Span> = errors.filter_map(|d| d.primary.as_ref()).map(|l| l.span).collect();
    let known = Known::of(stack);
    for (name, service) in &stack.services {
        let image = service.image.as_ref().filter(|i| !i.value.is_empty());
        let problem = match image {
            // A misspelt key or an indentation has been said already.
            None if troubled.contains(name.as_str()) => continue,
            None if diagnostics.is_full(Severity::Error) => {
                diagnostics.omit(1);
                continue;
            }
            None => {
                let built = service.ignored.contains_key("build");
                let span = service.image.as_ref().map_or(service.span(), |i| i.span);
                let problem = Diagnostic::error(code::NO_IMAGE, format!("service `{name}` has no image")).at(span);
                let problem = layers.explain_missing(problem, &["services", name, "image"]);
                match known.meant(stack, service).filter(|_| !built) {
                    Some(other) => problem
                        .also(other.span(), "defined here")
                        .help(format!("did you mean `{}`? A service that is new needs image: NAME", other.name.value)),
                    None if built => {
                        problem.help("swarm builds nothing: build and push the image, then add image: NAME")
                    }
                    None => problem.help("add image: NAME"),
                }
            }
            // What a variable lacks has been said already.
            Some(image) if holds_one(image.span, &wrong) => continue,
            Some(image) => match reference(&image.value) {
                Ok(()) => continue,
                Err(why) => {
                    let message = format!("`{}` is no image reference: {why}", image.value);
                    let help = "write [registry[:port]/]name[:tag][@sha256:…], all but the tag in lower case";
                    Diagnostic::error(code::BAD_IMAGE, message).at(image.span).help(help)
                }
            },
        };
        diagnostics.push(problem.about(format!("service/{name}")));
    }
}

fn holds_one(outer: Span, all: &BTreeSet<Span>) -> bool {
    let from = Span { end: 0, ..outer };
    let to = Span { start: outer.end, end: u32::MAX, ..outer };
    all.range(from..=to).any(|inner| inner.end <= outer.end)
}

/// The services that have an image, by the file that they begin in.
struct Known<'a>(BTreeMap<FileId, Vec<&'a str>>);

impl<'a> Known<'a> {
    fn of(stack: &'a Stack) -> Self {
        let mut known: BTreeMap<FileId, Vec<&str>> = BTreeMap::new();
        for service in stack.services.values().filter(|s| s.image.is_some()) {
            known.entry(service.span().file).or_default().push(&service.name.value);
        }
        Self(known)
    }

    /// The service of another file that this one was to override, by a slip of the fingers.
    fn meant(&self, stack: &'a Stack, service: &Service) -> Option<&'a Service> {
        let elsewhere = self.0.iter().filter(|(file, _)| **file != service.span().file);
        stack.services.get(closest(&service.name.value, elsewhere.flat_map(|(_, names)| names.iter().copied()))?)
    }
}

/// `[domain[:port]/]path[:tag][@digest]`
fn reference(text: &str) -> Result<(), &'static str> {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    if digest.is_some_and(|d| !is_digest(d)) {
        return Err("what follows the `@` is no digest");
    }
    let slash = name.rfind('/').map_or(0, |i| i + 1);
    let last = name.get(slash..).unwrap_or_default();
    let (path, tag) = match last.rfind(':') {
        Some(colon) => (name.get(..slash + colon).unwrap_or_default(), last.get(colon + 1..)),
        None => (name, None),
    };
    if tag.is_some_and(|t| !is_tag(t)) {
        return Err("the tag is empty, too long or has a character that no tag has");
    }
    let (domain, path) = match path.split_once('/') {
        Some((first, rest)) if is_domain_like(first) => (Some(first), rest),
        _ => (None, path),
    };
    if domain.is_some_and(|d| !is_domain(d)) {
        return Err("the registry is no host");
    }
    if path.is_empty() {
        return Err("there is no name");
    }
    if path.len() > 255 {
        return Err("the name is longer than 255 characters");
    }
    if path.chars().any(|c| c.is_ascii_uppercase()) {
        return Err("the name has upper-case letters");
    }
    if domain.is_none() && path.len() == 64 && path.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("that is the id of an image, not a name");
    }
    if path.split('/').all(is_component) { Ok(()) } else { Err("the name has a character that no name has") }
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.starts_with(|c: char| c.is_ascii_alphabetic())
            && hex.len() >= 32
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
            && (algorithm != "sha256" || hex.len() == 64)
    })
}

fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128 && text.starts_with(word) && text.chars().all(|c| word(c) || c == '.' || c == '-')
}

/// The first part of a name is a registry if it can be no folder.
fn is_domain_like(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost" || text.chars().any(|c| c.is_ascii_uppercase())
}

fn is_domain(text: &str) -> bool {
    if text.starts_with('[') {
        return text.contains(']');
    }
    let (host, port) = text.split_once(':').unwrap_or((text, "1"));
    let label = |l: &str| {
        !l.is_empty()
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    host.split('.').all(label) && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
}

/// Lower-case words joined by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(good)
        && text.ends_with(good)
        && text.chars().all(|c| good(c) || matches!(c, '.' | '_' | '-'))
        && !["..", "._", "_.", ".-", "-.", "-_", "_-", "___"].iter().any(|pair| text.contains(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for good in [
            "nginx",
            "nginx:1.27",
            "acme/web:v1",
            "reg.example.org:5000/a/b__c:x",
            "localhost/a",
            "a@sha256:0123456789012345678901234567890123456789012345678901234567890123",
            "REG/a",
            "127.0.0.1:5000/x:1",
        ] {
            assert_eq!(reference(good), Ok(()), "{good}");
        }
        for bad in ["", "Nginx", "a:", "a b", "a/", "/a", "a@sha256:1", "a:b:c", "-a", "a..b", "http://x/y", ":80"] {
            assert!(reference(bad).is_err(), "{bad}");
        }
    }
}
