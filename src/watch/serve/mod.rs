//! What `listen:` serves: health, metrics, the API, live events and webhooks.
//!
//! hyper is what answers: it speaks to the engine already, a dozen paths need no router, and the limits that matter here (how
//! long a head may take, how many connections there are, not reading what is too large) are its own.

mod api;
mod form;
mod guard;
mod hooks;
mod live;
mod metrics;
mod pace;
mod page;
mod reply;
mod route;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::board::Board;
use super::counts::Counts;
use super::daemon::Message;
use super::journal::Journal;
use super::secret;
use super::settings::{Listen, Settings};
use super::telling::Telling;
use crate::app::event::Event;
use crate::diagnostic::nothing_to_hide;

/// Connections at a time.
const CONNECTIONS: usize = 256;
/// Of these, those that follow events.
const LISTENERS: usize = 64;
/// A request's head, from the first byte or the last answer on.
const HEAD: Duration = Duration::from_secs(10);
const HEADERS: usize = 64;
const BUFFER: usize = 64 * 1024;
/// A token opens everything.
const TOKEN: usize = 16;

/// What answers are made from.
pub struct Shared {
    pub settings: watch::Receiver<Arc<Settings>>,
    /// Relative paths of the settings start here.
    pub base: PathBuf,
    pub board: Arc<Board>,
    pub journal: Arc<Journal>,
    pub counts: Arc<Counts>,
    pub send: UnboundedSender<Message>,
    pub telling: Arc<dyn Telling>,
    pub desk: hooks::Desk,
    pub listeners: Arc<Semaphore>,
}

/// What a server is made of.
pub struct Parts {
    pub settings: watch::Receiver<Arc<Settings>>,
    pub base: PathBuf,
    pub board: Arc<Board>,
    pub journal: Arc<Journal>,
    pub counts: Arc<Counts>,
    pub send: UnboundedSender<Message>,
    pub telling: Arc<dyn Telling>,
}

impl Shared {
    pub fn new(parts: Parts) -> Self {
        let Parts { settings, base, board, journal, counts, send, telling } = parts;
        let (desk, listeners) = (hooks::Desk::default(), Arc::new(Semaphore::new(LISTENERS)));
        Self { settings, base, board, journal, counts, send, telling, desk, listeners }
    }

    /// Nothing that is said here holds a secret.
    fn say(&self, message: String) {
        self.telling.event(None, Timestamp::now(), &Event::Refresh { message }, &nothing_to_hide);
    }

    fn say_of(&self, stack: &str, message: String) {
        self.telling.event(Some(stack), Timestamp::now(), &Event::Refresh { message }, &nothing_to_hide);
    }
}

/// Whether every secret that requests are compared with can be read. Words for a person where one cannot.
pub async fn check(settings: &Settings, base: &Path) -> Result<(), String> {
    if settings.listen.is_none() {
        return Ok(());
    }
    if let Some(auth) = &settings.auth {
        let path = base.join(&auth.token_file);
        let tokens = secret::lines(&path).await?;
        if tokens.iter().any(|token| token.expose_secret().len() < TOKEN) {
            return Err(format!(
                "{} has a token of less than {TOKEN} characters, which can be guessed: make one with `openssl rand -hex 32`",
                path.display()
            ));
        }
    }
    let files: Vec<PathBuf> = hooks::files(&settings.webhooks).iter().map(|file| base.join(file)).collect();
    secret::check(&files).await
}

/// Words for a person where the address cannot be had.
pub async fn bind(listen: Listen) -> Result<TcpListener, String> {
    TcpListener::bind(listen.0).await.map_err(|error| format!("`listen: {}` cannot be had: {error}", listen.0))
}

/// Answers until it is dropped, and moves when the settings name another address than `at`, which `listener` is for.
pub async fn run(mut listener: Option<TcpListener>, mut at: Option<Listen>, shared: Arc<Shared>) {
    let mut settings = shared.settings.clone();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (stream, peer) = accept(listener.as_ref()) => {
                // Who comes when every place is taken finds the door shut, and those inside are served.
                if let Ok(place) = places.clone().try_acquire_owned() {
                    let shared = shared.clone();
                    connections.spawn(async move {
                        serve(stream, peer, shared).await;
                        drop(place);
                    });
                }
            }
            Some(_) = connections.join_next() => {}
            changed = settings.changed() => {
                if changed.is_err() {
                    return;
                }
                let wanted = settings.borrow_and_update().clone();
                if wanted.listen != at {
                    match wanted.listen {
                        None => (listener, at) = (None, None),
                        Some(listen) => match bind(listen).await {
                            Ok(new) => (listener, at) = (Some(new), Some(listen)),
                            Err(why) => shared.say(format!("{why}; what was served before is served on")),
                        },
                    }
                }
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> (tokio::net::TcpStream, SocketAddr) {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        match listener.accept().await {
            Ok(connection) => return connection,
            Err(error) => {
                // Out of descriptors, most likely: others will be given back.
                tracing::warn!(%error, "no connection");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn serve(stream: tokio::net::TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { Ok::<_, std::convert::Infallible>(route::answer(&shared, peer.ip(), request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_headers(HEADERS).max_buf_size(BUFFER);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, %peer, "a connection broke off");
    }
}
