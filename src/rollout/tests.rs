//! Sequences of observations, and what may never be said of them.

mod watched;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::eligible::tests::node;
use super::*;
use crate::plan::spec_digest;
use crate::swarm::{LiveService, Node, NodeState, Task, TaskState, UpdateState, UpdateStatus};

/// A world with a clock: one service, its tasks and nodes.
struct World {
    now: Timestamp,
    spec: Value,
    update: Option<UpdateState>,
    tasks: Vec<Task>,
    old: BTreeSet<String>,
    nodes: Vec<Node>,
    gone: bool,
    rollout: Rollout,
}

fn secs(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

fn start() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

fn spec(replicas: u64, more: Value) -> Value {
    let mut spec = json!({"Mode": {"Replicated": {"Replicas": replicas}}, "UpdateConfig": {"Monitor": 5_000_000_000u64},
        "TaskTemplate": {"ContainerSpec": {"Image": "i"}}});
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    spec
}

impl World {
    fn new(spec: Value, touch: Touch) -> Self {
        let expectation = Expectation::of("web", "s_web", &spec, touch);
        let accepted = Accepted { id: "svc".into(), digest: spec_digest(&spec), version: 1, written: Some(start()) };
        let rollout = Rollout::new(expectation, accepted, Limits::default(), start());
        let nodes = vec![node("n1"), node("n2")];
        Self { now: start(), spec, update: None, tasks: Vec::new(), old: BTreeSet::new(), nodes, gone: false, rollout }
    }

    fn task(&mut self, id: &str, slot: u64, state: TaskState) -> &mut Task {
        if let Some(i) = self.tasks.iter().position(|t| t.id == id) {
            let task = &mut self.tasks[i];
            if task.state != state {
                task.since = Some(self.now);
            }
            task.state = state;
            if state.is_over() && task.desired != TaskState::Complete {
                task.desired = TaskState::Shutdown;
            }
            return task;
        }
        self.tasks.push(Task {
            id: id.into(),
            service: "svc".into(),
            slot: Some(slot),
            node: Some(if slot % 2 == 1 { "n1" } else { "n2" }.into()),
            desired: if state.is_over() { TaskState::Shutdown } else { TaskState::Running },
            state,
            since: Some(self.now),
            created: Some(self.now),
            message: String::new(),
            error: String::new(),
            exit_code: None,
            container: Some("c".into()),
            spec: Value::Null.into(),
            ports: Vec::new(),
            job_iteration: None,
        });
        self.tasks.last_mut().unwrap()
    }

    /// A look after `seconds`.
    fn look(&mut self, seconds: i64) -> Vec<Happening> {
        self.now = self.now.checked_add(secs(seconds)).unwrap();
        let update = self.update.clone().map(|state| UpdateStatus {
            state,
            started: None,
            completed: None,
            message: "m".into(),
        });
        let service = LiveService {
            id: "svc".into(),
            name: "s_web".into(),
            version: self.now.as_second() as u64,
            spec: self.spec.clone().into(),
            update,
            created: None,
            updated: None,
            running: None,
            wanted: None,
            completed: None,
            ports: Vec::new(),
            job_iteration: None,
        };
        let up_to_date = self.tasks.iter().map(|t| t.id.clone()).filter(|id| !self.old.contains(id)).collect();
        let observation = Observation {
            now: self.now,
            service: (!self.gone).then_some(&service),
            tasks: self.tasks.iter().collect(),
            up_to_date: &up_to_date,
            nodes: &self.nodes,
            dependencies_run: true,
        };
        self.rollout.step(&observation)
    }

    fn verdict(&self) -> Option<&Verdict> {
        self.rollout.verdict()
    }

    fn reason(&self) -> &'static str {
        match self.verdict() {
            Some(Verdict::Failed(failure)) => failure.as_str(),
            Some(Verdict::Verified) => "verified",
            Some(Verdict::StillGoing { .. }) => "still going",
            None => "",
        }
    }
}

