//! `extends`: a service that begins as another.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::suggest;
use super::document::{Document, document};
use super::merge;
use super::model::{Service, Text};
use super::options::{Files, Options};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, code};

/// Reads further files that a file names.
pub struct Reader<'a> {
    /// Folder that relative paths start from.
    pub dir: &'a Path,
    pub options: &'a Options,
    pub files: &'a dyn Files,
    pub sources: &'a mut Sources,
    pub diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    /// A named file, whose own relative paths start at `dir` or, without one, its folder.
    pub fn read(&mut self, path: &Text, dir: Option<&Path>) -> Option<Document> {
        match self.files.read(Path::new(&path.value)) {
            Ok(bytes) => {
                let parent = Path::new(&path.value).parent().unwrap_or(Path::new("/"));
                let dir = dir.unwrap_or(parent);
                document(&path.value, &bytes, dir, self.options, self.files, self.sources, self.diagnostics)
            }
            Err(why) => {
                let message = format!("`{}` cannot be read: {}", path.value, why.0);
                let help = "create it, or correct the path";
                self.diagnostics.push(Diagnostic::error(code::FILE_UNREADABLE, message).at(path.span).help(help));
                None
            }
        }
    }
}

/// Files that lead to each other stop here.
const MAX_CHAIN: usize = 20;

/// Completes every service of a document that extends another.
pub fn resolve(document: &mut Document, path: &str, reader: &mut Reader<'_>) {
    let names: Vec<String> = document.extends.keys().cloned().collect();
    let mut others: BTreeMap<String, Option<Document>> = BTreeMap::new();
    for name in names {
        let mut chain = vec![(path.to_owned(), name.clone())];
        complete(document, &name, &mut chain, &mut others, reader);
    }
}

/// Services that are extended are complete first; `chain` is how we came here.
fn complete(
    document: &mut Document,
    name: &str,
    chain: &mut Vec<(String, String)>,
    others: &mut BTreeMap<String, Option<Document>>,
    reader: &mut Reader<'_>,
) {
    let Some(extends) = document.extends.remove(name) else { return };
    let here = chain.last().map(|(path, _)| path.clone()).unwrap_or_default();
    let path = extends.file.as_ref().map_or(here, |f| f.value.clone());
    let link = (path, extends.service.value.clone());
    let own_file = extends.file.is_none();
    if chain.contains(&link) || chain.len() > MAX_CHAIN {
        let message = format!("`{name}` extends itself by way of `{}`", extends.service.value);
        let help = "let one of the services stand on its own";
        reader.diagnostics.push(Diagnostic::error(code::EXTENDS, message).at(extends.service.span).help(help));
        return;
    }
    chain.push(link);
    let base = if own_file {
        complete(document, &extends.service.value, chain, others, reader);
        Some(find(document, &extends.service, reader))
    } else {
        extends.file.as_ref().and_then(|file| {
            let mut other = match others.remove(&file.value) {
                Some(other) => other?,
                None => reader.read(file, None)?,
            };
            complete(&mut other, &extends.service.value, chain, others, reader);
            let base = find(&other, &extends.service, reader);
            others.insert(file.value.clone(), Some(other));
            Some(base)
        })
    };
    chain.pop();
    let Some(Some(mut base)) = base else { return };
    if let Some(own) = document.stack.services.remove(name) {
        base.name = own.name.clone();
        for cleared in &document.cleared {
            let parts: Vec<&str> = cleared.path.iter().map(String::as_str).collect();
            if let ["services", service, inside @ ..] = parts.as_slice()
                && *service == name
            {
                merge::clear_service(&mut base, inside);
            }
        }
        document.stack.services.insert(name.to_owned(), merge::service(base, own));
    }
}

fn find(document: &Document, wanted: &Text, reader: &mut Reader<'_>) -> Option<Service> {
    let found = document.stack.services.get(&wanted.value).cloned();
    if let Some(mut service) = found {
        // Order and neighbours belong to the place where the base stands.
        service.depends_on.clear();
        return Some(service);
    }
    let names = document.stack.services.keys().map(String::as_str);
    let help = suggest(&wanted.value, names, "name a service of that file");
    let message = format!("there is no service `{}` to extend", wanted.value);
    reader.diagnostics.push(Diagnostic::error(code::EXTENDS, message).at(wanted.span).help(help));
    None
}
