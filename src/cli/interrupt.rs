//! Ctrl-C and SIGTERM, or what stands for them: while a rollout is followed, while a command waits, and otherwise.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::invocation::Invocation;
use crate::app::apply::{Cancel, Interrupt};
use crate::app::exit::ExitCode;
use crate::system::stop::{Stop, Stops};

/// How many listen who know what to do.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);

/// As long as it is there a signal ends nothing by itself.
struct Listening;

impl Listening {
    fn new() -> Self {
        LISTENERS.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENERS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The exit that it means.
fn code(stop: Stop) -> ExitCode {
    match stop {
        Stop::Interrupt => ExitCode::Interrupted,
        Stop::Terminate => ExitCode::Terminated,
    }
}

/// The first signal, for a command that ends with it in its own words.
pub async fn signalled() -> ExitCode {
    let _listening = Listening::new();
    match Stops::new() {
        Some(mut stops) => code(stops.next().await),
        None => std::future::pending().await,
    }
}

/// Ends the program at a signal that no command listens to. The last event is the exit then too; nothing was written.
pub async fn end_unheard(invocation: &'static Invocation) {
    let Some(mut stops) = Stops::new() else { return };
    loop {
        let code = code(stops.next().await);
        if LISTENERS.load(Ordering::SeqCst) == 0 {
            invocation.end(code);
            std::process::exit(i32::from(code.number()));
        }
    }
}

/// Who listens while a rollout is followed; until it is dropped.
pub struct Listener {
    pub cancel: Cancel,
    task: JoinHandle<()>,
    _listening: Listening,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The first Ctrl-C starts nothing new; the second, one in CI, and SIGTERM leave.
pub fn listen(invocation: &Invocation) -> Listener {
    let (speak, cancel) = watch::channel(Interrupt::None);
    let (ci, hint) = (invocation.settings.ci, !invocation.settings.json);
    let listening = Listening::new();
    let task = tokio::spawn(async move {
        let Some(mut stops) = Stops::new() else { return };
        let mut before = Interrupt::None;
        loop {
            before = next(before, code(stops.next().await), ci);
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
    Listener { cancel, task, _listening: listening }
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
