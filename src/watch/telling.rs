//! Who is told what happens.

use jiff::Timestamp;
use serde_json::Value;

use super::work::worst;
use crate::app::event::Event;
use crate::app::exit::ExitCode;
use crate::diagnostic::{Diagnostics, Scrub, Sources, swept};

/// Hears everything that happens. It must not block for long: rollouts are being followed.
pub trait Telling: Send + Sync {
    /// `stack` is what it is about. Whatever is shown of it passes through `scrub` first.
    fn event(&self, stack: Option<&str>, at: Timestamp, event: &Event, scrub: Scrub);

    /// Problems of a stack's files, of its plan or of its rollout; without one those of stackup.yaml.
    fn problems(&self, stack: Option<&str>, diagnostics: &Diagnostics, sources: &Sources, scrub: Scrub);
}

/// `web/compose.yaml:5: message`, of the first that matters, and how many more there are.
pub fn sentence(diagnostics: &Diagnostics, sources: &Sources, exit: ExitCode) -> String {
    let Some(first) = worst(diagnostics) else { return exit.meaning().to_owned() };
    let place = first.primary.as_ref().and_then(|label| sources.place(label.span));
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
    let more = diagnostics.iter().filter(|d| d.severity == first.severity).count() - 1;
    let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    format!("{place}{}{more}", first.message)
}

/// An event as a line of JSON, swept, with the stack that it is about.
pub fn line(stack: Option<&str>, at: Timestamp, event: &Event, scrub: Scrub) -> Value {
    let mut line = swept(&event.line(at), scrub);
    if let (Some(stack), Some(members)) = (stack, line.as_object_mut()) {
        members.insert("stack".to_owned(), Value::from(stack));
    }
    line
}
