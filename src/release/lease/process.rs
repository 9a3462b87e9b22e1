//! Which process holds a lease, and whether it still lives.

use crate::system::{host, process};

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
            host: host::name(),
            boot: process::boot(),
            space: process::space(),
            pid,
            start: process::start_of(pid).unwrap_or_default(),
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
        match process::start_of(self.pid) {
            Some(start) => start != self.start,
            // Hidden from us, or gone.
            None => process::is_gone(self.pid),
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::system::process::start_of;

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
