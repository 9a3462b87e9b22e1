//! What the runner says about itself, in its environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Places and names of one job.
#[derive(Clone, Debug, Default)]
pub struct Runner {
    pub event_name: String,
    pub event_path: Option<PathBuf>,
    pub output: Option<PathBuf>,
    pub summary: Option<PathBuf>,
    pub workspace: Option<PathBuf>,
    /// `owner/name`
    pub repository: String,
    pub sha: String,
    pub actor: String,
    pub api_url: String,
    pub graphql_url: String,
    pub run: Run,
    pub self_hosted: bool,
    /// A folder of this step alone.
    pub folder: Option<PathBuf>,
}

/// The run of the workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// `https://github.com/acme/infra`
    pub base: String,
    pub id: String,
    pub number: String,
    pub attempt: String,
}

impl Run {
    /// Its page.
    pub fn url(&self) -> String {
        format!("{}/actions/runs/{}", self.base, self.id)
    }

    /// `[#812](https://…)`
    pub fn link(&self) -> String {
        let again =
            if matches!(self.attempt.as_str(), "" | "1") { String::new() } else { format!("/{}", self.attempt) };
        format!("[#{}{again}]({})", self.number, self.url())
    }
}

impl Runner {
    pub fn read(environment: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| environment.get(name).cloned().unwrap_or_default();
        let path = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let or = |value: String, default: &str| if value.is_empty() { default.to_owned() } else { value };
        let repository = text("GITHUB_REPOSITORY");
        let server = or(text("GITHUB_SERVER_URL"), "https://github.com");
        let digits = |name: &str| text(name).chars().filter(char::is_ascii_digit).collect::<String>();
        let api_url = or(text("GITHUB_API_URL"), "https://api.github.com");
        Self {
            event_name: text("GITHUB_EVENT_NAME"),
            event_path: path("GITHUB_EVENT_PATH"),
            output: path("GITHUB_OUTPUT"),
            summary: path("GITHUB_STEP_SUMMARY"),
            workspace: path("GITHUB_WORKSPACE"),
            sha: text("GITHUB_SHA"),
            actor: text("GITHUB_ACTOR"),
            graphql_url: or(text("GITHUB_GRAPHQL_URL"), &format!("{api_url}/graphql")),
            api_url,
            run: Run {
                base: format!("{server}/{repository}"),
                id: digits("GITHUB_RUN_ID"),
                number: digits("GITHUB_RUN_NUMBER"),
                attempt: digits("GITHUB_RUN_ATTEMPT"),
            },
            repository,
            self_hosted: text("RUNNER_ENVIRONMENT") == "self-hosted",
            folder: path("STACKUP_ACTION_DIR"),
        }
    }

    /// How a file of `folder` is called from the top of the repository; with `/`, and without `./`.
    pub fn in_repository(&self, folder: &Path, file: &str) -> String {
        let whole = folder.join(file);
        let inside = self.workspace.as_deref().and_then(|top| whole.strip_prefix(top).ok()).unwrap_or(Path::new(file));
        let mut parts: Vec<String> = Vec::new();
        for part in inside.components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir if parts.last().is_some_and(|last| last != "..") => drop(parts.pop()),
                part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
            }
        }
        parts.join("/").replacen("//", "/", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn files_are_named_from_the_top_of_the_repository() {
        let runner = Runner { workspace: Some("/w/repo".into()), ..Runner::default() };
        for (folder, file, expected) in [
            ("/w/repo", "compose.yaml", "compose.yaml"),
            ("/w/repo/web", "./compose.yaml", "web/compose.yaml"),
            ("/w/repo/web", "../base.yml", "base.yml"),
            ("/w/repo", "/w/repo/a/b.yml", "a/b.yml"),
            ("/w/repo", "/etc/x.yml", "/etc/x.yml"),
        ] {
            assert_eq!(runner.in_repository(Path::new(folder), file), expected);
        }
    }

    #[test]
    fn a_run_links_to_its_page_and_ids_are_digits() {
        let environment = [
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_RUN_ID", "7)](x"),
            ("GITHUB_RUN_NUMBER", "812"),
            ("GITHUB_RUN_ATTEMPT", "2"),
        ];
        let runner = Runner::read(&environment.map(|(n, v)| (n.to_owned(), v.to_owned())).into());
        assert_eq!(runner.run.link(), "[#812/2](https://github.com/a/b/actions/runs/7)");
        assert_eq!(runner.graphql_url, "https://api.github.com/graphql");
    }
}
