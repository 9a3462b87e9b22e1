//! The whole file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Auth, Listen, Notify, Period, Policy, Secrets, Source, Stack, Webhooks};

/// What `stackup watch` follows, and how. Relative paths start at the folder of this file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "stackup.yaml")]
pub struct Settings {
    /// Address and port of the page, the API, webhooks and metrics. Without it nothing listens.
    pub listen: Option<Listen>,
    /// Where people reach what `listen` serves, such as `https://stackup.example.org`: links in what is told lead there.
    pub page: Option<String>,
    /// Who may use what `listen` serves. Needed unless it is a loopback address.
    pub auth: Option<Auth>,
    /// How often sources are looked at (default `60s`). Webhooks and events of the engine make it quicker.
    pub poll: Option<Period>,
    /// Folder for copies of repositories and for what must survive a restart (default: `$XDG_STATE_HOME/stackup`, or
    /// `~/.local/state/stackup`).
    pub state: Option<PathBuf>,
    /// Of all watchers of a swarm with this name one leads, and the others stand by (default: of those that follow the
    /// same stacks from the same sources).
    pub group: Option<String>,
    /// Where Compose files come from, by a name of your choice.
    pub sources: BTreeMap<String, Source>,
    /// What is kept deployed.
    pub stacks: Vec<Stack>,
    /// What holds for every stack that says nothing else.
    #[serde(default)]
    pub defaults: Policy,
    /// How encrypted files are opened.
    pub secrets: Option<Secrets>,
    /// Who is told what.
    #[serde(default)]
    pub notify: Vec<Notify>,
    /// Pushes that forges announce, at `/hooks/NAME`.
    #[serde(default)]
    pub webhooks: Webhooks,
}
