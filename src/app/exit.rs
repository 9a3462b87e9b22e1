//! Exit codes: stable, documented, printed by `stackup explain exit`.

/// Why the program ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    #[default]
    Ok = 0,
    /// No engine, not a manager, a locked swarm, API, network, or a bug.
    Error = 1,
    /// Changes or drift, where that was the question.
    Changes = 2,
    /// The files cannot be read or make no sense.
    Invalid = 3,
    /// The plan no longer fits what is live, or is not the approved one.
    Stale = 4,
    /// Somebody holds a live lease.
    Busy = 5,
    /// A service is left failed or paused.
    Failed = 6,
    /// A rollout failed; the version before is live again.
    RolledBack = 7,
    /// A deadline passed while the rollout goes on.
    Deadline = 8,
    /// Something that can be known beforehand would fail.
    Preflight = 9,
    /// No approval.
    Declined = 10,
    Usage = 64,
    /// Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl ExitCode {
    pub const ALL: [Self; 14] = [
        Self::Ok,
        Self::Error,
        Self::Changes,
        Self::Invalid,
        Self::Stale,
        Self::Busy,
        Self::Failed,
        Self::RolledBack,
        Self::Deadline,
        Self::Preflight,
        Self::Declined,
        Self::Usage,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number that a shell sees.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// For machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Changes => "changes",
            Self::Invalid => "invalid",
            Self::Stale => "stale",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::RolledBack => "rolled-back",
            Self::Deadline => "deadline",
            Self::Preflight => "preflight",
            Self::Declined => "declined",
            Self::Usage => "usage",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }

    /// A sentence for `stackup explain exit`.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done, or nothing to do",
            Self::Error => "no engine, not a manager, locked swarm, API, network or internal error",
            Self::Changes => "changes or drift present (--detailed-exitcode, --expect-no-changes)",
            Self::Invalid => "invalid configuration, or a file that cannot be read",
            Self::Stale => "the plan no longer fits what is live, or is not the approved one",
            Self::Busy => "somebody holds a live lease on the stack",
            Self::Failed => "rollout failed; a service is left failed or paused",
            Self::RolledBack => "rollout failed and was rolled back; the previous version is live",
            Self::Deadline => "a deadline passed; the rollout still goes on",
            Self::Preflight => "refused before any write: it cannot be placed, or something is missing or taken",
            Self::Declined => "declined at the prompt, or no terminal and no approval",
            Self::Usage => "wrong usage of the command line",
            Self::Interrupted => "interrupted; detached after reporting",
            Self::Terminated => "terminated; detached after reporting",
        }
    }

    /// The one that is told when both apply. Before a write 3 > 9 > 2, after one 1 > 6 > 7 > 8; an interruption that
    /// hid nothing worse is told last.
    pub fn worse(self, other: Self) -> Self {
        if self.rank() >= other.rank() { self } else { other }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Changes => 1,
            Self::Interrupted | Self::Terminated => 2,
            Self::Deadline => 3,
            Self::RolledBack => 4,
            Self::Failed => 5,
            Self::Declined => 6,
            Self::Preflight => 7,
            Self::Busy => 8,
            Self::Stale => 9,
            Self::Invalid => 10,
            Self::Usage => 11,
            Self::Error => 12,
        }
    }
}

/// Whether anything changed on the swarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Changed {
    #[default]
    No,
    Yes,
    /// An answer never came.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_told() {
        use ExitCode::*;
        for order in [vec![Invalid, Preflight, Changes, Ok], vec![Error, Failed, RolledBack, Deadline, Ok]] {
            for (i, a) in order.iter().enumerate() {
                for b in &order[i..] {
                    assert_eq!((a.worse(*b), b.worse(*a)), (*a, *a));
                }
            }
        }
    }

    #[test]
    fn numbers_and_names_are_unique() {
        let numbers: std::collections::BTreeSet<_> = ExitCode::ALL.iter().map(|c| c.number()).collect();
        let names: std::collections::BTreeSet<_> = ExitCode::ALL.iter().map(|c| c.name()).collect();
        assert_eq!((numbers.len(), names.len()), (ExitCode::ALL.len(), ExitCode::ALL.len()));
    }
}
