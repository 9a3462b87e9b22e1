//! Every environment variable that stackup reads by name. Nothing else in the program reads the environment;
//! what a GitHub runner sets for a step stands in `action::runner` and `action::inputs`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::system::home;

/// A variable and what it does, for the man page and `stackup explain environment`.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    pub name: &'static str,
    pub does: &'static str,
}

macro_rules! variables {
    ($($name:ident: $does:literal;)*) => {
        $(#[doc = $does] pub const $name: Variable = Variable { name: stringify!($name), does: $does };)*
        /// All of them, in the order of this file.
        pub const ALL: &[Variable] = &[$($name),*];
    };
}

variables! {
    DOCKER_HOST: "Address of the engine: unix:// (on Windows npipe://), tcp:// or ssh://. `-H` wins over it.";
    DOCKER_CONTEXT: "Name of a docker context to use. `--context` and DOCKER_HOST win over it.";
    DOCKER_TLS: "Not empty: speak TLS to a tcp:// address, and take any certificate unless DOCKER_TLS_VERIFY is set.";
    DOCKER_TLS_VERIFY: "Not empty: speak TLS to a tcp:// address and check its certificate.";
    DOCKER_CERT_PATH: "Folder of ca.pem, cert.pem and key.pem.";
    DOCKER_CONFIG: "Folder of config.json and the contexts store; default: ~/.docker.";
    DOCKER_API_VERSION: "Speak this version of the Engine API instead of the newest that both sides know.";
    STACKUP_STACK: "Name of the stack where neither the command line nor a file says it.";
    COMPOSE_PROFILES: "Profiles to switch on, separated by commas.";
    NO_COLOR: "Not empty: no colours.";
    CLICOLOR_FORCE: "Not empty and not 0: colours even where the output is no terminal.";
    TERM: "`dumb`: no colours.";
    COLUMNS: "Width of the output in characters, where it is no terminal.";
    CI: "Set by most CI systems. Secrets are never revealed there, and nothing is asked.";
    USER: "Who you are, for locks and releases.";
    LOGNAME: "The same, where USER is not set.";
    USERNAME: "The same, where neither is set; Windows sets it.";
    GITHUB_ACTOR: "Who started the workflow: then that is who you are.";
    GITHUB_SERVER_URL: "With GITHUB_REPOSITORY and GITHUB_RUN_ID: the page of the run, for locks.";
    GITHUB_REPOSITORY: "See GITHUB_SERVER_URL.";
    GITHUB_RUN_ID: "See GITHUB_SERVER_URL.";
    GITLAB_USER_LOGIN: "Who started the pipeline: then that is who you are.";
    CI_JOB_URL: "The page of GitLab's job, for locks.";
    BUILD_URL: "The page of Jenkins' build, for locks.";
    SOPS_AGE_KEY_FILE: "File with private keys of age, for files that are encrypted with age or by SOPS.";
    SOPS_AGE_KEY: "Such keys themselves.";
    XDG_STATE_HOME: "Where `watch` keeps copies of repositories; default: ~/.local/state.";
    SSH_AUTH_SOCK: "`watch` gives it to ssh where a source has no key_file.";
    HTTPS_PROXY: "`watch` gives it, https_proxy, http_proxy, NO_PROXY, no_proxy and GIT_SSL_CAINFO to git.";
    PATH: "Where `watch` looks for git and ssh.";
    HOME: "Where `~` and the docker configuration are.";
    USERPROFILE: "The same on Windows, where HOME counts for nothing.";
}

/// The environment of the process, read once.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// Names only: a value may be a secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// Variables that are not UTF-8 are left out: no Compose file can name their value.
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// The value, unless it is unset or empty.
    pub fn get(&self, variable: Variable) -> Option<&str> {
        self.0.get(variable.name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Where a person's own files are.
    pub fn home(&self) -> Option<&str> {
        [HOME, USERPROFILE].into_iter().find(|one| one.name == home::VARIABLE).and_then(|one| self.get(one))
    }

    /// For a step of a workflow: without its inputs and tokens, which no Compose file may name, and with the certificates and
    /// docker configuration that it was given.
    pub fn for_step(mut self, certificates: Option<&Path>, docker_config: Option<&Path>) -> Self {
        let own = |name: &str| {
            ["INPUT_", "ACTIONS_", "STACKUP_ACTION_"].iter().any(|start| name.starts_with(start))
                || ["GITHUB_TOKEN", "GH_TOKEN"].contains(&name)
        };
        self.0.retain(|name, _| !own(name));
        let mut set = |variable: Variable, value: String| drop(self.0.insert(variable.name.to_owned(), value));
        if let Some(folder) = certificates {
            set(DOCKER_CERT_PATH, folder.display().to_string());
            set(DOCKER_TLS_VERIFY, "1".to_owned());
        }
        if let Some(folder) = docker_config {
            set(DOCKER_CONFIG, folder.display().to_string());
        }
        self
    }

    /// All of it, for `${NAME}` in Compose files.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
impl Environment {
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset_and_debug_shows_no_value() {
        let environment = Environment::from([("NO_COLOR", ""), ("CI", "hunter2")]);
        assert_eq!(environment.get(NO_COLOR), None);
        assert_eq!(environment.get(CI), Some("hunter2"));
        assert!(!format!("{environment:?}").contains("hunter2"));
    }
}
