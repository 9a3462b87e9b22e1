//! Exit codes: stable, documented, the same for every command.

/// How a command ended. The numbers never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    Ok = 0,
    Error = 1,
    Changes = 2,
    Invalid = 3,
    Stale = 4,
    Busy = 5,
    Failed = 6,
    RolledBack = 7,
    Deadline = 8,
    Refused = 9,
    Declined = 10,
    Usage = 64,
    Interrupted = 130,
    Terminated = 143,
}

impl ExitCode {
    pub const ALL: &[Self] = &[
        Self::Ok,
        Self::Error,
        Self::Changes,
        Self::Invalid,
        Self::Stale,
        Self::Busy,
        Self::Failed,
        Self::RolledBack,
        Self::Deadline,
        Self::Refused,
        Self::Declined,
        Self::Usage,
        Self::Interrupted,
        Self::Terminated,
    ];

    pub fn code(self) -> u8 {
        self as u8
    }

    /// A word for machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Changes => "changes",
            Self::Invalid => "invalid",
            Self::Stale => "stale",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Deadline => "deadline",
            Self::Refused => "refused",
            Self::Declined => "declined",
            Self::Usage => "usage",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }
}
