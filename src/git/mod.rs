//! What git says about the files: commit and dirty state.

mod head;

pub use head::{Head, describe, describe_files};
