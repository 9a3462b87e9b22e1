//! Folders that tell by themselves when a file changes. Where one does not, the poll finds it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::UnboundedSender;

use super::daemon::Message;
use super::machine::Event;

/// Folders that are followed.
pub struct Folders {
    send: UnboundedSender<Message>,
    watched: BTreeMap<String, (PathBuf, RecommendedWatcher)>,
}

impl Folders {
    pub fn new(send: UnboundedSender<Message>) -> Self {
        Self { send, watched: BTreeMap::new() }
    }

    /// These, and no others.
    pub fn follow(&mut self, folders: BTreeMap<String, PathBuf>) {
        self.watched.retain(|name, (path, _)| folders.get(name) == Some(path));
        for (name, path) in folders {
            if self.watched.contains_key(&name) {
                continue;
            }
            let (send, source) = (self.send.clone(), name.clone());
            let heard = move |event: notify::Result<notify::Event>| {
                // Too many at once, or one that makes no sense: then too something changed.
                if event.as_ref().is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                    return;
                }
                // A loop that has ended hears nothing more.
                let _ = send.send(Message::Event(Event::Poked { source: source.clone() }));
            };
            let watcher = notify::recommended_watcher(heard).and_then(|mut watcher| {
                watcher.watch(&path, RecursiveMode::Recursive)?;
                Ok(watcher)
            });
            match watcher {
                Ok(watcher) => drop(self.watched.insert(name, (path, watcher))),
                Err(error) => tracing::warn!(%error, path = %path.display(), "no notifications: it is polled"),
            }
        }
    }
}
