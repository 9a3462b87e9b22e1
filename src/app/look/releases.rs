//! `history`: the releases of a stack.

use jiff::Timestamp;

use super::ago_between;
use super::row::{Field, Row};
use crate::app::event::RowKind;
use crate::release::history::Entry;

/// One release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRow {
    pub number: u64,
    /// `3 days ago`.
    pub when: String,
    /// RFC 3339; empty where nobody can tell.
    pub at: String,
    pub who: String,
    pub commit: String,
    pub plan_id: String,
    pub result: String,
}

impl Row for ReleaseRow {
    const FIELDS: &'static [Field] = &[
        Field { name: "Release", head: "RELEASE" },
        Field { name: "When", head: "WHEN" },
        Field { name: "Who", head: "WHO" },
        Field { name: "Commit", head: "COMMIT" },
        Field { name: "Plan", head: "PLAN" },
        Field { name: "Result", head: "RESULT" },
    ];
    const KIND: RowKind = RowKind::Release;
    const RAW: bool = false;

    fn values(&self) -> Vec<String> {
        let number = format!("#{}", self.number);
        let Self { when, who, commit, plan_id, result, .. } = self.clone();
        vec![number, when, who, commit, plan_id, result]
    }

    fn plain(&self) -> Vec<String> {
        let Self { number, at, who, commit, plan_id, result, .. } = self.clone();
        vec![number.to_string(), at, who, commit, plan_id, result]
    }
}

/// Newest first; one that nobody can read says so in its result.
pub fn release_rows(entries: &[Entry], now: Timestamp) -> Vec<ReleaseRow> {
    entries.iter().map(|entry| row(entry, now)).collect()
}

fn row(entry: &Entry, now: Timestamp) -> ReleaseRow {
    match &entry.head {
        Ok(head) => ReleaseRow {
            number: entry.number,
            when: ago_between(Some(head.at), now).unwrap_or_default(),
            at: head.at.to_string(),
            who: head.who.clone(),
            commit: head.commit.clone().unwrap_or_default() + if head.dirty { " (dirty)" } else { "" },
            plan_id: head.plan_id.as_deref().map(crate::plan::short_id).unwrap_or_default(),
            result: head.result(),
        },
        Err(why) => ReleaseRow {
            number: entry.number,
            when: String::new(),
            at: String::new(),
            who: String::new(),
            commit: String::new(),
            plan_id: String::new(),
            result: format!("damaged: {why}"),
        },
    }
}
