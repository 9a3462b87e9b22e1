//! All rows, by what they are about. Each part is a stack of its own.

pub mod container;
pub mod deploy;
pub mod files;
pub mod modes;
pub mod network;
pub mod traps;

use crate::row::Row;

/// A stack, and the rows that are its services.
pub struct Part {
    pub stack: &'static str,
    pub title: &'static str,
    pub rows: Vec<Row>,
}

pub fn all() -> Vec<Part> {
    let part = |stack, title, rows| Part { stack, title, rows };
    let mut all = vec![
        part("fx-container", "What runs, and what it may", container::rows()),
        part("fx-files", "Mounts, configs and secrets", files::rows()),
        part("fx-network", "Ports and networks", network::rows()),
        part("fx-deploy", "How swarm runs it", deploy::rows()),
        part("fx-modes", "Global services, jobs, and another mode", modes::rows()),
        part("fx-traps", "Several changes in one write, and forms that mean the same", traps::rows()),
    ];
    // One that is refused keeps the others of its stack from being written.
    let refused = files::refused().map(|(stack, row)| part(stack, "What some engines refuse", vec![row]));
    all.extend(refused);
    all
}

/// The rows that run every day.
pub fn core() -> Vec<Part> {
    let keep = |mut part: Part| {
        part.rows.retain(|row| row.core);
        part
    };
    all().into_iter().map(keep).filter(|part| !part.rows.is_empty()).collect()
}
