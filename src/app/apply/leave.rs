//! Leaving when somebody asks for it, also while an engine does not answer.

use std::time::Duration;

use super::options::{Cancel, Interrupt};
use crate::app::exit::ExitCode;

/// What is on its way may still be answered by then.
const GRACE: Duration = Duration::from_secs(3);

/// What comes of `work`, unless somebody asked to leave and it did not end soon after. Interrupts that were there before
/// count too.
pub(in crate::app) async fn unless_left<T>(cancel: &Cancel, work: impl Future<Output = T>) -> Result<T, ExitCode> {
    within(GRACE, cancel, work).await
}

async fn within<T>(grace: Duration, cancel: &Cancel, work: impl Future<Output = T>) -> Result<T, ExitCode> {
    let mut cancel = cancel.clone();
    let left = async {
        // A closed channel asks for nothing.
        let Ok(asked) = cancel.wait_for(|asked| matches!(asked, Interrupt::Detach(_))).await.map(|asked| *asked) else {
            return std::future::pending().await;
        };
        tokio::time::sleep(grace).await;
        match asked {
            Interrupt::Detach(code) => code,
            Interrupt::None | Interrupt::Finish => ExitCode::Interrupted,
        }
    };
    tokio::select! {
        biased;
        done = work => Ok(done),
        code = left => Err(code),
    }
}

/// Waits until somebody asks to stop, and tells how to end then.
pub(in crate::app) async fn asked_to_stop(cancel: &Cancel) -> ExitCode {
    let mut cancel = cancel.clone();
    let asked = cancel.wait_for(|asked| *asked != Interrupt::None).await.map(|asked| *asked);
    match asked {
        Ok(Interrupt::Detach(code)) => code,
        Ok(Interrupt::None | Interrupt::Finish) => ExitCode::Interrupted,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::watch;

    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn only_leaving_ends_what_hangs() {
        let (speak, hear) = watch::channel(Interrupt::None);
        let hangs = tokio::spawn(async move { within(SHORT, &hear, std::future::pending::<()>()).await });
        speak.send(Interrupt::Finish).unwrap();
        tokio::time::sleep(SHORT * 4).await;
        assert!(!hangs.is_finished());
        speak.send(Interrupt::Detach(ExitCode::Terminated)).unwrap();
        assert_eq!(hangs.await.unwrap(), Err(ExitCode::Terminated));
    }

    #[tokio::test]
    async fn what_ends_soon_after_counts() {
        let (speak, hear) = watch::channel(Interrupt::None);
        speak.send(Interrupt::Detach(ExitCode::Interrupted)).unwrap();
        assert_eq!(unless_left(&hear, tokio::time::sleep(SHORT)).await, Ok(()));
        assert_eq!(asked_to_stop(&hear).await, ExitCode::Interrupted);
    }
}
