//! A rollout that can never finish is fixed by applying the corrected file, whatever it hangs on and whoever died over it.

use std::time::{Duration, Instant};

use crate::bench::Bench;

const STAYS: &str = "[sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]";

/// A service of two tasks, with something wrong in it.
struct Broken {
    what: &'static str,
    image: &'static str,
    command: &'static str,
    deploy: &'static str,
    /// Flags that let it through.
    flags: &'static [&'static str],
}

const FINE: Broken = Broken { what: "fine", image: "IMAGE", command: STAYS, deploy: "", flags: &[] };

const ALL: [Broken; 4] = [
    Broken {
        what: "fits on no node",
        deploy: ", placement: {constraints: [node.labels.nowhere == yes]}",
        flags: &["--skip-preflight", "SU0511"],
        ..FINE
    },
    Broken {
        what: "there is no such image",
        image: "REGISTRY/never:made",
        flags: &["--resolve-image", "never"],
        ..FINE
    },
    Broken { what: "exits and is never given up", command: "[sh, -c, \"exit 9\"]", ..FINE },
    Broken {
        what: "never healthy",
        command: STAYS,
        deploy: "}\n    healthcheck: {test: [CMD, \"false\"], interval: 1s, retries: 30, start_period: 600s",
        ..FINE
    },
];

fn file(bench: &Bench, broken: &Broken, v: u32) {
    let registry = bench.image.split('/').next().unwrap();
    bench.compose(&format!(
        "services:\n  web:\n    image: {}\n    command: {}\n    environment: {{V: \"{v}\"}}\n    \
         deploy: {{replicas: 2, update_config: {{monitor: 1s, parallelism: 1, failure_action: continue}}, \
         restart_policy: {{delay: 1s}}{}}}\n",
        broken.image.replace("REGISTRY", registry),
        broken.command,
        broken.deploy
    ));
}

fn is_at(bench: &Bench, v: u32) -> bool {
    let found = bench.docker(&["service", "ls", "-q", "--filter", &format!("name={}", bench.name("web"))]);
    let env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}";
    let mark = format!("V={v}");
    !found.is_empty() && bench.docker(&["service", "inspect", "--format", env, &bench.name("web")]).contains(&mark)
}

/// The file is put right while the broken version hangs: of a first creation, of an update, and of an apply that was killed.
#[test]
fn a_rollout_that_can_never_finish_is_fixed_by_the_corrected_file() {
    let Some(bench) = Bench::new("never") else { return };
    let mut v = 0;
    for broken in &ALL {
        for killed in [false, true] {
            v += 2;
            file(&bench, broken, v);
            let flags = [&["apply", "-y"], broken.flags].concat();
            if killed {
                let mut apply = bench.start(&flags);
                bench.until(broken.what, |b| is_at(b, v));
                apply.kill().unwrap();
                apply.wait().unwrap();
            } else {
                bench.run(&[&flags[..], &["--detach"]].concat(), 0);
            }
            file(&bench, &FINE, v + 1);
            let plan = bench.run(&["plan"], 0);
            if broken.what == ALL[0].what && killed {
                assert!(plan.stdout.contains("supersedes a rollout"), "what is superseded is shown\n{}", plan.stdout);
            }
            let began = Instant::now();
            bench.run(&["apply", "-y"], 0).says("verified: 2/2");
            println!("{}, killed: {killed}: fixed in {:.1?}", broken.what, began.elapsed());
            assert!(began.elapsed() < Duration::from_secs(300), "{}", broken.what);
            bench.run(&["plan", "--detailed-exitcode"], 0);
        }
    }
}

/// It hangs because something else is missing, and the corrected file brings that along; it itself stays as it is.
#[test]
fn what_hangs_for_want_of_another_service_is_freed_by_it() {
    let Some(bench) = Bench::new("want") else { return };
    let compose = |db: &str| {
        bench.compose(&format!(
            "services:\n{db}  web:\n    image: IMAGE\n    networks: [net]\n    \
             command: [sh, -c, \"trap 'exit 0' TERM; until nslookup tasks.db; do sleep 0.5; done; touch /up; while :; do sleep 0.1; done\"]\n    \
             healthcheck: {{test: [CMD, test, -e, /up], interval: 500ms, retries: 600, start_period: 1s}}\n    \
             deploy: {{endpoint_mode: dnsrr, update_config: {{monitor: 1s}}}}\nnetworks:\n  net:\n"
        ));
    };
    compose("");
    let mut apply = bench.start(&["apply", "-y"]);
    bench.until("web", |b| {
        !b.docker(&["service", "ls", "-q", "--filter", &format!("name={}", b.name("web"))]).is_empty()
    });
    apply.kill().unwrap();
    apply.wait().unwrap();
    compose(&format!(
        "  db:\n    image: IMAGE\n    networks: [net]\n    command: {STAYS}\n    \
         deploy: {{endpoint_mode: dnsrr, update_config: {{monitor: 1s}}}}\n"
    ));
    // The one that was left is followed last, when what it waits for is there.
    bench.run(&["apply", "-y"], 0).says("1 created, 1 followed to its end");
}
