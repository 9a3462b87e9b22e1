//! Requests and answers over a pool of connections.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::address::{Endpoint, Host};
use super::decode::{self, Decoded};
use super::error::Unreach;
use super::target::Target;
use super::transport::{Connector, Fault, causes};
use super::{EngineError, Refusal};
use crate::swarm::Task;

/// A request with an end must have come to it by then.
const ANSWER: Duration = Duration::from_secs(60);
/// A connection unused for this long is closed.
const IDLE: Duration = Duration::from_secs(30);
/// sshd turns connections away when more than ten knock at once.
const SSH_AT_ONCE: usize = 4;
const AT_ONCE: usize = 64;

/// One engine. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub(super) struct Client {
    inner: Arc<Inner>,
    /// `1.41`; without it requests go unversioned.
    version: Option<String>,
}

struct Inner {
    http: legacy::Client<Connector, Full<Bytes>>,
    base: String,
    endpoint: String,
    /// How many requests may wait for an answer.
    gate: Semaphore,
    answer_within: Duration,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.inner.endpoint)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What goes with a request beside its target.
#[derive(Default)]
pub(super) struct Load<'a> {
    pub body: Option<&'a Value>,
    /// X-Registry-Auth. In no log and no error.
    pub auth: Option<&'a str>,
}

/// A complete answer below 400.
pub(super) struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
    request: String,
}

impl Answer {
    pub fn json(&self) -> Result<Value, EngineError> {
        serde_json::from_slice(&self.body).map_err(|e| self.no_json(&e))
    }

    fn no_json(&self, error: &serde_json::Error) -> EngineError {
        EngineError::Nonsense { request: self.request.clone(), why: format!("no JSON: {error}") }
    }

    /// The elements of a list; `null` is an empty one.
    pub fn list(&self) -> Result<Vec<Value>, EngineError> {
        match self.json()? {
            Value::Array(items) => Ok(items),
            Value::Null => Ok(Vec::new()),
            _ => Err(EngineError::Nonsense { request: self.request.clone(), why: "a list was expected".to_owned() }),
        }
    }

    /// The elements of a list, one at a time: the whole of a large one is never held.
    pub fn each(&self, take: impl FnMut(Value)) -> Result<(), EngineError> {
        decode::stream(&self.body, PhantomData::<Value>, take).map_err(|e| self.no_json(&e))
    }

    /// The tasks of a list, with so much of each as is needed.
    pub fn tasks(&self) -> Result<Decoded<Task>, EngineError> {
        decode::Tasks::read(&self.body).map_err(|e| self.no_json(&e))
    }
}

impl Client {
    /// Connects to nothing yet.
    pub fn new(endpoint: &Endpoint) -> Result<Self, EngineError> {
        Self::with_patience(endpoint, ANSWER)
    }

    /// With another time than the usual to wait for answers.
    pub(super) fn with_patience(endpoint: &Endpoint, answer_within: Duration) -> Result<Self, EngineError> {
        let connector = Connector::new(endpoint)?;
        let base = connector.base();
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        let at_once = if matches!(endpoint.host, Host::Ssh(_)) { SSH_AT_ONCE } else { AT_ONCE };
        let inner =
            Inner { http, base, endpoint: endpoint.host.to_string(), gate: Semaphore::new(at_once), answer_within };
        Ok(Self { inner: Arc::new(inner), version: None })
    }

