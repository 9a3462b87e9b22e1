//! One at a time: who comes second, who dies, who is cut off, and who locks by hand.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use stackup::engine::{Address, EngineError, Reader, connect};
use stackup::release::lease::{Holder, NotAcquired, Timing, Wait, acquire, look};

use crate::bench::Bench;
use crate::support::proxy::{Fault, Proxy};

fn compose(bench: &Bench, v: u32, monitor: &str) {
    bench.compose(&format!(
        "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]\n    \
         environment: {{V: \"{v}\"}}\n    deploy: {{replicas: 1, update_config: {{monitor: {monitor}}}}}\n"
    ));
}

fn is_locked(bench: &Bench) -> bool {
    bench.run(&["lock", "status"], 0).stdout.contains("applies plan")
}

#[test]
fn of_two_applies_at_once_exactly_one_wins() {
    let Some(bench) = Bench::new("two") else { return };
    compose(&bench, 1, "8s");
    let first = bench.start(&["apply", "-y"]);
    bench.until("the lock", is_locked);
    compose(&bench, 2, "1s");
    bench.run(&["plan"], 0).says("is locked");
    bench.run(&["apply", "-y"], 5).says("SU0911").says("--lock-timeout").says("stackup lock break");
    bench.run(&["rm", "-y"], 5);
    bench.run(&["lock", "release"], 5);
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    bench.run(&["lock", "status"], 0).says("is not locked");
    let env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}";
    assert_eq!(bench.docker(&["service", "inspect", "--format", env, &bench.name("web")]).trim(), "[V=1]");

    // Who waits gets it, and what an apply was just writing is nobody's drift.
    compose(&bench, 3, "6s");
    let third = bench.start(&["apply", "-y"]);
    bench.until("the lock", is_locked);
    compose(&bench, 4, "1s");
    let fourth = bench.run(&["apply", "-y", "--lock-timeout", "60s"], 0).says("Release #3 (previous: #2");
    assert!(!fourth.stdout.contains("changed outside"), "{}", fourth.stdout);
    assert_eq!(third.wait_with_output().unwrap().status.code(), Some(0));
    compose(&bench, 5, "1s");
    bench.run(&["apply", "-y", "--no-lock"], 0).says("Release #4");
}

#[test]
fn what_a_killed_apply_held_is_taken_over_at_once() {
    let Some(bench) = Bench::new("killed") else { return };
    compose(&bench, 1, "30s");
    let mut first = bench.start(&["apply", "-y"]);
    bench.until("the service", |b| {
        is_locked(b) && !b.docker(&["service", "ls", "-q", "--filter", &format!("name={}", b.name("web"))]).is_empty()
    });
    first.kill().unwrap();
    first.wait().unwrap();
    bench.run(&["lock", "status"], 0).says("has ended: the next apply takes it over");
    compose(&bench, 2, "1s");
    let began = Instant::now();
    bench.run(&["apply", "-y"], 0).says("Release #1");
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    bench.run(&["lock", "status"], 0).says("is not locked");
}

#[test]
fn a_lock_by_hand_stays_until_it_is_released() {
    let Some(bench) = Bench::new("hand") else { return };
    compose(&bench, 1, "1s");
    bench.run(&["lock", "acquire", "-m", "frozen until Monday"], 0);
    bench.run(&["lock", "acquire"], 5).says("frozen until Monday");
    let began = Instant::now();
    bench.run(&["apply", "-y", "--lock-timeout", "30s"], 5).says("frozen until Monday").says("stackup lock release");
    assert!(began.elapsed() < Duration::from_secs(15), "nobody waits for a person");
    bench.run(&["lock", "status"], 0).says("it never expires");
    bench.run(&["lock", "release"], 0);
    bench.run(&["lock", "release"], 0).says("is not locked");
    bench.run(&["apply", "-y"], 0);
    // An apply with nothing to do takes no lease, and so meets none.
    bench.run(&["lock", "acquire"], 0);
    bench.run(&["apply", "-y"], 0).says("No changes");
    bench.run(&["lock", "break"], 0).says("broken");
}

