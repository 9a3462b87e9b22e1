//! What forms ask of a document.

use jiff::Timestamp;
use serde_json::Value;

use super::{Change, Document, Field, Orphan};
use crate::diagnostic::Severity;
use crate::plan::Op;
use crate::plan::words;

impl Document {
    /// Nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Something is removed, or is down for a while.
    pub fn is_destructive(&self) -> bool {
        self.summary.recreate + self.summary.remove > 0
    }

    /// `p-6c1f-90ab-22e4`: enough for people, and for `--approve-plan`; machines take the whole.
    pub fn short_id(&self) -> String {
        words::short_id(&self.plan_id)
    }

    /// Checks that make apply refuse.
    pub fn failures(&self) -> u64 {
        self.preflight.iter().filter(|one| one.severity == Severity::Error).count() as u64
    }

    /// How old an orphan was when the swarm was looked at, in seconds.
    pub fn age(&self, orphan: &Orphan) -> Option<u64> {
        let at = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
        let (created, taken) = (at(&orphan.created)?, at(&self.taken)?);
        Some(taken.duration_since(created).as_secs().max(0) as u64)
    }
}

impl Change {
    /// Its name in the Compose file; without the stack for what no file names.
    pub fn key(&self) -> &str {
        self.address.split_once('/').map_or(self.address.as_str(), |(_, key)| key)
    }
}

impl Field {
    /// `None` where there was none or it is sensitive.
    pub fn before(&self) -> Option<&Value> {
        (self.op != Op::Add && self.says(&self.before)).then_some(&self.before)
    }

    /// `None` where there will be none, it is sensitive or only known later.
    pub fn after(&self) -> Option<&Value> {
        (self.op != Op::Remove && self.says(&self.after)).then_some(&self.after)
    }

    /// A variable may stand without a value, which is `null`; anything else that is `null` is not there.
    fn says(&self, value: &Value) -> bool {
        !self.sensitive && (!value.is_null() || self.path.starts_with("/environment/"))
    }
}
