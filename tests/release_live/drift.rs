//! Every class of difference, as a hand makes it.

use serde_json::Value;

use crate::bench::Bench;

fn compose(bench: &Bench, replicas: u32, log: &str, ignore: &str) {
    bench.compose(&format!(
        "services:\n  web:\n    image: IMAGE\n    environment: {{LOG: {log}, API_TOKEN: marker-a1b2c3}}\n    \
         deploy: {{replicas: {replicas}}}\n    {ignore}\n  \
         api:\n    image: IMAGE\n    deploy: {{replicas: 0}}\n  \
         worker:\n    image: IMAGE\n    deploy: {{replicas: 0}}\n"
    ));
}

fn drift_of(bench: &Bench) -> Vec<(String, String, String)> {
    let run = bench.run(&["plan", "--format", "json"], 0);
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |v: &Value, key: &str| v[key].as_str().unwrap_or_default().to_owned();
    let all = plan["drift"].as_array().unwrap();
    all.iter().map(|d| (text(d, "address"), text(d, "path"), text(d, "origin"))).collect()
}

#[test]
fn each_class_of_difference_is_told_and_can_be_kept() {
    let Some(bench) = Bench::new("drift") else { return };
    compose(&bench, 2, "info", "");
    bench.run(&["deploy", "-c", "compose.yaml"], 0);
    bench.run(&["drift", "--detailed-exitcode"], 0).says("No drift");

    // By hand: scaled, a variable changed, one service removed, one written again, one of nobody's.
    let (web, api, worker) = (bench.name("web"), bench.name("api"), bench.name("worker"));
    bench.docker(&["service", "update", "--detach", "--replicas", "5", "--env-add", "API_TOKEN=marker-d4e5f6", &web]);
    bench.docker(&["service", "update", "--detach", &api]);
    bench.docker(&["service", "rm", &worker]);
    let label = format!("com.docker.stack.namespace={}", bench.stack);
    bench.docker(&[
        "service",
        "create",
        "--detach",
        "--replicas",
        "0",
        "--label",
        &label,
        "--name",
        &bench.name("redis"),
        &bench.image,
    ]);
    let run = bench.run(&["drift", "--detailed-exitcode"], 2);
    let run = run.says("deploy.replicas").says("2 -> 5").says("(sensitive, changed)").says("written again unchanged");
    run.says("removed outside stackup").says("unknown to stackup").says("3 drifted, 1 unmanaged");
    let events = bench.run(&["drift", "--json"], 0).stdout;
    assert_eq!(events.lines().filter(|line| line.contains("\"type\":\"drift\"")).count(), 5, "{events}");

    // The same in a plan, beside what the file changed: drift, both, yours.
    let web_address = "service/web".to_owned();
    compose(&bench, 2, "debug", "");
    let told = drift_of(&bench);
    assert!(told.contains(&(web_address.clone(), "/deploy/replicas".into(), "drift".into())), "{told:?}");
    assert!(told.contains(&("service/worker".into(), String::new(), "drift".into())), "{told:?}");
    bench.run(&["plan"], 0).says("Note: changed outside stackup since release #1").says("this plan sets it back");
    compose(&bench, 3, "debug", "");
    let told = drift_of(&bench);
    assert!(told.contains(&(web_address.clone(), "/deploy/replicas".into(), "both".into())), "{told:?}");
    compose(&bench, 5, "debug", "");
    let told = drift_of(&bench);
    assert!(told.contains(&(web_address, "/deploy/replicas".into(), "already_live".into())), "{told:?}");

    // What the cluster owns stays as it is, when something else is written too.
    compose(&bench, 2, "debug", "x-stackup: {ignore: [deploy.replicas]}");
    let plan = bench.run(&["plan"], 0).stdout;
    assert!(!plan.contains("replicas      5"), "{plan}");
    bench.run(&["deploy", "-c", "compose.yaml"], 0);
    let replicas = || bench.docker(&["service", "inspect", "--format", "{{.Spec.Mode.Replicated.Replicas}}", &web]);
    assert_eq!(replicas().trim(), "5");
    bench.docker(&["service", "scale", "--detach", &format!("{web}=6")]);
    bench.run(&["drift", "--detailed-exitcode"], 2).says("0 drifted, 1 unmanaged");
    bench.never_said(&["marker-a1b2c3", "marker-d4e5f6"]);
}

#[test]
fn accepted_drift_is_what_the_next_plan_starts_from() {
    let Some(bench) = Bench::new("accept") else { return };
    compose(&bench, 2, "info", "");
    bench.run(&["deploy", "-c", "compose.yaml"], 0);
    bench.docker(&["service", "scale", "--detach", &format!("{}=4", bench.name("web"))]);
    bench.docker(&["service", "rm", &bench.name("worker")]);
    bench.run(&["drift", "--accept", "wbe"], 1).says("did you mean web?");
    bench.run(&["drift", "--accept", "web"], 0).says("Release #2");
    bench.run(&["drift", "--detailed-exitcode"], 2).says("1 drifted");
    bench.run(&["drift", "--accept="], 0).says("Release #3");
    bench.run(&["drift", "--detailed-exitcode"], 0);
    bench.run(&["drift", "--accept="], 0).says("nothing to accept");
    assert_eq!(bench.history()[0].1, "accepted");
    // Now it is the file that differs.
    assert_eq!(drift_of(&bench), []);
}
