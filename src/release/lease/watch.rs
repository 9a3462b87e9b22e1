//! What is known of a lease that this process holds.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::BoxFuture;

use crate::engine::{EngineError, Permission, Reader, Unreach};

/// A write is sent only where the lock was seen to be ours this short a time before. Many writes in a row share a look,
/// and one after a pause of this process or of its network looks first.
const SEEN: Duration = Duration::from_millis(250);
/// So long is an engine asked that does not answer. One that answers and has nothing to tell, for managers elect a leader,
/// is asked until the lease is lost.
const SILENCE: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(300);

/// What is known of a lease that this process holds.
#[derive(Debug)]
pub(super) struct Watch {
    reader: Reader,
    /// Of the lock.
    id: String,
    /// `the stack`.
    whose: &'static str,
    trust: Duration,
    state: Mutex<State>,
    /// One look at a time; who waits takes its answer.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
enum State {
    Held {
        /// When the newest sign of life that was taken was sent, on both clocks: one stands still while a machine sleeps,
        /// the other may be set.
        beat: Moment,
        /// When it was last asked whether the lock is ours, and it was.
        seen: Moment,
    },
    Lost(String),
}

/// One moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(Instant, SystemTime);

impl Moment {
    pub fn now() -> Self {
        Self(Instant::now(), SystemTime::now())
    }

    fn age(self) -> Duration {
        self.0.elapsed().max(self.1.elapsed().unwrap_or_default())
    }
}

impl Watch {
    /// `asked` is when the request was sent that made the lock.
    pub fn new(reader: Reader, id: String, whose: &'static str, trust: Duration, asked: Moment) -> Self {
        let state = Mutex::new(State::Held { beat: asked, seen: asked });
        Self { reader, id, whose, trust, state, looking: tokio::sync::Mutex::new(()) }
    }

    /// A sign of life that was sent at `at` was taken. One that comes too late changes nothing: somebody may have been
    /// told since that the lease is free.
    pub fn beaten(&self, at: Moment) {
        if self.check().is_ok() {
            self.set(State::Held { beat: at, seen: at });
        }
    }

    /// Its lock is not there any more.
    pub fn taken(&self) {
        self.set(State::Lost(format!("somebody took the lock of {} away", self.whose)));
    }

    /// Why it is lost, if it is. Silence for too long loses it for good.
    pub fn check(&self) -> Result<(), String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = match &*state {
            State::Lost(why) => return Err(why.clone()),
            State::Held { beat, .. } => beat.age(),
        };
        if silent < self.trust {
            return Ok(());
        }
        let why = format!("the lease of {} could not be kept: no answer for {} s", self.whose, silent.as_secs());
        *state = State::Lost(why.clone());
        Err(why)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn saw(&self, at: Moment) {
        if let State::Held { seen, .. } = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            *seen = at;
        }
    }

    fn is_seen(&self) -> bool {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Held { seen, .. } => seen.age() < SEEN,
            State::Lost(_) => false,
        }
    }

    async fn look(&self) -> Result<(), EngineError> {
        let _one = self.looking.lock().await;
        let end = Instant::now() + SILENCE;
        loop {
            self.known()?;
            if self.is_seen() {
                return Ok(());
            }
            let at = Moment::now();
            let (why, patient) = match tokio::time::timeout(ANSWER, self.reader.config_of_id(&self.id)).await {
                Ok(Ok(Some(_))) => {
                    self.saw(at);
                    continue;
                }
                Ok(Ok(None)) => {
                    self.taken();
                    continue;
                }
                Ok(Err(error)) => (error.to_string(), matches!(error, EngineError::Refused(_))),
                Err(_) => (format!("no answer within {} s", ANSWER.as_secs()), false),
            };
            if Instant::now() >= end && !patient {
                let endpoint = self.reader.endpoint().to_owned();
                return Err(EngineError::Unreachable { endpoint, reason: Unreach::Silent, why });
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

impl Permission for Watch {
    fn known(&self) -> Result<(), EngineError> {
        self.check().map_err(EngineError::Forbidden)
    }

    fn sure(&self) -> BoxFuture<'_, Result<(), EngineError>> {
        Box::pin(self.look())
    }
}
