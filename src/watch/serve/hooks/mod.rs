//! `POST /hooks/NAME`: somebody says that there is something new. It is proven before anything of it is read, and all that it
//! brings about is a fetch of what stackup.yaml names.

mod body;
mod payload;
mod proof;
mod seen;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::pace::Pace;
use super::reply::{self, Refused, Reply};
use super::{Shared, api};
use crate::watch::daemon::Message;
use crate::watch::machine::Event;
use crate::watch::secret;
use crate::watch::settings::{Settings, Webhooks};
use body::TooMuch;
use payload::Payload;
use proof::{Hook, Proof};
use seen::Seen;

/// What GitHub and GitLab send at most.
const LIMIT: u64 = 25 * 1024 * 1024;
/// More of a body is proven, but not kept: then every source is asked.
const KEPT: usize = 1024 * 1024;
/// All of a body must have come by then.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one waits to be read: a forge that is sent away does not come again.
const TURN: Duration = Duration::from_secs(5);
/// Bodies that are read at a time.
const BODIES: usize = 8;

/// What is remembered between requests.
#[derive(Debug)]
pub struct Desk {
    seen: Seen,
    /// Whoever knocks.
    peers: Pace<IpAddr>,
    /// Those who have proven themselves.
    proven: Pace<&'static str>,
    /// How often a refusal is worth a line.
    grumbles: Pace<()>,
    bodies: Semaphore,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            seen: Seen::default(),
            peers: Pace::new(60, 10.0),
            proven: Pace::new(60, 5.0),
            grumbles: Pace::new(10, 0.2),
            bodies: Semaphore::new(BODIES),
        }
    }
}

/// Files with secrets of the hooks that are configured.
pub fn files(webhooks: &Webhooks) -> Vec<PathBuf> {
    Hook::ALL.iter().filter_map(|hook| file(*hook, webhooks)).collect()
}

fn file(hook: Hook, webhooks: &Webhooks) -> Option<PathBuf> {
    match hook {
        Hook::Github => webhooks.github.as_ref().map(|hook| hook.secret_file.clone()),
        Hook::Gitlab => webhooks.gitlab.as_ref().map(|hook| hook.token_file.clone()),
        Hook::Gitea => webhooks.gitea.as_ref().map(|hook| hook.secret_file.clone()),
        Hook::Generic => webhooks.generic.as_ref().map(|hook| hook.hmac_sha256_file.clone()),
    }
}

/// One delivery.
pub async fn take(shared: &Shared, settings: &Settings, name: &str, peer: IpAddr, request: Request<Incoming>) -> Reply {
    let hook = Hook::ALL.into_iter().find(|hook| hook.as_str() == name);
    let Some((hook, file)) = hook.and_then(|hook| Some((hook, file(hook, &settings.webhooks)?))) else {
        return Refused::not_found().into();
    };
    let delivery = hook.delivery(request.headers()).map(shown).unwrap_or_default();
    let visit = Visit { shared, settings, hook, file, peer };
    let reply = match visit.receive(request).await {
        Ok(reply) => reply,
        Err(refused) => {
            if shared.desk.grumbles.admits((), Instant::now()) {
                let delivery = if delivery.is_empty() { String::new() } else { format!(" {delivery}") };
                shared.say(format!("webhook {name}{delivery} from {peer} was refused: {}", refused.why));
            }
            refused.into()
        }
    };
    shared.counts.hook(hook.as_str(), reply.status().as_u16());
    reply
}

struct Visit<'a> {
    shared: &'a Shared,
    settings: &'a Settings,
    hook: Hook,
    file: PathBuf,
    peer: IpAddr,
}

