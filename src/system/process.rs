//! Which process of which boot a number means, and whether it is still there. Only Linux tells all of it; what a system does
//! not tell is empty, and then nobody is taken for dead.

/// The kernel's id of this boot.
pub fn boot() -> String {
    about::boot()
}

/// The namespace that the number of a process counts in.
pub fn space() -> String {
    about::space()
}

/// When it started, in the kernel's ticks; empty for one that does nothing any more.
pub fn start_of(pid: u32) -> Option<String> {
    about::start_of(pid)
}

/// There is no such process: it is not one that is hidden from us.
pub fn is_gone(pid: u32) -> bool {
    about::is_gone(pid)
}

#[cfg(unix)]
mod about {
    use rustix::process::{Pid, test_kill_process};

    pub fn boot() -> String {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    }

    pub fn space() -> String {
        std::fs::read_link("/proc/self/ns/pid").map(|link| link.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Field 22 of `/proc/PID/stat`; the second, the program's name, may hold anything. A zombie does nothing any more.
    pub fn start_of(pid: u32) -> Option<String> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let state = fields.next()?;
        if matches!(state, "Z" | "X") {
            return Some(String::new());
        }
        fields.nth(18).map(str::to_owned)
    }

    /// A signal that is none tells.
    pub fn is_gone(pid: u32) -> bool {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        pid.is_some_and(|pid| test_kill_process(pid).is_err_and(|error| error == rustix::io::Errno::SRCH))
    }
}

#[cfg(windows)]
mod about {
    pub fn boot() -> String {
        String::new()
    }

    pub fn space() -> String {
        String::new()
    }

    pub fn start_of(_: u32) -> Option<String> {
        None
    }

    pub fn is_gone(_: u32) -> bool {
        false
    }
}
