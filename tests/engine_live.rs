//! A real engine, through the library. `STACKUP_TEST_HOST=unix:///… STACKUP_TEST_IMAGE=… cargo test --test engine_live`
//! speaks to an engine of yours, a swarm manager; otherwise a lab is brought up. Makes objects named `en-…` and removes them.

#![allow(clippy::unwrap_used)] // helpers of tests, which clippy takes for other code

mod lab;
#[path = "support/swarm.rs"]
mod swarm;

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use stackup::engine::{Address, EngineError, EventFilters, LogLine, LogQuery, Reader, Wanted, connect};
use stackup::swarm::{NAMESPACE_LABEL, Snapshot};
use swarm::Swarm;

async fn reader(swarm: &Swarm) -> Reader {
    let address = Address { host: Some(swarm.host.clone()), ..Address::default() };
    connect(&address).await.expect("the engine answers")
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

/// Removes what the first test made, also after a failure.
async fn sweep(reader: &Reader) {
    let writer = reader.writer();
    let mine = ["web", "net", "cfg", "other", "sec"].map(name);
    let is_mine = |name: &str| mine.iter().any(|start| name.starts_with(start));
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

async fn remove_services(reader: &Reader, stack: &str) {
    let (writer, seen) = (&reader.writer(), reader.services(Some(stack)).await.unwrap());
    let removals = stream::iter(seen).map(|service| async move { writer.remove_service(&service.id).await });
    let removed: Vec<_> = removals.buffer_unordered(32).collect().await;
    assert!(removed.iter().all(Result::is_ok), "{:?}", removed.iter().find(|r| r.is_err()));
}

#[tokio::test]
async fn a_stack_is_written_seen_changed_and_removed() {
    let Some(swarm) = Swarm::find() else { return };
    let reader = reader(&swarm).await;
    let outcome = tokio::spawn(write_see_change_remove(reader.clone())).await;
    sweep(&reader).await;
    outcome.unwrap();
}

/// As `write_see_change_remove` made it.
fn is_seen(seen: &Snapshot) {
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

    let wanted = Wanted { configs: vec![name("other")] };
    let seen = reader.snapshot(&stack, &wanted).await.unwrap();
    is_seen(&seen);
    // What is cut out of a reading of everything is what a look at the stack alone sees.
    is_seen(&reader.reading(|_| true).await.unwrap().snapshot(&stack, &wanted).unwrap());
    let contents = reader.reading(|name| !name.starts_with("en-cfg")).await.unwrap();
    assert!(contents.snapshot(&stack, &wanted).is_none(), "contents of its own that nobody kept");
    let live = seen.service(&name("web")).unwrap();

    // A write needs the newest version; the answer to an older one is known by its kind.
    let mut next = live.spec.as_ref().clone();
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

/// Writes three lines to stdout, three to stderr and one about its terminal, and stays.
fn talker(name: &str, stack: &str, image: &str, tty: bool) -> Value {
    let script = "for i in 0 1 2; do echo out $i; echo err $i >&2; done; [ -t 1 ] && echo tty true || echo tty false; \
                  trap 'exit 0' TERM; sleep 600 & wait";
    json!({
        "Name": name, "Labels": labelled(stack),
        "TaskTemplate": {"ContainerSpec": {
            "Image": image, "Command": ["sh", "-c", script], "TTY": tty, "Healthcheck": {"Test": ["NONE"]},
        }},
        "Mode": {"Replicated": {"Replicas": 1}},
    })
}

#[tokio::test]
async fn logs_come_in_lines_with_and_without_a_terminal() {
    let Some(swarm) = Swarm::find() else { return };
    let Some(image) = swarm.image() else { return };
    let reader = reader(&swarm).await;
    let stack = name("logs");
    for (service, tty) in [(name("log"), false), (name("tty"), true)] {
        reader.writer().create_service(&talker(&service, &stack, &image, tty), None).await.unwrap();
    }
    let outcome = tokio::spawn(read_logs(reader.clone(), stack.clone())).await;
    remove_services(&reader, &stack).await;
    outcome.unwrap();
}

/// All seven lines of a service that writes no more, which may yet have to start.
async fn all_lines(reader: &Reader, service: &str) -> Vec<LogLine> {
    let start = Instant::now();
    loop {
        let mut lines = Vec::new();
        let asked = reader.service_log(service, &LogQuery::default(), &mut |line| lines.push(line)).await;
        if lines.len() >= 7 {
            asked.unwrap();
            return lines;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{service}: {asked:?}, {lines:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn read_logs(reader: Reader, stack: String) {
    for (service, is_tty) in [(name("log"), false), (name("tty"), true)] {
        let service = service.as_str();
        let lines = all_lines(&reader, service).await;
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
    let Some(swarm) = Swarm::find() else { return };
    let reader = reader(&swarm).await;
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

#[tokio::test]
async fn a_snapshot_of_very_many_services_is_quick() {
    let Some(swarm) = Swarm::find() else { return };
    let reader = reader(&swarm).await;
    let outcome = tokio::spawn(look_at_many(reader.clone())).await;
    remove_services(&reader, &name("big")).await;
    outcome.unwrap();
}

/// 1,000 services of 3 tasks that no node takes.
async fn look_at_many(reader: Reader) {
    let (writer, stack) = (reader.writer(), name("big"));
    let specs = (0..1000).map(|number| {
        let mut spec = service(&format!("{stack}-{number}"), &stack);
        spec["TaskTemplate"]["Placement"] = json!({"Constraints": ["node.labels.stackup-test == nobody"]});
        spec["Mode"]["Replicated"]["Replicas"] = json!(3);
        spec
    });
    let writer = &writer;
    let created = stream::iter(specs).map(|spec| async move { writer.create_service(&spec, None).await });
    let created: Vec<_> = created.buffer_unordered(32).collect().await;
    assert!(created.iter().all(Result::is_ok), "{:?}", created.iter().find(|c| c.is_err()));
    let start = Instant::now();
    while reader.tasks(&stack, false).await.unwrap().len() < 3000 {
        assert!(start.elapsed() < Duration::from_secs(60), "swarm makes no tasks");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // The quickest of a few: other tests share the machine.
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        let snapshot = reader.snapshot(&stack, &Wanted::default()).await.unwrap();
        quickest = quickest.min(start.elapsed());
        assert_eq!((snapshot.own_services().count(), snapshot.damaged.len()), (1000, 0));
        assert!(snapshot.tasks.len() >= 3000);
    }
    assert!(quickest < Duration::from_secs(2), "{quickest:?}");
    let reading = reader.reading(|_| true).await.unwrap();
    let is_whole = |stack: &str| {
        let snapshot = reading.snapshot(stack, &Wanted::default()).unwrap();
        let own: Vec<_> = snapshot.tasks.iter().filter(|task| task.spec.get("ContainerSpec").is_some()).collect();
        assert!(snapshot.tasks.len() >= 3000);
        own.len()
    };
    // Of others it matters what room they hold, and nothing else.
    assert_eq!((is_whole(&stack), is_whole("nobody")), (3000, 0));
}
