//! Two watchers that follow the same: one leads, and the other goes on where it dies.

use std::path::Path;

use crate::bench::{Bench, Watcher, ask, free_port};
use crate::support::proxy::{Fault, Proxy};
use crate::support::run::stackup;

const TOKEN: &str = "api-token-5be01c77";

/// Two waves of two tasks each, one after the other.
pub fn compose(number: u32) -> String {
    let service = |name: &str, more: &str| {
        format!(
            "  {name}:\n    image: IMAGE\n    command: [sh, -c, \"while true; do sleep {number}; done\"]\n    \
             stop_grace_period: 1s\n{more}    deploy:\n      replicas: 2\n      \
             update_config: {{parallelism: 1, delay: 1s, monitor: 1s, order: start-first}}\n"
        )
    };
    format!("services:\n{}{}", service("first", ""), service("second", "    depends_on: [first]\n"))
}

/// One of two watchers, with what it sends to its engine.
pub struct Side {
    pub name: &'static str,
    port: u16,
    pub proxy: Proxy,
}

impl Side {
    fn new(bench: &Bench, name: &'static str) -> Self {
        Self::at(bench, name, bench.host())
    }

    pub fn at(bench: &Bench, name: &'static str, host: &str) -> Self {
        let engine = Path::new(host.strip_prefix("unix://").unwrap());
        let proxy = Proxy::start(&bench.path().join(format!("{name}.sock")), engine, Fault::None).unwrap();
        let port = free_port();
        let text = format!(
            "listen: 127.0.0.1:{port}\nauth: {{token_file: token}}\nstate: state-{name}\npoll: 1s\n\
             sources: {{ops: {{git: ./work, ref: main}}}}\nstacks: [{{name: {}, source: ops}}]\n",
            bench.stack
        );
        std::fs::write(bench.path().join(format!("{name}.yaml")), text).unwrap();
        std::fs::write(bench.path().join("token"), TOKEN).unwrap();
        Self { name, port, proxy }
    }

    fn watch(&self, bench: &Bench) -> Watcher {
        bench.watch_at(&self.proxy.host(), &["--config", &format!("{}.yaml", self.name)])
    }

    /// How often services of the stack were created or updated by way of it, by name.
    pub fn writes(&self) -> Vec<String> {
        let writes = self.proxy.writes().into_iter().filter(|write| write.path.contains("/services/"));
        let mut writes: Vec<String> = writes.map(|write| write.name.unwrap_or(write.path)).collect();
        writes.sort();
        writes
    }

    fn order(&self, bench: &Bench, action: &str) -> (u16, String) {
        let line = format!("POST /api/v1/stacks/{}/{action}", bench.stack);
        ask(self.port, &line, &format!("Authorization: Bearer {TOKEN}\r\n"), b"")
    }
}

pub fn leads(watcher: &mut Watcher) {
    watcher.until("the lead", |line| line["msg"] == "this watcher leads");
}

#[test]
fn where_the_leader_is_killed_in_mid_rollout_the_other_finishes_it() {
    let Some(bench) = Bench::new("lead") else { return };
    let (one, other) = (Side::new(&bench, "one"), Side::new(&bench, "other"));
    bench.push(&compose(1));
    let mut leader = one.watch(&bench);
    leads(&mut leader);
    leader.is("synced");
    let mut second = other.watch(&bench);
    let stands_by = |line: &serde_json::Value| line["msg"].as_str().is_some_and(|msg| msg.contains("stands by: "));
    second.until("who leads", stands_by);

    // It says so to whoever asks, and takes no orders.
    assert_eq!(ask(other.port, "GET /healthz", "", b"").0, 200);
    let (status, body) = ask(other.port, "GET /readyz", "", b"");
    assert!(status == 503 && body.contains("\"standby\":true"), "{body}");
    let (status, body) = other.order(&bench, "sync");
    assert!(status == 503 && body.contains(&format!("at 127.0.0.1:{}", one.port)), "{body}");
    assert_eq!(ask(one.port, "GET /readyz", "", b"").0, 200);
    assert_eq!(one.order(&bench, "sync").0, 202);

    // The first service is written, and is on its way; the second has its turn later.
    let (first, second_name) = (bench.name("first"), bench.name("second"));
    bench.push(&compose(2));
    leader.until("the first write", |line| line["type"] == "apply_start" && line["address"] == "service/first");
    leader.until("a task", |line| line["type"] == "task_state");
    assert_eq!(other.proxy.writes(), [], "who stands by writes nothing");
    leader.kill();
    let before = one.writes();
    assert_eq!(before, [first.clone(), first.clone(), second_name.clone()], "killed too late:\n{}", leader.said());

    leads(&mut second);
    second.is("applying");
    let synced = second.is("synced");
    let commit = bench.git(&["-C", "work", "rev-parse", "HEAD"]);
    assert_eq!(synced["commit"], commit[..12], "{synced}");
    // Each was created once and updated once, whoever did it.
    assert_eq!(one.writes(), before);
    assert_eq!(other.writes(), [second_name], "{}", second.said());
    for key in ["first", "second"] {
        assert!(bench.service(key, "{{json .Spec.TaskTemplate.ContainerSpec.Args}}").contains("sleep 2"), "{key}");
        assert_eq!(bench.service(key, "{{.UpdateStatus.State}}"), "completed", "{key}");
    }
    // Other tests push an image of the same name meanwhile, and that is no commit.
    let plan = ["plan", "--detailed-exitcode", "--resolve-image", "changed", "-c", "work/compose.yaml", &bench.stack];
    stackup(bench.host(), bench.path(), &plan).exits(0);
    assert_eq!(other.order(&bench, "sync").0, 202);

    // The one who comes back stands by; when the leader is asked to go it is his turn at once.
    let mut back = one.watch(&bench);
    back.until("who leads", stands_by);
    assert_eq!(second.stop(), 0);
    leads(&mut back);
    back.is("synced");
    assert_eq!(back.stop(), 0);
}
