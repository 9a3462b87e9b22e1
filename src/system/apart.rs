//! Children that Ctrl-C does not reach, and that take their own children with them.

use tokio::process::{Child, Command};

/// In a process group of its own: what a person types at the terminal is for us.
#[cfg(unix)]
pub fn apart(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// The same: Ctrl-C does not reach other groups of a console.
#[cfg(windows)]
pub fn apart(command: &mut Command) -> &mut Command {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP)
}

/// A child that was started [`apart`] and all that it started, gone when this is. On Windows groups cannot be ended: there it is
/// the child alone, by its `kill_on_drop`.
#[derive(Debug)]
pub struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    pub fn of(child: &Child) -> Self {
        let leader = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        Self { leader }
    }

    #[cfg(windows)]
    pub fn of(_: &Child) -> Self {
        Self {}
    }

    /// It ended by itself: its number may be another's by now.
    #[cfg_attr(windows, allow(clippy::unused_self, clippy::needless_pass_by_ref_mut))]
    pub fn ended(&mut self) {
        #[cfg(unix)]
        {
            self.leader = None;
        }
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}
