//! The state machine of one service's rollout.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::evidence::Waited;
use super::hopeless::hopeless;
use super::sighting::Sighting;
use super::stranded::{Stranded, is_lost};
use super::tally::{Counting, Tally};
use super::{
    Accepted, Condition, Evidence, Expectation, Failure, Happening, Limits, Observation, Progress, Slot, TaskView,
    Touch, Verdict, Want, Witness, slot,
};
use crate::plan::spec_digest;
use crate::swarm::{LiveService, ServiceMode, Task, TaskState, UpdateState};

/// A crash loop is judged by time: an application may exit until its database answers.
const CRASH_LOOP: SignedDuration = SignedDuration::from_secs(60);
/// A job may take its time after a failure; this many are a loop.
const JOB_ATTEMPTS: u64 = 5;
/// How long swarm may say "no suitable node" before that is a failure.
const NO_NODE: SignedDuration = SignedDuration::from_secs(20);
/// A slot in which nothing is started for this long is given up.
const GIVEN_UP: SignedDuration = SignedDuration::from_secs(3);
/// How long tasks may need to come back after `rollback_completed`, which does not mean that they run.
pub const COME_BACK: SignedDuration = SignedDuration::from_secs(60);

/// How far one service's rollout has come.
#[derive(Clone, Debug)]
pub struct Rollout {
    expectation: Expectation,
    accepted: Accepted,
    pub(super) limits: Limits,
    started: Timestamp,
    seen: BTreeMap<String, Sighting>,
    /// Tasks that were over before the write: other people's failures.
    history: Option<BTreeSet<String>>,
    evidence: Evidence,
    update: Option<UpdateState>,
    /// `UpdateStatus.Message`.
    message: String,
    /// The spec of this version is the planned one, or not.
    checked: Option<(u64, bool)>,
    progress: Progress,
    /// The most tasks that held at once, and when that was reached.
    best: (u64, Timestamp),
    first_failure: Option<Timestamp>,
    no_node_since: BTreeMap<Slot, Timestamp>,
    dead_since: BTreeMap<Slot, Timestamp>,
    rolled_back_at: Option<Timestamp>,
    stranded: Stranded,
    verdict: Option<Verdict>,
}

impl Rollout {
    /// `now` is the swarm's clock when the write was answered.
    pub fn new(expectation: Expectation, accepted: Accepted, limits: Limits, now: Timestamp) -> Self {
        Self {
            expectation,
            accepted,
            limits,
            started: now,
            seen: BTreeMap::new(),
            history: None,
            evidence: Evidence::default(),
            update: None,
            message: String::new(),
            checked: None,
            progress: Progress::default(),
            best: (0, now),
            first_failure: None,
            no_node_since: BTreeMap::new(),
            dead_since: BTreeMap::new(),
            rolled_back_at: None,
            stranded: Stranded::default(),
            verdict: None,
        }
    }

    pub fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    pub fn accepted(&self) -> &Accepted {
        &self.accepted
    }

    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// All that is wanted has started; what a `service_started` dependent waits for.
    pub fn all_started(&self) -> bool {
        self.progress.running >= self.progress.wanted && self.checked.is_some_and(|(_, planned)| planned)
    }

    /// No task runs any more: those of a one-shot service have done their work.
    pub fn all_ended(&self) -> bool {
        self.seen.values().all(|s| s.state.is_over())
    }

    /// The answer to [`Want::Witness`]; also after the end.
    pub fn attach(&mut self, task: &str, witness: Witness) {
        self.evidence.attach(task, witness);
    }

    /// Takes one observation. After the verdict nothing happens any more.
    pub fn step(&mut self, observation: &Observation<'_>) -> Vec<Happening> {
        if self.verdict.is_some() {
            return Vec::new();
        }
        let mut out = Vec::new();
        let verdict = match observation.service {
            None => Some(Verdict::Failed(Failure::Gone)),
            Some(service) => {
                self.notice_update(service, &mut out);
                self.notice_tasks(observation, &mut out);
                let tally = self.count(observation, service, &mut out);
                self.help_on(observation, &mut out);
                self.judge(observation, &tally).or_else(|| self.too_late(observation))
            }
        };
        if let Some(verdict) = verdict {
            self.verdict = Some(verdict.clone());
            out.push(Happening::Ended(verdict));
        }
        out
    }

