//! Which process holds a lease, and whether it still lives.

use rustix::process::{Pid, test_kill_process};

/// One process of one boot of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    pub host: String,
    /// The kernel's id of this boot; empty where there is none to be had.
    pub boot: String,
    /// The namespace that the number counts in: in a container the same number is another process.
    pub space: String,
    pub pid: u32,
    /// When it started, in the kernel's ticks: numbers are given again.
    pub start: String,
}

impl Process {
    pub fn current() -> Self {
        let pid = std::process::id();
        Self {
            host: hostname(),
            boot: read("/proc/sys/kernel/random/boot_id"),
            space: std::fs::read_link("/proc/self/ns/pid")
                .map(|link| link.to_string_lossy().into_owned())
                .unwrap_or_default(),
            pid,
            start: start_of(pid).unwrap_or_default(),
        }
    }

    /// It says which one it is.
    pub fn is_known(&self) -> bool {
        !self.host.is_empty() && self.pid != 0
    }

    /// It was a process of this machine, and is no more. Of others, and where the machine tells too little, nobody knows.
    pub fn is_dead(&self, here: &Self) -> bool {
        let known = [&self.boot, &self.space, &self.start].iter().all(|word| !word.is_empty());
        if !known || (&self.boot, &self.space) != (&here.boot, &here.space) {
            return false;
        }
        match start_of(self.pid) {
            Some(start) => start != self.start,
            // Hidden from us, or gone: a signal that is none tells.
            None => i32::try_from(self.pid)
                .ok()
                .and_then(Pid::from_raw)
                .is_some_and(|pid| test_kill_process(pid).is_err_and(|error| error == rustix::io::Errno::SRCH)),
        }
    }
}

/// The name of this machine.
pub fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// Field 22 of `/proc/PID/stat`; the second, the program's name, may hold anything. A zombie does nothing any more.
fn start_of(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return Some(String::new());
    }
    fields.nth(18).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_of_this_machine_can_be_known_to_be_dead() {
        let here = Process::current();
        assert!(!here.start.is_empty() && !here.is_dead(&here), "{here:?}");
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let other = Process { pid: child.id(), start: start_of(child.id()).unwrap(), ..here.clone() };
        assert!(!other.is_dead(&here));
        child.kill().unwrap();
        for _ in 0..100 {
            if other.is_dead(&here) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(other.is_dead(&here), "a zombie holds nothing");
        child.wait().unwrap();
        assert!(other.is_dead(&here));
        for unknown in [
            Process { boot: "another".into(), ..other.clone() },
            Process { space: "pid:[1]".into(), ..other.clone() },
            Process { boot: String::new(), ..other.clone() },
        ] {
            assert!(!unknown.is_dead(&here), "{unknown:?}");
        }
        assert!(Process { start: "1".into(), ..here.clone() }.is_dead(&here), "the number was given again");
    }
}
