//! stackup.yaml, changed while it is followed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::daemon::Message;
use super::settings;
use super::telling::Telling;
use super::{announce, serve};
use crate::app::event::Event;
use crate::diagnostic::{Sources, nothing_to_hide};

/// Between two looks.
const BEAT: Duration = Duration::from_secs(2);

/// Reads the file again whenever its bytes are others. While it makes no sense, what it said before holds.
/// `base` is where its relative paths start.
pub async fn watch(path: PathBuf, base: PathBuf, telling: Arc<dyn Telling>, send: UnboundedSender<Message>) {
    let say = |message| telling.event(None, Timestamp::now(), &Event::Refresh { message }, &nothing_to_hide);
    let mut known = std::fs::read(&path).ok();
    loop {
        sleep(BEAT).await;
        // A file that is gone for the moment of its replacement is no news.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        if known.as_ref() == Some(&bytes) {
            continue;
        }
        let mut sources = Sources::default();
        let (settings, diagnostics) = settings::read(&path.to_string_lossy(), &bytes, &mut sources);
        known = Some(bytes);
        telling.problems(None, &diagnostics, &sources, &nothing_to_hide);
        let message = match &settings {
            Some(_) => format!("{} has changed, and is followed as it is now", path.display()),
            None => format!("{} has changed and makes no sense: what it said before holds", path.display()),
        };
        say(message);
        let Some(settings) = settings else { continue };
        for checked in [serve::check(&settings, &base).await, announce::check(&settings, &base).await] {
            if let Err(why) = checked {
                say(format!("a secret of stackup.yaml is of no use: {why}"));
            }
        }
        if send.send(Message::Settings(Box::new(settings))).is_err() {
            return;
        }
    }
}