#[test]
fn a_lock_by_hand_is_heeded_by_everything_that_writes() {
    let Some(bench) = Bench::new("heed") else { return };
    for v in [1, 2] {
        compose(&bench, v, "1s");
        bench.run(&["apply", "-y"], 0);
    }
    // Something to adopt.
    bench.docker(&["service", "update", "--detach", "--label-add", "by=hand", &bench.name("web")]);
    bench.run(&["lock", "acquire", "-m", "frozen until Monday"], 0);
    let index =
        || bench.docker(&["service", "inspect", "--format", "{{.Version.Index}} {{.Spec.Labels}}", &bench.name("web")]);
    let before = (index(), bench.records());
    compose(&bench, 3, "1s");
    let scale = format!("{}=2", bench.name("web"));
    let commands: [&[&str]; 7] = [
        &["apply", "-y", &bench.stack],
        &["deploy", "-c", "compose.yaml", &bench.stack],
        &["rollback", "-y", &bench.stack],
        &["scale", "-y", &scale],
        &["rm", "-y", &bench.stack],
        &["adopt", "-y", &bench.stack],
        &["drift", "--accept", "web", &bench.stack],
    ];
    for command in commands {
        let run = crate::support::run::stackup(bench.host(), bench.path(), command);
        run.exits(5).says("frozen until Monday").says("stackup lock release");
    }
    assert_eq!((index(), bench.records()), before, "nothing was written");
    bench.run(&["lock", "release"], 0);
    crate::support::run::stackup(bench.host(), bench.path(), &["scale", "-y", &scale]).exits(0);
    bench.run(&["lock", "status"], 0).says("is not locked");
    bench.run(&["rm", "-y"], 0);
    bench.run(&["lock", "status"], 0).says("is not locked");
}

async fn reader(host: &str) -> Reader {
    connect(&Address { host: Some(host.to_owned()), ..Address::default() }).await.unwrap()
}

/// The same, quicker.
const QUICK: Timing = Timing {
    beat: Duration::from_millis(400),
    trust: Duration::from_millis(4000),
    expiry: Duration::from_millis(6000),
};

fn holder(who: &str) -> Holder {
    Holder { who: who.into(), command: "apply".into(), ..Holder::default() }
}

fn config(name: &str) -> serde_json::Value {
    json!({"Name": name, "Labels": {}, "Data": "eA=="})
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_cut_off_writes_nothing_more() {
    let Some(bench) = Bench::new("cut") else { return };
    let (stack, engine) = (bench.stack.as_str(), Path::new(bench.host().trim_start_matches("unix://")).to_owned());
    let hangs = Arc::new(AtomicBool::new(false));
    let proxy = Proxy::start(&bench.path().join("proxy.sock"), &engine, Fault::Hang { when: hangs.clone() }).unwrap();
    let (far, near) = (reader(&proxy.host()).await, reader(bench.host()).await);
    let lease = acquire(&far.writer(), stack, holder("far"), Wait::default(), QUICK).await.unwrap();
    let writer = far.writer().guarded(lease.guard());
    writer.create_config(&config(&bench.name("one"))).await.unwrap();

    // It beats: past its expiry it still holds.
    tokio::time::sleep(Duration::from_secs(7)).await;
    let refused = acquire(&near.writer(), stack, holder("near"), Wait::default(), QUICK).await;
    assert!(matches!(refused, Err(NotAcquired::Held(held)) if held.holder.who == "far"));
    writer.may_write().unwrap();

    hangs.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(4500)).await;
    let before = proxy.writes().len();
    let write = writer.create_config(&config(&bench.name("two"))).await;
    assert!(matches!(write, Err(EngineError::Forbidden(_))), "{write:?}");
    assert_eq!(proxy.writes().len(), before, "nothing was sent");

    // Somebody else takes it over, and the one that comes back writes nothing and leaves the other's alone.
    let other =
        acquire(&near.writer(), stack, holder("near"), Wait { time: Duration::from_secs(20), heir_of: None }, QUICK)
            .await
            .unwrap();
    hangs.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let write = writer.create_config(&config(&bench.name("two"))).await;
    assert!(matches!(&write, Err(EngineError::Forbidden(_))), "{write:?}");
    assert!(matches!(lease.release().await, Err(EngineError::Forbidden(_))));
    assert_eq!(look(&near, stack).await.unwrap().unwrap().holder.who, "near");
    other.release().await.unwrap();
    assert!(look(&near, stack).await.unwrap().is_none());
    near.writer().remove_config(&bench.name("one")).await.unwrap();
}

#[test]
fn an_apply_whose_lock_is_broken_starts_no_further_write() {
    let Some(bench) = Bench::new("broken") else { return };
    bench.compose(
        "services:\n  one:\n    image: IMAGE\n    command: [sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]\n    \
         deploy: {update_config: {monitor: 25s}}\n  two:\n    image: IMAGE\n    depends_on: {one: {condition: service_healthy}}\n    \
         deploy: {replicas: 0}\n",
    );
    let first = bench.start(&["apply", "-y"]);
    bench.until("the lock", is_locked);
    bench.run(&["lock", "break"], 0);
    let out = first.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("SU0910") && said.contains("took the lock"), "{said}");
    let two = bench.docker(&["service", "ls", "-q", "--filter", &format!("name={}", bench.name("two"))]);
    assert_eq!(two, "", "the second wave was not written");
    bench.run(&["history"], 0).says("no release");
}
