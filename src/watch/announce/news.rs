//! What became of a stack, and what that is called elsewhere.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::app::exit::ExitCode;
use crate::watch::machine::{Report, StackState, Sync};
use crate::watch::settings::Happening;

/// What became of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    pub stack: String,
    pub source: String,
    /// The whole commit, where the source is a repository.
    pub commit: Option<String>,
    pub sync: Sync,
    pub drift: bool,
    pub exit: ExitCode,
    /// A rollout came to its end.
    pub rolled: bool,
    pub message: String,
    pub plan_id: Option<String>,
    pub release: Option<u64>,
    pub at: Timestamp,
}

/// A commit status, before a forge's own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Pending,
    Running,
    Success,
    Failure,
    /// It could not be tried.
    Error,
}

impl News {
    /// `rolled`: a rollout has just come to its end.
    pub fn new(name: &str, stack: &StackState, rolled: bool, at: Timestamp) -> Self {
        Self {
            stack: name.to_owned(),
            source: stack.source.clone(),
            commit: stack.about().and_then(commit),
            sync: stack.shown(),
            drift: stack.drift,
            exit: stack.exit,
            rolled,
            message: stack.message.clone(),
            plan_id: stack.plan_id.clone(),
            release: stack.release,
            at,
        }
    }

    /// What a commit is told; nothing where it is not about the commit.
    pub fn state(&self) -> Option<State> {
        match self.sync {
            Sync::Unknown | Sync::Suspended => None,
            Sync::Applying => Some(State::Running),
            Sync::Synced => Some(State::Success),
            Sync::Held => Some(State::Pending),
            // Somebody changed something by hand: the commit went out well before.
            Sync::OutOfSync if self.drift => None,
            Sync::OutOfSync => Some(State::Pending),
            Sync::Quarantined => Some(State::Failure),
            Sync::Failed if self.exit == ExitCode::Error => Some(State::Error),
            Sync::Failed => Some(State::Failure),
        }
    }

    /// What a webhook can be asked to tell, the plainest word first.
    pub fn happenings(&self) -> Vec<Happening> {
        let mut all = Vec::new();
        if self.rolled {
            all.push(match self.exit {
                ExitCode::Ok => Happening::Applied,
                ExitCode::RolledBack => Happening::RolledBack,
                _ => Happening::Failed,
            });
        }
        match self.sync {
            Sync::Failed if !self.rolled => all.push(Happening::Failed),
            Sync::Quarantined => all.push(Happening::Quarantined),
            Sync::Held => all.push(Happening::Held),
            _ => {}
        }
        if self.drift && self.sync != Sync::Applying {
            all.push(Happening::Drift);
        }
        all
    }

    /// The body of a webhook. `page` is where people reach this watcher.
    pub fn document(&self, happening: Happening, page: Option<&str>) -> Map<String, Value> {
        let document = json!({
            "v": 1,
            "type": happening.as_str(),
            "at": self.at.round(jiff::Unit::Millisecond).unwrap_or(self.at).to_string(),
            "stack": self.stack,
            "source": self.source,
            "commit": self.commit,
            "sync": self.sync.as_str(),
            "drift": self.drift,
            "result": self.rolled.then(|| self.exit.name()),
            "plan_id": self.plan_id,
            "release": self.release,
            "message": self.message,
            "url": self.url(page),
        });
        document.as_object().cloned().unwrap_or_default()
    }

    /// Of the stack's own page.
    pub fn url(&self, page: Option<&str>) -> Option<String> {
        page.map(|page| format!("{}/stacks/{}", page.trim_end_matches('/'), self.stack))
    }
}

/// Found as it was left, by an earlier process too: everybody was told then. What was told something else since is told.
pub fn is_no_news(before: &StackState, report: &Report) -> bool {
    let same = before.memory.synced.as_ref() == Some(&report.revision) && report.rolled.is_none();
    let told = matches!(before.memory.told, None | Some(Sync::Synced));
    same && told && report.sync == Sync::Synced && matches!(before.sync, Sync::Unknown | Sync::Synced)
}