    fn notice_update(&mut self, service: &LiveService, out: &mut Vec<Happening>) {
        let state = service.update.as_ref().map(|u| u.state.clone());
        if state != self.update {
            if let Some(update) = &service.update {
                out.push(Happening::Update { state: update.state.clone(), message: update.message.clone() });
            }
            self.update = state;
        }
        self.message = service.update.as_ref().map(|u| u.message.clone()).unwrap_or_default();
        if self.checked.is_none_or(|(version, _)| version != service.version) {
            let planned = spec_digest(&service.spec) == self.accepted.digest;
            self.checked = Some((service.version, planned));
        }
    }

    /// Swarm leaves what was written. What was only watched may be the very version that swarm goes back to.
    fn rolling_back(&self) -> bool {
        self.expectation.touch != Touch::Watched
            && matches!(
                self.update,
                Some(UpdateState::RollbackStarted | UpdateState::RollbackPaused | UpdateState::RollbackCompleted)
            )
    }

    /// A task of the version that is being rolled out. While swarm rolls back, up to date is what was there before.
    fn is_ours(&self, task: &Task, observation: &Observation<'_>) -> bool {
        let after = match (task.created, self.accepted.written) {
            (Some(created), Some(written)) => created >= written,
            _ => false,
        };
        if self.rolling_back() {
            after && !observation.is_up_to_date(task)
        } else {
            after || observation.is_up_to_date(task)
        }
    }

    fn notice_tasks(&mut self, observation: &Observation<'_>, out: &mut Vec<Happening>) {
        let now = observation.now;
        if self.history.is_none() {
            let written = self.accepted.written;
            let before = |t: &&&Task| t.state.is_over() && (t.created < written || written.is_none());
            self.history = Some(observation.tasks.iter().filter(before).map(|t| t.id.clone()).collect());
        }
        for task in &observation.tasks {
            let ours = self.is_ours(task, observation);
            let known = self.seen.get(&task.id).map(|s| s.state);
            let sighting = self.seen.entry(task.id.clone()).or_insert_with(|| Sighting::new(task, now));
            sighting.look(task, now);
            let old_news = self.history.as_ref().is_some_and(|h| h.contains(&task.id));
            if !ours || old_news {
                continue;
            }
            let held = task.state == TaskState::Running && sighting.held(now) >= self.expectation.monitor;
            let newly_held = held && !sighting.told_held;
            sighting.told_held |= held;
            let waited = Waited { ran: sighting.ran, for_health: sighting.waited_for_health(self.expectation.probed) };
            let ran = sighting.running_since.zip(task.since).map(|(from, to)| to.duration_since(from));
            if known != Some(task.state) || newly_held {
                out.push(Happening::Task(TaskView {
                    id: task.id.clone(),
                    name: slot::display(&self.expectation.key, task, observation),
                    node: observation.node_name(task),
                    state: task.state,
                    held,
                    kept: task.created.is_some() && task.created < self.accepted.written,
                    message: if task.error.is_empty() { task.message.clone() } else { task.error.clone() },
                }));
            }
            if self.is_failure(task) {
                self.first_failure.get_or_insert(now);
                let place = Slot::of(task, self.is_global());
                let ran = ran.filter(|d| !d.is_negative());
                let key = &self.expectation.key;
                if let Some((failure, fresh)) = self.evidence.add(key, place, task, ran, waited, observation) {
                    let (task, container) = (failure.task.clone(), task.container.clone());
                    out.push(Happening::Failure(failure));
                    if fresh {
                        out.push(Happening::Want(Want::Witness { task, container }));
                    }
                }
            }
        }
    }

    fn help_on(&mut self, observation: &Observation<'_>, out: &mut Vec<Happening>) {
        let updating = self.update == Some(UpdateState::Updating);
        let lost = |t: &&&Task| updating && self.is_ours(t, observation) && is_lost(t, observation);
        let lost = observation.tasks.iter().find(lost).copied();
        if let Some(node) = self.stranded.look(lost, observation) {
            out.push(Happening::Want(Want::BeginAgain { node }));
        }
    }

