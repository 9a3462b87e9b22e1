//! What `watch` asks of an engine: the list in `docs/engine-access.md` and in the proxy of `examples/gitops` is what a run of everything
//! was seen to ask, no more and no less.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::support::proxy::{Fault, Proxy};
use crate::support::run::stackup;

/// Method, path without its version, and what for.
const ACCESS: &[(&str, &str, &str)] = &[
    ("GET", "/_ping", "which versions of the API the engine speaks"),
    ("GET", "/info", "the swarm's id, the engine's clock"),
    ("GET", "/events", "to hear of changes that somebody else makes"),
    ("GET", "/nodes", "where tasks fit, and which nodes are there"),
    ("GET", "/services", "what is live"),
    ("GET", "/services/{id}", "the version that a write is made for, and that it was taken"),
    ("POST", "/services/create", "a new service"),
    ("POST", "/services/{id}/update", "a service that changes, or goes back"),
    ("DELETE", "/services/{id}", "a service that files name no more (`prune`), or a new one that failed"),
    ("GET", "/tasks", "how a rollout goes, and what runs"),
    ("GET", "/tasks/{id}", "whether its output is that of a terminal"),
    ("GET", "/tasks/{id}/logs", "the last words of a task that failed"),
    ("GET", "/containers/{id}/json", "why a container of this node ended: out of memory, its health check"),
    ("GET", "/networks", "what is live"),
    ("GET", "/networks/{id}", "networks that services are on and no list has: `host`, or one that is gone"),
    ("POST", "/networks/create", "a new network"),
    ("DELETE", "/networks/{id}", "a network that files name no more (`prune`)"),
    ("GET", "/configs", "what is live; releases, which are configs"),
    ("GET", "/configs/{id}", "whether a lock is still ours; contents, to compare them"),
    (
        "POST",
        "/configs/create",
        "a new version of a config; a lock, the lead, a release, the key that secrets are compared under",
    ),
    ("POST", "/configs/{id}/update", "signs of life of a lock and of the lead; labels"),
    ("DELETE", "/configs/{id}", "a lock that is given back; releases past the tenth; versions that nobody needs"),
    ("GET", "/secrets", "names and labels; contents cannot be read by anybody"),
    ("POST", "/secrets/create", "a new version of a secret"),
    ("POST", "/secrets/{id}/update", "labels"),
    ("DELETE", "/secrets/{id}", "versions that nobody needs (`prune`)"),
    ("GET", "/distribution/{name}/json", "the digest of an image, as its registry tells the engine"),
    ("GET", "/images/{name}/json", "whether this node has an image that its registry does not"),
];

