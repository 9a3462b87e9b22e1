//! The trees of all files, and in which order they lie over each other.

use crate::compose::tags::Cleared;
use crate::compose::yaml::Node;
use crate::diagnostic::FileId;

/// The trees of the files that became one document.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The files that lie over each other first, lowest first; then those of which only single services are extended.
    pub(super) layers: Vec<Layer>,
    /// How many of them lie over each other.
    pub(super) stacked: usize,
    pub(super) links: Vec<Link>,
}

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub file: FileId,
    pub tree: Node,
    /// What it takes out of those beneath it.
    pub cleared: Vec<Cleared>,
}

/// A service that begins as another.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub own: (FileId, String),
    pub base: (FileId, String),
}

impl Layers {
    pub fn of(file: FileId, tree: Node, cleared: Vec<Cleared>) -> Self {
        Self { layers: vec![Layer { file, tree, cleared }], stacked: 1, links: Vec::new() }
    }

    /// `next` lies over this.
    pub fn over(&mut self, next: Self) {
        let aside = self.layers.split_off(self.stacked.min(self.layers.len()));
        let mut above = next.layers;
        let above_aside = above.split_off(next.stacked.min(above.len()));
        self.stacked += above.len();
        self.layers.extend(above.into_iter().chain(aside).chain(above_aside));
        self.links.extend(next.links);
    }

    /// `other` is only extended from.
    pub fn beside(&mut self, other: Self) {
        self.layers.extend(other.layers);
        self.links.extend(other.links);
    }

    /// Service `own` of this file begins as `base` of another, or of this one.
    pub fn link(&mut self, own: &str, base_file: FileId, base: &str) {
        if let Some(file) = self.file() {
            self.links.push(Link { own: (file, own.to_owned()), base: (base_file, base.to_owned()) });
        }
    }

    /// The lowest file.
    pub fn file(&self) -> Option<FileId> {
        self.layers.first().map(|layer| layer.file)
    }
}
