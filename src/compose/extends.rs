//! `extends`: a service that begins as another.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::budget::{Budget, Spent};
use super::context::{join, suggest};
use super::document::{Document, document};
use super::emit::size;
use super::merge;
use super::model::{Service, Text};
use super::options::{FileError, Files as _, Options};
use super::parse::Extends;
use super::tags::Cleared;
use super::yaml::MAX_BYTES;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources, code};

/// Reads further files that a file names.
pub struct Reader<'a> {
    /// Folder that relative paths start from.
    pub dir: &'a Path,
    pub options: &'a Options,
    pub files: &'a Budget<'a>,
    pub sources: &'a mut Sources,
    pub diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    /// The same for a while, to be changed in parts.
    pub fn reborrow(&mut self) -> Reader<'_> {
        Reader {
            dir: self.dir,
            options: self.options,
            files: self.files,
            sources: self.sources,
            diagnostics: self.diagnostics,
        }
    }

    /// A named file, whose own relative paths start at `dir` or, without one, its folder.
    pub fn read(&mut self, path: &Text, dir: Option<&Path>) -> Option<Document> {
        match self.files.read(Path::new(&path.value)) {
            Ok(bytes) => {
                let parent = Path::new(&path.value).parent().unwrap_or(Path::new("/"));
                let dir = dir.unwrap_or(parent);
                document(&path.value, &bytes, dir, self.options, self.files, self.sources, self.diagnostics)
            }
            Err(FileError::Spent) => None,
            Err(why) => {
                let message = format!("`{}` cannot be read: {why}", path.value);
                self.diagnostics.push(Diagnostic::error(why.code(), message).at(path.span).help(path_help(&why)));
                None
            }
        }
    }
}

/// The path starts elsewhere than those of a service.
fn path_help(why: &FileError) -> &str {
    match why {
        FileError::Sealed { help, .. } => help,
        _ => "create it, or correct the path",
    }
}

/// Files and services that lead to each other stop here.
const MAX_CHAIN: usize = 20;

/// Completes every service of a document that extends another.
pub fn resolve(document: &mut Document, path: &str, reader: &mut Reader<'_>) {
    let path = join(reader.dir, path);
    let mut bases =
        Bases { top: document, path: &path, others: BTreeMap::new(), done: BTreeMap::new(), links: Vec::new(), reader };
    for name in document.extends.keys() {
        bases.complete(&path, name, &mut vec![(path.clone(), name.clone())]);
    }
    let Bases { others, done, links, .. } = bases;
    for ((file, name), service) in done {
        if file == path {
            document.stack.services.insert(name, service);
        }
    }
    let mut others: BTreeMap<String, Document> =
        others.into_iter().filter_map(|(file, other)| Some((file, Rc::into_inner(other)?))).collect();
    for ((file, name), base_file, base) in links {
        let own = if file == path { Some(&mut *document) } else { others.get_mut(&file) };
        own.into_iter().for_each(|own| own.layers.link(&name, base_file, &base));
    }
    for other in others.into_values() {
        document.layers.beside(other.layers);
    }
}

/// A service of a file.
type Link = (String, String);

/// Every file is read once, and every service completed once, however they lead to each other.
struct Bases<'a, 'r> {
    top: &'a Document,
    /// Of the top document.
    path: &'a str,
    others: BTreeMap<String, Rc<Document>>,
    /// Those that extend others.
    done: BTreeMap<Link, Service>,
    /// Each of them, and the file and the name of what it extends.
    links: Vec<(Link, FileId, String)>,
    reader: &'a mut Reader<'r>,
}

impl Bases<'_, '_> {
    /// A service with all that it extends; `chain` is how we came here. `None` where the file has none of this name.
    fn complete(&mut self, file: &str, name: &str, chain: &mut Vec<Link>) -> Option<Service> {
        let link = (file.to_owned(), name.to_owned());
        if let Some(done) = self.done.get(&link) {
            return Some(done.clone());
        }
        let other = self.others.get(file).cloned();
        let document = other.as_deref().unwrap_or(self.top);
        let own = document.stack.services.get(name)?;
        let Some(extends) = document.extends.get(name) else { return Some(own.clone()) };
        let complete = match self.base(file, name, extends, chain) {
            Some(base) => over(base, own.clone(), &document.cleared),
            None => own.clone(),
        };
        self.done.insert(link, complete.clone());
        Some(complete)
    }

    /// What `name` of the file `here` extends.
    fn base(&mut self, here: &str, name: &str, extends: &Extends, chain: &mut Vec<Link>) -> Option<Service> {
        let wanted = &extends.service;
        if self.reader.files.no_copies() {
            return None;
        }
        let path = extends.file.as_ref().map_or(here, |f| f.value.as_str());
        let link = (path.to_owned(), wanted.value.clone());
        let circle = chain.contains(&link);
        if circle || chain.len() > MAX_CHAIN {
            let message = match circle {
                true => format!("`{name}` extends itself by way of `{}`", wanted.value),
                false => format!("more than {MAX_CHAIN} services extend each other in a row"),
            };
            self.error(code::EXTENDS, message, wanted, "let one of the services stand on its own");
            return None;
        }
        if let Some(file) = extends.file.as_ref().filter(|_| path != self.path && !self.others.contains_key(path)) {
            let other = self.reader.read(file, None)?;
            self.others.insert(path.to_owned(), Rc::new(other));
        }
        chain.push(link);
        let found = self.complete(path, &wanted.value, chain);
        chain.pop();
        let Some(mut base) = found else {
            let names = self.others.get(path).map_or(self.top, Rc::as_ref).stack.services.keys().map(String::as_str);
            let help = suggest(&wanted.value, names, "name a service of that file");
            self.error(code::EXTENDS, format!("there is no service `{}` to extend", wanted.value), wanted, help);
            return None;
        };
        if let Err(spent) = self.reader.files.copy(size(&base)) {
            if spent == Spent::Now {
                let most = MAX_BYTES >> 20;
                let message = format!("what the services of these files extend adds up to more than {most} MB");
                self.error(code::TOO_MANY_VALUES, message, wanted, "extend a smaller service, or fewer times");
            }
            return None;
        }
        if let Some(file) = self.others.get(path).map_or(self.top, Rc::as_ref).layers.file() {
            self.links.push(((here.to_owned(), name.to_owned()), file, wanted.value.clone()));
        }
        // Order and neighbours belong to the place where the base stands.
        base.depends_on.clear();
        Some(base)
    }

    fn error(&mut self, code: Code, message: String, at: &Text, help: impl Into<String>) {
        self.reader.diagnostics.push(Diagnostic::error(code, message).at(at.span).help(help));
    }
}

/// A service over what it extends; `!reset` and `!override` of its file take out of that first.
fn over(mut base: Service, own: Service, cleared: &[Cleared]) -> Service {
    for cleared in cleared {
        let parts: Vec<&str> = cleared.path.iter().map(String::as_str).collect();
        if let ["services", service, inside @ ..] = parts.as_slice()
            && *service == own.name.value
        {
            merge::clear_service(&mut base, inside);
        }
    }
    base.name = own.name.clone();
    merge::service(base, own)
}
