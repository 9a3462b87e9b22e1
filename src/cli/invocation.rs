//! What every command is run with, and how it speaks.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::output::{Closed, Output};
use super::settings::Settings;
use crate::app::event::Event;
use crate::app::exit::{Changed, ExitCode};
use crate::diagnostic::{Diagnostics, Sources};
use crate::ui::diagnostic::text;

/// One run of the program.
pub struct Invocation {
    pub settings: Settings,
    pub output: Arc<Output>,
    /// For the last event. Commands that write say more.
    changed: Mutex<Changed>,
}

impl Invocation {
    pub fn new(settings: Settings, output: Output) -> Self {
        Self { settings, output: Arc::new(output), changed: Mutex::new(Changed::No) }
    }

    /// Whether anything changed on the swarm.
    pub fn changed(&self, changed: Changed) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = changed;
    }

    /// One write more: what is known to have changed stays changed.
    pub fn wrote(&self, changed: Changed) {
        let mut known = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        *known = match (*known, changed) {
            (Changed::Yes, _) | (_, Changed::Yes) => Changed::Yes,
            (Changed::Unknown, _) | (_, Changed::Unknown) => Changed::Unknown,
            (Changed::No, Changed::No) => Changed::No,
        };
    }

    /// Nothing was written so far.
    pub fn is_unchanged(&self) -> bool {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) == Changed::No
    }

    /// The last event, always.
    pub fn end(&self, exit: ExitCode) {
        let changed = *self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let message = format!("exit {} ({})", exit.number(), exit.name());
        // Nobody is left to be told that nobody listens.
        let _ = self.tell(&Event::Exit { code: exit, changed, message });
    }

    /// One event, where somebody asked for events.
    pub fn tell(&self, event: &Event) -> Result<(), Closed> {
        if !self.output.wants_events() {
            return Ok(());
        }
        self.output.event(&event.line(Timestamp::now()))
    }

    /// Problems as events.
    pub fn tell_all(&self, diagnostics: &Diagnostics, sources: &Sources) -> Result<(), Closed> {
        if !self.output.wants_events() {
            return Ok(());
        }
        let scrub = |text: &str| self.output.scrub(text);
        diagnostics.iter().try_for_each(|diagnostic| self.tell(&Event::problem(diagnostic, sources, &scrub)))
    }

    /// Problems that do not end the command: on standard error for people, as events for programs.
    pub fn warn(&self, diagnostics: &Diagnostics, sources: &Sources) {
        let scrub = |text: &str| self.output.scrub(text);
        if !self.settings.json && !diagnostics.is_empty() {
            self.output.note(&format!("{}\n", text(diagnostics, sources, &self.settings.error_theme, &scrub)));
        }
        // Whoever has gone will be noticed when the result is written.
        let _ = self.tell_all(diagnostics, sources);
    }
}
