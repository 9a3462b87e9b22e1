//! Plans in files: shown again without engine and files, and carried out only if the same would still be done.

mod envelope;
mod model;
mod sources;

pub use envelope::{UnpackError, begins_as_ours, pack, unpack, unpack_with};
pub use model::{FileDigest, Inputs, Saved, SavedOptions};
pub use sources::stale_sources;