/// A path as the list has it.
fn pattern(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let bare = match path.strip_prefix("/v1.").and_then(|rest| rest.split_once('/')) {
        Some((_, rest)) => rest,
        None => path.trim_start_matches('/'),
    };
    let segments: Vec<&str> = bare.split('/').collect();
    match segments.as_slice() {
        [kind @ ("distribution" | "images"), .., "json"] => format!("/{kind}/{{name}}/json"),
        [kind, "create"] => format!("/{kind}/create"),
        [kind, _] => format!("/{kind}/{{id}}"),
        [kind, _, what] => format!("/{kind}/{{id}}/{what}"),
        other => format!("/{}", other.join("/")),
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The lines between two marks are these.
fn holds(name: &str, begin: &str, end: &str, lines: &str) {
    let text = std::fs::read_to_string(file(name)).unwrap();
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{name} has no `{begin}`"));
    let (there, after) = rest.split_once(end).unwrap_or_else(|| panic!("{name} has no `{end}`"));
    if std::env::var_os("STACKUP_UPDATE_DOCS").is_some() {
        return std::fs::write(file(name), format!("{before}{begin}{lines}{end}{after}")).unwrap();
    }
    assert_eq!(there, lines, "{name} is not what ACCESS says: STACKUP_UPDATE_DOCS=1 writes it");
}

#[test]
fn the_page_and_the_proxy_are_made_of_the_list() {
    let row = |(method, path, why): &(&str, &str, &str)| format!("| `{method}` | `{path}` | {why} |\n");
    let rows: String = ACCESS.iter().map(row).collect();
    holds("docs/engine-access.md", "|---|---|---|\n", "\nBefore the path", &rows);
    let rule = |(method, path, _): &(&str, &str, &str)| {
        let path =
            path.replace("{id}", "[A-Za-z0-9][A-Za-z0-9_.-]*").replace("{name}", "[A-Za-z0-9][A-Za-z0-9_.:/@-]*");
        format!("  http-request allow if {{ method {method} }} {{ path_reg ^(/v1\\.[0-9]+)?{path}$ }}\n")
    };
    let rules: String = ACCESS.iter().map(rule).collect();
    holds("examples/gitops/haproxy.cfg", "  # docs/engine-access.md\n", "  http-request deny", &rules);
}

#[test]
fn the_example_is_valid_with_each_of_its_parts() {
    let dir = tempfile::tempdir().unwrap();
    let folder = file("examples/gitops");
    for (name, more) in [("compose.yaml", ""), ("one-manager.yaml", ""), ("proxy.yaml", "HAPROXY_IMAGE=haproxy:3.2\n")]
    {
        let env = std::fs::read_to_string(folder.join(".env.example")).unwrap() + more;
        std::fs::write(dir.path().join("env"), env).unwrap();
        let (base, part) = (folder.join("compose.yaml"), folder.join(name));
        let env = dir.path().join("env");
        let paths = [&env, &base, &part].map(|path| path.to_str().unwrap());
        let args = ["check", "--env-file", paths[0], "-c", paths[1], "-c", paths[2]];
        stackup("unix:///nowhere", dir.path(), &args).exits(0);
    }
}

struct Haproxy(Child);

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The example's own configuration, at a socket in front of the engine.
fn haproxy(socket: &Path, host: &str) -> Haproxy {
    let packages = Command::new(file("tests/lab/packages")).arg("haproxy").status().unwrap();
    assert!(packages.success());
    let mut command = Command::new("haproxy");
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").args(["-db", "-f"]).arg(file("examples/gitops/haproxy.cfg"));
    command.env("BIND", format!("unix@{}", socket.display()));
    command.env("ENGINE", host.replace("unix://", "unix@")).stdout(Stdio::null()).stderr(Stdio::null());
    let running = Haproxy(command.spawn().unwrap());
    let end = Instant::now() + Duration::from_secs(10);
    while UnixStream::connect(socket).is_err() {
        assert!(Instant::now() < end, "haproxy does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    running
}

fn status(socket: &Path, method: &str, path: &str) -> u16 {
    let mut stream = UnixStream::connect(socket).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap()
}

/// A stack with one of everything; `command` is what its service runs.
fn compose(command: &str, label: &str) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"{command}\"]\n    stop_grace_period: 1s\n    \
         configs: [page]\n    secrets: [word]\n    networks: [inside]\n    deploy:\n      replicas: 1\n      \
         update_config: {{monitor: 1s, failure_action: rollback}}\n      restart_policy: {{condition: any, delay: 1s}}\n\
         configs: {{page: {{file: page, labels: {{a: {label}}}}}}}\n\
         secrets: {{word: {{file: word, labels: {{a: {label}}}}}}}\nnetworks: {{inside: {{driver: overlay}}}}\n"
    )
}

const RUNS: &str = "while true; do sleep 1; done";

#[test]
fn everything_that_is_asked_of_the_engine_is_on_the_list_and_passes_the_proxy() {
    let Some(bench) = Bench::new("access") else { return };
    let filtered = bench.path().join("filtered.sock");
    let _haproxy = haproxy(&filtered, bench.host());
    let proxy = Proxy::start(&bench.path().join("seen.sock"), &filtered, Fault::None).unwrap();
    let push = |compose: String, page: &str| {
        let compose = compose.replace("IMAGE", &bench.image);
        bench.push_all(&[("compose.yaml", &compose), ("page", page), ("word", page)]);
    };
    bench.settings(", prune: true, hold: [], on_failure: rollback-stack");
    push(compose(RUNS, "x"), "one");
    let mut watcher = bench.watch_at(&proxy.host(), &[]);
    watcher.is("synced");
    // New contents; new labels; one that fails, with contents that go with it.
    push(compose(RUNS, "x"), "two");
    watcher.is("applying");
    watcher.is("synced");
    push(compose(RUNS, "y"), "two");
    watcher.is("applying");
    watcher.is("synced");
    push(compose("exit 7", "y"), "three");
    watcher.is("quarantined");
    // An image that its registry does not know; then a network that is no swarm's, and nothing left of what was there.
    let registry = bench.image.split_once('/').unwrap().0;
    let last = |image: &str| {
        format!(
            "services: {{other: {{image: \"{image}\", networks: [host], deploy: {{replicas: 0}}}}}}\n\
             networks: {{host: {{external: true}}}}\n"
        )
    };
    bench.push(&last(&format!("{registry}/never-pushed:1")));
    watcher.is("failed");
    bench.push(&last("IMAGE"));
    watcher.is("applying");
    watcher.is("synced");
    bench.push(&last("IMAGE").replace("replicas: 0", "replicas: 0, labels: {a: b}"));
    watcher.is("applying");
    watcher.is("synced");
    assert_eq!(watcher.stop(), 0);

    let seen: BTreeSet<(String, String)> =
        proxy.seen().into_iter().map(|seen| (seen.method, pattern(&seen.path))).collect();
    let listed: BTreeSet<(String, String)> =
        ACCESS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let (more, less): (Vec<_>, Vec<_>) = (seen.difference(&listed).collect(), listed.difference(&seen).collect());
    assert!(more.is_empty() && less.is_empty(), "not on the list: {more:?}\nnever asked: {less:?}");

    // And nobody else gets anything through.
    assert_eq!(status(&filtered, "GET", "/_ping"), 200);
    for (method, path) in [
        ("POST", "/containers/create"),
        ("GET", "/v1.41/containers/json"),
        ("POST", "/v1.41/containers/x/exec"),
        ("POST", "/v1.41/swarm/leave?force=1"),
        ("GET", "/v1.41/swarm"),
        ("GET", "/v1.41/images/x/../../containers/json"),
        ("GET", "/v1.41/images/..%2f..%2fcontainers/json"),
        ("POST", "/v1.41/nodes/x/update"),
        ("POST", "/v1.41/services"),
        ("DELETE", "/v1.41/images/x"),
        ("PUT", "/v1.41/services/create"),
    ] {
        assert_eq!(status(&filtered, method, path), 403, "{method} {path}");
    }
}