    /// Speaks `version` from here on.
    pub fn speaking(mut self, version: String) -> Self {
        self.version = Some(version);
        self
    }

    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }

    pub fn endpoint(&self) -> &str {
        &self.inner.endpoint
    }

    pub async fn get(&self, target: &Target) -> Result<Answer, EngineError> {
        self.send(Method::GET, target, Load::default()).await
    }

    /// `None` for a 404.
    pub async fn find(&self, target: &Target) -> Result<Option<Answer>, EngineError> {
        match self.get(target).await {
            Err(e) if e.status() == Some(404) => Ok(None),
            other => other.map(Some),
        }
    }

    /// Asks and reads the whole answer.
    pub async fn send(&self, method: Method, target: &Target, load: Load<'_>) -> Result<Answer, EngineError> {
        let request = named(&method, target);
        let within = self.inner.answer_within;
        let whole = async {
            let response = self.head(method, target, load).await?;
            self.whole(response, &request).await
        };
        match tokio::time::timeout(within, whole).await {
            Ok(outcome) => outcome,
            Err(_) => Err(EngineError::TimedOut { request, after: within }),
        }
    }

    /// Asks; the answer's body comes as long as it comes.
    pub async fn stream(&self, target: &Target) -> Result<Response<Incoming>, EngineError> {
        let request = named(&Method::GET, target);
        let within = self.inner.answer_within;
        let open = async {
            let response = self.head(Method::GET, target, Load::default()).await?;
            // An error has an end; read it now.
            if response.status().as_u16() >= 400 {
                self.whole(response, &request).await.map(Err)
            } else {
                Ok(Ok(response))
            }
        };
        match tokio::time::timeout(within, open).await {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(_))) => Err(EngineError::Nonsense { request, why: "an error that is none".to_owned() }),
            Ok(Err(e)) => Err(e),
            Err(_) => Err(EngineError::TimedOut { request, after: within }),
        }
    }

    async fn head(&self, method: Method, target: &Target, load: Load<'_>) -> Result<Response<Incoming>, EngineError> {
        let name = named(&method, target);
        let request = self.build(method, target, load).map_err(|e| EngineError::Address(format!("{name}: {e}")))?;
        // Never closed, so never an error.
        let _permit = self.inner.gate.acquire().await;
        let start = Instant::now();
        let outcome = self.inner.http.request(request).await;
        let ms = start.elapsed().as_millis() as u64;
        match &outcome {
            Ok(response) => tracing::debug!(request = %name, status = response.status().as_u16(), ms, "answered"),
            Err(_) => tracing::debug!(request = %name, ms, "no answer"),
        }
        outcome.map_err(|e| self.failure(name, &e))
    }

    fn build(&self, method: Method, target: &Target, load: Load<'_>) -> Result<Request<Full<Bytes>>, http::Error> {
        let uri = target.as_uri(&self.inner.base, self.version.as_deref());
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::USER_AGENT, concat!("stackup/", env!("CARGO_PKG_VERSION")));
        if let Some(auth) = load.auth {
            let mut value = HeaderValue::from_str(auth)?;
            value.set_sensitive(true);
            request = request.header("X-Registry-Auth", value);
        }
        let bytes = match load.body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        request.body(Full::new(bytes))
    }

    async fn whole(&self, response: Response<Incoming>, request: &str) -> Result<Answer, EngineError> {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|e| self.failure(request.to_owned(), &e))?.to_bytes();
        let request = request.to_owned();
        match parts.status {
            status if status.as_u16() >= 400 => {
                Err(EngineError::Refused(Refusal::from_body(status.as_u16(), request, &body)))
            }
            StatusCode::SWITCHING_PROTOCOLS => {
                Err(EngineError::Nonsense { request, why: "another protocol was offered".to_owned() })
            }
            status if status.is_redirection() && status != StatusCode::NOT_MODIFIED => {
                Err(EngineError::Nonsense { request, why: format!("a redirection ({status}): is this an engine?") })
            }
            _ => Ok(Answer { headers: parts.headers, body, request }),
        }
    }

    /// What an error of the connection means for a request.
    pub fn failure(&self, request: String, error: &(dyn std::error::Error + 'static)) -> EngineError {
        let endpoint = self.inner.endpoint.clone();
        if let Some(Fault { reason, why }) = Fault::among(error) {
            return EngineError::Unreachable { endpoint, reason, why };
        }
        let why = causes(error).last().map(ToString::to_string).unwrap_or_default();
        if error.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect) {
            return EngineError::Unreachable { endpoint, reason: Unreach::Other, why };
        }
        if causes(error).any(|e| e.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)) {
            return EngineError::Nonsense { request, why: format!("no HTTP: {why}") };
        }
        EngineError::Lost { request, why }
    }
}

/// `GET /services/x`.
pub(super) fn named(method: &Method, target: &Target) -> String {
    format!("{method} {}", target.path)
}
