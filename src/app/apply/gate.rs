//! When a wave may start.

use std::collections::BTreeSet;

use super::flight::Flight;
use crate::compose::model::DependsOnCondition;
use crate::plan::Plan;

/// The services before are as far as those of `wave` need them: verified, or only started where no more is asked.
pub(super) fn may_start(plan: &Plan, wave: &[usize], flights: &[Flight]) -> bool {
    flights.iter().all(|flight| {
        let Some(before) = plan.changes.get(flight.change) else { return true };
        let needs: Vec<_> =
            wave.iter().filter_map(|i| plan.changes.get(*i)).filter_map(|c| c.after.get(&before.key)).collect();
        let started_will_do = !needs.is_empty() && needs.iter().all(|n| **n == DependsOnCondition::Started);
        // A failed one is not waited for; what depends on it is skipped.
        flight.rollout.verdict().is_some() || (started_will_do && flight.rollout.all_started())
    })
}

/// A service that this one needs and that failed, if any. `bad` holds Compose keys.
pub(super) fn blocked_by(plan: &Plan, change: usize, bad: &BTreeSet<String>) -> Option<String> {
    plan.changes.get(change)?.after.keys().find(|k| bad.contains(*k)).cloned()
}
