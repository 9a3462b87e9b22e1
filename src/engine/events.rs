//! Changes of the swarm as they happen. A stream may end at any time: the caller asks again, with `since`, and looks anew.

use http_body_util::BodyExt;
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::client::Client;
use super::target::Target;
use super::{EngineError, Reader};

/// An event longer than this is none.
const LONGEST: usize = 4 << 20;

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
#[derive(Debug)]
pub struct EventStream {
    client: Client,
    body: Incoming,
    rest: Rest,
}

impl Reader {
    /// Swarm-scope events from now on, or from `since`.
    pub async fn events(&self, filters: &EventFilters) -> Result<EventStream, EngineError> {
        const ALL: [&str; 5] = ["service", "network", "config", "secret", "node"];
        let mut wanted = json!({ "scope": ["swarm"], "type": ALL });
        if !filters.kinds.is_empty() {
            wanted["type"] = json!(filters.kinds);
        }
        if !filters.services.is_empty() {
            wanted["service"] = json!(filters.services);
        }
        let mut target = Target::new("/events").filtered(&wanted);
        if let Some(since) = filters.since {
            target = target.with("since", &format!("{}.{:09}", since.as_second(), since.subsec_nanosecond().max(0)));
        }
        let body = self.client().stream(&target).await?.into_body();
        Ok(EventStream { client: self.client().clone(), body, rest: Rest::default() })
    }
}

impl EventStream {
    /// `None` where the engine ended the stream; an error where the connection broke.
    pub async fn next(&mut self) -> Option<Result<Event, EngineError>> {
        let request = "GET /events";
        loop {
            match self.rest.pop() {
                Ok(Some(value)) => match event(&value) {
                    Some(event) => return Some(Ok(event)),
                    None => continue,
                },
                Ok(None) => {}
                Err(why) => return Some(Err(EngineError::Nonsense { request: request.to_owned(), why })),
            }
            match self.body.frame().await? {
                Ok(part) => self.rest.0.extend(part.data_ref().into_iter().flatten()),
                Err(e) => return Some(Err(self.client.failure(request.to_owned(), &e))),
            }
        }
    }
}

/// Bytes that are not an object yet.
#[derive(Debug, Default)]
struct Rest(Vec<u8>);

impl Rest {
    /// The next whole object, whatever separates them.
    fn pop(&mut self) -> Result<Option<Value>, String> {
        let mut values = serde_json::Deserializer::from_slice(&self.0).into_iter::<Value>();
        let next = values.next();
        let used = values.byte_offset();
        match next {
            None => {
                self.0.clear();
                Ok(None)
            }
            Some(Ok(value)) => {
                self.0.drain(..used);
                Ok(Some(value))
            }
            Some(Err(e)) if e.is_eof() && self.0.len() <= LONGEST => Ok(None),
            Some(Err(e)) => {
                self.0.clear();
                Err(format!("no JSON: {e}"))
            }
        }
    }
}

/// `None` for what is no event with a type and an action.
fn event(value: &Value) -> Option<Event> {
    let text = |path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let attributes = value.pointer("/Actor/Attributes").and_then(Value::as_object).into_iter().flatten();
    let nanos = value.get("timeNano").and_then(Value::as_i64).map(i128::from);
    Some(Event {
        kind: text("/Type")?,
        action: text("/Action")?,
        id: text("/Actor/ID").unwrap_or_default(),
        name: text("/Actor/Attributes/name"),
        attributes: attributes.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect(),
        time: nanos.and_then(|n| Timestamp::from_nanosecond(n).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_cut_apart_whatever_lies_between() {
        let text = "{\"a\":1}{\"a\":2}\n\r\n {\"a\":\"}{\"}\n";
        for step in 1..text.len() {
            let (mut rest, mut seen) = (Rest::default(), Vec::new());
            for part in text.as_bytes().chunks(step) {
                rest.0.extend(part);
                while let Some(value) = rest.pop().unwrap() {
                    seen.push(value["a"].clone());
                }
            }
            assert_eq!(seen, [json!(1), json!(2), json!("}{")], "in steps of {step}");
        }
        assert!(Rest(b"<html>".to_vec()).pop().is_err());
    }

    #[test]
    fn an_event_says_what_happened_to_whom() {
        let raw = json!({"Type": "service", "Action": "update", "scope": "swarm", "timeNano": 1_000_000_001,
            "Actor": {"ID": "s1", "Attributes": {"name": "web", "updatestate.new": "completed"}}});
        let event = event(&raw).unwrap();
        assert_eq!((event.id.as_str(), event.name.as_deref()), ("s1", Some("web")));
        assert!(event.attributes.contains(&("updatestate.new".to_owned(), "completed".to_owned())));
        assert_eq!(event.time, Timestamp::from_nanosecond(1_000_000_001).ok());
    }
}
