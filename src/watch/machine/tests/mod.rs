//! Days of it, without a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::app::exit::ExitCode;

mod sources;

const POLL: Duration = Duration::from_secs(60);

/// A machine, a clock that is set by hand, and what was asked to be done.
struct Play {
    machine: Machine,
    up: Duration,
    start: Timestamp,
    fetches: Vec<(Duration, String)>,
    looks: Vec<(Duration, Ticket)>,
    /// How many of them a test has asked about.
    asked: usize,
    told: Vec<String>,
    forgotten: Vec<String>,
}

impl Play {
    fn new(manner: Manner) -> Self {
        Self {
            machine: Machine::new(manner, BTreeMap::new()),
            up: Duration::ZERO,
            start: "2026-11-20T12:00:00Z".parse().unwrap(),
            fetches: Vec::new(),
            looks: Vec::new(),
            asked: 0,
            told: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    fn following(sources: &[&str]) -> Self {
        let mut play = Self::new(Manner::default());
        play.configure(sources);
        play
    }

    fn now(&self) -> Now {
        let passed = SignedDuration::try_from(self.up).unwrap();
        Now { up: self.up, at: self.start.checked_add(passed).unwrap() }
    }

    fn configure(&mut self, sources: &[&str]) {
        let sources = sources.iter().map(|name| ((*name).to_owned(), POLL)).collect();
        self.step(Event::Configured { sources });
    }

    fn step(&mut self, event: Event) {
        let now = self.now();
        for effect in self.machine.step(event, now) {
            match effect {
                Effect::Fetch { source } => self.fetches.push((self.up, source)),
                Effect::Look(ticket) => self.looks.push((self.up, ticket)),
                Effect::Tell { stack } => self.told.push(stack),
                Effect::TellSource { .. } => {}
                Effect::Forget { stack } => self.forgotten.push(stack),
            }
        }
    }

    /// Time passes, and everything that is due is begun when it is.
    fn pass(&mut self, seconds: f64) {
        let end = self.up + Duration::from_secs_f64(seconds);
        while let Some(at) = self.machine.wakes().filter(|at| *at <= end) {
            self.up = at;
            self.step(Event::Tick);
        }
        self.up = end;
    }

    fn fetched(&mut self, source: &str, revision: &str, stacks: &[(&str, &[&str])]) {
        let followed = |(name, after): &(&str, &[&str])| Followed {
            name: (*name).to_owned(),
            after: after.iter().map(|name| (*name).to_owned()).collect(),
        };
        let stacks = stacks.iter().map(followed).collect();
        let found = Found { revision: revision.to_owned(), commit: None, stacks, trouble: None };
        self.step(Event::Fetched { source: source.to_owned(), result: Ok(found) });
    }

    fn trouble(&mut self, source: &str) {
        let trouble = Trouble { exit: ExitCode::Error, code: "SU1101", message: "no".to_owned(), help: String::new() };
        self.step(Event::Fetched { source: source.to_owned(), result: Err(trouble) });
    }

    fn settled(&mut self, stack: &str, sync: Sync, change: impl FnOnce(&mut Report)) {
        let ticket = self.looks.iter().rev().find(|(_, ticket)| ticket.stack == stack).unwrap();
        let mut report = Report {
            revision: ticket.1.revision.clone(),
            commit: None,
            sync,
            drift: false,
            exit: if sync == Sync::Synced { ExitCode::Ok } else { ExitCode::Changes },
            message: String::new(),
            plan_id: None,
            release: None,
            next: Next::Rest,
            rolled: None,
            tried: None,
        };
        change(&mut report);
        self.step(Event::Settled { stack: stack.to_owned(), report });
    }

    fn synced(&mut self, stack: &str) {
        self.settled(stack, Sync::Synced, |_| {});
    }

    /// Looks that were begun since this was asked before.
    fn looked(&mut self) -> Vec<(String, String)> {
        let new = self.looks[self.asked..].iter().map(|(_, t)| (t.stack.clone(), t.revision.clone())).collect();
        self.asked = self.looks.len();
        new
    }

    fn stack(&self, name: &str) -> &StackState {
        &self.machine.stacks[name]
    }
}

fn one(stack: &str, revision: &str) -> Vec<(String, String)> {
    vec![(stack.to_owned(), revision.to_owned())]
}

#[test]
fn order_between_stacks() {
    let mut play = Play::following(&["ops"]);
    let stacks: &[(&str, &[&str])] = &[("app", &["db", "net"]), ("db", &["net"]), ("net", &[])];
    play.fetched("ops", "a", stacks);
    assert_eq!(play.looked(), one("net", "a"));
    assert_eq!(play.stack("app").message, "waits for `db`");
    play.synced("net");
    assert_eq!(play.looked(), one("db", "a"));
    // It fails: what needs it is not touched.
    play.settled("db", Sync::Quarantined, |_| {});
    play.pass(30.0);
    assert_eq!(play.looked(), []);
    play.pass(40.0);
    play.fetched("ops", "b", stacks);
    assert_eq!(play.looked(), one("net", "b"));
    play.synced("net");
    play.synced("db");
    assert_eq!(play.looked(), [("db".to_owned(), "b".to_owned()), ("app".to_owned(), "b".to_owned())]);
    play.synced("app");
    // One that was synced is looked after, whatever became of those before it.
    play.step(Event::Touched { stack: "db".into() });
    play.pass(1.0);
    assert_eq!(play.looked(), one("db", "b"));
    play.settled("db", Sync::Failed, |_| {});
    play.step(Event::Touched { stack: "app".into() });
    play.pass(1.0);
    assert_eq!(play.looked(), one("app", "b"));
}

#[test]
fn what_changes_in_the_swarm_is_looked_at_once_it_rests() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    play.looked();
    // Our own writes come back as events.
    for _ in 0..50 {
        play.step(Event::Touched { stack: "web".into() });
        play.pass(0.05);
    }
    assert_eq!(play.looked(), []);
    play.synced("web");
    play.pass(0.4);
    assert_eq!(play.looked(), one("web", "a"));
    play.synced("web");
    let before = play.up;
    play.step(Event::Touched { stack: "web".into() });
    play.step(Event::Touched { stack: "web".into() });
    play.step(Event::Touched { stack: "nobody".into() });
    play.pass(0.9);
    assert_eq!(play.looked(), one("web", "a"));
    assert!(play.looks.last().unwrap().0 - before < Duration::from_millis(500));
    play.synced("web");
    play.step(Event::Unseen);
    play.pass(1.0);
    assert_eq!(play.looked(), one("web", "a"));
}

#[test]
fn what_failed_is_tried_again_later_and_a_window_is_waited_for() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    play.looked();
    play.settled("web", Sync::Failed, |r| r.next = Next::Retry);
    play.pass(2.0);
    assert_eq!(play.looked(), []);
    play.pass(3.5);
    assert_eq!(play.looked(), one("web", "a"));
    let opens = play.now().at.checked_add(SignedDuration::from_secs(30)).unwrap();
    play.settled("web", Sync::Held, |r| r.next = Next::At(opens));
    play.pass(29.0);
    assert_eq!(play.looked(), []);
    play.pass(2.0);
    assert_eq!(play.looked(), one("web", "a"));
    // One that is over already is no reason to spin.
    let past = play.now().at;
    for _ in 0..10 {
        play.settled("web", Sync::Held, |r| r.next = Next::At(past));
        play.pass(1.05);
    }
    assert_eq!(play.looked().len(), 10);
}

