//! A repository over ssh, by way of a deploy key that may read it and nothing else; three nodes.

use std::os::unix::fs::PermissionsExt as _;

use jiff::Timestamp;
use serde_json::Value;

use crate::bench::{Bench, Watcher};
use crate::hub::{HOOK, Hub, first_write, since};
use crate::lab::skip;
use crate::sshd::{Sshd, keys};
use crate::support::run::running_tasks;
use crate::swarm::Swarm;

/// What a forge lets a deploy key do.
fn deploy_key(bench: &Bench) -> String {
    let serve = bench.path().join("serve");
    let path = std::env::var("PATH").unwrap();
    let script = format!(
        "#!/bin/sh\nPATH='{path}'\ntest \"$SSH_ORIGINAL_COMMAND\" = \"git-upload-pack '/acme/infra.git'\" || exit 1\n\
         exec git upload-pack '{}/git/acme/infra.git'\n",
        bench.path().display()
    );
    std::fs::write(&serve, script).unwrap();
    std::fs::set_permissions(&serve, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("restrict,command=\"{}\"", serve.display())
}

fn refused(watcher: &mut Watcher, words: &str) -> Value {
    watcher.until(words, |line| line["problem"].as_str().is_some_and(|problem| problem.contains(words)))
}

#[test]
fn over_ssh_a_known_host_is_followed_by_webhook_and_by_poll() {
    let Some(bench) = Swarm::of("watch-ssh", 3).and_then(|swarm| Bench::on(swarm, "ssh")) else { return };
    let dir = bench.path().join("sshd");
    std::fs::create_dir(&dir).unwrap();
    let Some(sshd) = Sshd::start(&dir, &deploy_key(&bench)) else { return skip("there is no sshd") };
    keys(&dir, &["other"]);
    let hub = Hub::new(bench, 3, |_| {
        format!("git: \"ssh://{}/acme/infra.git\", ref: main, key_file: deploy, known_hosts: known", sshd.at)
    });
    let known = |text: &str| std::fs::write(hub.bench.path().join("known"), text).unwrap();
    let key = |name: &str| {
        let path = hub.bench.path().join("deploy");
        std::fs::copy(dir.join(name), &path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    };

    // A host that is another than it was, one that nobody knows, and a key that opens nothing.
    known(&sshd.known_as(&dir.join("other.pub")));
    key("user");
    hub.settings("");
    let first = hub.push("while true; do sleep 1; done");
    let mut watcher = hub.bench.watch();
    refused(&mut watcher, "the host's key is not one that is known");
    known("");
    assert_eq!(hub.hook("d-1", &first, HOOK).0, 202);
    refused(&mut watcher, "the host's key is not one that is known");
    assert!(!sshd.log().contains("Accepted"), "the key was offered to a stranger: {}", sshd.log());
    known(&sshd.known_as(&dir.join("host.pub")));
    key("other");
    assert_eq!(hub.hook("d-2", &first, HOOK).0, 202);
    refused(&mut watcher, "the repository lets us not in");
    assert!(!hub.bench.has("web"));
    assert_eq!(hub.forge.posts().len(), 0);

    key("user");
    assert_eq!(hub.hook("d-3", &first, HOOK).0, 202);
    watcher.is("synced");
    hub.forge.until(&first, "success");
    let running = || running_tasks(hub.bench.host(), &hub.bench.name("web")).len();
    assert_eq!(running(), 3);

    // A push, and the forge says so.
    let second = hub.push("while true; do sleep 2; done");
    let began = Timestamp::now();
    assert_eq!(hub.hook("d-4", &second, HOOK).0, 202);
    let wrote = since(began, &first_write(&mut watcher));
    watcher.is("synced");
    hub.forge.until(&second, "success");
    assert_eq!((hub.forge.states(&second), running()), (vec!["pending".into(), "success".into()], 3));
    println!("over ssh: first write {wrote:.2} s after the webhook");
    // A second where nobody else is at work; on a busy machine git and ssh alone may take as long.
    assert!(wrote < 10.0, "{wrote} s");

    // Nobody says so: it is asked every second.
    hub.settings_that_poll("");
    watcher.until("new settings", |line| line["msg"].as_str().is_some_and(|msg| msg.contains("followed as it is now")));
    let third = hub.push("while true; do sleep 3; done");
    let began = Timestamp::now();
    let wrote = since(began, &first_write(&mut watcher));
    watcher.is("synced");
    hub.forge.until(&third, "success");
    assert_eq!((hub.forge.states(&third), running()), (vec!["pending".into(), "success".into()], 3));
    println!("over ssh, polled every second: first write {wrote:.2} s after the push");
    assert!(wrote < 15.0, "{wrote} s");

    let said = watcher.said();
    let private = std::fs::read_to_string(dir.join("user")).unwrap();
    assert!(private.lines().all(|line| !said.contains(line)), "{said}");
    assert_eq!(watcher.stop(), 0);
}
