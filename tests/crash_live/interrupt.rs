//! Ctrl-C once and twice, SIGTERM, and where CI is set: what is said, what is left, and that the lock is given back.

use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::bench::Bench;
use crate::stage::{behind, send};
use crate::support::proxy::Fault;
use crate::support::run::{Run, stackup_command};

/// The second service waits for the first, which takes its time to be verified.
fn two_waves(bench: &Bench, monitor: &str) {
    bench.compose(&format!(
        "services:\n  one:\n    image: IMAGE\n    command: [sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]\n    \
         deploy: {{update_config: {{monitor: {monitor}}}}}\n  two:\n    image: IMAGE\n    \
         depends_on: {{one: {{condition: service_healthy}}}}\n    deploy: {{replicas: 0}}\n"
    ));
}

fn is_there(bench: &Bench, service: &str) -> bool {
    !bench.docker(&["service", "ls", "-q", "--filter", &format!("name={}", bench.name(service))]).is_empty()
}

/// Follows `one`: its task runs.
fn follows(bench: &Bench) -> bool {
    let ls = ["service", "ls", "--format", "{{.Replicas}}", "--filter"];
    bench.docker(&[&ls[..], &[&format!("name={}", bench.name("one"))]].concat()).trim() == "1/1"
}

fn ended(child: Child) -> Run {
    Run::of(child.wait_with_output().unwrap())
}

fn start(bench: &Bench, ci: bool, args: &[&str]) -> Child {
    let mut command = stackup_command(bench.host(), bench.path());
    if ci {
        command.env("CI", "true");
    }
    command.args(args).arg(&bench.stack).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn is_given_back(bench: &Bench) {
    bench.run(&["lock", "status"], 0).says("is not locked");
}

#[test]
fn ctrl_c_once_starts_nothing_new_and_follows_what_runs() {
    let Some(bench) = Bench::new("once") else { return };
    two_waves(&bench, "8s");
    let apply = start(&bench, false, &["apply", "-y"]);
    bench.until("the first wave", follows);
    send(apply.id(), Signal::INT);
    let run = ended(apply).exits(130).says("press Ctrl-C again to detach").says("verified: 1/1 running for 8s");
    let run = run.says("done      service one").says("skipped   service two").says("do the rest");
    assert!(!run.stdout.contains("follow what swarm goes on with"), "nothing goes on: {}", run.stdout);
    assert!(!is_there(&bench, "two"));
    is_given_back(&bench);
    assert_eq!(bench.history().first().map(|(_, result)| result.as_str()), Some("failed"), "half done");
    bench.run(&["apply", "-y"], 0).says("Apply complete: 1 created");
}

#[test]
fn ctrl_c_that_stops_nothing_is_no_failure() {
    let Some(bench) = Bench::new("none") else { return };
    two_waves(&bench, "1s");
    bench.run(&["apply", "-y"], 0);
    two_waves(&bench, "6s");
    let text = std::fs::read_to_string(bench.path().join("compose.yaml")).unwrap();
    bench.write("compose.yaml", text.replacen("    command", "    environment: [A=1]\n    command", 1));
    let apply = start(&bench, false, &["apply", "-y"]);
    bench.until("the update", |b| {
        b.docker(&["service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Env}}", &b.name("one")])
            .contains("A=1")
    });
    send(apply.id(), Signal::INT);
    ended(apply).exits(0).says("Apply complete");
    is_given_back(&bench);
}

#[test]
fn leaving_tells_what_goes_on_and_how_to_follow_it() {
    let Some(bench) = Bench::new("leave") else { return };
    // How somebody leaves, and what it exits with.
    let ways: [(&str, bool, &[Signal], i32); 4] = [
        ("Ctrl-C twice", false, &[Signal::INT, Signal::INT], 130),
        ("SIGTERM", false, &[Signal::TERM], 143),
        ("Ctrl-C in CI", true, &[Signal::INT], 130),
        ("SIGTERM after Ctrl-C", false, &[Signal::INT, Signal::TERM], 143),
    ];
    for (way, ci, signals, code) in ways {
        two_waves(&bench, "40s");
        let apply = start(&bench, ci, &["apply", "-y", "--json-into", "events"]);
        bench.until("the first wave", follows);
        let began = Instant::now();
        for signal in signals {
            // Two signals of one kind at one moment are one.
            std::thread::sleep(Duration::from_millis(500));
            send(apply.id(), *signal);
        }
        let run = ended(apply).exits(code);
        assert!(began.elapsed() < Duration::from_secs(15), "{way}: {:?}", began.elapsed());
        let run = run.says("going     service one").says("skipped   service two");
        let follow = format!("stackup status {} --follow", bench.stack);
        run.says(&follow).says("do the rest");
        let events = std::fs::read_to_string(bench.path().join("events")).unwrap();
        let last: serde_json::Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["type"], &last["exit"]["code"], &last["changed"]),
            (&"exit".into(), &code.into(), &true.into()),
            "{way}"
        );
        assert!(events.contains("\"type\":\"ledger\""), "{way}");
        is_given_back(&bench);
        assert!(is_there(&bench, "one") && !is_there(&bench, "two"), "{way}");
        bench.run(&["rm", "-y"], 0);
    }
}

#[test]
fn whoever_leaves_an_engine_that_does_not_answer_gets_away() {
    let Some(bench) = Bench::new("hangs") else { return };
    two_waves(&bench, "40s");
    let hangs = Arc::new(AtomicBool::new(false));
    let run = behind(&bench, &["apply", "-y"], Fault::Hang { when: hangs.clone() });
    bench.until("the first wave", follows);
    hangs.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    send(run.child.id(), Signal::TERM);
    let end = ended(run.child).exits(143).says("going     service one").says("expires by itself").says("SU0912");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}\n{}", began.elapsed(), end.stdout);
    // Its process is gone: the lock needs no person.
    two_waves(&bench, "1s");
    bench.run(&["apply", "-y"], 0);
    is_given_back(&bench);
}

#[test]
fn waiting_for_somebody_elses_lock_ends_with_ctrl_c() {
    let Some(bench) = Bench::new("waits") else { return };
    two_waves(&bench, "12s");
    let first = start(&bench, false, &["apply", "-y"]);
    bench.until("the first wave", follows);
    let second = start(&bench, false, &["apply", "-y", "--lock-timeout", "10m"]);
    std::thread::sleep(Duration::from_secs(2));
    send(second.id(), Signal::INT);
    ended(second).exits(130).says("interrupted before anything was done");
    ended(first).exits(0);
}

/// Before anything is written too: the last event is the exit.
#[test]
fn a_signal_while_nothing_is_written_yet_ends_it_at_once() {
    let Some(bench) = Bench::new("early") else { return };
    two_waves(&bench, "1s");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let hangs = Arc::new(AtomicBool::new(false));
        let run = behind(&bench, &["plan", "--json"], Fault::Hang { when: hangs.clone() });
        hangs.store(true, Ordering::SeqCst);
        std::thread::sleep(Duration::from_secs(1));
        send(run.child.id(), signal);
        let run = ended(run.child).exits(code);
        let last: serde_json::Value = serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["type"], &last["exit"]["code"], &last["changed"]),
            (&"exit".into(), &code.into(), &false.into())
        );
        hangs.store(false, Ordering::SeqCst);
    }
}