    fn is_global(&self) -> bool {
        matches!(self.expectation.mode, ServiceMode::Global | ServiceMode::GlobalJob)
    }

    /// It ended, and not because swarm or success wanted it to.
    fn is_failure(&self, task: &Task) -> bool {
        match task.state {
            TaskState::Failed | TaskState::Rejected => true,
            TaskState::Complete => {
                !self.expectation.is_job() && !self.expectation.one_shot() && task.desired != TaskState::Remove
            }
            _ => false,
        }
    }

    fn count(&mut self, observation: &Observation<'_>, service: &LiveService, out: &mut Vec<Happening>) -> Tally {
        let now = observation.now;
        let counting = Counting { expectation: &self.expectation, observation, service, seen: &self.seen };
        let tally = counting.tally(self.expectation.monitor);
        if tally.held > self.best.0 {
            self.best = (tally.held, now);
        }
        let progress = Progress {
            wanted: tally.wanted,
            running: tally.running,
            healthy: tally.held,
            old: tally.old,
            failures: self.evidence.count(),
            elapsed: now.duration_since(self.started),
        };
        if !progress.same_counts(&self.progress) {
            out.push(Happening::Progress(progress));
        }
        self.progress = progress;
        keep_since(&mut self.dead_since, tally.dead.iter().cloned(), now);
        let waiting = self.without_node(observation);
        keep_since(&mut self.no_node_since, waiting, now);
        tally
    }

    /// Slots whose new task finds no node, and whose old task is gone: while that one stops, waiting is normal.
    fn without_node(&self, observation: &Observation<'_>) -> Vec<Slot> {
        let place = |t: &Task| Slot::of(t, self.is_global());
        let stuck = |t: &&&Task| t.state == TaskState::Pending && !t.error.is_empty() && self.is_ours(t, observation);
        let stops = |slot: &Slot| {
            observation.tasks.iter().any(|t| {
                place(t) == *slot
                    && t.desired >= TaskState::Shutdown
                    && t.state <= TaskState::Running
                    && t.node.is_some()
            })
        };
        observation.tasks.iter().filter(stuck).map(|t| place(t)).filter(|s| !stops(s)).collect()
    }

    fn judge(&self, observation: &Observation<'_>, tally: &Tally) -> Option<Verdict> {
        let message = self.message.clone();
        let planned = self.checked.is_some_and(|(_, planned)| planned);
        if !planned && !self.rolling_back() {
            return Some(Verdict::Failed(Failure::Superseded));
        }
        let failed = match self.update {
            Some(UpdateState::RollbackPaused) => Some(Failure::RollbackPaused { message }),
            Some(UpdateState::RollbackCompleted) if self.rolling_back() => None,
            // Swarm calls every end a failure; the end of a one-shot task is its success.
            Some(UpdateState::Paused) if self.expectation.one_shot() && tally.settled => {
                return Some(Verdict::Verified);
            }
            Some(UpdateState::Paused) => Some(Failure::Paused { message }),
            Some(UpdateState::Updating) if self.expectation.swarm_judges => self.unschedulable(observation),
            Some(UpdateState::Updating) => self.cannot_get_better(observation, tally),
            None | Some(UpdateState::Completed | UpdateState::RollbackCompleted) if tally.settled => {
                return Some(Verdict::Verified);
            }
            None | Some(UpdateState::Completed | UpdateState::RollbackCompleted) => {
                self.cannot_get_better(observation, tally)
            }
            Some(UpdateState::RollbackStarted | UpdateState::Other(_)) => None,
        };
        failed.map(Verdict::Failed)
    }

    fn unschedulable(&self, observation: &Observation<'_>) -> Option<Failure> {
        let (slot, _) =
            self.no_node_since.iter().find(|(_, since)| observation.now.duration_since(**since) >= NO_NODE)?;
        let pending = |t: &&&Task| t.state == TaskState::Pending && Slot::of(t, self.is_global()) == *slot;
        let task = observation.tasks.iter().filter(pending).max_by_key(|t| t.created)?;
        Some(Failure::Unschedulable { error: task.error.clone() })
    }

