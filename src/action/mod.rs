//! What `action.yml` needs beyond the other commands: inputs, the event, the comment of a pull request, approval, the job's
//! summary, annotations and outputs.
//!
//! Decisions and texts are made from values; only `github`, `stage` and `files` touch the world.

pub mod annotate;
pub mod approval;
pub mod comment;
pub mod files;
pub mod gate;
pub mod github;
pub mod header;
pub mod inputs;
pub mod line;
pub mod objects;
pub mod outputs;
pub mod report;
pub mod runner;
pub mod stage;
pub mod sticky;
pub mod summary;
pub mod trigger;
