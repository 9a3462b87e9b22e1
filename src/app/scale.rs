//! Changing the number of a service's tasks by hand, and nothing else of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::engine::{EngineError, Reader, Writer};
use crate::swarm::{LiveService, NAMESPACE_LABEL, ServiceMode};

/// One wish: `web=5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub service: String,
    pub replicas: u64,
}

/// Why a wish makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWish {
    #[error("invalid scale specifier '{0}': write <service>=<replicas>, such as shop_web=5")]
    Shape(String),
    #[error("{service}: invalid replicas value {value}: a whole number, 0 or more")]
    Number { service: String, value: String },
    #[error("{0} is named twice")]
    Twice(String),
}

/// Reads `SERVICE=N` words.
pub fn wishes(words: &[String]) -> Result<Vec<Wish>, BadWish> {
    let mut found: Vec<Wish> = Vec::new();
    for word in words {
        let (service, value) =
            word.split_once('=').filter(|(s, _)| !s.is_empty()).ok_or(BadWish::Shape(word.clone()))?;
        let number = || BadWish::Number { service: service.to_owned(), value: value.to_owned() };
        let replicas = value.parse().map_err(|_| number())?;
        if found.iter().any(|w| w.service == service) {
            return Err(BadWish::Twice(service.to_owned()));
        }
        found.push(Wish { service: service.to_owned(), replicas });
    }
    Ok(found)
}

/// What a wish changes.
#[derive(Clone, Debug)]
pub struct Scaling {
    pub service: LiveService,
    pub before: u64,
    pub after: u64,
}

impl Scaling {
    /// `None` for a service whose number of tasks is not ours to choose.
    pub fn of(service: LiveService, after: u64) -> Option<Self> {
        let before = replicas(&service)?;
        Some(Self { service, before, after })
    }

    /// The stack that the service is of.
    pub fn stack(&self) -> Option<&str> {
        self.service.label(NAMESPACE_LABEL)
    }

    pub fn changes(&self) -> bool {
        self.before != self.after
    }

    pub fn is_job(&self) -> bool {
        matches!(self.service.mode(), ServiceMode::ReplicatedJob { .. })
    }
}

/// Tasks that a replicated service wants, or completions that a job wants.
pub fn replicas(service: &LiveService) -> Option<u64> {
    match service.mode() {
        ServiceMode::Replicated { replicas } => Some(replicas),
        ServiceMode::ReplicatedJob { completions, .. } => Some(completions),
        ServiceMode::Global | ServiceMode::GlobalJob => None,
    }
}

/// The spec with another number in it.
fn scaled(spec: &Value, mode: ServiceMode, replicas: u64) -> Value {
    let mut spec = spec.clone();
    let mode = match mode {
        ServiceMode::ReplicatedJob { .. } => ("ReplicatedJob", "TotalCompletions"),
        _ => ("Replicated", "Replicas"),
    };
    if let Some(spec) = spec.as_object_mut() {
        let modes = spec.entry("Mode").or_insert_with(|| json!({}));
        if !modes.is_object() {
            *modes = json!({});
        }
        let own = &mut modes[mode.0];
        if !own.is_object() {
            *own = json!({});
        }
        own[mode.1] = replicas.into();
    }
    spec
}

/// Somebody else writes too: so often do we look again.
const TRIES: usize = 5;

/// Why a service was not scaled.
#[derive(Debug, thiserror::Error)]
pub enum ScaleError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("the service is gone")]
    Gone,
    #[error("it was changed to {0} by somebody else meanwhile")]
    Overtaken(u64),
    #[error("it was written by somebody else {TRIES} times meanwhile")]
    Busy,
}

/// Writes the live spec with the new number. Where somebody wrote in between, the newest spec is taken, unless its
/// number of tasks is not the one that was shown.
pub async fn scale(writer: &Writer, scaling: &Scaling) -> Result<Vec<String>, ScaleError> {
    let mut live = scaling.service.clone();
    for _ in 0..TRIES {
        let spec = scaled(&live.spec, live.mode(), scaling.after);
        match writer.update_service(&live.id, live.version, &spec, None).await {
            Ok(warnings) => return Ok(warnings),
            Err(error) if error.is_out_of_sequence() => {}
            Err(error) => return Err(error.into()),
        }
        live = writer.reader().service(&live.id).await?.ok_or(ScaleError::Gone)?;
        match replicas(&live) {
            Some(now) if now == scaling.before || now == scaling.after => {}
            Some(now) => return Err(ScaleError::Overtaken(now)),
            None => return Err(ScaleError::Gone),
        }
    }
    Err(ScaleError::Busy)
}

