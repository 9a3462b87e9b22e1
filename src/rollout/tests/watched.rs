//! Rollouts that this run did not begin.

use super::*;

#[test]
fn what_is_only_watched_may_be_what_swarm_went_back_to() {
    for (update, reason) in [
        (UpdateState::RollbackCompleted, "verified"),
        (UpdateState::Paused, "paused"),
        (UpdateState::RollbackPaused, "rollback_paused"),
    ] {
        let mut w = World::new(spec(1, json!({})), Touch::Watched);
        w.update = Some(update);
        w.task("a", 1, TaskState::Running);
        w.look(0);
        w.look(6);
        assert_eq!(w.reason(), reason);
    }
}

const STATES: [TaskState; 7] = [
    TaskState::Pending,
    TaskState::Preparing,
    TaskState::Running,
    TaskState::Complete,
    TaskState::Failed,
    TaskState::Rejected,
    TaskState::Shutdown,
];

const UPDATES: [Option<UpdateState>; 7] = [
    None,
    Some(UpdateState::Updating),
    Some(UpdateState::Completed),
    Some(UpdateState::Paused),
    Some(UpdateState::RollbackStarted),
    Some(UpdateState::RollbackCompleted),
    Some(UpdateState::RollbackPaused),
];

proptest! {
    /// Whatever swarm shows in whatever order: verified only with all wanted running long enough, one end, then silence.
    #[test]
    fn never_says_verified_while_fewer_than_wanted_run(
        wanted in 0u64..4,
        steps in prop::collection::vec((1u64..4, 0usize..14, 0usize..12, 0i64..6, 0u8..5), 1..40),
    ) {
        let mut w = World::new(spec(wanted, json!({})), Touch::Replaced);
        let mut ends = 0;
        for (n, (slot, state, update, seconds, old)) in steps.into_iter().enumerate() {
            let id = format!("t{slot}-{}", n / 6);
            w.task(&id, slot, STATES.get(state).copied().unwrap_or(TaskState::Running));
            if old == 0 {
                w.old.insert(id);
            }
            w.update = UPDATES[update.min(8) % 3].clone();
            if update > 9 {
                w.update = UPDATES[update % 7].clone();
            }
            let before = w.verdict().cloned();
            let happenings = w.look(seconds);
            ends += happenings.iter().filter(|h| matches!(h, Happening::Ended(_))).count();
            if let Some(before) = before {
                prop_assert!(happenings.is_empty());
                prop_assert_eq!(w.verdict(), Some(&before));
            } else if w.verdict() == Some(&Verdict::Verified) {
                let held = |t: &&Task| {
                    t.state == TaskState::Running
                        && t.desired == TaskState::Running
                        && !w.old.contains(&t.id)
                        && t.since.is_some_and(|s| w.now.duration_since(s) >= secs(5))
                };
                let slots: BTreeSet<_> = w.tasks.iter().filter(held).map(|t| t.slot).collect();
                prop_assert!(slots.len() as u64 >= wanted, "{} of {wanted}", slots.len());
                prop_assert!(w.update.is_none() || w.update == Some(UpdateState::Completed));
            }
        }
        prop_assert!(ends <= 1);
    }
}

#[test]
fn an_update_that_waits_for_a_dead_node_is_begun_again() {
    let mut w = World::new(spec(2, json!({})), Touch::Replaced);
    w.update = Some(UpdateState::Updating);
    w.task("a", 1, TaskState::Running);
    w.task("b", 2, TaskState::Starting);
    let again = |happenings: Vec<Happening>| {
        happenings.into_iter().any(|h| matches!(h, Happening::Want(Want::BeginAgain { .. })))
    };
    assert!(!again(w.look(10)), "its node is well");
    w.nodes[1].state = NodeState::Down;
    assert!(!again(w.look(10)), "swarm has not replaced it yet");
    w.task("b", 2, TaskState::Starting).desired = TaskState::Shutdown;
    w.task("c", 2, TaskState::Running).node = Some("n1".into());
    assert!(!again(w.look(1)), "it may come back");
    assert!(again(w.look(6)));
    assert!(!again(w.look(6)), "it takes its time");
    assert!(again(w.look(30)), "it did not help");
}
