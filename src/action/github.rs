//! The few calls to GitHub's API.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::runner::Runner;
use super::sticky::Identity;
use crate::https::agent;

/// Why a call did not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// GitHub's own words.
    #[error("GitHub answers {status}: {message}")]
    Refused { status: u16, message: String },
    #[error("GitHub does not answer: {0}")]
    Unreachable(String),
}

impl ApiError {
    /// The token may not do this: a fork's, Dependabot's, or one without the permission.
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 403 | 404, .. })
    }

    pub fn is_too_long(&self) -> bool {
        matches!(self, Self::Refused { status: 422, .. })
    }
}

/// Speaks to one repository.
#[derive(Debug)]
pub struct Github {
    agent: ureq::Agent,
    token: SecretString,
    /// `https://api.github.com/repos/acme/infra`
    base: String,
    graphql: String,
    /// Waits between tries.
    patience: Duration,
}

const VERSION: &str = "2022-11-28";
/// How often is asked before something is taken for refused, or for not there.
pub const TRIES: u32 = 4;

/// Longer than that nobody waits for a limit to pass.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Github {
    /// `None` without a token or a repository. `hurry`: the job is being cancelled.
    pub fn new(runner: &Runner, token: Option<&SecretString>, hurry: bool) -> Option<Self> {
        if runner.repository.is_empty() {
            return None;
        }
        Some(Self {
            agent: agent(Duration::from_secs(if hurry { 2 } else { 20 })),
            token: token?.clone(),
            base: format!("{}/repos/{}", runner.api_url, runner.repository),
            graphql: runner.graphql_url.clone(),
            patience: if hurry { Duration::ZERO } else { Duration::from_secs(1) },
        })
    }

    /// Who the token speaks as.
    pub fn identity(&self) -> Identity {
        let query = json!({"query": "{viewer{login databaseId}}"});
        let Ok((_, answer)) = self.once("POST", &self.graphql, Some(&query)) else { return Identity::actions() };
        match answer.pointer("/data/viewer/login").and_then(Value::as_str) {
            Some(login) => Identity {
                login: login.to_owned(),
                id: answer.pointer("/data/viewer/databaseId").and_then(Value::as_u64),
            },
            None => Identity::actions(),
        }
    }

    /// The person who edited a comment last. Whoever may write to a repository may edit its bots' comments too.
    pub fn person_who_edited(&self, node: &str) -> Option<String> {
        let query = "query($id:ID!){node(id:$id){... on IssueComment{editor{__typename login}}}}";
        let body = json!({"query": query, "variables": {"id": node}});
        let (_, answer) = self.once("POST", &self.graphql, Some(&body)).ok()?;
        let editor = answer.pointer("/data/node/editor")?;
        let text = |key: &str| editor.get(key).and_then(Value::as_str);
        text("login").filter(|_| text("__typename") == Some("User")).map(str::to_owned)
    }

    /// Folds a comment away, as outdated.
    pub fn fold(&self, node: &str) -> Result<(), ApiError> {
        let query = "mutation($id:ID!){minimizeComment(input:{subjectId:$id,classifier:OUTDATED}){clientMutationId}}";
        let body = json!({"query": query, "variables": {"id": node}});
        self.once("POST", &self.graphql, Some(&body)).map(drop).map_err(|(error, _)| error)
    }

    pub fn comments(&self, pull: u64) -> Result<Vec<Value>, ApiError> {
        self.pages(&format!("{}/issues/{pull}/comments?per_page=100", self.base))
    }

    /// Names of the files that a pull request changes.
    pub fn changed_files(&self, pull: u64) -> Result<Vec<String>, ApiError> {
        let files = self.pages(&format!("{}/pulls/{pull}/files?per_page=100", self.base))?;
        Ok(files.iter().filter_map(|file| file.get("filename")?.as_str().map(str::to_owned)).collect())
    }

    /// The merged pull request that a commit came with. GitHub may need a moment to know it after the merge.
    pub fn merged_pull(&self, sha: &str, branch: Option<&str>, tries: u32) -> Result<Option<u64>, ApiError> {
        for wait in 0..tries {
            let pulls = self.pages(&format!("{}/commits/{sha}/pulls?per_page=100", self.base))?;
            if let Some(number) = choose(&pulls, sha, branch) {
                return Ok(Some(number));
            }
            if wait + 1 < tries {
                std::thread::sleep(self.patience * (1 << wait));
            }
        }
        Ok(None)
    }

    /// Its id and page.
    pub fn create(&self, pull: u64, body: &str) -> Result<(u64, String), ApiError> {
        self.write("POST", &format!("{}/issues/{pull}/comments", self.base), body)
    }

    pub fn update(&self, comment: u64, body: &str) -> Result<(u64, String), ApiError> {
        self.write("PATCH", &format!("{}/issues/comments/{comment}", self.base), body)
    }

    pub fn delete(&self, comment: u64) -> Result<(), ApiError> {
        self.ask("DELETE", &format!("{}/issues/comments/{comment}", self.base), None).map(drop)
    }

    fn write(&self, method: &str, url: &str, body: &str) -> Result<(u64, String), ApiError> {
        let (_, answer) = self.ask(method, url, Some(&json!({"body": body})))?;
        let page = answer.get("html_url").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok((answer.get("id").and_then(Value::as_u64).unwrap_or_default(), page))
    }

    fn pages(&self, first: &str) -> Result<Vec<Value>, ApiError> {
        let (mut all, mut next) = (Vec::new(), Some(first.to_owned()));
        while let Some(url) = next.take() {
            let (link, page) = self.ask("GET", &url, None)?;
            if let Value::Array(items) = page {
                all.extend(items);
            }
            // Nobody else is sent the token.
            next = link.as_deref().and_then(following).filter(|url| url.starts_with(&self.base));
        }
        Ok(all)
    }

    /// Again where that does no harm: reading, writing the same again, and where GitHub says to wait.
    fn ask(&self, method: &str, url: &str, body: Option<&Value>) -> Result<(Option<String>, Value), ApiError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let (error, wait) = match self.once(method, url, body) {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let again = match &error {
                ApiError::Refused { status: 403 | 429, .. } => wait.is_some(),
                ApiError::Refused { status, .. } => *status >= 500 && method != "POST",
                ApiError::Unreachable(_) => method != "POST",
            };
            let wait = wait.unwrap_or(self.patience * tried);
            if !again || tried >= TRIES || wait > LONGEST_WAIT || self.patience.is_zero() {
                return Err(error);
            }
            std::thread::sleep(wait);
        }
    }

    fn once(
        &self,
        method: &str,
        url: &str,
        body: Option<&Value>,
    ) -> Result<(Option<String>, Value), (ApiError, Option<Duration>)> {
        let unreachable = |error: ureq::Error| (ApiError::Unreachable(error.to_string()), None);
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", format!("Bearer {}", self.token.expose_secret()))
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", VERSION);
        let broken = |error: http::Error| (ApiError::Unreachable(error.to_string()), None);
        let answer = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string()).map_err(broken)?)
            }
            None => self.agent.run(request.body(()).map_err(broken)?),
        };
        let mut answer = answer.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (link, after) = (header("link"), header("retry-after"));
        let text = answer.body_mut().read_to_string().map_err(unreachable)?;
        let json: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            return Ok((link, json));
        }
        let message = json.get("message").and_then(Value::as_str).unwrap_or("no words").to_owned();
        let wait = after.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        Err((ApiError::Refused { status, message }, wait))
    }
}

