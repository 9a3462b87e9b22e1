//! Changes of the swarm as they happen. A stream may end at any time: the caller asks again, with `since`, and looks anew.
//!
//! bollard asks and decodes, over our own connections; an event that makes no sense to it ends the stream with an error.

use std::collections::HashMap;
use std::sync::Arc;

use bollard::errors::Error;
use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptions;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use jiff::Timestamp;
use tokio::sync::Notify;

use super::client::Client;
use super::target::Target;
use super::{EngineError, Reader};

/// Which events to hear of. Empty lists leave nothing out.
#[derive(Clone, Debug, Default)]
pub struct EventFilters {
    /// `service`, `network`, `config`, `secret`, `node`; all five when empty.
    pub kinds: Vec<String>,
    /// Ids or names of services.
    pub services: Vec<String>,
    /// Repeat what happened since then.
    pub since: Option<Timestamp>,
}

/// Something changed in the swarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `service`, `network`, …
    pub kind: String,
    /// `create`, `update`, `remove`.
    pub action: String,
    pub id: String,
    pub name: Option<String>,
    /// `updatestate.new`, `image.new`, …: each key and value.
    pub attributes: Vec<(String, String)>,
    pub time: Option<Timestamp>,
}

/// Events as they come. [`EventStream::next`] may be dropped half-way (in `select!`) and loses nothing.
pub struct EventStream {
    events: BoxStream<'static, Result<EventMessage, Error>>,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

impl Reader {
    /// Swarm-scope events from now on, or from `since`. Returns once the engine listens: nothing later is missed.
    pub async fn events(&self, filters: &EventFilters) -> Result<EventStream, EngineError> {
        let opened = Arc::new(Notify::new());
        let docker = docker(self.client(), opened.clone()).map_err(meaning)?;
        let mut events = docker.events(Some(asked(filters))).fuse().boxed();
        // bollard asks when its stream is first looked at, and gives nothing before the first event.
        let first = tokio::select! {
            first = events.next() => first,
            () = opened.notified() => return Ok(EventStream { events }),
        };
        match first {
            Some(Err(e)) => Err(meaning(e)),
            first => Ok(EventStream { events: stream::iter(first).chain(events).boxed() }),
        }
    }
}

impl EventStream {
    /// `None` where the engine ended the stream; an error where the connection broke.
    pub async fn next(&mut self) -> Option<Result<Event, EngineError>> {
        loop {
            match self.events.next().await? {
                Ok(message) => match event(message) {
                    Some(event) => return Some(Ok(event)),
                    None => continue,
                },
                Err(e) => return Some(Err(meaning(e))),
            }
        }
    }
}

/// bollard on our client, which adds the version that was agreed on: bollard 0.21 sends none. `opened` is told when the
/// engine has answered.
fn docker(client: &Client, opened: Arc<Notify>) -> Result<Docker, Error> {
    let client = client.clone();
    let transport = move |request: BollardRequest| {
        let (client, opened) = (client.clone(), opened.clone());
        async move {
            let response = client.stream(&Target::of_uri(request.uri())).await.map_err(carried)?;
            opened.notify_one();
            Ok(response)
        }
    };
    // The client has a patience of its own, which is shorter.
    Docker::connect_with_custom_transport(transport, Some("http://docker"), u64::from(u32::MAX), API_DEFAULT_VERSION)
}

fn asked(filters: &EventFilters) -> EventsOptions {
    const ALL: [&str; 5] = ["service", "network", "config", "secret", "node"];
    let kinds = if filters.kinds.is_empty() { ALL.map(str::to_owned).to_vec() } else { filters.kinds.clone() };
    let mut wanted = HashMap::from([("scope".to_owned(), vec!["swarm".to_owned()]), ("type".to_owned(), kinds)]);
    if !filters.services.is_empty() {
        wanted.insert("service".to_owned(), filters.services.clone());
    }
    let since = filters.since.map(|t| format!("{}.{:09}", t.as_second(), t.subsec_nanosecond().max(0)));
    EventsOptions { since, until: None, filters: Some(wanted) }
}

/// bollard has no place for an error of ours but within one of the operating system's.
fn carried(error: EngineError) -> Error {
    Error::from(std::io::Error::other(error))
}

/// Our own error, if bollard carries one; its words about a broken connection; what is left cannot be understood.
fn meaning(error: Error) -> EngineError {
    let request = "GET /events".to_owned();
    match error {
        Error::IOError { err } => match err.downcast::<EngineError>() {
            Ok(ours) => ours,
            Err(err) => EngineError::Lost { request, why: err.to_string() },
        },
        other => EngineError::Nonsense { request, why: other.to_string() },
    }
}

/// `None` for what is no event with a type and an action.
fn event(message: EventMessage) -> Option<Event> {
    let actor = message.actor.unwrap_or_default();
    let mut attributes: Vec<_> = actor.attributes.unwrap_or_default().into_iter().collect();
    attributes.sort();
    Some(Event {
        kind: message.typ?.to_string(),
        action: message.action?,
        id: actor.id.unwrap_or_default(),
        name: attributes.iter().find(|(key, _)| key == "name").map(|(_, name)| name.clone()),
        attributes,
        time: message.time_nano.and_then(|nanos| Timestamp::from_nanosecond(nanos.into()).ok()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_says_what_happened_to_whom() {
        let raw = json!({"Type": "service", "Action": "update", "scope": "swarm", "timeNano": 1_000_000_001,
            "Actor": {"ID": "s1", "Attributes": {"name": "web", "updatestate.new": "completed"}}});
        let event = event(serde_json::from_value(raw).unwrap()).unwrap();
        assert_eq!((event.kind.as_str(), event.action.as_str()), ("service", "update"));
        assert_eq!((event.id.as_str(), event.name.as_deref()), ("s1", Some("web")));
        assert!(event.attributes.contains(&("updatestate.new".to_owned(), "completed".to_owned())));
        assert_eq!(event.time, Timestamp::from_nanosecond(1_000_000_001).ok());
    }
}
