//! Events as they happen, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;

use crate::watch::journal::{Entry, Journal};

/// A line goes at least so often, so that nobody in between takes the connection for dead.
const ALIVE: Duration = Duration::from_secs(15);
const AT_ONCE: usize = 64;

struct Listener {
    journal: Arc<Journal>,
    follow: watch::Receiver<u64>,
    /// The last that was sent.
    sent: u64,
    /// What is said before everything else.
    greeting: Option<&'static str>,
    _place: OwnedSemaphorePermit,
}

/// From the event after `last` on (`EPOCH-NUMBER`, as in `id:`); without one, from now on.
pub fn stream(
    journal: Arc<Journal>,
    last: Option<&str>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + use<> {
    let follow = journal.follow();
    let newest = journal.newest();
    let sent = match last.and_then(|last| last.split_once('-')) {
        Some((epoch, number)) if epoch.parse() == Ok(journal.epoch) => number.parse().unwrap_or(newest).min(newest),
        // Of another process: everything that this one told is new.
        Some(_) => 0,
        None => newest,
    };
    let listener = Listener { journal, follow, sent, greeting: Some("retry: 2000\n\n"), _place: place };
    unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((Ok(Frame::data(Bytes::from(text))), listener))
    })
}

impl Listener {
    /// `None` where nothing will ever be told again.
    async fn next(&mut self) -> Option<String> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting.to_owned());
        }
        loop {
            self.follow.mark_unchanged();
            let (entries, lost) = self.journal.after(self.sent, AT_ONCE);
            if let Some(last) = entries.last() {
                self.sent = last.number;
                let gap = if lost > 0 { format!("event: lost\ndata: {{\"lost\":{lost}}}\n\n") } else { String::new() };
                return Some(entries.iter().fold(gap, |all, entry| all + &record(self.journal.epoch, entry)));
            }
            match timeout(ALIVE, self.follow.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some(": alive\n\n".to_owned()),
            }
        }
    }
}

/// JSON has no line breaks, so one `data:` holds it.
fn record(epoch: i64, entry: &Entry) -> String {
    format!("id: {epoch}-{}\nevent: {}\ndata: {}\n\n", entry.number, entry.kind, entry.text)
}
