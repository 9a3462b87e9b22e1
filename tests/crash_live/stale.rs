//! Somebody is quicker between the last look and the write.

use std::process::Child;

use crate::bench::Bench;
use crate::stage::{Behind, behind, number, requests};
use crate::support::proxy::{Blow, Fault, Moment, Point, Seen, Which};
use crate::support::run::{Run, docker};

/// `web`, and `late` after it, which is in the way of nothing.
fn file(bench: &Bench, v: u32) {
    bench.compose(&format!(
        "services:\n  web:\n    image: IMAGE\n    environment: {{V: \"{v}\"}}\n    deploy: {{replicas: 0}}\n    \
         x-stackup: {{ignore: [deploy.replicas]}}\n  late:\n    image: IMAGE\n    depends_on: [web]\n    \
         environment: {{V: \"{v}\"}}\n    deploy: {{replicas: 0}}\n"
    ));
}

/// An apply during which somebody runs `docker service update ARGS` right before its write to `service`.
fn apply_while(bench: &Bench, nth: usize, args: &'static [&'static str], service: &str) -> (Run, Vec<Seen>) {
    let (host, service) = (bench.host().to_owned(), bench.name(service));
    let what = Blow::new(move || {
        docker(&host, &[&["service", "update", "--detach"], args, &[service.as_str()]].concat());
    });
    let point = Point { which: Which::Writing, nth, moment: Moment::Meanwhile };
    let Behind { proxy, child }: Behind = behind(bench, &["apply", "-y"], Fault::At { point, what });
    let child: Child = child;
    (Run::of(child.wait_with_output().unwrap()), proxy.writes())
}

fn spec(bench: &Bench, service: &str) -> String {
    let format = "{{.Spec.TaskTemplate.ContainerSpec.Env}} {{.Spec.Mode.Replicated.Replicas}} {{.Spec.Labels}}";
    bench.docker(&["service", "inspect", "--format", format, &bench.name(service)])
}

#[test]
fn what_somebody_changes_right_before_the_write_is_worked_out_again() {
    let Some(bench) = Bench::new("race") else { return };
    file(&bench, 1);
    bench.run(&["apply", "-y"], 0);
    file(&bench, 2);
    let writes: Vec<Seen> = requests(&bench, &["apply", "-y"]).into_iter().filter(Seen::writes).collect();
    let web = number(&writes, "POST", "/services/");

    // The same would be done: it is, on top of the other's change.
    file(&bench, 3);
    let (run, _) = apply_while(&bench, web, &["--replicas", "2"], "web");
    run.exits(0).says("service/web was changed since, and what is done to it is the same").says("Apply complete");
    let live = spec(&bench, "web");
    assert!(live.contains("V=3") && live.contains(" 2 "), "the other's number of tasks stays: {live}");

    // Only the index moved.
    file(&bench, 4);
    let (run, _) = apply_while(&bench, web, &[], "web");
    run.exits(0);

    // Something else would be done than was approved: nothing is, and it is told what.
    file(&bench, 5);
    let (run, writes) = apply_while(&bench, web, &["--label-add", "by=hand"], "web");
    run.exits(4)
        .says("`service/web` was changed by somebody since it was planned")
        .says("deploy.labels.by")
        .says("WHEN PLANNED");
    assert!(!writes.iter().any(|w| w.name.as_deref() == Some(&bench.name("late"))), "{writes:#?}");
    assert!(spec(&bench, "web").contains("V=4") && spec(&bench, "late").contains("V=4"));

    // In the second wave: what the first did stays, is followed and told.
    let (run, _) = apply_while(&bench, web + 1, &["--label-add", "by=hand"], "late");
    run.exits(4)
        .says("`service/late` was changed by somebody")
        .says("done      service web")
        .says("skipped   service late");
    assert!(spec(&bench, "web").contains("V=5") && spec(&bench, "late").contains("V=4"));
    bench.run(&["apply", "-y"], 0);
    bench.run(&["plan", "--detailed-exitcode"], 0);
    bench.run(&["lock", "status"], 0).says("is not locked");
}