#[test]
fn a_person_suspends_resumes_approves_and_syncs() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    let tried = Tried { revision: "a".into(), ..Tried::default() };
    play.settled("web", Sync::Quarantined, |r| {
        (r.rolled, r.tried) = (Some("2026-11-20T12:00:00Z".parse().unwrap()), Some(tried))
    });
    assert_eq!(play.stack("web").memory.last.result, "changes");
    play.looked();
    let ask = |what: Ask| Event::Asked { stack: "web".into(), what };
    play.step(ask(Ask::Suspend));
    assert_eq!(play.stack("web").shown(), Sync::Suspended);
    play.pass(70.0);
    play.fetched("ops", "b", &[("web", &[])]);
    assert_eq!(play.looked(), []);
    play.step(ask(Ask::Resume));
    assert_eq!(play.looked(), one("web", "b"));
    assert!(play.looks.last().unwrap().1.tried.is_some(), "the worker sees that it was another revision");
    play.settled("web", Sync::Held, |_| {});
    play.step(ask(Ask::Approve("p-1".into())));
    assert_eq!(play.looks.last().unwrap().1.approved.as_deref(), Some("p-1"));
    play.synced("web");
    assert_eq!(play.stack("web").memory.approved, None, "a yes is for one plan");
    play.looked();
    play.fetches.clear();
    play.step(ask(Ask::Sync));
    assert_eq!(play.looked(), one("web", "b"));
    assert!(play.looks.last().unwrap().1.tried.is_none());
    play.pass(2.0);
    assert_eq!(play.fetches.len(), 1);
    play.step(Event::Asked { stack: "nobody".into(), what: Ask::Sync });
}

