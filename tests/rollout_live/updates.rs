//! Creates and updates that go well.

use std::time::{Duration, Instant};

use stackup::app::apply::{ApplyOptions, Interrupt, apply};
use stackup::app::event::Discard;
use stackup::app::exit::{Changed, ExitCode};
use stackup::app::ledger::Fate;
use stackup::plan::Action;
use tokio::sync::watch;

use crate::bench::{Bench, ByHand, STAYS, command};

#[tokio::test(flavor = "multi_thread")]
async fn create_scale_update_and_no_time_lost() {
    let Some(bench) = Bench::new("ok").await else { return };
    let began = Instant::now();
    let (outcome, _) = bench.apply(vec![bench.create("web", bench.spec("web", STAYS, 3))]).await;
    let took = began.elapsed();
    assert_eq!((outcome.exit, outcome.changed), (ExitCode::Ok, Changed::Yes));
    assert_eq!(outcome.ledger.get("service/web").unwrap().fate, Fate::Done);
    let first = bench.running("web").await;
    assert_eq!(first.len(), 3);
    let last = first.iter().filter_map(|t| t.since).max().unwrap();
    let floor = last.as_second() as f64 + f64::from(last.subsec_nanosecond()) / 1e9 + 3.0;
    let now = jiff::Timestamp::now();
    let late = now.as_second() as f64 + f64::from(now.subsec_nanosecond()) / 1e9 - floor;
    assert!((0.0..1.5).contains(&late), "{late} s after all ran for their monitor; {took:?} in all");

    let scale = bench.update("web", Action::Scale, |s| s["Mode"]["Replicated"]["Replicas"] = 5.into()).await;
    let (outcome, _) = bench.apply(vec![scale]).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    let second = bench.running("web").await;
    assert_eq!(second.len(), 5);
    assert!(first.iter().all(|t| second.iter().any(|u| u.id == t.id)), "a scaled service keeps its tasks");

    let down = bench.update("web", Action::Scale, |s| s["Mode"]["Replicated"]["Replicas"] = 2.into()).await;
    let (outcome, _) = bench.apply(vec![down]).await;
    assert_eq!((outcome.exit, bench.running("web").await.len()), (ExitCode::Ok, 2));

    let update = bench
        .update("web", Action::Restart, |s| s["TaskTemplate"]["ContainerSpec"]["Env"] = serde_json::json!(["A=1"]))
        .await;
    let (outcome, events) = bench.apply(vec![update]).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    let third = bench.running("web").await;
    assert_eq!(third.len(), 2);
    assert!(third.iter().all(|t| second.iter().all(|u| u.id != t.id)), "all tasks are new");
    assert!(events.0.iter().any(|(_, e)| e.message() == "web completed"));

    let none = bench.update("web", Action::Scale, |s| s["Mode"]["Replicated"]["Replicas"] = 0.into()).await;
    let (outcome, _) = bench.apply(vec![none]).await;
    assert_eq!((outcome.exit, bench.running("web").await.len()), (ExitCode::Ok, 0));
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_since_the_plan_is_stale_and_nothing_is_written() {
    let Some(bench) = Bench::new("stale").await else { return };
    bench.apply(vec![bench.create("web", bench.spec("web", STAYS, 1))]).await;
    let ours = bench.update("web", Action::Scale, |s| s["Mode"]["Replicated"]["Replicas"] = 2.into()).await;
    let theirs = bench.update("web", Action::Update, |s| s["Labels"]["by"] = "somebody".into()).await;
    let create = bench.create("web", bench.spec("web", STAYS, 1));
    assert_eq!(bench.apply(vec![theirs]).await.0.exit, ExitCode::Ok);
    let before = bench.reader.service(&bench.name("web")).await.unwrap().unwrap().version;
    for change in [ours, create] {
        let (outcome, _) = bench.apply(vec![change]).await;
        assert_eq!((outcome.exit, outcome.changed), (ExitCode::Stale, Changed::No));
        assert_eq!(outcome.stale.len(), 1);
        assert!(outcome.diagnostics.has_errors());
    }
    assert_eq!(bench.reader.service(&bench.name("web")).await.unwrap().unwrap().version, before);
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_moved_without_the_spec_does_not_matter() {
    let Some(bench) = Bench::new("index").await else { return };
    bench.apply(vec![bench.create("web", bench.spec("web", STAYS, 1))]).await;
    let change = bench.update("web", Action::Scale, |s| s["Mode"]["Replicated"]["Replicas"] = 2.into()).await;
    let live = bench.reader.service(&bench.name("web")).await.unwrap().unwrap();
    bench.reader.writer().update_service(&live.id, live.version, &live.spec, None).await.unwrap();
    assert_eq!(bench.apply(vec![change]).await.0.exit, ExitCode::Ok);
    assert_eq!(bench.running("web").await.len(), 2);
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn detached_it_waits_for_nothing() {
    let Some(bench) = Bench::new("detach").await else { return };
    let options = ApplyOptions { detach: true, ..ApplyOptions::default() };
    let began = Instant::now();
    let (outcome, _) =
        bench.apply_with(vec![bench.create("web", bench.spec("web", "sleep 0.2; exit 3", 1))], &options).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    assert_eq!(outcome.ledger.get("service/web").unwrap().fate, Fate::Submitted);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_it_says_what_goes_on() {
    let Some(bench) = Bench::new("cancel").await else { return };
    let mut first = bench.create("a", bench.spec("a", STAYS, 1));
    let Some(spec) = (match &mut first.write {
        stackup::plan::Write::CreateService { spec } => Some(spec),
        _ => None,
    }) else {
        return;
    };
    spec["UpdateConfig"]["Monitor"] = 6_000_000_000u64.into();
    let second = crate::bench::after(
        bench.create("b", bench.spec("b", STAYS, 1)),
        "a",
        stackup::compose::model::DependsOnCondition::Healthy,
        2,
    );
    let plan = bench.plan(vec![first, second]).await;
    for (interrupt, code, fate) in [
        (Interrupt::Finish, ExitCode::Interrupted, Fate::Done),
        (Interrupt::Detach(ExitCode::Terminated), ExitCode::Terminated, Fate::Going),
    ] {
        let (send, cancel) = watch::channel(Interrupt::None);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(2500)).await;
            send.send(interrupt).unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await;
        });
        let writer = bench.reader.writer();
        let outcome = apply(&plan, &ByHand::new(&plan), &writer, &ApplyOptions::default(), &mut Discard, cancel).await;
        println!("{:#?}", outcome.ledger);
        assert_eq!(outcome.exit, code);
        assert_eq!(outcome.ledger.get("service/a").unwrap().fate, fate);
        assert_eq!(outcome.ledger.get("service/b").unwrap().fate, Fate::Skipped);
        bench.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn continue_means_that_swarm_does_not_judge_and_we_do() {
    let Some(bench) = Bench::new("continue").await else { return };
    let mut spec = bench.spec("web", STAYS, 1);
    spec["UpdateConfig"]["FailureAction"] = "continue".into();
    assert_eq!(bench.apply(vec![bench.create("web", spec)]).await.0.exit, ExitCode::Ok);
    let broken = bench.update("web", Action::Restart, |s| command(s, "exit 9")).await;
    let (outcome, _) = bench.apply(vec![broken]).await;
    assert_eq!(outcome.exit, ExitCode::Failed);
    assert_eq!(outcome.failures[0].reason, "crash_loop");
    assert_eq!(outcome.failures[0].evidence[0].example.exit_code, Some(9));
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_services_are_waited_for_at_once() {
    let Some(bench) = Bench::new("ten").await else { return };
    let service = |i: usize| {
        let mut spec = bench.spec(&format!("s{i}"), STAYS, 3);
        spec["UpdateConfig"]["Monitor"] = 2_000_000_000u64.into();
        bench.create(&format!("s{i}"), spec)
    };
    let (outcome, _) = bench.apply((0..10).map(service).collect()).await;
    let done = jiff::Timestamp::now();
    assert_eq!((outcome.exit, outcome.ledger.count(Fate::Done)), (ExitCode::Ok, 10));
    let tasks = bench.reader.tasks(&bench.stack, true).await.unwrap();
    let running = tasks.iter().filter(|t| t.state == stackup::swarm::TaskState::Running);
    assert_eq!(running.clone().count(), 30);
    let last = running.filter_map(|t| t.since).max().unwrap();
    let late = done.duration_since(last).as_secs_f64() - 2.0;
    println!("all ran and were monitored {late:.2} s before the end; {:?} in all", outcome.elapsed);
    assert!((0.0..1.5).contains(&late), "{late} s");
    bench.remove().await;
}
