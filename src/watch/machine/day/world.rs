//! Git and the swarm as far as a watcher can tell, and what its looks do there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::chance::Chance;
use super::events::What;
use super::watcher::{Watcher, Work};
use crate::app::exit::ExitCode;
use crate::watch::machine::{Effect, Event, Followed, Found, Next, Now, Order, Report, Sync, Ticket, Tried, Trouble};

pub const SOURCES: [&str; 3] = ["alpha", "beta", "gamma"];
/// Stacks of each source that are there all day; others come and go.
const STACKS: usize = 5;
/// More than that nobody has to remember.
const MOST_MEMORIES: usize = 120;

/// What a commit says of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    pub spec: String,
    /// It would run.
    pub good: bool,
    pub after: Vec<String>,
}

pub struct Remote {
    pub revision: u64,
    pub stacks: BTreeMap<String, Want>,
    pub up: bool,
}

/// A stack in the swarm.
#[derive(Default)]
pub struct Live {
    pub spec: Option<String>,
    /// The last that was seen to run.
    pub good: Option<String>,
    /// Somebody died over it.
    pub left: bool,
    /// The newest release: of which revision, of which spec, and whether it failed.
    pub record: Option<(String, String, bool)>,
    /// Who writes to it now.
    pub writer: Option<usize>,
    /// Revisions that failed since somebody else had a hand in it.
    pub failed: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    pub looks: u32,
    pub fetches: u32,
    pub rollouts: u32,
    pub failed: u32,
    pub healed: u32,
    /// Looks that found a quarantine.
    pub held_off: u32,
    pub unreachable: u32,
    /// Rollouts that nobody was there to end.
    pub broken_off: u32,
    pub killed: u32,
}