#[test]
fn of_stacks_that_come_and_go_only_so_many_are_remembered() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("kept", &[])]);
    play.step(Event::Asked { stack: "kept".into(), what: Ask::Suspend });
    play.synced("kept");
    for n in 0..1_010 {
        let name = format!("preview-{n}");
        play.fetched("ops", &format!("r{n}"), &[(&name, &[])]);
        play.pass(1.0);
        play.synced(&name);
    }
    let memories = play.machine.memories();
    assert_eq!(memories.len(), 1_001, "and the one that is there");
    assert!(memories["kept"].suspended && memories.contains_key("preview-1009") && !memories.contains_key("preview-0"));
}

#[test]
fn what_nothing_names_any_more_is_left_as_it_is() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[]), ("db", &[])]);
    play.synced("db");
    play.step(Event::Asked { stack: "db".into(), what: Ask::Suspend });
    play.pass(70.0);
    play.fetched("ops", "b", &[]);
    assert_eq!(play.forgotten, ["db"], "web is at work");
    play.synced("web");
    assert_eq!(play.forgotten, ["db", "web"]);
    assert!(play.machine.stacks.is_empty());
    // It comes back, and is suspended still.
    play.pass(70.0);
    play.fetched("ops", "c", &[("db", &[])]);
    assert!(play.stack("db").memory.suspended && play.machine.memories()["db"].suspended);
    play.configure(&[]);
    assert_eq!(play.forgotten.len(), 3);
    play.fetched("ops", "d", &[("db", &[])]);
    assert!(play.machine.stacks.is_empty(), "the source was taken out while it was fetched");
}

#[test]
fn once_is_once() {
    let mut play = Play::new(Manner { once: true, ..Manner::default() });
    play.configure(&["bad", "ops"]);
    assert!(!play.machine.is_finished());
    play.trouble("bad");
    play.fetched("ops", "a", &[("app", &["db"]), ("db", &[]), ("web", &[])]);
    assert!(!play.machine.is_finished());
    play.settled("web", Sync::Failed, |r| (r.next, r.exit) = (Next::Retry, ExitCode::Invalid));
    play.settled("db", Sync::Held, |_| {});
    assert!(play.machine.is_finished(), "app waits for db, which waits for a person");
    assert_eq!(play.machine.exit(), ExitCode::Error, "of the source");
    play.pass(100_000.0);
    assert_eq!((play.fetches.len(), play.looks.len()), (2, 2));

    let mut play = Play::new(Manner { once: true, ..Manner::default() });
    play.configure(&["ops"]);
    play.fetched("ops", "a", &[("app", &["db"]), ("db", &[])]);
    play.settled("db", Sync::Held, |_| {});
    assert_eq!(play.machine.exit(), ExitCode::Changes);
    let mut play = Play::new(Manner { once: true, ..Manner::default() });
    play.configure(&["ops"]);
    play.fetched("ops", "a", &[("db", &[])]);
    play.synced("db");
    assert!(play.machine.is_finished());
    assert_eq!(play.machine.exit(), ExitCode::Ok);
}