#[test]
fn each_task_counts_from_its_own_running() {
    let mut w = World::new(spec(2, json!({})), Touch::Created);
    w.look(0);
    w.task("a", 1, TaskState::Running);
    w.look(3);
    w.task("b", 2, TaskState::Running);
    w.look(3);
    assert_eq!(w.verdict(), None, "b ran for 3 s only");
    w.look(2);
    assert_eq!(w.reason(), "verified");
    assert!(w.look(1).is_empty(), "nothing comes after the verdict");
}

#[test]
fn a_node_whose_clock_is_wrong_neither_hastens_nor_delays() {
    for skew in [-3600, 3600] {
        let mut w = World::new(spec(1, json!({})), Touch::Created);
        w.task("a", 1, TaskState::Starting);
        w.look(0);
        let since = w.now.checked_add(secs(skew)).unwrap();
        w.task("a", 1, TaskState::Running).since = Some(since);
        w.look(1);
        w.look(3);
        assert_eq!(w.verdict(), None, "skew {skew}");
        w.look(2);
        assert_eq!(w.reason(), "verified", "skew {skew}");
    }
}

#[test]
fn an_update_is_done_when_swarm_says_so_and_is_not_watched_twice() {
    let mut w = World::new(spec(1, json!({})), Touch::Replaced);
    w.task("old", 1, TaskState::Running);
    w.old.insert("old".into());
    w.look(0);
    assert_eq!(w.verdict(), None, "no status right after the write is not done");
    w.update = Some(UpdateState::Updating);
    w.task("old", 1, TaskState::Shutdown);
    w.task("new", 1, TaskState::Running);
    w.look(6);
    w.look(6);
    assert_eq!(w.verdict(), None, "swarm still monitors");
    w.update = Some(UpdateState::Completed);
    w.look(0);
    assert_eq!(w.reason(), "verified");
}

#[test]
fn scale_down_waits_for_the_surplus_to_go() {
    let mut w = World::new(spec(1, json!({})), Touch::Kept);
    w.task("a", 1, TaskState::Running);
    w.task("b", 2, TaskState::Running);
    w.look(10);
    assert_eq!(w.verdict(), None);
    w.task("b", 2, TaskState::Running).desired = TaskState::Remove;
    w.look(0);
    assert_eq!(w.reason(), "verified");
    let mut none = World::new(spec(0, json!({})), Touch::Kept);
    none.look(0);
    assert_eq!(none.reason(), "verified");
}

#[test]
fn a_task_on_a_lost_node_does_not_count() {
    let mut w = World::new(spec(2, json!({})), Touch::Created);
    w.task("a", 1, TaskState::Running);
    w.task("b", 2, TaskState::Running);
    w.nodes[1].state = NodeState::Down;
    w.look(10);
    assert_eq!(w.verdict(), None);
    w.task("b", 2, TaskState::Running).desired = TaskState::Shutdown;
    w.task("c", 2, TaskState::Running).node = Some("n1".into());
    w.look(0);
    w.look(5);
    assert_eq!(w.reason(), "verified");
}

#[test]
fn swarms_own_verdicts() {
    for (state, reason) in [(UpdateState::Paused, "paused"), (UpdateState::RollbackPaused, "rollback_paused")] {
        let mut w = World::new(spec(1, json!({})), Touch::Replaced);
        w.update = Some(UpdateState::Updating);
        w.look(0);
        w.task("a", 1, TaskState::Failed).exit_code = Some(7);
        w.update = Some(state);
        let happenings = w.look(1);
        assert_eq!(w.reason(), reason);
        assert!(matches!(happenings.last(), Some(Happening::Ended(_))));
    }
}

