//! What the commands that look and those that change by hand have in common.

use serde_json::{Value, json};

use super::failure::Failure;
use super::invocation::Invocation;
use super::output::Closed;
use crate::app::event::Event;
use crate::app::exit::ExitCode;
use crate::app::look::{FilterError, Row};
use crate::engine::{EngineError, diagnose};
use crate::ui::listing::{Format, listing, snake};
use crate::ui::template::BadTemplate;

/// An engine's no, as the end of a command.
pub fn engine(error: EngineError) -> Failure {
    Failure::new(ExitCode::Error, diagnose(&error))
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        let exit = if matches!(error, FilterError::Shape(_)) { ExitCode::Usage } else { ExitCode::Error };
        Self::words(exit, error.to_string())
    }
}

impl From<BadTemplate> for Failure {
    fn from(error: BadTemplate) -> Self {
        Self::words(ExitCode::Error, error.to_string())
    }
}

/// What docker's own config.json says about a format (`tasksFormat`, `servicesFormat`); a file that cannot be read says
/// nothing.
fn configured_format(key: &str, invocation: &Invocation) -> Option<String> {
    let folder = invocation.settings.address.config_dir.as_ref()?;
    let text = std::fs::read_to_string(folder.join("config.json")).ok()?;
    let config: Value = serde_json::from_str(&text).ok()?;
    config.get(key)?.as_str().filter(|format| !format.is_empty()).map(str::to_owned)
}

/// The format asked for, else the configured one (ids need none).
pub fn format_words(asked: Option<&str>, key: &str, invocation: &Invocation) -> String {
    let configured = || if invocation.settings.quiet { None } else { configured_format(key, invocation) };
    asked.map(str::to_owned).or_else(configured).unwrap_or_default()
}

/// Prints rows in their format, and one event a row.
pub fn print<R: Row>(rows: &[R], format: &Format, invocation: &Invocation) -> Result<(), Failure> {
    let text = listing(rows, format)?;
    if !text.is_empty() {
        invocation.output.text(&text)?;
    }
    if invocation.output.wants_events() {
        rows.iter().try_for_each(|row| invocation.tell(&row_event(row)))?;
    }
    Ok(())
}

/// A row as an event: its fields in small letters, under the name of what it is.
fn row_event<R: Row>(row: &R) -> Event {
    let values = row.plain();
    let fields: serde_json::Map<String, Value> =
        R::FIELDS.iter().zip(&values).map(|(field, value)| (snake(field.name), value.as_str().into())).collect();
    let message = values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect::<Vec<_>>().join("  ");
    Event::Row { kind: R::KIND, address: None, fields: json!({ R::KIND.as_str(): fields }), message }
}

/// Something that is so, or was done: a line for people, an event for machines. Nobody who reads is no reason to stop
/// halfway.
pub fn say(invocation: &Invocation, event: &Event) {
    let _: Result<(), Closed> = invocation.output.text(&event.message()).and_then(|()| invocation.tell(event));
}

/// One step on the way to the result: `--quiet` leaves out its line.
pub fn say_step(invocation: &Invocation, event: &Event) {
    if !invocation.settings.quiet {
        say(invocation, event);
    } else {
        // A reader that left changes nothing about what is being done.
        let _: Result<(), Closed> = invocation.tell(event);
    }
}

/// The address of a service whose stack may not be known: its swarm name.
pub fn service_address(name: &str) -> String {
    format!("service/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::look::StackRow;

    #[test]
    fn a_row_is_an_event() {
        let event = row_event(&StackRow { name: "shop".into(), services: 3 }).line(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!((&event["type"], &event["msg"]), (&json!("stack"), &json!("shop  3")));
        assert_eq!(event["stack"], json!({"name": "shop", "services": "3"}));
    }
}
