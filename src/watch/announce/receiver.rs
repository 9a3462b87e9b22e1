//! One receiver, and working off what it is to be told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use tokio::sync::mpsc::Receiver as Jobs;
use tokio::time::sleep;

use super::client::{Poster, Said};
use super::forge::Kind;
use super::news::{News, State};
use crate::app::event::Event;
use crate::diagnostic::nothing_to_hide;
use crate::git::{Address, Transport};
use crate::watch::counts::Counts;
use crate::watch::github::{Need, Tokens};
use crate::watch::settings::{GithubApp, Happening, Notify, Wording};
use crate::watch::telling::Telling;
use crate::watch::{secret, standard};

const TRIES: u32 = 6;
const FIRST: Duration = Duration::from_secs(1);
/// Where a forge says "too many" and not for how long.
const SCOLDED: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 64;
const JSON: &str = "application/json";

/// What is to be told.
#[derive(Clone, Debug)]
pub struct Job {
    pub news: News,
    pub address: Option<Address>,
}

/// Who is told.
#[derive(Debug)]
pub struct Receiver {
    /// For logs and metrics. A webhook's path may be its password, so only its host is named.
    pub name: String,
    target: Target,
    sources: Option<Vec<String>>,
    /// Where people reach this watcher.
    page: Option<String>,
    /// Why the last try did not go well.
    trouble: Mutex<Option<String>>,
}

#[derive(Debug)]
enum Target {
    Status {
        kind: Kind,
        api: Option<String>,
        credential: Credential,
        context: String,
    },
    Hook {
        url: String,
        secret_file: Option<PathBuf>,
        on: Option<Vec<Happening>>,
        wording: Option<Wording>,
        kind: String,
    },
}

/// Where the token comes from.
#[derive(Debug)]
enum Credential {
    File(PathBuf),
    App(Box<GithubApp>),
}

/// What was told last, to tell nothing twice.
type Told = BTreeMap<(String, Option<String>), String>;

impl Receiver {
    /// Nothing where the entry names nobody; the settings have complained of that.
    pub fn new(notify: &Notify, page: Option<&str>, base: &Path) -> Option<Self> {
        let forges = [
            (Kind::Github, &notify.github_status),
            (Kind::Gitlab, &notify.gitlab_status),
            (Kind::Gitea, &notify.gitea_status),
        ];
        let status = forges.into_iter().find_map(|(kind, forge)| Some((kind, forge.as_ref()?)));
        let (name, target) = match (status, &notify.webhook) {
            (Some((kind, forge)), _) => {
                let context = forge.context.clone().unwrap_or_else(|| "stackup".to_owned());
                let credential = match (&forge.github_app, &forge.token_file) {
                    (Some(app), _) => {
                        let private_key_file = base.join(&app.private_key_file);
                        Credential::App(Box::new(GithubApp { private_key_file, ..app.clone() }))
                    }
                    (None, Some(file)) => Credential::File(base.join(file)),
                    (None, None) => return None,
                };
                let api = forge.api.clone().or_else(|| forge.github_app.as_ref()?.api.clone());
                (kind.as_str().to_owned(), Target::Status { kind, api, credential, context })
            }
            (None, Some(url)) => {
                let host = url.parse::<http::Uri>().ok()?.authority()?.host().to_owned();
                let secret_file = notify.secret_file.as_ref().map(|path| base.join(path));
                let kind = notify.content_type.clone().unwrap_or_else(|| JSON.to_owned());
                let (on, wording) = (notify.on.clone(), notify.template.clone());
                (format!("webhook {host}"), Target::Hook { url: url.clone(), secret_file, on, wording, kind })
            }
            (None, None) => return None,
        };
        let (sources, page) = (notify.sources.clone(), page.map(str::to_owned));
        Some(Self { name, target, sources, page, trouble: Mutex::default() })
    }

    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_trouble(&self, why: Option<&str>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = why.map(str::to_owned);
    }

    pub fn wants(&self, news: &News, address: Option<&Address>) -> bool {
        if self.sources.as_ref().is_some_and(|sources| !sources.contains(&news.source)) {
            return false;
        }
        match &self.target {
            Target::Status { api, .. } => {
                // A repository on this machine is at a forge only where somebody says so.
                let reached = address.is_some_and(|a| a.transport() != Transport::File || api.is_some());
                reached && news.commit.is_some() && news.state().is_some()
            }
            Target::Hook { on, .. } => happening(news, on.as_deref()).is_some(),
        }
    }