#[test]
fn rolled_back_means_that_the_tasks_are_back() {
    for back in [true, false] {
        let mut w = World::new(spec(1, json!({})), Touch::Replaced);
        w.task("old", 1, TaskState::Running);
        w.old.insert("old".into());
        w.update = Some(UpdateState::Updating);
        w.look(0);
        w.task("old", 1, TaskState::Shutdown);
        w.look(1);
        // Swarm was quicker than our next look: the failed task is no longer up to date when first seen.
        w.task("bad", 1, TaskState::Failed).exit_code = Some(7);
        w.old.insert("bad".into());
        w.spec = spec(1, json!({"Labels": {"before": "yes"}}));
        w.update = Some(UpdateState::RollbackStarted);
        w.look(1);
        assert_eq!((w.verdict(), w.rollout.evidence().count()), (None, 1));
        w.update = Some(UpdateState::RollbackCompleted);
        w.look(1);
        assert_eq!(w.verdict(), None, "completed does not mean that it runs");
        if back {
            w.task("again", 1, TaskState::Running);
            w.look(1);
        } else {
            w.look(61);
        }
        let Some(Verdict::Failed(Failure::RolledBack { restored, .. })) = w.verdict() else {
            panic!("{:?}", w.verdict())
        };
        assert_eq!(*restored, back);
        assert_eq!(w.rollout.evidence().groups()[0].example.exit_code, Some(7));
    }
}

#[test]
fn somebody_else_or_nobody() {
    let mut w = World::new(spec(1, json!({})), Touch::Created);
    w.look(0);
    w.spec["Labels"] = json!({"by": "another"});
    w.look(1);
    assert_eq!(w.reason(), "superseded");
    let mut w = World::new(spec(1, json!({})), Touch::Created);
    w.gone = true;
    w.look(0);
    assert_eq!(w.reason(), "gone");
}

#[test]
fn a_crash_loop_is_judged_after_a_minute_and_not_by_count() {
    let mut w = World::new(spec(1, json!({})), Touch::Created);
    for i in 0..25 {
        w.task(&format!("t{i}"), 1, TaskState::Running);
        w.look(1);
        w.task(&format!("t{i}"), 1, TaskState::Failed).exit_code = Some(1);
        w.look(1);
        assert_eq!(w.verdict(), None);
    }
    w.look(10);
    assert_eq!(w.reason(), "crash_loop");
    assert_eq!(w.rollout.evidence().groups()[0].tasks, 25);
}

#[test]
fn an_application_may_fail_until_its_database_answers() {
    let mut w = World::new(spec(1, json!({})), Touch::Created);
    w.task("t1", 1, TaskState::Failed).exit_code = Some(1);
    w.look(20);
    w.task("t2", 1, TaskState::Running);
    w.look(1);
    w.look(5);
    assert_eq!(w.reason(), "verified");
}

#[test]
fn fails_fast_on_what_cannot_get_better() {
    for (error, reason) in [
        ("No such image: nope:9", "image_not_found"),
        ("invalid mount config for type \"bind\": bind source path does not exist: /x", "invalid_mount"),
        ("starting container failed: OCI runtime create failed: exec format error", "cannot_execute"),
        ("task: non-zero exit (1)", ""),
    ] {
        let mut w = World::new(spec(1, json!({})), Touch::Created);
        w.task("a", 1, TaskState::Rejected).error = error.into();
        w.look(1);
        assert_eq!(w.reason(), "", "one try may be a hiccup");
        w.task("b", 2, TaskState::Preparing);
        w.look(1);
        assert_eq!(w.reason(), "", "another node still tries");
        w.task("b", 2, TaskState::Rejected).error = error.into();
        w.look(1);
        assert_eq!(w.reason(), reason, "{error}");
    }
}

#[test]
fn no_node_is_a_failure_after_20_s_but_not_while_the_old_task_stops() {
    let mut w = World::new(spec(1, json!({})), Touch::Replaced);
    w.update = Some(UpdateState::Updating);
    w.task("old", 1, TaskState::Running).desired = TaskState::Shutdown;
    w.old.insert("old".into());
    let error = "no suitable node (insufficient resources on 2 nodes)";
    let task = w.task("new", 1, TaskState::Pending);
    (task.error, task.node) = (error.into(), None);
    w.look(0);
    w.look(30);
    assert_eq!(w.verdict(), None);
    w.task("old", 1, TaskState::Shutdown);
    w.look(0);
    w.look(19);
    assert_eq!(w.verdict(), None);
    w.look(1);
    assert_eq!(w.verdict(), Some(&Verdict::Failed(Failure::Unschedulable { error: error.into() })));
}