/// How far a service got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub name: String,
    pub there: u64,
    pub wanted: u64,
}

impl Progress {
    pub fn is_done(&self) -> bool {
        self.there == self.wanted
    }
}

/// Tasks that run, or completions of a job's newest run.
fn progress(scaling: &Scaling, live: Option<&LiveService>) -> Progress {
    let count = |s: &LiveService| if scaling.is_job() { s.completed } else { s.running };
    let there = live.and_then(count).unwrap_or_default();
    Progress { name: scaling.service.name.clone(), there, wanted: scaling.after }
}

const PAUSE: Duration = Duration::from_millis(300);

/// Waits until as many tasks run as were asked for; what was reached when the time is over.
pub async fn follow(
    reader: &Reader,
    scalings: &[Scaling],
    wait: Duration,
    moved: &mut dyn FnMut(&Progress),
) -> Result<Vec<Progress>, EngineError> {
    let end = Instant::now() + wait;
    let stack = common_stack(scalings);
    let mut said: Vec<Progress> = Vec::new();
    loop {
        let live = reader.services(stack).await?;
        let now: Vec<Progress> =
            scalings.iter().map(|s| progress(s, live.iter().find(|l| l.id == s.service.id))).collect();
        for progress in now.iter().filter(|p| !said.contains(p)) {
            moved(progress);
        }
        let done = now.iter().all(Progress::is_done);
        said = now;
        if done || Instant::now() >= end {
            return Ok(said);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The stack that they all are of: fewer services to list.
fn common_stack(scalings: &[Scaling]) -> Option<&str> {
    let mut stacks = scalings.iter().map(Scaling::stack);
    let first = stacks.next()??;
    stacks.all(|stack| stack == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::look::testing::service;
    use rstest::rstest;

    #[rstest]
    #[case("web", "invalid scale specifier 'web'")]
    #[case("=3", "invalid scale specifier '=3'")]
    #[case("web=x", "web: invalid replicas value x")]
    #[case("web=-1", "web: invalid replicas value -1")]
    fn refuses(#[case] word: &str, #[case] words: &str) {
        let said = wishes(&[word.to_owned()]).unwrap_err().to_string();
        assert!(said.starts_with(words), "{said}");
    }

    #[test]
    fn reads_wishes() {
        let read = wishes(&["a=0".into(), "b=12".into()]).unwrap();
        assert_eq!(read.iter().map(|w| (w.service.as_str(), w.replicas)).collect::<Vec<_>>(), [("a", 0), ("b", 12)]);
        assert_eq!(wishes(&["a=0".into(), "a=1".into()]), Err(BadWish::Twice("a".into())));
    }

    #[test]
    fn only_the_number_changes() {
        let mut web = service("s_web");
        web.spec_mut()["Future"] = json!({"kept": [1, null]});
        let after = scaled(&web.spec, web.mode(), 7);
        assert_eq!(after["Mode"], json!({"Replicated": {"Replicas": 7}}));
        web.spec_mut()["Mode"]["Replicated"]["Replicas"] = 7.into();
        assert_eq!(after, *web.spec);
        let job = json!({"Mode": {"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 2}}});
        let after = scaled(&job, ServiceMode::of(&job), 9);
        assert_eq!(after["Mode"]["ReplicatedJob"], json!({"MaxConcurrent": 2, "TotalCompletions": 9}));
        let bare = json!({"Name": "x"});
        assert_eq!(scaled(&bare, ServiceMode::of(&bare), 2)["Mode"]["Replicated"]["Replicas"], 2);
    }

    #[test]
    fn global_services_have_no_number() {
        let mut web = service("s_web");
        web.spec_mut()["Mode"] = json!({"Global": {}});
        assert!(Scaling::of(web, 3).is_none());
        assert!(!Scaling::of(service("s_web"), 1).unwrap().changes());
    }

    #[test]
    fn counts_what_runs() {
        let scaling = Scaling::of(service("s_web"), 2).unwrap();
        let seen = progress(&scaling, Some(&service("s_web")));
        assert_eq!((seen.there, seen.wanted, seen.is_done()), (1, 2, false));
        assert_eq!(progress(&scaling, None).there, 0);
    }

    #[test]
    fn one_stack_is_listed_alone() {
        let of = |names: &[&str]| names.iter().filter_map(|n| Scaling::of(service(n), 2)).collect::<Vec<_>>();
        assert_eq!(common_stack(&of(&["s_a", "s_b"])), Some("s"));
        assert_eq!(common_stack(&of(&["s_a", "o_b"])), None);
    }
}
