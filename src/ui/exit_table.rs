//! The exit codes, as `stackup explain exit` prints them and `docs/exit-codes.md` shows them.

use super::wrap::wrap;
use crate::app::exit::ExitCode;

/// What a code means, and whether anything changed on the swarm.
pub fn meaning(code: ExitCode) -> (&'static str, &'static str) {
    match code {
        ExitCode::Ok => ("done, or nothing to do", "as reported"),
        ExitCode::Error => {
            ("no engine, not a manager, a locked swarm, an answer of the engine, the network, a bug", "as reported")
        }
        ExitCode::Changes => ("there are changes, and --detailed-exitcode or --expect-no-changes asked", "no"),
        ExitCode::Invalid => ("the Compose files are wrong or cannot be read", "no"),
        ExitCode::Stale => ("the plan is stale, or another one than was approved", "no"),
        ExitCode::Busy => ("somebody else is deploying this stack", "no"),
        ExitCode::Failed => ("the rollout failed; the service is left failed or paused", "yes"),
        ExitCode::RolledBack => {
            ("the rollout failed and was rolled back; the previous version is live", "yes, reverted")
        }
        ExitCode::Deadline => ("the deadline passed and the rollout still goes on", "yes"),
        ExitCode::Refused => ("preflight refused: no place, a port that is taken, a missing object or image", "no"),
        ExitCode::Declined => ("declined at the prompt, or nobody to ask and no --auto-approve", "no"),
        ExitCode::Usage => ("the command line makes no sense", "no"),
        ExitCode::Interrupted => ("interrupted with Ctrl-C", "as reported"),
        ExitCode::Terminated => ("terminated", "as reported"),
    }
}

/// The table for a terminal.
pub fn text(width: usize) -> String {
    let mut out = String::from("code  name         changed        meaning\n");
    for code in ExitCode::ALL {
        let (meaning, changed) = meaning(*code);
        let indent = " ".repeat(34);
        let lines = wrap(meaning, width, &indent);
        out.push_str(&format!("{:>4}  {:<11}  {:<13}  {}\n", code.code(), code.name(), changed, lines.trim_start()));
    }
    out.push_str("\nWhen several apply: 3 before 9 before 2 as long as nothing was written, 1 before 6 before 7 before 8 after.\n");
    out
}

/// The table for `docs/exit-codes.md`.
pub fn markdown() -> String {
    let mut out = String::from("| Code | Name | Meaning | Anything changed on the swarm? |\n|---|---|---|---|\n");
    for code in ExitCode::ALL {
        let (meaning, changed) = meaning(*code);
        out.push_str(&format!("| {} | `{}` | {} | {} |\n", code.code(), code.name(), meaning, changed));
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