#[test]
fn slots_that_swarm_gave_up() {
    let policy = json!({"TaskTemplate": {"RestartPolicy": {"Condition": "on-failure", "MaxAttempts": 1}}});
    let mut w = World::new(spec(1, policy), Touch::Created);
    w.task("a", 1, TaskState::Failed).exit_code = Some(3);
    w.look(0);
    assert_eq!(w.verdict(), None, "the next attempt may be on its way");
    w.look(3);
    assert_eq!(w.verdict(), Some(&Verdict::Failed(Failure::GaveUp { slots: 1 })));
}

#[test]
fn one_shot_tasks_are_done_when_they_exit_0() {
    for (condition, update, reason) in [
        ("none", None, "verified"),
        ("on-failure", None, "verified"),
        ("none", Some(UpdateState::Paused), "verified"),
        ("any", Some(UpdateState::Paused), "paused"),
        ("any", None, ""),
    ] {
        let policy = json!({"TaskTemplate": {"RestartPolicy": {"Condition": condition}}});
        let mut w = World::new(spec(1, policy), Touch::Created);
        w.task("a", 1, TaskState::Complete).exit_code = Some(0);
        w.update = update;
        w.look(1);
        assert_eq!(w.reason(), reason, "{condition}");
    }
}

#[test]
fn jobs_complete_or_fail() {
    let mode = json!({"Mode": {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 2}}});
    let mut w = World::new(spec(1, mode.clone()), Touch::Created);
    let complete = |w: &mut World, id: &str, slot| w.task(id, slot, TaskState::Complete).desired = TaskState::Complete;
    complete(&mut w, "a", 0);
    w.look(1);
    assert_eq!(w.verdict(), None);
    complete(&mut w, "b", 1);
    w.look(1);
    assert_eq!(w.reason(), "verified");
    let mut w = World::new(spec(1, mode), Touch::Created);
    w.task("a", 0, TaskState::Failed).exit_code = Some(1);
    w.look(1);
    w.look(3);
    assert_eq!(w.reason(), "job_failed");
}

#[test]
fn global_wants_one_a_node_that_may_have_it() {
    let mode = json!({"Mode": {"Global": {}}});
    let mut w = World::new(spec(1, mode), Touch::Created);
    w.task("a", 1, TaskState::Running).slot = None;
    w.look(6);
    assert_eq!(w.verdict(), None, "n2 has none");
    w.nodes[1].availability = crate::swarm::Availability::Drain;
    w.look(0);
    assert_eq!(w.reason(), "verified");
}

#[test]
fn deadlines_leave_it_going() {
    let mut w = World::new(spec(1, json!({})), Touch::Created);
    w.task("a", 1, TaskState::Preparing);
    w.look(304);
    assert_eq!(w.verdict(), None, "monitor comes on top");
    w.look(1);
    assert_eq!(w.reason(), "still going");
}

#[test]
fn a_log_is_asked_for_once_a_kind_of_failure() {
    let mut w = World::new(spec(3, json!({})), Touch::Created);
    for (id, slot, code) in [("a", 1, 7), ("b", 2, 7), ("c", 3, 8)] {
        w.task(id, slot, TaskState::Failed).exit_code = Some(code);
    }
    let wants = w.look(1).into_iter().filter(|h| matches!(h, Happening::Want(_))).count();
    assert_eq!(wants, 2);
    w.rollout.attach("a", Witness { log: vec!["last words".into()], container: None });
    let groups = w.rollout.evidence().groups();
    assert_eq!((groups.len(), groups[0].tasks), (2, 2));
    assert_eq!(groups[0].example.log, ["last words"]);
}

