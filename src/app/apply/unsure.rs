//! Writes that a manager answered without knowing what became of them: its leader died, and another is elected.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::engine::EngineError;

/// Managers that have no leader elect one, which takes some 20 seconds where one died. What takes longer is no election.
pub(super) const ELECTION: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(500);

/// Tries again while managers have no leader. Only for what may be done twice: reading, and removing.
pub(super) async fn through_election<T, F: Future<Output = Result<T, EngineError>>>(
    attempt: impl Fn() -> F,
) -> Result<T, EngineError> {
    let end = Instant::now() + ELECTION;
    loop {
        match attempt().await {
            Err(error) if error.is_unsure() && Instant::now() < end => tokio::time::sleep(AGAIN).await,
            other => return other,
        }
    }
}

/// Creates something under a name that only one can have. Where nobody knows whether it came about, or the name is taken
/// (managers try again by themselves, and then meet what they made), `find` looks for it: what is there as it was to be
/// made is what was made.
pub(super) async fn create_once<T, C, F>(create: impl Fn() -> C, find: impl Fn() -> F) -> Result<T, EngineError>
where
    C: Future<Output = Result<T, EngineError>>,
    F: Future<Output = Result<Option<T>, EngineError>>,
{
    let end = Instant::now() + ELECTION;
    loop {
        let error = match create().await {
            Err(error) if error.is_unsure() || error.status() == Some(409) => error,
            other => return other,
        };
        if let Some(found) = through_election(&find).await? {
            return Ok(found);
        }
        if !error.is_unsure() || Instant::now() >= end {
            return Err(error);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Everything that `written` says, `live` says too; swarm adds its defaults, and leaves out what is empty.
pub(super) fn holds(live: &Value, written: &Value) -> bool {
    match (live, written) {
        (Value::Object(live), Value::Object(written)) => {
            written.iter().all(|(key, value)| holds(live.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Array(live), Value::Array(written)) if live.len() == written.len() => {
            live.iter().zip(written).all(|(live, written)| holds(live, written))
        }
        (Value::Null, written) => is_empty(written),
        (live, written) => live == written,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::engine::Refusal;
    use serde_json::json;

    fn refused(status: u16, message: &str) -> EngineError {
        EngineError::Refused(Refusal { status, message: message.into(), request: "POST /x".into() })
    }

    #[test]
    fn what_was_written_is_known_again_with_swarms_defaults() {
        let written =
            json!({"Name": "a", "Labels": {}, "Env": ["A=1"], "Init": false, "Mode": {"Replicated": {"Replicas": 2}}});
        let live =
            json!({"Name": "a", "Env": ["A=1"], "Isolation": "default", "Mode": {"Replicated": {"Replicas": 2}}});
        assert!(holds(&live, &written));
        for (path, other) in [("/Env/0", json!("A=2")), ("/Mode/Replicated/Replicas", json!(3)), ("/Name", json!("b"))]
        {
            let mut live = live.clone();
            *live.pointer_mut(path).unwrap() = other;
            assert!(!holds(&live, &written), "{path}");
        }
        assert!(!holds(&json!({"Env": ["A=1", "B=2"]}), &json!({"Env": ["A=1"]})), "more is something else");
    }

    #[tokio::test]
    async fn what_came_about_after_all_is_not_made_twice() {
        /// What the engine says one after the other, whether it is there then, what comes of it, and how often it was asked.
        type Case = (Vec<EngineError>, Option<u8>, Result<u8, u16>, usize);
        let cases: [Case; 4] = [
            (vec![refused(500, "context deadline exceeded")], Some(7), Ok(7), 1),
            (vec![refused(409, "name conflicts with an existing object")], Some(7), Ok(7), 1),
            (vec![refused(409, "name conflicts with an existing object")], None, Err(409), 1),
            (vec![refused(503, "The swarm does not have a leader.")], None, Ok(1), 2),
        ];
        for (answers, there, wanted, asked) in cases {
            let (answers, count) = (RefCell::new(answers), RefCell::new(0));
            let create = || {
                *count.borrow_mut() += 1;
                let answer = answers.borrow_mut().pop();
                async move { answer.map_or(Ok(1), Err) }
            };
            let made = create_once(create, || async { Ok(there) }).await;
            assert_eq!(made.map_err(|e| e.status().unwrap_or_default()), wanted);
            assert_eq!(*count.borrow(), asked);
        }
    }
}
