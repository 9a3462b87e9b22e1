//! The exit codes, as `stackup explain exit` prints them and `docs/exit-codes.md` shows them.

use super::wrap::wrap;
use crate::app::exit::ExitCode;

/// Whether anything changed on the swarm.
fn changed(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Ok | ExitCode::Error | ExitCode::Interrupted | ExitCode::Terminated => "as reported",
        ExitCode::Failed | ExitCode::Deadline => "yes",
        ExitCode::RolledBack => "yes, reverted",
        _ => "no",
    }
}

/// The table for a terminal.
pub fn text(width: usize) -> String {
    let mut out = String::from("code  name         changed        meaning\n");
    for code in ExitCode::ALL {
        let indent = " ".repeat(34);
        let lines = wrap(code.meaning(), width, &indent);
        out.push_str(&format!(
            "{:>4}  {:<11}  {:<13}  {}\n",
            code.number(),
            code.name(),
            changed(code),
            lines.trim_start()
        ));
    }
    out.push_str("\nWhen several apply: 3 before 9 before 2 as long as nothing was written, 1 before 6 before 7 before 8 after.\n");
    out
}

/// The table for `docs/exit-codes.md`.
pub fn markdown() -> String {
    let mut out = String::from("| Code | Name | Meaning | Anything changed on the swarm? |\n|---|---|---|---|\n");
    for code in ExitCode::ALL {
        out.push_str(&format!("| {} | `{}` | {} | {} |\n", code.number(), code.name(), code.meaning(), changed(code)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_eighty_columns() {
        assert!(text(80).lines().take(30).filter(|line| !line.starts_with("When")).all(|line| line.len() <= 80));
    }
}
