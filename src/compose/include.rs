//! `include`: other files whose objects join this one's.

use std::path::{Path, PathBuf};

use super::context::join;
use super::document::Document;
use super::extends::{self, Reader};
use super::merge;
use super::model::Text;
use super::parse::{text, texts};
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, Span, Spanned, code};

/// Files that include each other stop here.
const MAX_DEPTH: usize = 20;

/// Adds the objects of all included files; two of one name are an error.
pub fn resolve(document: &mut Document, path: &str, reader: &mut Reader<'_>) {
    let mut chain = vec![join(reader.dir, path)];
    add(document, reader, &mut chain);
}

fn add(document: &mut Document, reader: &mut Reader<'_>, chain: &mut Vec<String>) {
    for node in std::mem::take(&mut document.include) {
        let Some(included) = one(&node, reader, chain) else { continue };
        join_objects(document, included, reader);
    }
}

/// One entry: its first file, overridden by the others of its list.
fn one(node: &Node, reader: &mut Reader<'_>, chain: &mut Vec<String>) -> Option<Document> {
    let paths = match node.as_map() {
        None => vec![text(node)?],
        Some(map) => {
            if let Some(entry) = map.entry("env_file") {
                let help = "put the variables into `.env`, or name the file with `--env-file`";
                let message = "`env_file` of an include is not read";
                reader.diagnostics.push(Diagnostic::error(code::INCLUDE, message).at(entry.key.span).help(help));
            }
            map.get("path").map(texts).unwrap_or_default()
        }
    };
    let project = node.get("project_directory").and_then(text).map(|p| PathBuf::from(join(reader.dir, &p.value)));
    let mut all: Option<Document> = None;
    let mut folder = project;
    for path in paths {
        let path = Spanned::new(join(reader.dir, &path.value), path.span);
        if chain.contains(&path.value) || chain.len() > MAX_DEPTH {
            let message = format!("`{}` includes itself", path.value);
            let help = "take one of the includes out";
            reader.diagnostics.push(Diagnostic::error(code::INCLUDE, message).at(path.span).help(help));
            continue;
        }
        let parent = Path::new(&path.value).parent().map(Path::to_path_buf).unwrap_or_default();
        let folder = folder.get_or_insert(parent).clone();
        let Some(next) = read(&path, &folder, reader, chain) else { continue };
        all = Some(match all {
            None => next,
            Some(base) => merge::document(base, next),
        });
    }
    all
}

fn read(path: &Text, folder: &Path, reader: &mut Reader<'_>, chain: &mut Vec<String>) -> Option<Document> {
    let mut next = reader.read(path, Some(folder))?;
    let mut inner = Reader {
        dir: folder,
        options: reader.options,
        files: reader.files,
        sources: reader.sources,
        diagnostics: reader.diagnostics,
    };
    extends::resolve(&mut next, &path.value, &mut inner);
    chain.push(path.value.clone());
    add(&mut next, &mut inner, chain);
    chain.pop();
    Some(next)
}

fn join_objects(document: &mut Document, other: Document, reader: &mut Reader<'_>) {
    let mut clash = |kind: &str, name: &str, here: Span, there: Span| {
        let message = format!("{kind} `{name}` is in this file and in an included one");
        let problem = Diagnostic::error(code::INCLUDE, message).at(here).also(there, "included from here");
        reader.diagnostics.push(problem.help("rename one of the two"));
    };
    let stack = &mut document.stack;
    for (name, service) in other.stack.services {
        match stack.services.get(&name) {
            Some(own) => clash("service", &name, own.span(), service.span()),
            None => drop(stack.services.insert(name, service)),
        }
    }
    macro_rules! objects {
        ($section:ident, $kind:literal) => {
            for (name, object) in other.stack.$section {
                match stack.$section.get(&name) {
                    Some(own) => clash($kind, &name, own.span, object.span),
                    None => drop(stack.$section.insert(name, object)),
                }
            }
        };
    }
    objects!(networks, "network");
    objects!(volumes, "volume");
    objects!(secrets, "secret");
    objects!(configs, "config");
    document.profiles.extend(other.profiles);
}