#[test]
fn failures_from_before_the_write_are_nobodys_evidence() {
    let mut w = World::new(spec(1, json!({})), Touch::Kept);
    w.task("past", 1, TaskState::Failed).created = start().checked_sub(secs(60)).ok();
    w.task("a", 1, TaskState::Running);
    w.look(0);
    w.look(6);
    assert_eq!((w.reason(), w.rollout.evidence().count()), ("verified", 0));
}

#[test]
fn a_task_that_never_turned_healthy_does_not_exit_right_after_start() {
    let probed = json!({"TaskTemplate": {"ContainerSpec": {"Healthcheck": {"Test": ["CMD", "x"]}}}});
    // With a health check in the spec; with one that only the image has; without one.
    for (more, starting, unhealthy) in [(probed, 1, true), (json!({}), 5, true), (json!({}), 1, false)] {
        let mut w = World::new(spec(1, more), Touch::Created);
        w.task("a", 1, TaskState::Starting);
        w.look(0);
        w.look(starting);
        w.task("a", 1, TaskState::Complete).exit_code = Some(0);
        w.look(1);
        let failure = &w.rollout.evidence().groups()[0].example;
        assert_eq!(failure.unhealthy, unhealthy, "{failure:?}");
        let cause = if unhealthy { Cause::Unhealthy } else { Cause::Exit };
        assert_eq!(failure.cause(), cause);
        assert_eq!(failure.summary().contains("before its health check succeeded"), unhealthy);
    }
    let mut w = World::new(spec(1, json!({})), Touch::Created);
    w.task("a", 1, TaskState::Running);
    w.look(0);
    w.task("a", 1, TaskState::Complete).exit_code = Some(0);
    w.look(9);
    assert!(!w.rollout.evidence().groups()[0].example.unhealthy, "it ran");

    // The engine knows better than the guess.
    for (probed, starting) in [(true, 0), (false, 9)] {
        let mut w = World::new(spec(1, json!({})), Touch::Created);
        w.task("a", 1, TaskState::Starting);
        w.look(0);
        w.look(starting);
        w.task("a", 1, TaskState::Complete).exit_code = Some(0);
        w.look(1);
        w.rollout
            .attach("a", Witness { container: Some(Remains { probed, ..Remains::default() }), ..Witness::default() });
        assert_eq!(w.rollout.evidence().groups()[0].example.unhealthy, probed);
    }
}

#[test]
fn tasks_that_hold_for_a_while_and_end_are_a_crash_loop_too() {
    let mut w = World::new(spec(2, json!({})), Touch::Created);
    for round in 0..20 {
        // One after the other, so that both never hold at once.
        let slot = round % 2 + 1;
        let id = format!("t{round}");
        w.task(&id, slot, TaskState::Running);
        w.look(0);
        w.look(6);
        w.task(&id, slot, TaskState::Failed);
        w.look(0);
    }
    assert_eq!(w.reason(), "crash_loop");

    // One slot that fails again and again does not condemn the other.
    let mut w = World::new(spec(2, json!({})), Touch::Created);
    w.task("well", 1, TaskState::Running);
    for round in 0..20 {
        let id = format!("t{round}");
        w.task(&id, 2, TaskState::Running);
        w.look(4);
        w.task(&id, 2, TaskState::Failed);
        w.look(1);
    }
    assert_eq!(w.reason(), "");
}

#[test]
fn a_deadline_says_what_waits() {
    let mut w = World::new(spec(2, json!({})), Touch::Replaced);
    w.task("a", 1, TaskState::Running);
    w.task("b", 2, TaskState::Pending).error = "no suitable node (insufficient resources on 1 node)".into();
    let limits = Limits { until: start().checked_add(secs(9)).ok(), ..Limits::default() };
    w.rollout = Rollout::new(w.rollout.expectation().clone(), w.rollout.accepted().clone(), limits, start());
    w.look(9);
    let Some(Verdict::StillGoing { why }) = w.verdict() else { panic!("{:?}", w.verdict()) };
    assert!(why.contains("a task waits: no suitable node"), "{why}");
}
