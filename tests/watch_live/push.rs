//! From a push to a commit status, by way of a webhook: nothing is polled here.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::forge::header;
use crate::hub::{API, FORGE, HOOK, Hub, KEY, first_write, mac, since};

#[test]
fn a_push_is_announced_goes_out_and_is_told_to_the_forge() {
    let Some(hub) = Bench::new("push").map(Hub::http) else { return };
    hub.settings(", self_heal: true");
    let first = hub.push("while true; do sleep 1; done");
    let mut watcher = hub.bench.watch();
    watcher.is("synced");
    hub.forge.until(&first, "success");
    assert_eq!(hub.forge.states(&first), ["pending", "success"]);
    assert_eq!(hub.ask("GET /readyz", "", b"").0, 200);

    // A push, and the forge says so.
    let second = hub.push("while true; do sleep 2; done");
    let began = Timestamp::now();
    assert_eq!(hub.hook("d-1", &second, HOOK), (202, "{\"fetching\":[\"ops\"]}\n".to_owned()));
    let wrote = since(began, &first_write(&mut watcher));
    watcher.is("synced");
    hub.forge.until(&second, "success");
    assert_eq!(hub.forge.states(&second), ["pending", "success"]);
    println!("first write {wrote:.2} s after the webhook");
    // A second where nobody else is at work; on a busy machine git alone may take as long.
    assert!(wrote < 5.0, "{wrote} s");
    let now = hub.stack();
    assert_eq!((now["sync"].as_str(), now["last"]["result"].as_str()), (Some("synced"), Some("ok")), "{now}");
    assert!(second.starts_with(now["commit"].as_str().unwrap()), "{now}");

    // Nobody who has no secret, no delivery that came before, and nothing that is too large does anything.
    assert_eq!(hub.hook("d-2", &second, "guessed").0, 401);
    assert_eq!(hub.hook("d-1", &second, HOOK).0, 409);
    let announced = "Content-Type: application/json\r\nContent-Length: 104857600\r\nX-Hub-Signature-256: sha256=00\r\n";
    assert_eq!(hub.ask("POST /hooks/github", announced, b"").0, 413);

    // By hand, and put right in one rollout.
    let began = Timestamp::now();
    hub.bench.docker(&["service", "update", "--detach", "--env-add", "BY=hand", &hub.bench.name("web")]);
    let seen = since(began, &watcher.is("applying"));
    watcher.is("synced");
    println!("a change by hand seen after {seen:.2} s");
    assert!(seen < 5.0, "{seen} s");
    assert!(!hub.bench.service("web", "{{json .Spec.TaskTemplate.ContainerSpec.Env}}").contains("hand"));

    // Suspended: what is pushed waits until somebody says go on.
    hub.order("suspend");
    watcher.is("suspended");
    let third = hub.push("while true; do sleep 3; done");
    assert_eq!(hub.hook("d-3", &third, HOOK).0, 202);
    watcher.until("the commit", |line| line["msg"].as_str().is_some_and(|msg| msg.contains(&third[..12])));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(hub.stack()["sync"], "suspended");
    assert_eq!(hub.forge.states(&third), [""; 0]);
    hub.order("resume");
    watcher.is("applying");
    watcher.is("synced");
    hub.forge.until(&third, "success");

    // One that cannot run: rolled back, and the forge knows.
    let bad = hub.push("exit 7");
    assert_eq!(hub.hook("d-4", &bad, HOOK).0, 202);
    watcher.is("quarantined");
    hub.forge.until(&bad, "failure");
    assert_eq!(hub.forge.states(&bad), ["pending", "failure"]);

    // Where a person has to say yes, the page's form takes it.
    hub.settings(", self_heal: true, auto_apply: false");
    watcher.until("new settings", |line| line["msg"].as_str().is_some_and(|msg| msg.contains("followed as it is now")));
    let asked = hub.push("while true; do sleep 4; done");
    assert_eq!(hub.hook("d-5", &asked, HOOK).0, 202);
    let held = watcher.until("a plan that waits", |line| line["sync"] == "held" && line["commit"] == asked[..12]);
    hub.forge.until(&asked, "pending");
    let path = format!("/stacks/{}", hub.bench.stack);
    let (plan, page) = (held["plan_id"].as_str().unwrap(), hub.ask(&format!("GET {path}"), "", b"").1);
    assert!(page.contains(plan) && page.contains("Approve the plan") && page.contains("auto_apply is off"), "{page}");
    assert!(page.contains("<code>service/web</code>") && page.contains("sleep 4"), "{page}");
    let document = hub.ask(&format!("GET /api/v1{path}/plan"), "", b"").1;
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!((&document["plan_id"], &document["applyable"]), (&json!(plan), &json!(true)));
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let order = |token: &str| {
        hub.ask(&format!("POST {path}/approve"), form, format!("token={token}&plan_id={plan}").as_bytes()).0
    };
    assert_eq!((order("guessed"), order(API)), (403, 303));
    watcher.is("applying");
    watcher.is("synced");
    hub.forge.until(&asked, "success");

    let metrics = hub.ask("GET /metrics", "", b"").1;
    for line in [
        "stackup_webhook_requests_total{hook=\"github\",code=\"202\"} 4".to_owned(),
        "stackup_webhook_requests_total{hook=\"github\",code=\"401\"} 1".to_owned(),
        "stackup_webhook_requests_total{hook=\"github\",code=\"409\"} 1".to_owned(),
        "stackup_webhook_requests_total{hook=\"github\",code=\"413\"} 1".to_owned(),
        format!("stackup_stack_sync{{stack=\"{}\",sync=\"synced\"}} 1", hub.bench.stack),
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line}\n{metrics}");
    }
    let posts = hub.forge.posts();
    let statuses: Vec<_> = posts.iter().filter(|post| post.path.starts_with("/repos/acme/infra/statuses/")).collect();
    let context = format!("stackup/{}", hub.bench.stack);
    assert!(statuses.iter().all(|post| post.body["context"] == context.as_str()), "{posts:#?}");
    assert!(statuses.iter().all(|post| header(&post.head, "authorization") == Some(&format!("Bearer {FORGE}"))));
    // One document for each rollout, signed.
    let told: Vec<_> = posts.iter().filter(|post| post.path == "/told").collect();
    let kinds: Vec<&str> = told.iter().map(|post| post.body["type"].as_str().unwrap()).collect();
    let rollouts: Vec<&&str> =
        kinds.iter().filter(|kind| ["applied", "rolled-back", "failed"].contains(kind)).collect();
    assert_eq!(rollouts, [&"applied", &"applied", &"applied", &"applied", &"rolled-back", &"applied"], "{told:#?}");
    for post in told {
        let field = |name: &str| header(&post.head, name).unwrap();
        let signed = format!("{}.{}.{}", field("webhook-id"), field("webhook-timestamp"), post.body);
        assert_eq!(field("webhook-signature"), format!("v1,{}", STANDARD.encode(mac(KEY, signed.as_bytes()))));
    }
    let said = watcher.said();
    for secret in [HOOK, FORGE, API, "out-secret"] {
        assert!(!said.contains(secret), "{secret}\n{said}");
    }
    assert!(said.contains("webhook github d-2 from 127.0.0.1 was refused: the signature does not fit"), "{said}");
    assert!(said.contains(&format!("approve {plan}: asked for over the API, from 127.0.0.1")), "{said}");
    assert_eq!(watcher.stop(), 0);
}
