//! One stack of a source: which files, and what may be done of itself.

use super::settings::Policy;
use crate::app::place::Place;

/// One stack that is followed.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub name: String,
    /// From the top of the source.
    pub files: Vec<String>,
    pub env_files: Vec<String>,
    pub after: Vec<String>,
    pub policy: Policy,
    pub place: Place,
}
