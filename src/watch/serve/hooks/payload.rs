//! Which repository a push was to. Nothing else of a body is believed: what changed is read from git.

use serde::Deserialize;

use crate::git::Address;
use crate::watch::settings::{Repository, Settings, Source, is_relative_path};

/// The parts that name a repository, of any forge; and of the generic hook.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Payload {
    repository: Option<Named>,
    project: Option<Named>,
    /// A source of stackup.yaml.
    source: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    full_name: Option<String>,
    path_with_namespace: Option<String>,
    clone_url: Option<String>,
    ssh_url: Option<String>,
    git_http_url: Option<String>,
    git_ssh_url: Option<String>,
}

impl Payload {
    /// `acme/infra`, as each of the names and addresses has it.
    fn repositories(&self) -> Vec<String> {
        let named = [&self.repository, &self.project].into_iter().flatten();
        let mut all = Vec::new();
        for one in named {
            all.extend([&one.full_name, &one.path_with_namespace].into_iter().flatten().map(|name| bare(name)));
            let urls = [&one.clone_url, &one.ssh_url, &one.git_http_url, &one.git_ssh_url].into_iter().flatten();
            all.extend(urls.filter_map(|url| Address::parse(url).ok()).map(|address| bare(address.path())));
        }
        all.retain(|name| !name.is_empty());
        all
    }

    /// Sources that may have something new. A host is not compared: forges are reached under several names, and a fetch too
    /// many does no harm.
    pub fn sources(&self, settings: &Settings) -> Vec<String> {
        let names = self.repositories();
        let fits = |path: &str| names.iter().any(|name| path == name || path.ends_with(&format!("/{name}")));
        let meant = |name: &str, source: &Source| {
            self.source.as_deref() == Some(name) || path_of(source).is_some_and(|path| fits(&path))
        };
        settings.sources.iter().filter(|(name, source)| meant(name, source)).map(|(name, _)| name.clone()).collect()
    }

    /// It names nothing at all.
    pub fn is_empty(&self) -> bool {
        self.source.is_none() && self.repositories().is_empty()
    }
}

/// Every source that is asked for news.
pub fn all(settings: &Settings) -> Vec<String> {
    settings.sources.keys().cloned().collect()
}

fn path_of(source: &Source) -> Option<String> {
    let Source::Repository(Repository { git, .. }) = source else { return None };
    if is_relative_path(git) {
        return Some(bare(git.trim_start_matches(['.', '/'])));
    }
    Address::parse(git).ok().map(|address| bare(address.path()))
}

fn bare(path: &str) -> String {
    let path = path.trim_matches('/');
    path.strip_suffix(".git").unwrap_or(path).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::watch::settings::read;

    #[test]
    fn a_push_means_the_sources_of_its_repository() {
        let text = "sources:\n  ssh: {git: \"git@example.org:acme/infra.git\"}\n  web: {git: \"https://example.org/Acme/Infra\"}\n  \
                    deep: {git: \"https://example.org/group/acme/infra.git\"}\n  other: {git: \"git@example.org:acme/infra2\"}\n  \
                    local: {git: /srv/git/acme/infra.git}\n  near: {git: ../acme/infra.git}\n  lab: {path: .}\n\
                    stacks: [{name: a, source: ssh}]\n";
        let settings = read("stackup.yaml", text.as_bytes(), &mut Sources::default()).0.unwrap();
        let sources = |body: &str| serde_json::from_str::<Payload>(body).unwrap().sources(&settings);
        let ours = ["deep", "local", "near", "ssh", "web"];
        assert_eq!(sources(r#"{"repository":{"id":7,"full_name":"acme/infra","more":[1]}}"#), ours);
        assert_eq!(sources(r#"{"project":{"path_with_namespace":"Acme/infra"}}"#), ours);
        assert_eq!(
            sources(r#"{"repository":{"clone_url":"https://git.example.test/group/acme/infra.git"}}"#),
            ["deep"]
        );
        assert_eq!(sources(r#"{"repository":{"ssh_url":"--upload-pack=x"}}"#), [""; 0]);
        assert_eq!(sources(r#"{"repository":{"full_name":"fra"}}"#), [""; 0]);
        assert_eq!(sources(r#"{"source":"lab"}"#), ["lab"]);
        assert_eq!(sources("{}"), [""; 0]);
        assert!(serde_json::from_str::<Payload>("{}").unwrap().is_empty());
        assert_eq!(all(&settings).len(), 7);
    }
}
