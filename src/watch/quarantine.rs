//! What is not tried again as it is: a revision whose rollout failed, or that somebody went back from.

use std::collections::BTreeMap;

use super::work::Look;
use crate::release::model::{Head, Origin, Verdict};

const FAILED: &str = "its rollout failed; waiting for another commit, or for somebody to change what is live";
pub const WENT_BACK: &str = "rolled back by hand; waiting for another commit";

impl Look<'_> {
    /// Why this revision is not tried. What this process does not know, the swarm's own record does: another watcher may
    /// have tried it, or a person gone back from it.
    pub(super) fn is_in_quarantine(&self, live: &BTreeMap<String, String>) -> Option<&'static str> {
        let (ticket, plan) = (self.ticket, &self.planned.plan);
        if let Some(tried) = &ticket.tried
            && tried.holds(&ticket.revision, live)
        {
            return Some(if tried.by_hand { WENT_BACK } else { FAILED });
        }
        let commit = plan.source.commit.as_deref().filter(|_| !plan.source.dirty)?;
        if self.is_asked_for() {
            return None;
        }
        let history = &self.planned.live.known.history;
        let mut heads = history.entries.iter().map(|entry| entry.head.as_ref().ok());
        let newest = heads.next()??;
        if went_back(newest, heads.next().flatten(), commit) {
            return Some(WENT_BACK);
        }
        let failed = matches!(newest.verdict, Verdict::Failed | Verdict::RolledBack) && is_of(newest, commit);
        (!ticket.is_tried() && failed && newest.plan_id.as_ref() == Some(&plan.id)).then_some(FAILED)
    }
}

fn is_of(head: &Head, commit: &str) -> bool {
    head.commit.as_deref() == Some(commit) && !head.dirty
}

/// Somebody went back from this commit, and nothing was done since.
fn went_back(newest: &Head, before: Option<&Head>, commit: &str) -> bool {
    matches!(newest.origin, Origin::Rollback(_))
        && newest.succeeded()
        && !is_of(newest, commit)
        && before.is_some_and(|before| is_of(before, commit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_back_from_a_commit_is_not_taken_forward_to_it() {
        let head = |origin: Origin, verdict: Verdict, commit: &str| Head {
            number: 1,
            verdict,
            origin,
            at: jiff::Timestamp::UNIX_EPOCH,
            who: String::new(),
            commit: Some(commit.to_owned()),
            dirty: false,
            plan_id: None,
            needs: std::collections::BTreeSet::new(),
        };
        let bad = head(Origin::Apply, Verdict::Applied, "bad");
        for (newest, commit, back) in [
            (head(Origin::Rollback(1), Verdict::Applied, "good"), "bad", true),
            // Another commit came since.
            (head(Origin::Rollback(1), Verdict::Applied, "good"), "new", false),
            // Back to what the same commit once left live.
            (head(Origin::Rollback(1), Verdict::Applied, "bad"), "bad", false),
            (head(Origin::Rollback(1), Verdict::Failed, "good"), "bad", false),
            (head(Origin::Apply, Verdict::Applied, "good"), "bad", false),
        ] {
            assert_eq!(went_back(&newest, Some(&bad), commit), back, "{newest:?} {commit}");
        }
        assert!(!went_back(&head(Origin::Rollback(1), Verdict::Applied, "good"), None, "bad"));
    }
}