/// The pull request that was merged into `branch`: the one whose merge the commit is, else the one merged last.
fn choose(pulls: &[Value], sha: &str, branch: Option<&str>) -> Option<u64> {
    let text = |pull: &Value, pointer: &str| pull.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let merged = pulls.iter().filter(|pull| {
        text(pull, "/merged_at").is_some() && branch.is_none_or(|b| text(pull, "/base/ref").as_deref() == Some(b))
    });
    let best = merged.max_by_key(|pull| {
        // Newer versions of the API leave the commit out.
        (text(pull, "/merge_commit_sha").as_deref() == Some(sha), text(pull, "/merged_at"))
    });
    best?.get("number")?.as_u64()
}

/// The address of `rel="next"`.
fn following(link: &str) -> Option<String> {
    link.split(',').find_map(|part| {
        let (url, rest) = part.trim().strip_prefix('<')?.split_once('>')?;
        rest.contains("rel=\"next\"").then(|| url.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found() {
        let link = "<https://x/a?page=1>; rel=\"prev\", <https://x/a?page=3>; rel=\"next\", <https://x/a?page=9>; rel=\"last\"";
        assert_eq!(following(link).as_deref(), Some("https://x/a?page=3"));
        assert_eq!(following("<https://x/a?page=1>; rel=\"prev\""), None);
    }

    #[test]
    fn the_merged_one_into_this_branch_is_meant() {
        let pull = |number: u64, merged: Option<&str>, base: &str, commit: Option<&str>| json!({"number": number, "merged_at": merged, "base": {"ref": base}, "merge_commit_sha": commit});
        let pulls = [
            pull(1, None, "main", Some("abc")),
            pull(2, Some("2026-01-01T00:00:00Z"), "main", None),
            pull(3, Some("2026-01-02T00:00:00Z"), "main", None),
            pull(4, Some("2026-01-03T00:00:00Z"), "other", None),
        ];
        assert_eq!(choose(&pulls, "abc", Some("main")), Some(3));
        let with_commit = [pulls[2].clone(), pull(5, Some("2026-01-01T00:00:00Z"), "main", Some("abc"))];
        assert_eq!(choose(&with_commit, "abc", Some("main")), Some(5));
        assert_eq!(choose(&pulls[..1], "abc", Some("main")), None);
    }
}
