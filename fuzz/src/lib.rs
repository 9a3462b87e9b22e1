//! What the fuzz targets share: the pure rooms, built from their own files, and what must always be so of them.
#![allow(dead_code, unused_imports, reason = "the rooms are whole, and the targets use a part of them")]

#[path = "../../src/compose/mod.rs"]
pub mod compose;
#[path = "../../src/diagnostic/mod.rs"]
pub mod diagnostic;
mod files;
mod judge;
#[path = "../../src/swarm/mod.rs"]
pub mod swarm;
mod targets;

/// One input for the target of this name.
pub fn run(name: &str, data: &[u8]) {
    let target = targets::TARGETS.iter().find(|(known, _)| *known == name);
    target.unwrap_or_else(|| panic!("no target {name}")).1(data);
}
