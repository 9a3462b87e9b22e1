//! Ctrl-C and SIGTERM while a rollout is followed.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::invocation::Invocation;
use crate::app::apply::{Cancel, Interrupt};
use crate::app::exit::ExitCode;

/// What apply hears, and who listens. The first Ctrl-C starts nothing new; the second, one in CI, and SIGTERM leave.
pub fn listen(invocation: &Invocation) -> (Cancel, JoinHandle<()>) {
    let (speak, hear) = watch::channel(Interrupt::None);
    let (ci, hint) = (invocation.settings.ci, !invocation.settings.json);
    let listener = tokio::spawn(async move {
        let (Ok(mut interrupted), Ok(mut terminated)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        let mut before = Interrupt::None;
        loop {
            let code = tokio::select! {
                _ = interrupted.recv() => ExitCode::Interrupted,
                _ = terminated.recv() => ExitCode::Terminated,
            };
            before = next(before, code, ci);
            if before == Interrupt::Finish && hint {
                super::output::last_words(
                    "\nnothing new is started; press Ctrl-C again to detach: swarm continues on its own",
                );
            }
            if speak.send(before).is_err() {
                return;
            }
        }
    });
    (hear, listener)
}

fn next(before: Interrupt, code: ExitCode, ci: bool) -> Interrupt {
    if code == ExitCode::Interrupted && before == Interrupt::None && !ci {
        Interrupt::Finish
    } else {
        Interrupt::Detach(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_leaves_and_in_ci_the_first() {
        use ExitCode::{Interrupted, Terminated};
        assert_eq!(next(Interrupt::None, Interrupted, false), Interrupt::Finish);
        assert_eq!(next(Interrupt::Finish, Interrupted, false), Interrupt::Detach(Interrupted));
        assert_eq!(next(Interrupt::None, Interrupted, true), Interrupt::Detach(Interrupted));
        assert_eq!(next(Interrupt::None, Terminated, false), Interrupt::Detach(Terminated));
    }
}
