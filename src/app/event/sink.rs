//! Where events go.

use jiff::Timestamp;

use super::Event;

/// Takes events as they happen. It must not block for long: a rollout is being followed.
pub trait EventSink: Send {
    fn emit(&mut self, at: Timestamp, event: &Event);
}

/// Takes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl EventSink for Discard {
    fn emit(&mut self, _: Timestamp, _: &Event) {}
}

/// Keeps everything.
#[derive(Clone, Debug, Default)]
pub struct Recorder(pub Vec<(Timestamp, Event)>);

impl EventSink for Recorder {
    fn emit(&mut self, at: Timestamp, event: &Event) {
        self.0.push((at, event.clone()));
    }
}

/// Hands each event to several sinks: text on a terminal and lines in a file.
#[derive(Default)]
pub struct Tee<'a>(pub Vec<&'a mut dyn EventSink>);

impl EventSink for Tee<'_> {
    fn emit(&mut self, at: Timestamp, event: &Event) {
        for sink in &mut self.0 {
            sink.emit(at, event);
        }
    }
}
