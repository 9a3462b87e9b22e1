//! The name of this machine.

/// As its network knows it; empty where it has none.
#[cfg(unix)]
pub fn name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Windows sets it for every program.
#[cfg(windows)]
pub fn name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_machine_has_a_name() {
        assert!(!super::name().is_empty());
    }
}
