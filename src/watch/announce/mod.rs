//! Telling others what became of a stack: commit statuses at forges, and a JSON document by POST. Each receiver has a queue and
//! somebody who works it off, so that a forge that sleeps holds up nothing.

mod client;
mod forge;
mod news;
mod receiver;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::counts::Counts;
use super::github::Tokens;
use super::secret;
use super::settings::{Notify, Settings};
use super::telling::Telling;
use crate::git::Address;
use client::Poster;
pub use forge::Kind;
pub use news::{News, is_no_news};
use receiver::{Job, Receiver};

/// What waits beyond that is lost, and said to be.
const WAITING: usize = 512;

/// Whether every token and key that is needed can be read. Words for a person where one cannot.
pub async fn check(settings: &Settings, base: &Path) -> Result<(), String> {
    let files = settings.notify.iter().flat_map(|notify| {
        let forges = [&notify.github_status, &notify.gitlab_status, &notify.gitea_status];
        let apps = [&notify.github_status].into_iter().flatten().filter_map(|forge| forge.github_app.as_ref());
        let keys = apps.map(|app| &app.private_key_file);
        let tokens = forges.into_iter().flatten().filter_map(|forge| forge.token_file.as_ref());
        tokens.chain(keys).chain(&notify.secret_file).map(|file| base.join(file)).collect::<Vec<_>>()
    });
    secret::check(&files.collect::<Vec<_>>()).await
}

/// Everybody who is told.
pub struct Announcer {
    desks: Vec<Desk>,
    /// The settings that they were made from.
    made_from: Option<(Vec<Notify>, Option<String>)>,
    tokens: Arc<Tokens>,
    telling: Arc<dyn Telling>,
    counts: Arc<Counts>,
}

struct Desk {
    receiver: Arc<Receiver>,
    send: Sender<Job>,
    worker: JoinHandle<()>,
}

impl Announcer {
    pub fn new(tokens: Arc<Tokens>, telling: Arc<dyn Telling>, counts: Arc<Counts>) -> Self {
        Self { desks: Vec::new(), made_from: None, tokens, telling, counts }
    }

    /// Those whom the settings name, and no others. What was begun for others is still brought to its end.
    pub fn follow(&mut self, settings: &Settings, base: &Path) {
        let wanted = Some((settings.notify.clone(), settings.page.clone()));
        if wanted == self.made_from {
            return;
        }
        self.made_from = wanted;
        self.desks.clear();
        if settings.notify.is_empty() {
            return;
        }
        let poster = Poster::new();
        for notify in &settings.notify {
            let Some(receiver) = Receiver::new(notify, settings.page.as_deref(), base).map(Arc::new) else { continue };
            let (send, jobs) = channel(WAITING);
            let (telling, counts) = (self.telling.clone(), self.counts.clone());
            let worker =
                tokio::spawn(receiver.clone().work(jobs, poster.clone(), self.tokens.clone(), telling, counts));
            self.desks.push(Desk { receiver, send, worker });
        }
    }

    /// Never waits. `address` is that of the source, where it is a repository.
    pub fn announce(&self, news: &News, address: Option<&Address>) {
        for desk in self.desks.iter().filter(|desk| desk.receiver.wants(news, address)) {
            let job = Job { news: news.clone(), address: address.cloned() };
            if desk.send.try_send(job).is_err() {
                self.counts.announced(&desk.receiver.name, false);
                let words = format!("{}: too much waits to be told; this is not", desk.receiver.name);
                receiver::complain(self.telling.as_ref(), Some(&news.stack), &words);
            }
        }
    }

    /// Lets them end what they have, for so long.
    pub async fn close(self, patience: Duration) {
        let end = Instant::now() + patience;
        let desks = self.desks.into_iter().map(|Desk { receiver, send, worker }| {
            // Nothing more comes: who has worked off what there is, ends.
            drop(send);
            (receiver, worker)
        });
        for (receiver, mut worker) in desks.collect::<Vec<_>>() {
            if timeout_at(end, &mut worker).await.is_err() {
                worker.abort();
                let why = receiver.trouble().unwrap_or_else(|| "there is no answer".to_owned());
                let words = format!("{}: not everything was told before the end: {why}", receiver.name);
                receiver::complain(self.telling.as_ref(), None, &words);
            }
        }
    }
}
