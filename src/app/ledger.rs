//! What is live now, object by object.

use serde::Serialize;

/// What became of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// The change is live, and verified where that was asked for.
    Done,
    /// It was written, and nobody waited for it.
    Submitted,
    /// It is as it was before.
    Reverted,
    Failed,
    /// Nothing was done to it.
    Skipped,
    /// Still under way.
    Going,
    /// The answer never came.
    Unknown,
}

impl Fate {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Submitted => "submitted",
            Self::Reverted => "reverted",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Going => "going",
            Self::Unknown => "unknown",
        }
    }
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `service/web`.
    pub address: String,
    /// `create`, `restart`, …
    pub action: &'static str,
    pub fate: Fate,
    /// A few words for a person; may be empty.
    pub why: String,
}

/// What is live now, in the order of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Ledger(pub Vec<Entry>);

impl Ledger {
    /// Writes what became of an object; what was known before is replaced.
    pub fn set(&mut self, address: &str, fate: Fate, why: impl Into<String>) {
        if let Some(entry) = self.0.iter_mut().find(|e| e.address == address) {
            entry.fate = fate;
            entry.why = why.into();
        }
    }

    pub fn get(&self, address: &str) -> Option<&Entry> {
        self.0.iter().find(|e| e.address == address)
    }

    pub fn count(&self, fate: Fate) -> usize {
        self.0.iter().filter(|e| e.fate == fate).count()
    }
}
