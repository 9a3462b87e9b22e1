//! Of several watchers that follow the same one leads. The others fetch, so that they know what there is, and touch nothing
//! until it is their turn.

mod group;
mod rank;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::daemon::Message;
use super::settings::Settings;
use super::work::Worker;
use crate::app::apply::{Cancel, Interrupt};
use crate::app::exit::ExitCode;
use crate::app::lead::{Sighted, Sought, leader, seek};
use crate::engine::{self, EngineError, Guard};
use crate::release::lease::{Lease, Process};
use group::group;
pub use rank::Rank;

/// Between two looks at who leads, and at whether it is still us.
const LOOK: Duration = Duration::from_secs(1);
/// For what goes on to come to an end, once the lead is given away. After that it is left to expire.
const PARTING: Duration = Duration::from_secs(25);

/// A time of leading. What is done in it is bound to it.
#[derive(Clone)]
pub struct Term {
    /// Asked before every write. `None` for who asks nobody (`--once`).
    pub guard: Option<Guard>,
    /// Who led before, and may write no more.
    pub after: Option<Process>,
    /// The process is asked to stop, or the lead is lost.
    pub cancel: Cancel,
    /// Held by everything that goes on: the lead is given away when nobody has it any more.
    _at_work: Sender<()>,
}

impl Term {
    /// Of one that shares with nobody.
    pub fn alone(cancel: Cancel) -> Self {
        Self { guard: None, after: None, cancel, _at_work: channel(1).0 }
    }

    /// Over for those who have not begun to write. Who has, is told by `cancel` and hears of it in its own time.
    pub async fn is_over(&self) {
        let mut cancel = self.cancel.clone();
        if cancel.wait_for(|asked| matches!(asked, Interrupt::Detach(_))).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Whoever seeks the lead, keeps it, and loses it.
pub struct Candidate {
    pub worker: Arc<Worker>,
    pub settings: watch::Receiver<Arc<Settings>>,
    /// Relative paths of the settings start here.
    pub base: PathBuf,
    pub send: UnboundedSender<Message>,
    pub stop: Cancel,
}

/// Why a term ended.
enum End {
    /// There is a reason in words.
    Lost(String),
    /// The settings follow something else now.
    Other,
    /// The loop has ended.
    Over,
}

impl Candidate {
    /// Until the loop has ended, or somebody asked to stop while another one leads.
    pub async fn run(mut self) {
        let mut shown = Rank::default();
        // Another one led since this one did, or since it began.
        let mut behind = false;
        let mut sighted = Sighted::default();
        loop {
            if *self.stop.borrow() != Interrupt::None {
                return;
            }
            let group = group(&self.settings.borrow_and_update(), &self.base);
            let rank = match self.seek(&group, &mut sighted).await {
                Ok(Sought::Lead { lease, after }) => {
                    let end = self.lead(*lease, after, &group, behind).await;
                    behind = true;
                    shown = match end {
                        End::Over => return,
                        End::Other => Rank::Seeks("what stackup.yaml follows has changed".to_owned()),
                        End::Lost(why) => Rank::Seeks(why),
                    };
                    continue;
                }
                Ok(Sought::Led(held)) => {
                    behind = true;
                    Rank::StandsBy(leader(&held))
                }
                // Somebody else was quicker to take away what was left.
                Err(error) if error.status() == Some(404) => continue,
                Err(error) => {
                    self.worker.disconnect().await;
                    Rank::Seeks(engine::diagnose(&error).message)
                }
            };
            if rank != shown {
                shown = rank.clone();
                if self.send.send(Message::StandBy(rank)).is_err() {
                    return;
                }
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                () = changed(&mut self.stop) => return,
            }
        }
    }

    async fn seek(&self, group: &str, sighted: &mut Sighted) -> Result<Sought, EngineError> {
        let reader = self.worker.reader().await?;
        let at = self.settings.borrow().listen.map(|listen| format!("at {}", listen.0)).unwrap_or_default();
        seek(&reader, group, &self.worker.actor, &at, sighted).await
    }

    async fn lead(&mut self, lease: Lease, after: Option<Process>, followed: &str, behind: bool) -> End {
        let (speak, cancel) = watch::channel(*self.stop.borrow_and_update());
        let (at_work, mut work) = channel(1);
        let term = Term { guard: Some(lease.guard()), after, cancel, _at_work: at_work };
        if self.send.send(Message::Lead(term, behind)).is_err() {
            return End::Over;
        }
        let end = loop {
            tokio::select! {
                _ = work.recv() => break End::Over,
                () = changed(&mut self.stop) => {
                    speak.send_replace(*self.stop.borrow_and_update());
                }
                () = changed(&mut self.settings) => {
                    if group(&self.settings.borrow_and_update(), &self.base) != followed {
                        break End::Other;
                    }
                }
                () = sleep(LOOK) => if let Err(why) = lease.check() {
                    break End::Lost(why);
                }
            }
        };
        // Nothing new is planned, nothing more is written, and what is followed is left to swarm.
        speak.send_replace(Interrupt::Detach(ExitCode::Interrupted));
        match &end {
            End::Over => {}
            End::Other => self.stand_by("what stackup.yaml follows has changed"),
            End::Lost(why) => self.stand_by(why),
        }
        if is_idle(&mut work).await {
            // What cannot be given back expires by itself.
            let _ = lease.release().await;
        }
        end
    }

    fn stand_by(&self, why: &str) {
        // A loop that has ended does nothing anyway.
        let _ = self.send.send(Message::StandBy(Rank::Seeks(why.to_owned())));
    }
}

/// Everything that went on in the term has come to its end.
async fn is_idle(work: &mut Receiver<()>) -> bool {
    timeout(PARTING, work.recv()).await.is_ok()
}

/// A sender that is gone changes nothing any more.
async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
