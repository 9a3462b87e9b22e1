//! SIGKILL at a request of an apply; one more apply on the same machine finishes.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::stage::{is_whole, killed, number, requests, turn};
use crate::support::proxy::{Moment, Point, Seen, Which};

const APPLY: [&str; 3] = ["apply", "-y", "--prune"];

/// Dies at the point, is followed by one more apply, and all is well. Whether it came that far; what the second took.
#[track_caller]
fn dies_and_recovers(bench: &Bench, number: u32, point: Point) -> (bool, Duration) {
    turn(bench, number);
    let (status, seen) = killed(bench, &APPLY, point);
    let reached = status.signal() == Some(9);
    let at = seen.iter().filter(|s| point.which == Which::Any || s.writes()).nth(point.nth - 1);
    let what = format!("turn {number}, {point:?}: {at:?}, {status}");
    assert!(reached || status.code() == Some(0), "{what}");
    let began = Instant::now();
    bench.run(&APPLY, 0);
    let took = began.elapsed();
    // An expired lock would be a minute, and a person for ever.
    assert!(took < Duration::from_secs(300), "{what}: {took:?}");
    is_whole(bench, number, &what);
    (reached, took)
}

/// A few of all points: one of each kind of request.
#[test]
fn a_killed_apply_is_finished_by_the_next() {
    let Some(bench) = Bench::new("dies") else { return };
    turn(&bench, 0);
    bench.run(&APPLY, 0);
    turn(&bench, 1);
    let seen = requests(&bench, &APPLY);
    is_whole(&bench, 1, "nobody died");
    let writes: Vec<Seen> = seen.iter().filter(|s| s.writes()).cloned().collect();
    let writing = |nth, moment| Point { which: Which::Writing, nth, moment };
    let service = number(&writes, "POST", "/services/");
    let points = [
        writing(1, Moment::Done),
        writing(number(&writes, "POST", "/secrets/create"), Moment::Done),
        writing(service, Moment::Done),
        // While it waits for tasks.
        Point {
            which: Which::Any,
            nth: seen.iter().position(|s| s.path.contains("up-to-date")).unwrap() + 5,
            moment: Moment::Before,
        },
        writing(number(&writes, "DELETE", "/services/"), Moment::Before),
        writing(number(&writes, "DELETE", "/networks/"), Moment::Done),
        writing(writes.len() - 1, Moment::Done),
    ];
    for (at, point) in (2..).zip(points) {
        let (reached, took) = dies_and_recovers(&bench, at, point);
        assert!(reached, "{point:?} was never reached");
        println!("{point:?}: recovered in {took:.1?}");
    }
}

/// Every request of an apply, before it, after the engine did it, and after its answer came; those that wait for tasks too.
#[test]
#[ignore = "a quarter of an hour: kills and recovers at every request"]
fn a_killed_apply_is_finished_by_the_next_whatever_the_request() {
    let Some(bench) = Bench::new("dies-all") else { return };
    turn(&bench, 0);
    bench.run(&APPLY, 0);
    // Until old releases are forgotten, and their configs and secrets pruned: then every turn sends the same.
    for number in 1..12 {
        turn(&bench, number);
        bench.run(&APPLY, 0);
    }
    turn(&bench, 12);
    let seen = requests(&bench, &APPLY);
    let writes = seen.iter().filter(|s| s.writes()).count();
    let point = |which, moment| move |nth| Point { which, nth, moment };
    let points: Vec<Point> = (1..=seen.len())
        .map(point(Which::Any, Moment::Before))
        .chain((1..=writes).map(point(Which::Writing, Moment::Done)))
        .chain((1..=writes).map(point(Which::Writing, Moment::Answered)))
        .collect();
    println!("{} requests, {writes} of them write: {} points", seen.len(), points.len());
    let (mut died, mut longest) = (0, Duration::ZERO);
    for (number, point) in (13..).zip(points) {
        let (reached, took) = dies_and_recovers(&bench, number, point);
        died += u32::from(reached);
        longest = longest.max(took);
    }
    println!("killed {died} times, recovered each time; the next apply took {longest:.1?} at most");
    assert!(died as usize >= writes * 2);
}

/// What it wrote and nobody uses is no orphan that only somebody who remembers finds.
#[test]
fn what_a_killed_apply_made_is_seen_when_another_file_comes_next() {
    let Some(bench) = Bench::new("unused") else { return };
    turn(&bench, 0);
    bench.run(&APPLY, 0);
    // Dies when the network, the config and the secret of the next turn are made, and no service knows of them yet.
    turn(&bench, 1);
    let seen = requests(&bench, &APPLY);
    let writes: Vec<Seen> = seen.into_iter().filter(Seen::writes).collect();
    let last = number(&writes, "POST", "/services/") - 1;
    turn(&bench, 2);
    let point = Point { which: Which::Writing, nth: last, moment: Moment::Done };
    let (status, _) = killed(&bench, &APPLY, point);
    assert_eq!(status.signal(), Some(9));
    turn(&bench, 3);
    bench.run(&["lock", "status"], 0).says("has ended: the next apply takes it over");
    let plan =
        bench.run(&["plan"], 0).says("was left half done").says(&format!("network  {}  kept", bench.name("even")));
    let unused = |kind: &str| plan.stdout.lines().any(|line| line.contains(kind) && line.trim_start().starts_with('-'));
    assert!(unused("config") && unused("secret"), "{}", plan.stdout);
    bench.run(&APPLY, 0);
    is_whole(&bench, 3, "the next file");
}

/// It died when all was written and nothing verified: the next one has nothing to write, and says how it ended.
#[test]
fn the_next_apply_follows_what_a_killed_one_left_under_way() {
    let Some(bench) = Bench::new("way") else { return };
    let file = |v: u32, command: &str| {
        bench.compose(&format!(
            "services:\n  web:\n    image: IMAGE\n    command: {command}\n    environment: {{V: \"{v}\"}}\n    \
             deploy: {{update_config: {{monitor: 6s, failure_action: pause}}}}\n"
        ));
    };
    let stays = "[sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]";
    let kill_when = |is: &dyn Fn(&Bench) -> bool| {
        let mut apply = bench.start(&["apply", "-y"]);
        bench.until("the moment", is);
        apply.kill().unwrap();
        apply.wait().unwrap();
    };
    let env = |b: &Bench| {
        let env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}";
        let ls = b.docker(&["service", "ls", "-q", "--filter", &format!("name={}", b.name("web"))]);
        if ls.is_empty() { String::new() } else { b.docker(&["service", "inspect", "--format", env, &b.name("web")]) }
    };
    file(1, stays);
    kill_when(&|b| env(b).contains("V=1"));
    bench.run(&["plan"], 0).says("was left half done");
    bench.run(&["apply", "-y"], 0).says("verified: 1/1").says("1 followed to its end").says("Release #1");
    bench.run(&["apply", "-y"], 0).says("No changes");
    // And where it does not end well, that is said.
    file(2, "[sh, -c, \"sleep 1; exit 3\"]");
    kill_when(&|b| env(b).contains("V=2"));
    bench.run(&["apply", "-y"], 6).says("exit 3").says("failed    service web");
    assert_eq!(bench.history().first(), Some(&("#2".to_owned(), "failed".to_owned())));
    file(3, stays);
    bench.run(&["apply", "-y"], 0).says("verified: 1/1");
    bench.run(&["lock", "status"], 0).says("is not locked");
    bench.run(&["drift", "--detailed-exitcode"], 0);
}