    fn cannot_get_better(&self, observation: &Observation<'_>, tally: &Tally) -> Option<Failure> {
        let now = observation.now;
        let ours: Vec<&Task> = observation
            .tasks
            .iter()
            .copied()
            .filter(|t| self.is_ours(t, observation) && !self.history.as_ref().is_some_and(|h| h.contains(&t.id)))
            .collect();
        if let Some(failure) = self.unschedulable(observation).or_else(|| hopeless(&ours, observation)) {
            return Some(failure);
        }
        let given_up = self.dead_since.values().filter(|s| now.duration_since(**s) >= GIVEN_UP).count() as u64;
        // Swarm starts a job's slots again even where its policy says "none"; to its author one failure was the end.
        let final_try = self.expectation.restart == Condition::Never
            && self.first_failure.is_some_and(|at| now.duration_since(at) >= GIVEN_UP);
        if self.expectation.is_job() && (final_try || given_up > 0 && tally.active == 0) {
            return Some(Failure::JobFailed);
        }
        if given_up > 0 && self.expectation.can_give_up() && !self.expectation.is_job() {
            return Some(Failure::GaveUp { slots: given_up });
        }
        let patience = CRASH_LOOP.max(self.expectation.monitor * 3);
        let never_held = self.best.0 == 0 || (tally.held == 0 && self.all_fail_again(tally.wanted));
        let looping = self.first_failure.is_some() && never_held && observation.dependencies_run;
        let enough = !self.expectation.is_job() || self.evidence.count() >= JOB_ATTEMPTS;
        (looping && enough && now.duration_since(self.started) >= patience).then_some(Failure::CrashLoop)
    }

    /// Tasks that hold for `monitor` and end then come to nothing either: every slot has failed more than once.
    fn all_fail_again(&self, wanted: u64) -> bool {
        let again = self.evidence.failures().filter(|f| f.attempts > 1).count() as u64;
        wanted > 0 && again >= wanted
    }

    /// Deadlines, and the end of a rollback.
    fn too_late(&mut self, observation: &Observation<'_>) -> Option<Verdict> {
        let now = observation.now;
        if self.rolling_back() && self.update == Some(UpdateState::RollbackCompleted) {
            let since = *self.rolled_back_at.get_or_insert(now);
            let restored = self.progress.running >= self.progress.wanted;
            let message = self.message.clone();
            return (restored || now.duration_since(since) >= COME_BACK)
                .then_some(Verdict::Failed(Failure::RolledBack { message, restored }));
        }
        if self.limits.until.is_some_and(|until| now >= until) {
            let waits = self.what_waits(observation);
            return Some(Verdict::StillGoing { why: format!("the total time is over{waits}") });
        }
        let e = &self.expectation;
        let patience = self.limits.progress + e.delay + e.monitor + e.warm_up;
        if now.duration_since(self.best.1) >= patience {
            let waits = self.what_waits(observation);
            let why = format!("no task turned healthy for {:#}{waits}", self.limits.progress);
            return Some(Verdict::StillGoing { why });
        }
        None
    }

    /// Swarm's own sentence about tasks that it finds no place for; with it nobody need ask what the time went for.
    fn what_waits(&self, observation: &Observation<'_>) -> String {
        let waits =
            |t: &&&Task| t.state == TaskState::Pending && t.desired <= TaskState::Running && !t.error.is_empty();
        let waiting: Vec<&Task> = observation.tasks.iter().filter(waits).copied().collect();
        match waiting.iter().max_by_key(|t| t.created) {
            Some(newest) if waiting.len() == 1 => format!(", and a task waits: {}", newest.error),
            Some(newest) => format!(", and {} tasks wait: {}", waiting.len(), newest.error),
            None => String::new(),
        }
    }
}

/// Remembers since when each of `now_true` is true, and forgets the others.
fn keep_since(since: &mut BTreeMap<Slot, Timestamp>, now_true: impl IntoIterator<Item = Slot>, now: Timestamp) {
    let before = std::mem::take(since);
    for slot in now_true {
        let at = before.get(&slot).copied().unwrap_or(now);
        since.insert(slot, at);
    }
}
