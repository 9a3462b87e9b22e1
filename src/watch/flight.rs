//! One answer for all who wait for one.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// A question that many ask: it is put once at a time, and whoever asks meanwhile shares the next. No answer is kept: it
/// lives as long as those who have it, and while there are too many of them none is asked for.
pub struct Flight<T> {
    state: Mutex<State<T>>,
    /// Answers that may be in use.
    room: Arc<Semaphore>,
}

/// Held by those who still use an answer.
pub type InUse = Arc<OwnedSemaphorePermit>;

struct State<T> {
    /// Those whom the next one is for.
    waiting: Vec<Waiting<T>>,
    goes_on: bool,
}

struct Waiting<T> {
    ask: BoxFuture<'static, T>,
    answer: oneshot::Sender<(T, InUse)>,
}

impl<T: Clone + Send + 'static> Flight<T> {
    /// So many answers are in use at a time.
    pub fn new(most: usize) -> Self {
        let state = Mutex::new(State { waiting: Vec::new(), goes_on: false });
        Self { state, room: Arc::new(Semaphore::new(most)) }
    }

    /// An answer to a question that was put after this was called, by `ask` or by that of another one. `None` where it
    /// broke off.
    pub async fn join(self: &Arc<Self>, ask: impl Future<Output = T> + Send + 'static) -> Option<(T, InUse)> {
        let (answer, answered) = oneshot::channel();
        let begin = {
            let mut state = self.state();
            state.waiting.push(Waiting { ask: ask.boxed(), answer });
            !std::mem::replace(&mut state.goes_on, true)
        };
        if begin {
            tokio::spawn(Round(self.clone()).serve());
        }
        answered.await.ok()
    }
}

impl<T> Flight<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves those who wait, and those who come meanwhile, until nobody does.
struct Round<T>(Arc<Flight<T>>);

impl<T: Clone> Round<T> {
    async fn serve(self) {
        loop {
            // Never closed. Who comes while there is no room shares the next too.
            let Ok(room) = self.0.room.clone().acquire_owned().await else { return };
            let (mut answers, mut last) = (Vec::new(), None);
            {
                let mut state = self.0.state();
                for Waiting { ask, answer } in state.waiting.drain(..) {
                    answers.push(answer);
                    last = Some(ask);
                }
                if last.is_none() {
                    state.goes_on = false;
                }
            }
            let Some(ask) = last else { return };
            let answer = (ask.await, Arc::new(room));
            for one in answers {
                // Who waits no longer wants none.
                let _ = one.send(answer.clone());
            }
        }
    }
}

impl<T> Drop for Round<T> {
    fn drop(&mut self) {
        // Only where it broke off; then nobody is left waiting.
        if std::thread::panicking() {
            let mut state = self.0.state();
            state.goes_on = false;
            state.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;

    const TAKES: Duration = Duration::from_millis(20);

    /// When it began. No two go on at a time.
    async fn ask(going: Arc<AtomicUsize>, asked: Arc<AtomicUsize>) -> Instant {
        assert_eq!(going.fetch_add(1, Ordering::SeqCst), 0);
        asked.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        sleep(TAKES).await;
        going.fetch_sub(1, Ordering::SeqCst);
        began
    }

    #[tokio::test]
    async fn a_thousand_share_a_few_and_nobody_gets_an_older_one() {
        let (flight, going, asked) = (Arc::new(Flight::new(1)), Arc::default(), Arc::new(AtomicUsize::new(0)));
        let start = Instant::now();
        let all = (0..1000_u64).map(|n| {
            let (flight, going, asked) = (flight.clone(), Arc::clone(&going), asked.clone());
            tokio::spawn(async move {
                sleep(Duration::from_millis(n * 7 % 100)).await;
                let at = Instant::now();
                // Some lose patience.
                if n % 10 == 0 {
                    let _ = tokio::time::timeout(Duration::from_millis(n % 15), flight.join(ask(going, asked))).await;
                    return;
                }
                assert!(flight.join(ask(going, asked)).await.unwrap().0 >= at, "older than the question");
            })
        });
        for one in all.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        let most = start.elapsed().as_millis() / TAKES.as_millis() + 2;
        assert!(asked.load(Ordering::SeqCst) as u128 <= most, "{asked:?} of at most {most}");
    }

    #[tokio::test]
    async fn one_that_breaks_off_holds_up_nobody_after_it() {
        let flight = Arc::new(Flight::<u8>::new(1));
        assert!(flight.join(async { panic!("on purpose") }).await.is_none());
        assert_eq!(flight.join(async { 1 }).await.unwrap().0, 1);
    }

    #[tokio::test]
    async fn while_answers_are_in_use_who_comes_shares_the_next() {
        let flight = Arc::new(Flight::new(1));
        let (asked, mut others) = (Arc::new(AtomicUsize::new(0)), tokio::task::JoinSet::new());
        let (_, in_use) = flight.join(async { 0 }).await.unwrap();
        for _ in 0..5 {
            let (flight, asked) = (flight.clone(), asked.clone());
            others.spawn(
                async move { flight.join(async move { asked.fetch_add(1, Ordering::SeqCst) }).await.unwrap().0 },
            );
            tokio::task::yield_now().await;
        }
        sleep(TAKES).await;
        assert_eq!(asked.load(Ordering::SeqCst), 0);
        drop(in_use);
        assert_eq!(others.join_all().await, [0; 5]);
    }
}
