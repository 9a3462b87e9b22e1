//! `configs.NAME`, `secrets.NAME`, and a service's references to them.

use super::pairs::{labels, options};
use super::value::{extensions, mode, printed_text, text};
use super::volume::{external, name};
use crate::compose::context::Context;
use crate::compose::model::{FileObject, FileReference};
use crate::compose::schema::Version;
use crate::compose::yaml::{Entry, Node};
use crate::diagnostic::{Diagnostic, Spanned, code};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    Config,
    Secret,
}

impl ObjectKind {
    pub fn noun(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Secret => "secret",
        }
    }
}

/// All but the content, which is read when the files are merged.
pub fn file_object(cx: &mut Context<'_>, entry: &Entry, kind: ObjectKind, version: Version) -> FileObject {
    let node = &entry.value;
    let external = external(cx, entry, kind.noun(), version, 5);
    let object = FileObject {
        span: entry.key.span,
        name: name(node, external.is_some()),
        file: node.get("file").and_then(text).filter(|f| !f.value.is_empty()).map(|f| {
            let path = cx.path(&f.value);
            Spanned::new(path, f.span)
        }),
        content: None,
        inline: node.get("content").and_then(text),
        environment: node.get("environment").and_then(text),
        driver: node.get("driver").and_then(text).filter(|d| !d.value.is_empty()),
        driver_opts: node.get("driver_opts").map(options).unwrap_or_default(),
        template_driver: node.get("template_driver").and_then(text),
        labels: node.get("labels").map(labels).unwrap_or_default(),
        extensions: node.as_map().map(extensions).unwrap_or_default(),
        external,
    };
    if node.as_map().is_some() {
        one_source(cx, entry, kind, &object);
    }
    object
}

/// Its bytes come from one place.
fn one_source(cx: &mut Context<'_>, entry: &Entry, kind: ObjectKind, object: &FileObject) {
    let (noun, key) = (kind.noun(), &entry.key.value);
    let sources = [
        ("file", object.file.as_ref()),
        ("content", object.inline.as_ref()),
        ("environment", object.environment.as_ref()),
        ("driver", object.driver.as_ref()),
    ];
    let given: Vec<_> = sources.into_iter().filter_map(|(k, v)| Some((k, v?))).collect();
    match given.as_slice() {
        [] if object.external.is_none() => {
            let help = match kind {
                ObjectKind::Config => {
                    "add file: PATH, content: TEXT or environment: NAME, or external: true if it exists already"
                }
                ObjectKind::Secret => "add file: PATH or environment: NAME, or external: true if it exists already",
            };
            cx.error(code::NO_CONTENT, format!("{noun} `{key}` has no content"), entry.key.span, help);
        }
        [(first, a), (second, b), ..] => {
            let problem = Diagnostic::error(code::CONFLICT, format!("{noun} `{key}` has `{first}` and `{second}`"))
                .at(b.span)
                .also(a.span, format!("`{first}` is here"))
                .help("keep one of the two");
            cx.say(problem);
        }
        [(_, source), ..] if object.external.is_some() => {
            let message = format!("{noun} `{key}` is external and has a content of its own");
            cx.error(code::CONFLICT, message, source.span, "keep one of the two");
        }
        _ => {}
    }
}

pub fn file_reference(cx: &mut Context<'_>, node: &Node, kind: ObjectKind) -> Option<Spanned<FileReference>> {
    let none = FileReference {
        source: Spanned::new(String::new(), node.span),
        target: None,
        uid: None,
        gid: None,
        mode: None,
    };
    let reference = match node.as_map() {
        None => FileReference { source: text(node)?, ..none },
        Some(map) => {
            let Some(source) = map.get("source").and_then(text) else {
                if map.get("source").is_none() {
                    let message = format!("this {} has no `source`", kind.noun());
                    cx.error(code::MISSING_KEY, message, node.span, "add source: NAME");
                }
                return None;
            };
            FileReference {
                source,
                target: map.get("target").and_then(text),
                uid: map.get("uid").and_then(printed_text),
                gid: map.get("gid").and_then(printed_text),
                mode: map.get("mode").and_then(|n| mode(cx, n)),
            }
        }
    };
    Some(Spanned::new(reference, node.span))
}