    /// Until nobody can have anything more to tell.
    pub async fn work(
        self: Arc<Self>,
        mut jobs: Jobs<Job>,
        poster: Poster,
        tokens: Arc<Tokens>,
        telling: Arc<dyn Telling>,
        counts: Arc<Counts>,
    ) {
        let (mut waiting, mut told) = (Vec::new(), Told::new());
        while jobs.recv_many(&mut waiting, AT_ONCE).await > 0 {
            if matches!(self.target, Target::Status { .. }) {
                waiting = newest(std::mem::take(&mut waiting));
            }
            for job in waiting.drain(..) {
                let (about, said) = self.gist(&job.news);
                if told.get(&about) == Some(&said) {
                    continue;
                }
                let done = self.tell(&job, &poster, &tokens).await;
                counts.announced(&self.name, done.is_ok());
                match done {
                    Ok(()) => {
                        told.retain(|(stack, _), _| *stack != job.news.stack);
                        told.insert(about, said);
                    }
                    Err(why) => {
                        complain(telling.as_ref(), Some(&job.news.stack), &format!("{}: not told: {why}", self.name))
                    }
                }
            }
        }
    }

    /// What makes two announcements the same.
    fn gist(&self, news: &News) -> ((String, Option<String>), String) {
        let about = (news.stack.clone(), news.commit.clone());
        match &self.target {
            Target::Status { .. } => (about, format!("{:?} {}", news.state(), news.message)),
            // Each rollout is told, whether or not it went as the one before.
            Target::Hook { on, .. } => {
                let at = if news.rolled { news.at.to_string() } else { String::new() };
                (about, format!("{:?} {} {at}", happening(news, on.as_deref()), news.message))
            }
        }
    }

    async fn tell(&self, job: &Job, poster: &Poster, tokens: &Tokens) -> Result<(), String> {
        // The same for every try: whoever gets it twice can tell.
        let id = id()?;
        let (mut pause, mut last) = (FIRST, String::new());
        for attempt in 1..=TRIES {
            let mut app = None;
            let page = self.page.as_deref();
            let (url, headers, body, content) = match &self.target {
                Target::Status { kind, api, credential, context } => {
                    let (Some(address), Some(commit)) = (&job.address, &job.news.commit) else { return Ok(()) };
                    let state = job.news.state().unwrap_or(State::Pending);
                    let url = kind.url(api.as_deref(), address, commit)?;
                    let token = match credential {
                        // A new token counts at once.
                        Credential::File(file) => secret::first(file).await?,
                        Credential::App(given) => {
                            let need = Need::of(given, address, ("statuses", "write"))?;
                            match tokens.get(&need).await {
                                Ok(token) => {
                                    app = Some(need);
                                    token
                                }
                                // The forge may be away for as long as this takes, too.
                                Err(why) if attempt < TRIES => {
                                    self.set_trouble(Some(&why));
                                    last = why;
                                    sleep(pause).await;
                                    pause *= 2;
                                    continue;
                                }
                                Err(why) => return Err(why),
                            }
                        }
                    };
                    let headers = kind.headers(&token)?;
                    (url, headers, kind.body(context, &job.news, state, page).to_string(), JSON)
                }
                Target::Hook { url, secret_file, on, wording, kind } => {
                    let Some(happening) = happening(&job.news, on.as_deref()) else { return Ok(()) };
                    let document = job.news.document(happening, page);
                    let body = match wording {
                        Some(wording) => wording.fill(&document)?,
                        None => serde_json::Value::Object(document).to_string(),
                    };
                    let headers = signed(secret_file.as_deref(), &id, body.as_bytes()).await?;
                    (url.clone(), headers, body, kind.as_str())
                }
            };
            if url.starts_with("http://") && matches!(self.target, Target::Status { .. }) && !is_here(&url) {
                return Err("the API speaks no https, and the token would go in clear".to_owned());
            }
            let wait = match poster.post(&url, content, &headers, Bytes::from(body)).await {
                Ok(said) if self.took(&said) => {
                    self.set_trouble(None);
                    return Ok(());
                }
                Ok(said) => {
                    last = sentence(&said, &headers);
                    // Whoever took the installation away and gave it back has made all tokens void.
                    let void = app.filter(|_| said.status == StatusCode::UNAUTHORIZED && attempt == 1);
                    if let Some(need) = &void {
                        tokens.forget(need).await;
                    }
                    match again(&said) {
                        None if void.is_some() => pause,
                        None => return Err(last),
                        Some(wait) => wait.unwrap_or(pause),
                    }
                }
                Err(why) => {
                    last = why;
                    pause
                }
            };
            self.set_trouble(Some(&last));
            if attempt < TRIES {
                sleep(wait).await;
                pause *= 2;
            }
        }
        Err(format!("{last}; tried {TRIES} times"))
    }

