//! What a stack's releases tell, for the page and the API.

use serde::Serialize;

use crate::release::history::{Entry, History};

/// One release.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Past {
    pub number: u64,
    /// RFC 3339; nothing where its record cannot be read.
    pub at: Option<String>,
    pub who: String,
    pub commit: Option<String>,
    pub plan_id: Option<String>,
    /// `applied`, `rolled-back`, `rollback to #3`; why, where its record cannot be read.
    pub result: String,
    /// It had succeeded, and something else is live since.
    pub can_go_back: bool,
}

impl Past {
    /// Newest first.
    pub fn all(history: &History) -> Vec<Self> {
        let live = history.live();
        history.entries.iter().enumerate().map(|(at, entry)| Self::of(entry, live == Some(at))).collect()
    }

    fn of(entry: &Entry, live: bool) -> Self {
        match &entry.head {
            Ok(head) => Self {
                number: entry.number,
                at: Some(head.at.round(jiff::Unit::Second).unwrap_or(head.at).to_string()),
                who: head.who.clone(),
                commit: head.commit.as_ref().map(|commit| commit.clone() + if head.dirty { " (dirty)" } else { "" }),
                plan_id: head.plan_id.clone(),
                result: head.result(),
                can_go_back: !live && head.succeeded(),
            },
            Err(why) => Self {
                number: entry.number,
                at: None,
                who: String::new(),
                commit: None,
                plan_id: None,
                result: why.clone(),
                can_go_back: false,
            },
        }
    }
}
