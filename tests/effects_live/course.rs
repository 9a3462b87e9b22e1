//! What becomes of the tasks of a service, as the plan says it and as swarm does it: in the same words.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    NotWritten,
    /// The service stays the same one.
    Written,
    /// It is removed, and another one is created.
    Recreated,
    /// A job starts anew.
    RunsAgain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    pub kind: Kind,
    pub replaced: u64,
    pub added: u64,
    pub removed: u64,
}

impl Course {
    pub const NOT_WRITTEN: Self = Self { kind: Kind::NotWritten, replaced: 0, added: 0, removed: 0 };

    /// No task is touched.
    pub fn keeps_all(self) -> bool {
        matches!(self.kind, Kind::NotWritten | Kind::Written) && self.replaced + self.added + self.removed == 0
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = [(self.replaced, "replaced"), (self.added, "added"), (self.removed, "removed")];
        let said: Vec<String> = counted.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let said = said.join(", ");
        match (self.kind, said.as_str()) {
            (Kind::NotWritten, _) => f.write_str("not written"),
            (Kind::Written, "") => f.write_str("kept"),
            (Kind::Written, said) => f.write_str(said),
            (Kind::Recreated, said) => write!(f, "created again: {said}"),
            (Kind::RunsAgain, said) => write!(f, "runs again: {said}"),
        }
    }
}
