//! Making swarm begin an update again that waits for a node that died.

use serde_json::{Value, json};

use super::run::{Halt, Run};
use super::service::{NotWritten, update};
use crate::plan::spec_digest;

impl Run<'_> {
    /// Posts a spec that differs where no task looks, and then the planned one again. Swarm drops the update that waits,
    /// and goes on with the tasks that are not up to date; those that are keep running.
    pub(super) async fn begin_again(&mut self, i: usize) -> Result<(), Halt> {
        let Some(flight) = self.flights.get(i) else { return Ok(()) };
        let accepted = flight.rollout.accepted().clone();
        let Some(live) = self.writer.reader().service(&accepted.id).await? else { return Ok(()) };
        // Somebody else's spec by now: the verdict says so, and nothing is written over it.
        if spec_digest(&live.spec) != accepted.digest {
            return Ok(());
        }
        let mut other = Value::clone(&live.spec);
        a_moment_later(&mut other);
        let written =
            match update(self.writer, &accepted.id, Some(live.version), Some(&accepted.digest), other, None).await {
                Ok(written) => written,
                Err(NotWritten::Engine(error)) => return Err(error.into()),
                Err(NotWritten::Changed | NotWritten::Stale(_) | NotWritten::Missing(_)) => return Ok(()),
            };
        match update(self.writer, &accepted.id, None, Some(&written.accepted.digest), Value::clone(&live.spec), None)
            .await
        {
            Err(NotWritten::Engine(error)) => Err(error.into()),
            // Whoever wrote in between has the last word, and the verdict says that.
            Ok(_) | Err(NotWritten::Changed | NotWritten::Stale(_) | NotWritten::Missing(_)) => Ok(()),
        }
    }
}

/// One nanosecond more between two tasks: another spec, and the same update.
fn a_moment_later(spec: &mut Value) {
    let Some(spec) = spec.as_object_mut() else { return };
    let config = spec.entry("UpdateConfig").or_insert(Value::Null);
    if !config.is_object() {
        // Swarm's defaults, which hold where nothing is said.
        *config =
            json!({"Parallelism": 1, "FailureAction": "pause", "Monitor": 5_000_000_000_u64, "Order": "stop-first"});
    }
    if let Some(config) = config.as_object_mut() {
        let delay = config.get("Delay").and_then(Value::as_i64).unwrap_or(0);
        config.insert("Delay".to_owned(), json!(delay + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_delay_differs() {
        let mut spec = json!({"Name": "a", "UpdateConfig": {"Parallelism": 0, "Delay": 5}});
        a_moment_later(&mut spec);
        assert_eq!(spec, json!({"Name": "a", "UpdateConfig": {"Parallelism": 0, "Delay": 6}}));
        let mut spec = json!({"Name": "a"});
        a_moment_later(&mut spec);
        assert_eq!((&spec["UpdateConfig"]["Parallelism"], &spec["UpdateConfig"]["Delay"]), (&json!(1), &json!(1)));
    }
}
