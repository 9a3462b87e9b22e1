//! Asking for a log and reading it to its end.

use http::header;
use http_body_util::BodyExt;
use serde_json::Value;

use super::frames::{Frames, Source};
use super::lines::Lines;
use crate::engine::client::Client;
use crate::engine::target::Target;
use crate::engine::{EngineError, since};

/// What to read of a log.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    pub follow: bool,
    pub timestamps: bool,
    pub details: bool,
    /// As docker takes it: a time, a Unix time, or a duration such as `10m`.
    pub since: Option<String>,
    /// Number of lines from the end; `None` is all.
    pub tail: Option<u64>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub stderr: bool,
    pub text: String,
}

/// Whose log.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Of<'a> {
    Service(&'a str),
    Task(&'a str),
}

impl Of<'_> {
    fn target(self) -> Target {
        match self {
            Self::Service(id) => Target::of("/services", id),
            Self::Task(id) => Target::of("/tasks", id),
        }
    }
}

/// Hands over each line as it comes.
pub(in crate::engine) async fn read(
    client: &Client,
    of: Of<'_>,
    query: &LogQuery,
    line: &mut (dyn FnMut(LogLine) + Send),
) -> Result<(), EngineError> {
    let target = asked(of, query)?;
    let request = format!("GET {}", target.path);
    let response = client.stream(&target).await?;
    let framed = match content_type(response.headers()) {
        Some("application/vnd.docker.multiplexed-stream") => true,
        Some("application/vnd.docker.raw-stream") => false,
        // Engines before 1.42 do not say.
        _ => !has_tty(client, of).await?,
    };
    let mut body = response.into_body();
    let (mut frames, mut lines) = (Frames::default(), Lines::default());
    while let Some(part) = body.frame().await {
        let part = part.map_err(|e| client.failure(request.clone(), &e))?;
        let Some(bytes) = part.data_ref() else { continue };
        if !framed {
            lines.push(false, bytes, line);
            continue;
        }
        let whole = frames.push(bytes).map_err(|why| EngineError::Nonsense { request: request.clone(), why })?;
        for (source, text) in whole {
            if source == Source::Engine {
                lines.end(line);
                let why = String::from_utf8_lossy(&text).trim().to_owned();
                return Err(EngineError::Lost { request, why });
            }
            lines.push(source == Source::Err, &text, line);
        }
    }
    lines.end(line);
    if frames.is_broken() {
        return Err(EngineError::Lost { request, why: "the log ended in the middle of a line".to_owned() });
    }
    Ok(())
}

fn asked(of: Of<'_>, query: &LogQuery) -> Result<Target, EngineError> {
    let flag = |on: bool| if on { "true" } else { "false" };
    let tail = query.tail.map_or("all".to_owned(), |lines| lines.to_string());
    let mut target = of.target().then("/logs").with("stdout", "true").with("stderr", "true").with("tail", &tail);
    for (key, on) in [("follow", query.follow), ("timestamps", query.timestamps), ("details", query.details)] {
        target = target.with(key, flag(on));
    }
    if let Some(since) = &query.since {
        target = target.with("since", &since::engine_time(since, jiff::Timestamp::now())?);
    }
    Ok(target)
}

fn content_type(headers: &http::HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim)
}

/// Whether the containers have a terminal, which has one stream and no frames.
async fn has_tty(client: &Client, of: Of<'_>) -> Result<bool, EngineError> {
    let owner = client.get(&of.target()).await?.json()?;
    let path = match of {
        Of::Service(_) => "/Spec/TaskTemplate/ContainerSpec/TTY",
        Of::Task(_) => "/Spec/ContainerSpec/TTY",
    };
    Ok(owner.pointer(path).and_then(Value::as_bool).unwrap_or(false))
}
