//! A real engine: a swarm manager whose node is drained, so that no task starts.
//!
//! `STACKUP_TEST_HOST=unix:///… cargo test --test engine_live`. Makes objects named `en-…` and removes them.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of tests, which clippy takes for other code

use std::time::Duration;

use serde_json::{Value, json};
use stackup::engine::{Address, EngineError, EventFilters, LogQuery, Reader, Wanted, connect};
use stackup::swarm::NAMESPACE_LABEL;

fn host() -> Option<String> {
    let host = std::env::var("STACKUP_TEST_HOST").ok().filter(|h| !h.is_empty());
    if host.is_none() {
        println!("skipped: STACKUP_TEST_HOST names no engine");
    }
    host
}

async fn reader() -> Option<Reader> {
    let address = Address { host: Some(host()?), ..Address::default() };
    Some(connect(&address).await.expect("the engine of STACKUP_TEST_HOST answers"))
}

/// A name of this run's own.
fn name(what: &str) -> String {
    format!("en-{what}-{}", std::process::id())
}

fn labelled(stack: &str) -> Value {
    json!({ NAMESPACE_LABEL: stack })
}

fn service(name: &str, stack: &str) -> Value {
    json!({
        "Name": name, "Labels": labelled(stack),
        "TaskTemplate": {"ContainerSpec": {
            "Image": "localhost:1/none:1",
            "Healthcheck": {"Test": ["CMD", "true"], "Interval": 5_000_000_000_i64},
        }},
        "Mode": {"Replicated": {"Replicas": 0}},
    })
}

