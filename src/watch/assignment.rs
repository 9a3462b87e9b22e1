//! One stack of a source: which files, and what may be done of itself.

use super::settings::Policy;
use crate::app::load::Request;
use crate::app::place::Place;
use crate::app::unseal::Unseal;
use crate::compose::Environment;

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
    /// Keys for files that are encrypted.
    pub unseal: Unseal,
}

impl Assignment {
    /// All that a plan reads. What a repository deploys is in the repository: nothing of this process's environment gets into it.
    pub fn request(&self) -> Request {
        Request {
            files: self.files.clone(),
            env_files: self.env_files.clone(),
            variables: Environment::new(),
            home: None,
            contents: true,
            interpolate: true,
            place: self.place.clone(),
            unseal: self.unseal.clone(),
        }
    }
}
