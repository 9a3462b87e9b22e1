//! When sources are read, and what is done with what is new.

use super::*;

#[test]
fn a_source_is_polled_and_a_stack_is_looked_at_when_something_is_new() {
    let mut play = Play::following(&["ops"]);
    assert_eq!(play.fetches.len(), 1);
    assert!(!play.machine.is_ready());
    play.fetched("ops", "a", &[("web", &[])]);
    assert!(play.machine.is_ready());
    assert_eq!(play.looked(), one("web", "a"));
    play.synced("web");
    // Nine minutes of polls find nothing new.
    for _ in 0..9 {
        play.pass(66.0);
        play.fetched("ops", "a", &[("web", &[])]);
    }
    assert_eq!(play.fetches.len(), 10);
    assert_eq!(play.looked(), []);
    // After ten it is looked at all the same.
    play.pass(66.0);
    play.fetched("ops", "a", &[("web", &[])]);
    assert_eq!(play.looked(), one("web", "a"));
    play.synced("web");
    play.pass(66.0);
    play.fetched("ops", "b", &[("web", &[])]);
    assert_eq!(play.looked(), one("web", "b"));
    assert_eq!(play.looks.last().unwrap().1.synced.as_deref(), Some("a"));
}

/// Between a step and the question when the next one is due time passes, on a busy machine a lot of it.
#[test]
fn what_becomes_due_after_a_step_is_not_slept_past() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    play.synced("web");
    let due = play.machine.wakes().unwrap();
    for late in [0, 1, 3_600] {
        play.up = due + Duration::from_secs(late);
        assert_eq!(play.machine.wakes(), Some(due), "{late}");
    }
    play.step(Event::Tick);
    assert_eq!(play.fetches.len(), 2);
    assert_eq!(play.machine.wakes(), None, "nothing is due while it is fetched");
    // Who is suspended waits for a person, and keeps nobody awake.
    play.fetched("ops", "b", &[("web", &[])]);
    play.synced("web");
    play.step(Event::Asked { stack: "web".into(), what: Ask::Suspend });
    play.step(Event::Touched { stack: "web".into() });
    play.pass(1.0);
    assert!(play.machine.wakes().unwrap() > play.up);
}

#[test]
fn a_hundred_hooks_are_one_fetch_and_one_more() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[]);
    play.pass(10.0);
    play.fetches.clear();
    for _ in 0..100 {
        play.step(Event::Poked { source: "ops".into() });
        play.step(Event::Poked { source: "none".into() });
    }
    play.pass(0.2);
    assert_eq!(play.fetches.len(), 1);
    // While it is fetched more come: what they speak of may be missing from it.
    for _ in 0..100 {
        play.step(Event::Poked { source: "ops".into() });
    }
    play.fetched("ops", "b", &[]);
    play.pass(0.2);
    assert_eq!(play.fetches.len(), 2);
    play.fetched("ops", "b", &[]);
    // Somebody who never stops poking gets a fetch a second.
    play.fetches.clear();
    for _ in 0..1000 {
        play.step(Event::Poked { source: "ops".into() });
        play.pass(0.01);
        if play.machine.is_fetching("ops") {
            play.fetched("ops", "b", &[]);
        }
    }
    assert!((8..=12).contains(&play.fetches.len()), "{}", play.fetches.len());
}

#[test]
fn a_newer_commit_replaces_a_waiting_one_and_never_one_at_work() {
    let mut play = Play::following(&["ops"]);
    play.fetched("ops", "a", &[("web", &[])]);
    assert_eq!(play.looked(), one("web", "a"));
    for revision in ["b", "c", "d"] {
        play.pass(70.0);
        play.fetched("ops", revision, &[("web", &[])]);
    }
    assert_eq!(play.looked(), []);
    play.synced("web");
    assert_eq!(play.looked(), one("web", "d"));
}

#[test]
fn a_source_in_trouble_waits_longer_and_longer_and_the_others_go_on() {
    let mut play = Play::following(&["bad", "good"]);
    play.fetched("good", "a", &[("web", &[])]);
    play.synced("web");
    let mut times = Vec::new();
    for _ in 0..8 {
        play.trouble("bad");
        play.fetches.clear();
        let before = play.up;
        while !play.machine.is_fetching("bad") {
            play.pass(1.0);
            if play.machine.is_fetching("good") {
                play.fetched("good", "a", &[("web", &[])]);
            }
        }
        times.push((play.up - before).as_secs());
    }
    assert!(times[0] <= 6 && times[7] >= 150 && times[7] <= 301, "{times:?}");
    assert!(play.machine.sources["good"].trouble.is_none() && play.machine.sources["bad"].trouble.is_some());
    // What comes after it is taken as always.
    play.fetched("bad", "x", &[("db", &[])]);
    assert!(play.machine.sources["bad"].trouble.is_none());
    assert!(play.looked().contains(&("db".into(), "x".into())));
}