/// Removes what this run made, also after a failure.
async fn sweep(reader: &Reader) {
    let (writer, mine) = (reader.writer(), format!("-{}", std::process::id()));
    let is_mine = |name: &str| name.starts_with("en-") && name.contains(&mine);
    let seen =
        reader.snapshot(&name("stack"), &Wanted { configs: vec![name("other"), name("other") + "x"] }).await.unwrap();
    for service in seen.services.iter().filter(|s| is_mine(&s.name)) {
        writer.remove_service(&service.id).await.unwrap();
    }
    for config in seen.configs.iter().filter(|c| is_mine(&c.name)) {
        writer.remove_config(&config.id).await.unwrap();
    }
    for secret in seen.secrets.iter().filter(|s| is_mine(&s.name)) {
        writer.remove_secret(&secret.id).await.unwrap();
    }
    for network in seen.networks.iter().filter(|n| is_mine(&n.name)) {
        writer.remove_network(&network.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_stack_is_written_seen_changed_and_removed() {
    let Some(reader) = reader().await else { return };
    let outcome = tokio::spawn(write_see_change_remove(reader.clone())).await;
    sweep(&reader).await;
    outcome.unwrap();
}

async fn write_see_change_remove(reader: Reader) {
    let (writer, stack) = (reader.writer(), name("stack"));

    let network = writer
        .create_network(&json!({"Name": name("net"), "Driver": "overlay", "Labels": labelled(&stack)}))
        .await
        .unwrap();
    let config = writer
        .create_config(&json!({"Name": name("cfg"), "Labels": labelled(&stack), "Data": "aGVsbG8="}))
        .await
        .unwrap();
    let other = writer.create_config(&json!({"Name": name("other"), "Data": "b3RoZXI="})).await.unwrap();
    let longer = writer.create_config(&json!({"Name": format!("{}x", name("other")), "Data": "eA=="})).await.unwrap();
    let secret =
        writer.create_secret(&json!({"Name": name("sec"), "Labels": labelled(&stack), "Data": "cw=="})).await.unwrap();
    let mut spec = service(&name("web"), &stack);
    spec["TaskTemplate"]["Networks"] = json!([{"Target": network.id}, {"Target": "host"}]);
    let created = writer.create_service(&spec, None).await.unwrap();

    let seen = reader.snapshot(&stack, &Wanted { configs: vec![name("other")] }).await.unwrap();
    assert_eq!(seen.damaged, []);
    assert!(!seen.cluster.id.is_empty() && seen.taken.is_some() && !seen.nodes.is_empty());
    assert_eq!(seen.own_networks().count(), 1);
    assert_eq!(seen.own_secrets().count(), 1);
    assert_eq!(seen.config(&name("cfg")).unwrap().data.as_deref(), Some(&b"hello"[..]));
    assert_eq!(seen.config(&name("other")).unwrap().data.as_deref(), Some(&b"other"[..]));
    assert!(seen.config(&format!("{}x", name("other"))).is_none(), "a name is not a prefix");
    let live = seen.service(&name("web")).unwrap();
    assert_eq!((live.wanted, live.running), (Some(0), Some(0)));
    assert!(live.spec.pointer("/TaskTemplate/ContainerSpec/Healthcheck/Interval").is_some(), "{:#}", live.spec);
    let targets = live.spec.pointer("/TaskTemplate/Networks").and_then(Value::as_array).unwrap();
    for target in targets.iter().map(|n| n["Target"].as_str().unwrap()) {
        assert!(seen.network_by_id(target).is_some(), "the network {target} is unknown");
    }

    // A write needs the newest version; the answer to an older one is known by its kind.
    let mut next = live.spec.clone();
    next["Labels"]["en"] = json!("1");
    // The allocator writes to a new service too (addresses, ports), so the first read may be old already.
    let mut written = false;
    for _ in 0..20 {
        let fresh = reader.service(&created.id).await.unwrap().unwrap();
        match writer.update_service(&created.id, fresh.version, &next, None).await {
            Err(e) if e.is_out_of_sequence() => tokio::time::sleep(Duration::from_millis(100)).await,
            outcome => {
                outcome.unwrap();
                written = true;
                break;
            }
        }
    }
    assert!(written);
    let stale = writer.update_service(&created.id, live.version, &next, None).await.unwrap_err();
    assert!(stale.is_out_of_sequence(), "{stale}");
    let now = reader.service(&name("web")).await.unwrap().unwrap();
    assert!(now.version > live.version);
    assert_eq!(now.label("en"), Some("1"));
    assert_eq!(reader.services(Some(&stack)).await.unwrap().len(), 1);
    assert!(reader.tasks(&stack, true).await.unwrap().is_empty());

    let taken = writer.create_config(&json!({"Name": name("cfg"), "Data": "eA=="})).await.unwrap_err();
    assert_eq!(taken.status(), Some(409), "{taken}");
    let used = writer.remove_network(&network.id).await.unwrap_err();
    assert!(matches!(used, EngineError::Refused(_)), "{used}");
    assert!(!used.to_string().contains("rpc error"), "{used}");

    writer.remove_service(&created.id).await.unwrap();
    writer.remove_service(&created.id).await.unwrap();
    for id in [&config.id, &other.id, &longer.id] {
        writer.remove_config(id).await.unwrap();
        writer.remove_config(id).await.unwrap();
    }
    writer.remove_secret(&secret.id).await.unwrap();
    writer.remove_network(&network.id).await.unwrap();
    writer.remove_network(&network.id).await.unwrap();
    assert!(reader.service(&created.id).await.unwrap().is_none());
}

/// The node must take tasks for this one: STACKUP_TEST_LOGS names a stack with the services `en-log` and `en-tty`,
/// whose one task each writes `out 0` to `out 2`, `err 0` to `err 2` and `tty true|false`, and stays.
#[tokio::test]
async fn logs_come_in_lines_with_and_without_a_terminal() {
    let Ok(stack) = std::env::var("STACKUP_TEST_LOGS") else {
        println!("skipped: STACKUP_TEST_LOGS names no stack");
        return;
    };
    let Some(reader) = reader().await else { return };
    for (service, is_tty) in [("en-log", false), ("en-tty", true)] {
        let mut lines = Vec::new();
        reader.service_log(service, &LogQuery::default(), &mut |line| lines.push(line)).await.unwrap();
        assert_eq!(lines.len(), 7, "{service}: {lines:?}");
        assert!(lines.iter().any(|l| l.text == format!("tty {is_tty}")), "{lines:?}");
        assert_eq!(lines.iter().filter(|l| l.stderr).count(), if is_tty { 0 } else { 3 }, "{lines:?}");

        let id = reader.service(service).await.unwrap().unwrap().id;
        let task = reader.tasks(&stack, false).await.unwrap().into_iter().find(|t| t.service == id).unwrap();
        let tail = LogQuery { tail: Some(2), timestamps: true, details: true, follow: true, ..LogQuery::default() };
        let last = reader.task_log(&task.id, &tail).await.unwrap();
        assert_eq!(last.len(), 2, "{last:?}");
        let (time, rest) = last[0].text.split_once(' ').unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{last:?}");
        assert!(rest.contains(&format!("com.docker.swarm.task.id={}", task.id)), "{last:?}");

        let future = LogQuery { since: Some("2999-01-01".into()), ..LogQuery::default() };
        assert!(reader.task_log(&task.id, &future).await.unwrap().is_empty());
        let hour = LogQuery { since: Some("24h".into()), ..LogQuery::default() };
        assert_eq!(reader.task_log(&task.id, &hour).await.unwrap().len(), 7);

        // Following never ends by itself.
        let mut seen = 0;
        let follow = LogQuery { follow: true, ..LogQuery::default() };
        let following = async { reader.service_log(service, &follow, &mut |_| seen += 1).await };
        assert!(tokio::time::timeout(Duration::from_secs(2), following).await.is_err(), "it ended");
        assert_eq!(seen, 7);
    }
}

#[tokio::test]
async fn events_tell_of_a_change_and_wake_who_waits() {
    let Some(reader) = reader().await else { return };
    let config = name("ev");
    let filters = EventFilters { kinds: vec!["config".into()], ..EventFilters::default() };
    let mut events = reader.events(&filters).await.unwrap();
    let created = reader.writer().create_config(&json!({"Name": config, "Data": "eA=="})).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let event = events.next().await.unwrap().unwrap();
            if event.id == created.id {
                break event;
            }
        }
    });
    let heard = heard.await;
    reader.writer().remove_config(&created.id).await.unwrap();
    let heard = heard.unwrap();
    assert_eq!((heard.kind.as_str(), heard.action.as_str()), ("config", "create"));
    assert_eq!(heard.name.as_deref(), Some(config.as_str()));
    // What happened before one asked can be heard too.
    let since = EventFilters { since: heard.time, ..filters };
    let mut again = reader.events(&since).await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(10), again.next()).await.unwrap().unwrap().unwrap();
    assert!(first.time >= heard.time);
}

/// STACKUP_TEST_BIG names a stack of very many services.
#[tokio::test]
async fn a_snapshot_of_very_many_services_is_quick() {
    let Ok(stack) = std::env::var("STACKUP_TEST_BIG") else {
        println!("skipped: STACKUP_TEST_BIG names no stack");
        return;
    };
    let Some(reader) = reader().await else { return };
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let snapshot = reader.snapshot(&stack, &Wanted::default()).await.unwrap();
        println!("{} services in {:?}", snapshot.own_services().count(), start.elapsed());
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}