    fn took(&self, said: &Said) -> bool {
        match &self.target {
            Target::Status { kind, .. } => kind.took(said.status, &said.text),
            Target::Hook { .. } => said.status.is_success(),
        }
    }
}

/// The first that is asked for.
fn happening(news: &News, on: Option<&[Happening]>) -> Option<Happening> {
    news.happenings().into_iter().find(|happening| on.is_none_or(|on| on.contains(happening)))
}

/// Of what is said of one commit of one stack, the last.
fn newest(jobs: Vec<Job>) -> Vec<Job> {
    let mut seen = BTreeSet::new();
    let mut kept: Vec<Job> =
        jobs.into_iter().rev().filter(|job| seen.insert((job.news.stack.clone(), job.news.commit.clone()))).collect();
    kept.reverse();
    kept
}

/// Whether it may go better later, and when, if the server says so.
fn again(said: &Said) -> Option<Option<Duration>> {
    let busy = matches!(said.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
        || said.status.is_server_error();
    let scolded = said.status == StatusCode::FORBIDDEN && (said.wait.is_some() || said.text.contains("rate limit"));
    match (busy, scolded) {
        (_, true) => Some(Some(said.wait.unwrap_or(SCOLDED))),
        (true, _) => Some(said.wait),
        _ => None,
    }
}

/// Standard Webhooks: an id, a time, and both signed with the body.
async fn signed(file: Option<&Path>, id: &str, body: &[u8]) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let at = Timestamp::now().as_second();
    let header = |value: String| HeaderValue::try_from(value).map_err(|error| error.to_string());
    let mut headers = vec![
        (HeaderName::from_static("webhook-id"), header(id.to_owned())?),
        (HeaderName::from_static("webhook-timestamp"), header(at.to_string())?),
    ];
    if let Some(file) = file {
        let secret = secret::first(file).await?;
        let key = standard::key(secret.expose_secret()).ok_or_else(|| format!("{} is no key", file.display()))?;
        let signature = standard::sign(&key, id, at, body).ok_or("no signature can be made")?;
        headers.push((HeaderName::from_static("webhook-signature"), header(signature)?));
    }
    Ok(headers)
}

fn id() -> Result<String, String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(bytes.iter().fold("msg_".to_owned(), |id, byte| format!("{id}{byte:02x}")))
}

fn is_here(url: &str) -> bool {
    Address::parse(url).is_ok_and(|address| address.is_loopback())
}

/// `401 Unauthorized: Bad credentials`. A server that says what it was sent says no secret.
fn sentence(said: &Said, headers: &[(HeaderName, HeaderValue)]) -> String {
    let message = serde_json::from_str::<serde_json::Value>(&said.text).ok();
    let message = message.and_then(|json| Some(json.get("message").or(json.get("error"))?.as_str()?.to_owned()));
    let mut text = message.unwrap_or_default();
    for (_, value) in headers.iter().filter(|(_, value)| value.is_sensitive()) {
        let token = value.to_str().unwrap_or_default().rsplit(' ').next().unwrap_or_default();
        text = if token.is_empty() { text } else { text.replace(token, "…") };
    }
    let text: String = text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.is_empty() { said.status.to_string() } else { format!("{}: {text}", said.status) }
}

pub fn complain(telling: &dyn Telling, stack: Option<&str>, words: &str) {
    telling.event(stack, Timestamp::now(), &Event::Refresh { message: words.to_owned() }, &nothing_to_hide);
}