#[test]
fn nothing_is_begun_once_it_stops() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    play.looked();
    play.step(Event::Stop);
    play.pass(1000.0);
    play.step(Event::Poked { source: "ops".into() });
    play.settled("web", Sync::OutOfSync, |r| r.next = Next::Retry);
    play.pass(1000.0);
    assert_eq!((play.fetches.len(), play.looked()), (1, vec![]));
    assert!(!play.machine.is_busy());
}

#[derive(Clone, Debug)]
enum Move {
    Push(u8),
    Poke,
    Break,
    Answer(usize),
    Touch(u8),
    Suspend(u8),
    Resume(u8),
    Pass(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (0..6_u8).prop_map(Move::Push),
        Just(Move::Poke),
        Just(Move::Break),
        (0..8_usize).prop_map(Move::Answer),
        (0..4_u8).prop_map(Move::Touch),
        (0..4_u8).prop_map(Move::Suspend),
        (0..4_u8).prop_map(Move::Resume),
        (1..90_000_u32).prop_map(Move::Pass),
    ];
    proptest::collection::vec(one, 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever happens: one look at a stack at a time, never more than allowed, always at the newest revision; and when
    /// the world rests, everything has been looked at as it is.
    #[test]
    fn whatever_happens(moves in moves()) {
        let names = ["a", "b", "c", "d"];
        let all: Vec<(&str, &[&str])> = names.iter().map(|name| (*name, [].as_slice())).collect();
        let mut play = Play::new(Manner { most: 2, ..Manner::default() });
        play.configure(&["ops"]);
        let (mut pushed, mut running): (u8, BTreeSet<String>) = (0, BTreeSet::new());
        let mut seen = 0;
        let mut fetching = true;
        let take = |play: &mut Play, running: &mut BTreeSet<String>, seen: &mut usize| {
            for (_, ticket) in &play.looks[*seen..] {
                assert!(running.insert(ticket.stack.clone()), "two looks at {}", ticket.stack);
                assert_eq!(Some(&ticket.revision), play.machine.stacks[&ticket.stack].wanted.as_ref());
                assert!(!play.machine.stacks[&ticket.stack].memory.suspended);
            }
            *seen = play.looks.len();
            assert!(running.len() <= 2, "{running:?}");
        };
        for one in moves {
            match one {
                Move::Push(revision) => pushed = revision,
                Move::Poke => play.step(Event::Poked { source: "ops".into() }),
                Move::Break if fetching => play.trouble("ops"),
                Move::Break => {}
                Move::Answer(which) => {
                    if fetching && which % 2 == 0 {
                        play.fetched("ops", &pushed.to_string(), &all);
                    } else if let Some(stack) = running.iter().nth(which / 2).cloned() {
                        running.remove(&stack);
                        let sync = if which % 3 == 0 { Sync::Failed } else { Sync::Synced };
                        play.settled(&stack, sync, |r| if which % 3 == 0 { r.next = Next::Retry });
                    }
                }
                Move::Touch(which) => play.step(Event::Touched { stack: names[usize::from(which)].into() }),
                Move::Suspend(which) => {
                    play.step(Event::Asked { stack: names[usize::from(which)].into(), what: Ask::Suspend });
                }
                Move::Resume(which) => {
                    play.step(Event::Asked { stack: names[usize::from(which)].into(), what: Ask::Resume });
                }
                Move::Pass(milliseconds) => play.pass(f64::from(milliseconds) / 1000.0),
            }
            take(&mut play, &mut running, &mut seen);
            fetching = play.machine.is_fetching("ops");
        }
        // Everybody answers well from here on.
        for name in names {
            play.step(Event::Asked { stack: name.into(), what: Ask::Resume });
        }
        for _ in 0..200 {
            take(&mut play, &mut running, &mut seen);
            if play.machine.is_fetching("ops") {
                play.fetched("ops", &pushed.to_string(), &all);
                take(&mut play, &mut running, &mut seen);
            }
            for stack in std::mem::take(&mut running) {
                play.synced(&stack);
            }
            take(&mut play, &mut running, &mut seen);
            play.pass(10.0);
        }
        let newest = pushed.to_string();
        for stack in play.machine.stacks.values() {
            prop_assert_eq!(stack.seen.as_deref(), Some(newest.as_str()));
            prop_assert_eq!(stack.sync, Sync::Synced);
        }
        prop_assert_eq!(play.machine.stacks.len(), 4);
    }
}

#[test]
fn who_stands_by_fetches_and_looks_at_nothing_until_it_leads() {
    let mut play = Play::new(Manner::default());
    play.step(Event::StandBy);
    play.configure(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    play.step(Event::Touched { stack: "web".into() });
    play.pass(700.0);
    assert_eq!(play.looked(), []);
    assert!(play.fetches.len() > 1, "what there is stays known");

    // What was known, or was being fetched, may be older than what the other has begun.
    play.step(Event::Lead { behind: true });
    play.fetched("ops", "a", &[("web", &[])]);
    assert_eq!(play.looked(), []);
    play.pass(0.2);
    play.fetched("ops", "b", &[("web", &[])]);
    assert_eq!(play.looked(), [("web".to_owned(), "b".to_owned())]);
    assert_eq!(play.machine.stacks["web"].memory.told, Some(Sync::Unknown), "others may have told something else");

    // Lost in the middle: what comes of it is told by whoever leads now.
    play.step(Event::Applying { stack: "web".into(), plan_id: "p".into(), commit: None });
    play.step(Event::StandBy);
    assert_eq!(play.machine.memories()["web"].told, Some(Sync::Applying), "it outlives the process");
    play.told.clear();
    play.step(Event::Applying { stack: "web".into(), plan_id: "p".into(), commit: None });
    play.settled("web", Sync::Synced, |report| report.rolled = Some(play_start()));
    play.pass(700.0);
    assert_eq!((play.looked(), play.told.len()), (vec![], 0));
    assert_eq!(play.machine.stacks["web"].sync, Sync::Unknown);
    assert_eq!(play.machine.stacks["web"].memory.synced, None);
    assert!(!play.machine.is_busy() || play.machine.is_fetching("ops"));

    // And leads again.
    play.fetched("ops", "b", &[("web", &[])]);
    play.step(Event::Lead { behind: true });
    assert_eq!(play.looked(), []);
    play.pass(0.2);
    play.fetched("ops", "b", &[("web", &[])]);
    assert_eq!(play.looked(), [("web".to_owned(), "b".to_owned())]);
}

fn play_start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

#[test]
fn who_is_asked_to_go_back_does_so_once_and_even_where_it_is_suspended() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    play.synced("web");
    let ask = |what: Ask| Event::Asked { stack: "web".into(), what };
    play.step(ask(Ask::Suspend));
    play.step(ask(Ask::Rollback(Some(3))));
    let order = |play: &Play| play.looks.last().unwrap().1.order;
    assert_eq!((play.looks.len(), order(&play)), (2, Some(Order::Rollback(Some(3)))));
    play.settled("web", Sync::Quarantined, |report| {
        report.tried = Some(Tried { revision: "a".into(), by_hand: true, ..Tried::default() });
        report.rolled = Some(play_start());
    });
    play.step(ask(Ask::Resume));
    assert_eq!((play.looks.len(), order(&play)), (3, None));
    assert!(play.looks.last().unwrap().1.tried.as_ref().is_some_and(|tried| tried.by_hand));
    play.settled("web", Sync::Quarantined, |_| {});
    // A person has had second thoughts.
    play.step(ask(Ask::Sync));
    assert_eq!(order(&play), Some(Order::Again));
    assert_eq!(play.looks.last().unwrap().1.tried, None);
}
