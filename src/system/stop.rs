//! What asks the program to stop: SIGINT and SIGTERM, or what a console of Windows sends.

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// By a person who sits there: Ctrl-C, and Ctrl-Break.
    Interrupt,
    /// By the system or another program: SIGTERM; a window that is closed, a logoff, a shutdown.
    Terminate,
}

#[cfg(unix)]
mod signals {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Stop;

    /// All that may come.
    pub struct Stops(Signal, Signal);

    impl Stops {
        /// `None` where the system gives none away.
        pub fn new() -> Option<Self> {
            Some(Self(signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?))
        }

        pub async fn next(&mut self) -> Stop {
            tokio::select! {
                _ = self.0.recv() => Stop::Interrupt,
                _ = self.1.recv() => Stop::Terminate,
            }
        }
    }
}

#[cfg(windows)]
mod signals {
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_logoff,
        ctrl_shutdown,
    };

    use super::Stop;

    /// All that may come. Windows ends the program a few seconds after it closed the window.
    pub struct Stops(CtrlC, CtrlBreak, CtrlClose, CtrlLogoff, CtrlShutdown);

    impl Stops {
        /// `None` where the system gives none away.
        pub fn new() -> Option<Self> {
            Some(Self(
                ctrl_c().ok()?,
                ctrl_break().ok()?,
                ctrl_close().ok()?,
                ctrl_logoff().ok()?,
                ctrl_shutdown().ok()?,
            ))
        }

        pub async fn next(&mut self) -> Stop {
            tokio::select! {
                _ = self.0.recv() => Stop::Interrupt,
                _ = self.1.recv() => Stop::Interrupt,
                _ = self.2.recv() => Stop::Terminate,
                _ = self.3.recv() => Stop::Terminate,
                _ = self.4.recv() => Stop::Terminate,
            }
        }
    }
}

pub use signals::Stops;
