//! An engine that goes away in the middle: what is known is said, and what is not known too.

use std::path::Path;
use std::time::Duration;

use stackup::app::apply::{ApplyOptions, Interrupt, apply};
use stackup::app::event::Discard;
use stackup::app::exit::{Changed, ExitCode};
use stackup::app::ledger::Fate;
use stackup::compose::model::DependsOnCondition;
use stackup::engine::{Address, Reader, connect};
use tokio::sync::watch;

use crate::bench::{Bench, ByHand, STAYS, after};
use crate::support::proxy::{Fault, Proxy};

/// The engine behind a proxy that does what is asked; `None` where the engine is not on a socket.
async fn behind(folder: &Path, fault: Fault) -> Option<(Proxy, Reader)> {
    let host = std::env::var("STACKUP_TEST_HOST").ok()?;
    let engine = host.strip_prefix("unix://")?;
    let proxy = Proxy::start(&folder.join("proxy.sock"), Path::new(engine), fault).unwrap();
    let reader = connect(&Address { host: Some(proxy.host()), ..Address::default() }).await.unwrap();
    Some((proxy, reader))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_came_is_unknown() {
    let Some(bench) = Bench::new("unknown").await else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some((_proxy, reader)) = behind(folder.path(), Fault::CutAfter { nth: 1 }).await else { return };
    let plan = bench.plan(vec![bench.create("web", bench.spec("web", STAYS, 1))]).await;
    let plan = stackup::plan::Plan { cluster: reader.cluster().await.unwrap(), ..plan };
    let (_keep, cancel) = watch::channel(Interrupt::None);
    let outcome =
        apply(&plan, &ByHand::new(&plan), &reader.writer(), &ApplyOptions::default(), &mut Discard, cancel).await;
    assert_eq!((outcome.exit, outcome.changed), (ExitCode::Error, Changed::Unknown));
    assert_eq!(outcome.ledger.get("service/web").unwrap().fate, Fate::Unknown, "{:#?}", outcome.ledger);
    assert!(outcome.diagnostics.has_errors());
    // It did arrive: that is why "failed" would have been a lie.
    assert!(bench.reader.service(&bench.name("web")).await.unwrap().is_some());
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_dies_in_the_middle_leaves_a_ledger() {
    let Some(bench) = Bench::new("dies").await else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some((proxy, reader)) = behind(folder.path(), Fault::None).await else { return };
    let first = bench.create("a", bench.spec("a", "exit 1", 1));
    let second = after(bench.create("b", bench.spec("b", STAYS, 1)), "a", DependsOnCondition::Healthy, 2);
    let plan = bench.plan(vec![bench.network("net"), first, second]).await;
    let (_keep, cancel) = watch::channel(Interrupt::None);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        drop(proxy);
    });
    let outcome =
        apply(&plan, &ByHand::new(&plan), &reader.writer(), &ApplyOptions::default(), &mut Discard, cancel).await;
    println!("{:#?}", outcome.ledger);
    assert_eq!((outcome.exit, outcome.changed), (ExitCode::Error, Changed::Yes));
    for (address, fate) in [("network/net", Fate::Done), ("service/a", Fate::Unknown), ("service/b", Fate::Skipped)] {
        assert_eq!(outcome.ledger.get(address).unwrap().fate, fate, "{address}");
    }
    bench.remove().await;
}

/// Kills the engine of `STACKUP_TEST_PIDFILE` for good, so it is run by name and alone.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "kills the engine"]
async fn killed_for_good() {
    let Some(bench) = Bench::new("killed").await else { return };
    let Ok(file) = std::env::var("STACKUP_TEST_PIDFILE") else { return };
    let pid = std::fs::read_to_string(file).unwrap();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        std::process::Command::new("kill").args(["-9", pid.trim()]).status().unwrap();
    });
    let (outcome, _) = bench.apply(vec![bench.create("web", bench.spec("web", "exit 1", 1))]).await;
    assert_eq!((outcome.exit, outcome.changed), (ExitCode::Error, Changed::Yes));
    assert_eq!(outcome.ledger.get("service/web").unwrap().fate, Fate::Unknown);
    bench.forget();
}