/// `SHA.SHAPE` is a revision of a repository; a folder's is none.
fn commit(revision: &str) -> Option<String> {
    let sha = revision.split('.').next().unwrap_or_default();
    let hex = sha.chars().all(|c| c.is_ascii_hexdigit());
    (hex && matches!(sha.len(), 40 | 64)).then(|| sha.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(sync: Sync, exit: ExitCode, rolled: bool, drift: bool) -> News {
        let state = StackState::made(|s| {
            s.sync = sync;
            s.exit = exit;
            s.drift = drift;
        });
        News::new("web", &state, rolled, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_becomes_of_a_stack_has_a_word_for_everybody() {
        use Happening as H;
        use State as S;
        let table: &[(News, Option<S>, &[H])] = &[
            (news(Sync::Applying, ExitCode::Ok, false, false), Some(S::Running), &[]),
            (news(Sync::Synced, ExitCode::Ok, true, false), Some(S::Success), &[H::Applied]),
            (news(Sync::Synced, ExitCode::Ok, false, false), Some(S::Success), &[]),
            (
                news(Sync::Quarantined, ExitCode::RolledBack, true, false),
                Some(S::Failure),
                &[H::RolledBack, H::Quarantined],
            ),
            (news(Sync::Quarantined, ExitCode::Failed, true, false), Some(S::Failure), &[H::Failed, H::Quarantined]),
            (news(Sync::Quarantined, ExitCode::Changes, false, false), Some(S::Failure), &[H::Quarantined]),
            (news(Sync::Failed, ExitCode::Invalid, false, false), Some(S::Failure), &[H::Failed]),
            (news(Sync::Failed, ExitCode::Error, false, false), Some(S::Error), &[H::Failed]),
            (news(Sync::Held, ExitCode::Changes, false, false), Some(S::Pending), &[H::Held]),
            (news(Sync::OutOfSync, ExitCode::Changes, false, true), None, &[H::Drift]),
            (news(Sync::OutOfSync, ExitCode::Busy, false, false), Some(S::Pending), &[]),
            (news(Sync::Unknown, ExitCode::Ok, false, false), None, &[]),
        ];
        for (news, state, happenings) in table {
            assert_eq!((news.state(), news.happenings().as_slice()), (*state, *happenings), "{news:?}");
        }
    }

    #[test]
    fn what_everybody_knows_is_no_news() {
        let report = |sync: Sync, rolled: bool| Report {
            revision: "a".into(),
            commit: None,
            sync,
            drift: false,
            exit: ExitCode::Ok,
            message: String::new(),
            plan_id: None,
            release: None,
            next: crate::watch::machine::Next::Rest,
            rolled: rolled.then_some(Timestamp::UNIX_EPOCH),
            tried: None,
        };
        for (synced, before, sync, rolled, known) in [
            // As an earlier process left it, and looked at again.
            ("a", Sync::Unknown, Sync::Synced, false, true),
            ("a", Sync::Synced, Sync::Synced, false, true),
            // Another commit, even one that changes nothing.
            ("b", Sync::Synced, Sync::Synced, false, false),
            // It was told to be pending, or to have failed.
            ("a", Sync::Applying, Sync::Synced, false, false),
            ("a", Sync::Held, Sync::Synced, false, false),
            ("a", Sync::Failed, Sync::Synced, false, false),
            ("a", Sync::Synced, Sync::Synced, true, false),
            ("a", Sync::Unknown, Sync::Failed, false, false),
        ] {
            let stack = StackState::made(|s| {
                s.sync = before;
                s.memory.synced = Some(synced.into());
            });
            assert_eq!(is_no_news(&stack, &report(sync, rolled)), known, "{synced} {before:?} {sync:?} {rolled}");
            // An earlier process died over it, and the commit is said to be pending.
            for (told, same) in [(Sync::Synced, known), (Sync::Applying, false), (Sync::Held, false)] {
                let mut left = stack.clone();
                left.memory.told = Some(told);
                assert_eq!(is_no_news(&left, &report(sync, rolled)), same, "{told:?} {before:?} {sync:?}");
            }
        }
    }

    #[test]
    fn a_template_is_tried_on_what_is_sent() {
        let sent = news(Sync::Synced, ExitCode::Ok, true, false).document(Happening::Applied, None);
        let tried = crate::watch::settings::sample();
        assert_eq!(sent.keys().collect::<Vec<_>>(), tried.keys().collect::<Vec<_>>());
    }

    #[test]
    fn only_whole_commits_have_a_status() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(commit(&format!("{sha}.0a1b2c3d")).as_deref(), Some(sha));
        // A folder's revision, and what is too short.
        for none in ["0123456789abcdef01234567.0a1b2c3d", "", "."] {
            assert_eq!(commit(none), None);
        }
    }
}
