//! `include`: other files whose objects join this one's.

use std::path::{Path, PathBuf};

use super::context::join;
use super::document::Document;
use super::dotenv;
use super::extends::{self, Reader};
use super::merge;
use super::model::Text;
use super::options::{Environment, Options};
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
            if map.get("path").is_none() {
                let problem = Diagnostic::error(code::MISSING_KEY, "this include has no `path`");
                reader.diagnostics.push(problem.at(node.span).help("add path: FILE"));
            }
            map.get("path").map(texts).unwrap_or_default()
        }
    };
    let project = node.get("project_directory").and_then(text).map(|p| PathBuf::from(join(reader.dir, &p.value)));
    let first = paths.first().map(|p| folder_of(&join(reader.dir, &p.value)));
    let folder = project.or(first)?;
    let options = Options { environment: environment(node, &folder, reader), ..reader.options.clone() };
    let reader = &mut Reader { options: &options, ..reader.reborrow() };
    let mut all: Option<Document> = None;
    for path in paths {
        let path = Spanned::new(join(reader.dir, &path.value), path.span);
        let circle = chain.contains(&path.value);
        if circle || chain.len() > MAX_DEPTH {
            let message = match circle {
                true => format!("`{}` includes itself", path.value),
                false => format!("more than {MAX_DEPTH} files include each other in a row"),
            };
            let help = "take one of the includes out";
            reader.diagnostics.push(Diagnostic::error(code::INCLUDE, message).at(path.span).help(help));
            continue;
        }
        let Some(next) = read(&path, &folder, reader, chain) else { continue };
        all = Some(match all {
            None => next,
            Some(base) => merge::document(base, next),
        });
    }
    all
}

fn folder_of(path: &str) -> PathBuf {
    Path::new(path).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The variables of the including file, and beneath them those of `env_file`, or else of `.env` in the project's folder.
fn environment(node: &Node, folder: &Path, reader: &mut Reader<'_>) -> Environment {
    let named: Vec<Text> = node.get("env_file").map(texts).unwrap_or_default();
    // What switches a default off.
    let named = named.into_iter().filter(|file| file.value != "/dev/null");
    let mut paths: Vec<(PathBuf, Option<Span>)> =
        named.map(|file| (PathBuf::from(join(reader.dir, &file.value)), Some(file.span))).collect();
    let default = folder.join(".env");
    if node.get("env_file").is_none() && reader.files.has(&default) {
        paths.push((default, None));
    }
    let span = |path: &Path| paths.iter().find(|(p, _)| p == path).and_then(|(_, s)| *s).unwrap_or(node.span);
    let (known, diagnostics) = (&reader.options.environment, &mut *reader.diagnostics);
    let tell = |path: &Path, problem: Diagnostic| diagnostics.push(problem.at(span(path)));
    let all = paths.iter().map(|(path, _)| path.as_path());
    dotenv::environment(all, known, reader.files, |path| path.display().to_string(), tell)
}

fn read(path: &Text, folder: &Path, reader: &mut Reader<'_>, chain: &mut Vec<String>) -> Option<Document> {
    let mut next = reader.read(path, Some(folder))?;
    let mut inner = Reader { dir: folder, ..reader.reborrow() };
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
    // Names that do not clash lie over each other as well as beside.
    document.layers.over(other.layers);
}
