//! Three managers: the leader dies, a node is cut off, an engine restarts, the registry is gone, each in the middle of a
//! rollout. Whatever is said about it is true, nothing is lost, and one more apply finishes.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::lab::Lab;
use crate::support::run::{Run, docker, stackup, stackup_command};

const STACK: &str = "crash";

struct Trio {
    lab: Lab,
    dir: TempDir,
}

impl Trio {
    fn up(name: &str) -> Option<Self> {
        let lab = Lab::named(name, 3)?;
        let trio = Self { lab, dir: tempfile::tempdir().unwrap() };
        trio.lead(1);
        Some(trio)
    }

    /// Makes a node the leader: who leads is demoted for a moment.
    fn lead(&self, wanted: u8) {
        let name = format!("n{wanted}");
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            assert!(Instant::now() < end, "{name} does not become the leader");
            match self.leader(wanted) {
                Some(leader) if leader == name => return,
                Some(other) => {
                    docker(self.lab.node(wanted), &["node", "demote", &other]);
                    std::thread::sleep(Duration::from_secs(6));
                    docker(self.lab.node(wanted), &["node", "promote", &other]);
                    std::thread::sleep(Duration::from_secs(6));
                }
                None => std::thread::sleep(Duration::from_secs(1)),
            }
        }
    }

    fn leader(&self, asked: u8) -> Option<String> {
        let listed = docker(self.lab.node(asked), &["node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}"]);
        listed.lines().find_map(|line| line.strip_suffix(" Leader").map(str::to_owned))
    }

    /// Two waves of two services each, `first` with three tasks, and a config; `v` is in all of them.
    fn file(&self, v: u32, image: &str, monitor: &str) {
        let stays = "[sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]";
        let service = |name: &str, replicas: u32, more: &str| {
            format!(
                "  {name}:\n    image: {image}\n    command: {stays}\n    networks: [net]\n    configs: [conf]\n    \
                 environment: {{V: \"{v}\"}}\n{more}    deploy: {{replicas: {replicas}, \
                 update_config: {{monitor: {monitor}, parallelism: 1}}, restart_policy: {{delay: 1s}}}}\n"
            )
        };
        let after = "    depends_on: {first: {condition: service_healthy}}\n";
        let text = format!(
            "services:\n{}{}networks:\n  net:\nconfigs:\n  conf: {{content: \"v {v}\"}}\n",
            service("first", 3, ""),
            service("second", 2, after)
        );
        std::fs::write(self.path().join("compose.yaml"), text).unwrap();
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// `stackup ARGS crash`, speaking to a node.
    #[track_caller]
    fn run(&self, node: u8, args: &[&str], code: i32) -> Run {
        stackup(self.lab.node(node), self.path(), &[args, &[STACK]].concat()).exits(code)
    }

    fn start(&self, node: u8, args: &[&str]) -> Child {
        let mut command = stackup_command(self.lab.node(node), self.path());
        command.args(args).arg(STACK).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The first service is written with `v`.
    fn until_written(&self, node: u8, v: u32) {
        let env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}";
        let mark = format!("V={v}");
        let end = Instant::now() + Duration::from_secs(60);
        while !docker(self.lab.node(node), &["service", "inspect", "--format", env, "crash_first"]).contains(&mark) {
            assert!(Instant::now() < end, "the rollout never began");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// All of `v` is live, verified from the tasks, and there is nothing left to do, to clean up, or to unlock.
    #[track_caller]
    fn is_whole(&self, node: u8, v: u32) {
        let plan = self.run(node, &["plan", "--detailed-exitcode"], 0);
        assert!(plan.stdout.contains("No changes"), "{}", plan.stdout);
        self.run(node, &["lock", "status"], 0).says("is not locked");
        self.run(node, &["drift", "--detailed-exitcode"], 0);
        let env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}";
        for (service, wanted) in [("crash_first", 3), ("crash_second", 2)] {
            let host = self.lab.node(node);
            assert_eq!(docker(host, &["service", "inspect", "--format", env, service]).trim(), format!("[V={v}]"));
            // A node that comes back still has to stop what was started elsewhere meanwhile.
            let end = Instant::now() + Duration::from_secs(90);
            let listed = ["service", "ls", "--filter", &format!("name={service}"), "--format", "{{.Replicas}}"];
            while docker(host, &listed).trim() != format!("{wanted}/{wanted}") {
                assert!(Instant::now() < end, "{service}: {}", docker(host, &listed));
                std::thread::sleep(Duration::from_millis(500));
            }
        }
    }

    /// Mended, every manager reachable again, and for some seconds: who comes back may call for an election.
    fn whole_swarm(&self) {
        let end = Instant::now() + Duration::from_secs(120);
        let mut looks = 0;
        while looks < 5 {
            let nodes = ["--host", self.lab.node(2), "node", "ls", "--format", "{{.Status}} {{.ManagerStatus}}"];
            let listed = Command::new("docker").args(nodes).output().unwrap();
            let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
            let whole = listed.lines().filter(|l| l.starts_with("Ready ") && !l.ends_with("Unreachable")).count() == 3;
            looks = if whole { looks + 1 } else { 0 };
            assert!(Instant::now() < end, "the swarm does not heal: {listed}");
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

fn ended(child: Child) -> Run {
    Run::of(child.wait_with_output().unwrap())
}

#[test]
#[ignore = "minutes: three managers, of which the leader dies twice"]
fn the_leader_dies_in_the_middle_of_an_apply() {
    let Some(trio) = Trio::up("crash-leader") else { return };
    let image = trio.lab.image(&["crash:v1"]);
    trio.file(1, &image, "2s");
    trio.run(1, &["apply", "-y"], 0);

    // We talk to another manager: it goes on, through an election and without a node.
    trio.file(2, &image, "6s");
    let apply = trio.start(2, &["apply", "-y", "--timeout", "10m"]);
    trio.until_written(2, 2);
    let began = Instant::now();
    trio.lab.kill(1);
    let run = ended(apply).exits(0).says("verified: 3/3").says("verified: 2/2");
    println!("the leader died, the apply went on: {:.1?}\n{}", began.elapsed(), run.stderr);
    trio.lab.start(1);
    trio.whole_swarm();
    trio.is_whole(2, 2);

    // We talk to it: what is known is told, and the next apply finishes through another manager.
    trio.lead(1);
    trio.file(3, &image, "6s");
    let apply = trio.start(1, &["apply", "-y"]);
    trio.until_written(2, 3);
    let began = Instant::now();
    trio.lab.kill(1);
    let run = ended(apply).exits(1).says("SU0908");
    println!("the leader died under us: told after {:.1?}", began.elapsed());
    let run = run.says("unknown   service first").says("skipped   service second");
    assert!(run.stdout.contains("done      config conf"), "{}", run.stdout);
    let began = Instant::now();
    trio.run(2, &["apply", "-y", "--timeout", "10m"], 0).says("verified: 2/2");
    println!("the next apply finished in {:.1?}", began.elapsed());
    trio.lab.start(1);
    trio.whole_swarm();
    trio.is_whole(2, 3);
}

#[test]
#[ignore = "minutes: three managers, of which one is cut off and one restarts"]
fn a_node_is_cut_off_and_an_engine_restarts_in_the_middle_of_an_apply() {
    let Some(trio) = Trio::up("crash-cut") else { return };
    let image = trio.lab.image(&["crash:v1"]);
    trio.file(1, &image, "2s");
    trio.run(1, &["apply", "-y"], 0);

    // Its tasks are started elsewhere, and what is verified does not count those that nobody can see.
    trio.file(2, &image, "6s");
    let apply = trio.start(1, &["apply", "-y", "--timeout", "10m"]);
    trio.until_written(1, 2);
    let began = Instant::now();
    trio.lab.cut(3);
    let run = ended(apply).exits(0).says("verified: 3/3").says("verified: 2/2");
    println!("a node was cut off: {:.1?}\n{}", began.elapsed(), run.stderr);
    let nodes = ["service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}} {{.CurrentState}}"];
    for service in ["crash_first", "crash_second"] {
        let listed = docker(trio.lab.node(1), &[&nodes[..], &[service]].concat());
        let seen = listed.lines().filter(|l| !l.starts_with("n3 ") && l.contains(" Running")).count();
        assert_eq!(seen, if service == "crash_first" { 3 } else { 2 }, "{listed}");
    }
    trio.lab.mend(3);
    trio.whole_swarm();
    trio.is_whole(1, 2);

    // The engine that we talk to is switched off and on again: what happened to what was written is unknown, and said so,
    // or it was back in time and all is verified.
    trio.file(3, &image, "6s");
    let apply = trio.start(2, &["apply", "-y"]);
    trio.until_written(1, 3);
    trio.lab.kill(2);
    std::thread::sleep(Duration::from_secs(3));
    trio.lab.start(2);
    let run = ended(apply);
    println!("the engine restarted: exit {}\n{}", run.code, run.stderr);
    match run.code {
        0 => drop(run.says("verified: 2/2")),
        _ => drop(run.exits(1).says("SU0908").says("unknown   service first")),
    }
    trio.whole_swarm();
    trio.run(1, &["apply", "-y", "--timeout", "10m"], 0);
    trio.is_whole(1, 3);

    // We ourselves are on a manager that is cut off from the others: it can tell nothing, and takes nothing.
    trio.file(4, &image, "6s");
    let apply = trio.start(3, &["apply", "-y"]);
    trio.until_written(1, 4);
    trio.lab.cut(3);
    ended(apply).exits(1).says("unknown   service first").says("skipped   service second");
    trio.run(1, &["apply", "-y", "--timeout", "10m"], 0);
    trio.lab.mend(3);
    trio.whole_swarm();
    trio.is_whole(1, 4);
}

#[test]
#[ignore = "minutes: three nodes without their registry"]
fn the_registry_is_gone() {
    let Some(trio) = Trio::up("crash-registry") else { return };
    let (v1, v2) = (trio.lab.image(&["crash:v1"]), trio.lab.image(&["crash:v2"]));
    trio.file(1, &v1, "2s");
    trio.run(1, &["apply", "-y"], 0);

    // It goes between the plan, which knows the digest from it, and the nodes' pulls.
    trio.file(2, &v2, "2s");
    trio.run(1, &["plan", "-o", "p.stackup"], 0);
    trio.lab.stop_registries();
    let began = Instant::now();
    let run = stackup(trio.lab.node(1), trio.path(), &["apply", "p.stackup"]);
    println!("no registry to pull from: exit {} after {:.1?}", run.code, began.elapsed());
    let run = run.exits(6).says("first");
    assert!(!run.stdout.contains("Apply complete"), "{}", run.stdout);

    // Without it no tag can be looked up, and nodes know what they have by its digest: that is said before, and how it ends.
    trio.file(3, &v1, "2s");
    trio.run(1, &["apply", "-y"], 6).says("digest unknown").says("Not exact").says("No such image");
    // A release knows the digests, so one can go back without it.
    trio.run(1, &["rollback", "-y", "--to", "1", "--timeout", "10m"], 0).says("verified: 3/3");

    trio.lab.start_registries();
    trio.file(4, &v2, "2s");
    trio.run(1, &["apply", "-y", "--timeout", "10m"], 0);
    trio.is_whole(1, 4);
}
