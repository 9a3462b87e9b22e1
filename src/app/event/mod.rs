//! One event enum: the contract between the engine room and every output.

mod line;
mod model;
mod schema;
mod sink;

pub use model::{Event, EvidenceEvent, Level, RowKind, TaskEvent};
pub use schema::schema;
pub use sink::{Discard, EventSink, Recorder, Tee};
