//! `stackup.yaml`: its types, its JSON Schema, and reading it with places.

mod auth;
mod github_app;
mod listen;
mod meaning;
mod model;
mod notify;
mod period;
mod place;
mod policy;
mod read;
mod schema;
mod secrets;
mod semver;
mod shape;
mod sources;
mod stacks;
#[cfg(test)]
mod tests;
mod webhooks;
mod window;
mod wording;

pub use auth::Auth;
pub use github_app::GithubApp;
pub use listen::Listen;
pub use meaning::is_relative_path;
pub use model::Settings;
pub use notify::{Forge, Happening, Notify};
pub use period::Period;
pub use policy::{OnFailure, Policy, Step};
pub use read::read;
pub use schema::schema;
pub use secrets::Secrets;
pub use semver::Semver;
pub use sources::{Folder, Repository, Source, Verify};
pub use stacks::{Discovered, Named, Stack};
pub use webhooks::{HmacHook, SecretHook, TokenHook, Webhooks};
pub use window::Window;
pub use wording::Wording;
#[cfg(test)]
pub use wording::sample;