impl Visit<'_> {
    async fn receive(&self, request: Request<Incoming>) -> Result<Reply, Refused> {
        let desk = &self.shared.desk;
        if !desk.peers.admits(self.peer, Instant::now()) {
            return Err(too_many());
        }
        let (head, body) = request.into_parts();
        sane(self.hook, &head.headers)?;
        let secrets = secret::lines(&self.shared.base.join(&self.file)).await.map_err(|why| {
            tracing::warn!(%why, hook = self.hook.as_str(), "no webhook can be proven");
            Refused::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "its secret cannot be read here",
                "the watcher's log says why",
            )
        })?;
        let now = Timestamp::now().as_second();
        let mut proof = Proof::begin(self.hook, &head.headers, &secrets, now).map_err(unproven)?;
        let Ok(Ok(_place)) = timeout(TURN, desk.bodies.acquire()).await else { return Err(too_many()) };
        let kept =
            body::read(body, LIMIT, KEPT, PATIENCE, |bytes| proof.update(bytes)).await.map_err(|why| match why {
                TooMuch::Bytes => too_large(),
                TooMuch::Time => Refused::new(StatusCode::REQUEST_TIMEOUT, "the body did not come", "send it at once"),
                TooMuch::Broken => Refused::new(StatusCode::BAD_REQUEST, "the body broke off", "send all of it"),
            })?;
        let mark = proof.end().map_err(unproven)?;
        self.proven(&head.headers, mark, kept)
    }

    /// From here on it is known to come from who has the secret.
    fn proven(&self, headers: &HeaderMap, mark: Option<String>, body: Option<Vec<u8>>) -> Result<Reply, Refused> {
        let (desk, name) = (&self.shared.desk, self.hook.as_str());
        let event = self.hook.event(headers);
        if event == Some("ping") {
            let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            return Ok(reply::json(StatusCode::OK, &json!({"pong": true, "content_type": kind})));
        }
        // Whoever leads must hear of it; a forge that sends it again is heard then.
        api::must_lead(self.shared)?;
        if !desk.proven.admits(name, Instant::now()) {
            return Err(too_many());
        }
        let delivery = self.hook.delivery(headers);
        let id = delivery.map(|id| format!("{name} id {id}"));
        let marks = id.into_iter().chain(mark.map(|mark| format!("{name} mac {mark}"))).collect();
        if !desk.seen.is_new(marks) {
            return Err(Refused::new(
                StatusCode::CONFLICT,
                "this delivery came before",
                "nothing is lost: it was heeded then",
            ));
        }
        let sources = match body {
            // Too large to keep.
            None => payload::all(self.settings),
            Some(_) if event.is_some_and(|event| !is_push(event)) => Vec::new(),
            Some(body) if self.hook == Hook::Generic && body.is_empty() => payload::all(self.settings),
            Some(body) => {
                let payload: Payload = serde_json::from_slice(&body).map_err(|error| {
                    Refused::new(
                        StatusCode::BAD_REQUEST,
                        format!("the body is no push: {error}"),
                        "choose JSON at the forge",
                    )
                })?;
                match payload.is_empty() && self.hook == Hook::Generic {
                    true => payload::all(self.settings),
                    false => payload.sources(self.settings),
                }
            }
        };
        for source in &sources {
            // A loop that has ended fetches nothing more.
            let _ = self.shared.send.send(Message::Event(Event::Poked { source: source.clone() }));
        }
        let delivery = delivery.map(|id| format!(" {}", shown(id))).unwrap_or_default();
        let what = if sources.is_empty() { "nothing that is followed".to_owned() } else { sources.join(", ") };
        self.shared.say(format!("webhook {name}{delivery}: {what}"));
        Ok(reply::json(StatusCode::ACCEPTED, &json!({"fetching": sources})))
    }
}

/// What can be refused before a byte of the body is read.
fn sane(hook: Hook, headers: &HeaderMap) -> Result<(), Refused> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > LIMIT) {
        return Err(too_large());
    }
    let unsupported = |why: &str, help: &str| Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why, help));
    if headers.contains_key(CONTENT_ENCODING) {
        return unsupported("the body is compressed", "send it as it is");
    }
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default());
    let is_json = kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == "application/json");
    let unsaid = hook == Hook::Generic && kind.is_none();
    if !is_json && !unsaid {
        return unsupported("the body is no JSON", "choose the content type application/json at the forge");
    }
    Ok(())
}

/// Others are genuine, and mean nothing here: a forge that is refused switches the hook off.
fn is_push(event: &str) -> bool {
    matches!(event, "push" | "create" | "delete" | "release" | "Push Hook" | "Tag Push Hook" | "System Hook")
}

fn unproven(why: &'static str) -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, why, "the secret at the forge must be a line of the hook's file here")
}

fn too_many() -> Refused {
    Refused::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too many at a time",
        "come again in ten seconds; sources are polled too",
    )
}

fn too_large() -> Refused {
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 25 MiB", "send pushes only")
}

/// A stranger's words in a log: short, and nothing that moves a cursor.
fn shown(text: &str) -> String {
    text.chars().take(64).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}