pub struct World {
    pub chance: Chance,
    pub now: Duration,
    pub queue: BTreeMap<(Duration, u64), What>,
    pub asked: u64,
    pub remotes: BTreeMap<&'static str, Remote>,
    pub swarm: BTreeMap<String, Live>,
    pub engine_up: bool,
    pub watchers: [Watcher; 2],
    pub leader: Option<usize>,
    /// From then on somebody may take the lead.
    pub free: Duration,
    pub versions: u64,
    /// Nothing happens any more but what the watchers do.
    pub calm: bool,
    pub counted: Counted,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let remotes = SOURCES.map(|name| (name, Remote { revision: 0, stacks: BTreeMap::new(), up: true }));
        let mut world = Self {
            chance: Chance::new(seed),
            now: Duration::ZERO,
            queue: BTreeMap::new(),
            asked: 0,
            remotes: remotes.into(),
            swarm: BTreeMap::new(),
            engine_up: true,
            watchers: [Watcher::dead(), Watcher::dead()],
            leader: None,
            free: Duration::ZERO,
            versions: 0,
            calm: false,
            counted: Counted::default(),
        };
        for source in SOURCES {
            for number in 0..STACKS {
                world.write_stack(source, &format!("{source}-{number}"), 0);
            }
        }
        world.plan_the_day();
        world
    }

    /// A new version in git; so many in a hundred are bad. The second of each source comes after the first.
    pub fn write_stack(&mut self, source: &'static str, stack: &str, bad: usize) {
        self.versions += 1;
        let after = if stack.ends_with("-1") { vec![format!("{source}-0")] } else { Vec::new() };
        let want = Want { spec: format!("v{}", self.versions), good: !self.chance.in_a_hundred(bad), after };
        let remote = self.remotes.get_mut(source).unwrap();
        remote.revision += 1;
        remote.stacks.insert(stack.to_owned(), want);
    }

    pub fn later(&mut self, wait: Duration, what: What) {
        self.asked += 1;
        self.queue.insert((self.now + wait, self.asked), what);
    }

    pub fn run_until(&mut self, end: Duration) {
        loop {
            let wakes = |w: &Watcher| Some(w.began + w.machine.as_ref()?.wakes()?);
            let tick = self.watchers.iter().filter_map(wakes).min();
            let next = self.queue.keys().next().map(|(at, _)| *at);
            let Some(at) = tick.into_iter().chain(next).min().filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            match next.filter(|next| *next <= at).and_then(|_| self.queue.pop_first()) {
                Some((_, what)) => self.happen(what),
                None => (0..2).for_each(|w| self.step(w, Event::Tick)),
            }
        }
        self.now = end;
    }

    pub fn is_reachable(&self, w: usize) -> bool {
        self.engine_up && !self.watchers[w].cut
    }

    /// Tells a watcher, if it lives, and begins what it says.
    pub fn step(&mut self, w: usize, event: Event) {
        let urgent = match &event {
            Event::Applying { .. } | Event::Asked { .. } => true,
            Event::Settled { report, .. } => report.rolled.is_some(),
            _ => false,
        };
        let now = now_of(self.now, &self.watchers[w]);
        let Some(machine) = &mut self.watchers[w].machine else { return };
        let effects = machine.step(event, now);
        assert!(machine.stacks.len() < 60 && effects.len() < 200, "{} stacks, {effects:?}", machine.stacks.len());
        let life = self.watchers[w].life;
        for effect in effects {
            match effect {
                Effect::Fetch { source } => self.fetch(w, source),
                Effect::Look(ticket) => self.look(w, ticket),
                Effect::Tell { .. } if urgent => self.save(w),
                Effect::Tell { .. } => self.later(Duration::from_secs(1), What::Save(w, life)),
                Effect::TellSource { .. } | Effect::Forget { .. } => {}
            }
        }
    }

    pub fn save(&mut self, w: usize) {
        let watcher = &mut self.watchers[w];
        watcher.memory = watcher.machine.as_ref().map(|machine| machine.memories()).unwrap_or_default();
        assert!(watcher.memory.len() < MOST_MEMORIES, "{} stacks are remembered", watcher.memory.len());
    }

    fn fetch(&mut self, w: usize, source: String) {
        self.counted.fetches += 1;
        let life = self.watchers[w].life;
        // What it brings may be what was there when it began.
        let early = self.chance.in_a_hundred(50).then(|| self.remote(&source)).flatten();
        let wait = self.chance.seconds(0.05, 3.0);
        self.later(wait, What::Fetched { w, life, source, early });
    }

    fn remote(&self, source: &str) -> Option<(u64, BTreeMap<String, Want>)> {
        let remote = &self.remotes[source];
        remote.up.then(|| (remote.revision, remote.stacks.clone()))
    }

    pub fn fetched(&mut self, w: usize, source: String, early: Option<(u64, BTreeMap<String, Want>)>) {
        let result = match early.or_else(|| self.remote(&source)) {
            Some((number, stacks)) => {
                let followed =
                    stacks.iter().map(|(name, want)| Followed { name: name.clone(), after: want.after.clone() });
                let revision = format!("{source}{number}");
                let commit = Some(revision.clone());
                let found = Found { revision, commit, stacks: followed.collect(), trouble: None };
                self.watchers[w].views.insert(source.clone(), (number, stacks));
                Ok(found)
            }
            None => Err(Trouble {
                exit: ExitCode::Error,
                code: "SU0000",
                message: "no answer".to_owned(),
                help: String::new(),
            }),
        };
        self.step(w, Event::Fetched { source, result });
    }

    fn look(&mut self, w: usize, ticket: Ticket) {
        self.counted.looks += 1;
        let (stack, number) = (ticket.stack.clone(), self.asked);
        assert_eq!(self.leader, Some(w), "{stack} is looked at by one who does not lead");
        let watcher = &self.watchers[w];
        let machine = watcher.machine.as_ref().unwrap();
        assert!(!machine.stacks[&stack].memory.suspended, "{stack} is suspended");
        let (revision, view) = &watcher.views[&ticket.source];
        assert_eq!(ticket.revision, format!("{}{revision}", ticket.source), "the files are those of the ticket");
        let work = Work { number, want: view[&stack].clone(), ticket, writes: None };
        let at_work = &mut self.watchers[w].at_work;
        assert!(at_work.insert(stack.clone(), work).is_none(), "two looks at {stack}");
        assert!(at_work.len() <= 4, "{} looks at a time", at_work.len());
        let wait = self.chance.seconds(0.05, 1.5);
        self.later(wait, What::Planned(w, number, stack));
    }

    /// A look that still goes on.
    fn at_work(&self, w: usize, number: u64, stack: &str) -> Option<Work> {
        self.watchers[w].at_work.get(stack).filter(|work| work.number == number).cloned()
    }

    /// A look has its plan.
    pub fn planned(&mut self, w: usize, number: u64, stack: String) {
        let Some(work) = self.at_work(w, number, &stack) else { return };
        let (ticket, want) = (&work.ticket, &work.want);
        if !self.is_reachable(w) {
            self.counted.unreachable += 1;
            let report = Report { exit: ExitCode::Error, next: Next::Retry, ..report(ticket, Sync::Failed) };
            return self.settle(w, &stack, report);
        }
        let live = self.swarm.entry(stack.clone()).or_default();
        let is_same = live.spec.as_ref() == Some(&want.spec);
        let objects = objects(live.spec.as_ref());
        let failed = live.record.as_ref().is_some_and(|(of, spec, failed)| {
            *failed && *of == ticket.revision && *spec == want.spec && live.spec == live.good
        });
        let known = ticket.tried.as_ref().is_some_and(|tried| tried.holds(&ticket.revision, &objects));
        let again = ticket.order == Some(Order::Again);
        if again {
            live.failed.clear();
        }
        if known || (failed && !is_same && !ticket.is_tried() && !again) {
            self.counted.held_off += 1;
            let report = Report { exit: ExitCode::Changes, ..report(ticket, Sync::Quarantined) };
            return self.settle(w, &stack, report);
        }
        let left = std::mem::take(&mut live.left);
        if is_same && !left {
            return self.settle(w, &stack, report(ticket, Sync::Synced));
        }
        let drifted = live.record.as_ref().is_some_and(|(_, spec, failed)| *spec == want.spec && !failed);
        let same_files = ticket.synced.as_ref() == Some(&ticket.revision) && !again;
        let by_hand = !is_same && (same_files || drifted);
        if by_hand && !heals(&stack) {
            let report = Report { drift: true, exit: ExitCode::Changes, ..report(ticket, Sync::OutOfSync) };
            return self.settle(w, &stack, report);
        }
        assert_eq!(live.writer.replace(w), None, "two write to {stack}");
        let before = if is_same { live.good.clone() } else { live.spec.clone() };
        if self.chance.in_a_hundred(80) {
            live.spec = Some(want.spec.clone());
        }
        self.counted.rollouts += 1;
        self.counted.healed += u32::from(by_hand);
        let commit = Some(ticket.revision.clone());
        let applying = Event::Applying { stack: stack.clone(), plan_id: format!("p-{}", want.spec), commit };
        self.watchers[w].at_work.insert(stack.clone(), Work { writes: Some(before), ..work.clone() });
        self.step(w, applying);
        self.touched(&stack);
        let wait = self.chance.seconds(1.0, 90.0);
        self.later(wait, What::Rolled(w, work.number, stack));
    }

    /// A rollout comes to its end.
    pub fn rolled(&mut self, w: usize, number: u64, stack: String) {
        let Some(work) = self.at_work(w, number, &stack) else { return };
        let (ticket, want, before) = (&work.ticket, &work.want, work.writes.clone().flatten());
        let reachable = self.is_reachable(w);
        let rolled = now_of(self.now, &self.watchers[w]).at;
        let live = self.swarm.get_mut(&stack).unwrap();
        live.writer = None;
        let meddled = live.spec.as_ref().is_some_and(|spec| spec.starts_with("hand")) && live.spec != before;
        let mut report = Report { rolled: Some(rolled), ..report(ticket, Sync::Synced) };
        if !reachable {
            live.left = true;
            self.counted.broken_off += 1;
            (report.sync, report.exit, report.next) = (Sync::Failed, ExitCode::Error, Next::Retry);
        } else if meddled {
            (report.sync, report.exit, report.next) = (Sync::OutOfSync, ExitCode::Stale, Next::Retry);
        } else if want.good {
            live.spec = Some(want.spec.clone());
            live.good.clone_from(&live.spec);
            live.record = Some((ticket.revision.clone(), want.spec.clone(), false));
        } else {
            self.counted.failed += 1;
            assert!(live.failed.insert(ticket.revision.clone()), "{stack} was tried twice by {w}: {ticket:?}");
            live.spec.clone_from(&before);
            live.good.clone_from(&before);
            live.record = Some((ticket.revision.clone(), want.spec.clone(), true));
            (report.sync, report.exit) = (Sync::Quarantined, ExitCode::RolledBack);
            let objects = objects(before.as_ref());
            let revision = ticket.revision.clone();
            report.tried = Some(Tried { revision, before: objects.clone(), after: objects, by_hand: false });
        }
        self.settle(w, &stack, report);
        self.touched(&stack);
    }

    pub fn settle(&mut self, w: usize, stack: &str, report: Report) {
        self.watchers[w].at_work.remove(stack);
        self.step(w, Event::Settled { stack: stack.to_owned(), report });
    }

    /// Who was at it is no more, or has lost the lead.
    pub fn abandon(&mut self, all: BTreeMap<String, Work>) {
        for (stack, _) in all.into_iter().filter(|(_, work)| work.writes.is_some()) {
            self.counted.broken_off += 1;
            let live = self.swarm.get_mut(&stack).unwrap();
            (live.writer, live.left) = (None, true);
        }
    }

    /// The engine tells those that hear it.
    pub fn touched(&mut self, stack: &str) {
        for w in 0..2 {
            if !self.is_reachable(w) {
                continue;
            }
            let (life, stack) = (self.watchers[w].life, stack.to_owned());
            let wait = self.chance.seconds(0.01, 0.5);
            self.later(wait, What::Touched { w, life, stack });
        }
    }

    /// Every stack that git has is live as git has it.
    pub fn assert_done(&self) {
        let leader = self.leader.expect("nobody leads");
        let machine = self.watchers[leader].machine.as_ref().unwrap();
        for (source, remote) in &self.remotes {
            for (stack, want) in &remote.stacks {
                let state = &machine.stacks[stack];
                assert_eq!(self.swarm[stack].spec.as_ref(), Some(&want.spec), "{source}: {stack}: {state:?}");
                assert_eq!(state.sync, Sync::Synced, "{stack}: {state:?}");
                assert_eq!(state.seen, Some(format!("{source}{}", remote.revision)), "{stack}: {state:?}");
            }
        }
        assert!(self.watchers.iter().all(|watcher| watcher.at_work.is_empty()));
        assert!(self.queue.len() < 100, "{} things are still to happen", self.queue.len());
    }
}

/// Some stacks are taken back when somebody changes them, others are only reported.
fn heals(stack: &str) -> bool {
    stack.ends_with("-0") || stack.ends_with("-2")
}

fn objects(spec: Option<&String>) -> BTreeMap<String, String> {
    spec.map(|spec| ("service/web".to_owned(), spec.clone())).into_iter().collect()
}

pub fn report(ticket: &Ticket, sync: Sync) -> Report {
    Report {
        revision: ticket.revision.clone(),
        commit: Some(ticket.revision.clone()),
        sync,
        drift: false,
        exit: ExitCode::Ok,
        message: String::new(),
        plan_id: None,
        release: None,
        next: Next::Rest,
        rolled: None,
        tried: None,
    }
}

pub fn now_of(at: Duration, watcher: &Watcher) -> Now {
    let passed = SignedDuration::try_from(at).unwrap();
    Now { up: at.saturating_sub(watcher.began), at: Timestamp::UNIX_EPOCH.checked_add(passed).unwrap() }
}
