//! Changes of the swarm, as the engine tells them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::daemon::Message;
use super::machine::Event;
use super::work::Worker;
use crate::engine::{EventFilters, EventStream};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// What stackup keeps about stacks in the swarm is none of their parts.
const OURS: &str = "stackup.";

/// Hears until the loop is gone. While nobody could hear, anything may have happened: then every stack is looked at.
pub async fn listen(worker: Arc<Worker>, send: UnboundedSender<Message>) {
    let filters = EventFilters {
        kinds: ["service", "network", "config", "secret"].map(str::to_owned).to_vec(),
        ..EventFilters::default()
    };
    let (mut wait, mut first) = (FIRST, true);
    loop {
        let stream = match worker.reader().await {
            Ok(reader) => reader.events(&filters).await,
            Err(error) => Err(error),
        };
        match stream {
            Ok(stream) => {
                if !std::mem::take(&mut first) && send.send(Message::Event(Event::Unseen)).is_err() {
                    return;
                }
                wait = FIRST;
                if hear(stream, &send).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "no events");
                worker.disconnect().await;
            }
        }
        if send.is_closed() {
            return;
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST);
    }
}

/// To the end of the stream; an error where nobody takes what is heard.
async fn hear(mut stream: EventStream, send: &UnboundedSender<Message>) -> Result<(), ()> {
    while let Some(Ok(event)) = stream.next().await {
        if let Some(name) = event.name.filter(|name| !name.starts_with(OURS)) {
            send.send(Message::Changed(name)).map_err(drop)?;
        }
    }
    Ok(())
}
