//! The event that started the workflow.

use serde_json::Value;

/// What happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trigger {
    /// `pull_request`, `push`, …
    pub event: String,
    pub pull: Option<Pull>,
    /// The pull request that a merge queue put last into its group.
    pub queued: Option<u64>,
    /// The branch that was pushed to, or that the default one is.
    pub branch: Option<String>,
}

/// A pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pull {
    pub number: u64,
    pub head_sha: String,
    /// Its head is in another repository, or in one that is gone.
    pub fork: bool,
    pub merged: bool,
}

impl Trigger {
    pub fn read(event: &str, payload: &Value) -> Self {
        let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let pull = payload.get("pull_request").and_then(|pull| {
            let text = |pointer: &str| pull.pointer(pointer).and_then(Value::as_str);
            Some(Pull {
                number: pull.get("number")?.as_u64()?,
                head_sha: text("/head/sha").unwrap_or_default().to_owned(),
                fork: text("/head/repo/full_name").is_none_or(|head| Some(head) != text("/base/repo/full_name")),
                merged: pull.get("merged").and_then(Value::as_bool).unwrap_or(false),
            })
        });
        let branch = text("/ref").and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned));
        Self {
            event: event.to_owned(),
            pull,
            queued: text("/merge_group/head_ref").as_deref().and_then(queued),
            branch: branch.or_else(|| text("/repository/default_branch")),
        }
    }
}

/// `refs/heads/gh-readonly-queue/BRANCH/pr-N-SHA`; the branch may hold slashes.
fn queued(reference: &str) -> Option<u64> {
    let last = reference.rsplit_once("/pr-")?.1;
    let (number, sha) = last.split_once('-')?;
    (sha.len() == 40 && sha.bytes().all(|b| b.is_ascii_hexdigit())).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pull(head: Value) -> Value {
        json!({"number": 7, "pull_request": {"number": 7, "merged": false,
            "head": {"sha": "aaa", "repo": head}, "base": {"repo": {"full_name": "acme/infra"}}}})
    }

    #[test]
    fn a_fork_is_any_other_repository_and_one_that_is_gone() {
        for (head, fork) in [
            (json!({"full_name": "acme/infra"}), false),
            (json!({"full_name": "mallory/infra"}), true),
            (Value::Null, true),
        ] {
            let found = Trigger::read("pull_request", &pull(head)).pull.unwrap();
            assert_eq!((found.number, found.fork), (7, fork));
        }
    }

    #[test]
    fn the_queue_names_its_last_pull_request() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        for (name, number) in [
            (format!("refs/heads/gh-readonly-queue/main/pr-12-{sha}"), Some(12)),
            (format!("refs/heads/gh-readonly-queue/feature/pr-9-x/pr-12-{sha}"), Some(12)),
            ("refs/heads/gh-readonly-queue/main/pr-12-short".to_owned(), None),
            ("refs/heads/main".to_owned(), None),
        ] {
            let payload = json!({"merge_group": {"head_ref": name}});
            assert_eq!(Trigger::read("merge_group", &payload).queued, number, "{name}");
        }
    }

    #[test]
    fn a_push_names_its_branch() {
        let payload = json!({"ref": "refs/heads/release/1", "repository": {"default_branch": "main"}});
        assert_eq!(Trigger::read("push", &payload).branch.as_deref(), Some("release/1"));
        let payload = json!({"schedule": "0 3 * * *", "repository": {"default_branch": "main"}});
        assert_eq!(Trigger::read("schedule", &payload).branch.as_deref(), Some("main"));
    }
}
