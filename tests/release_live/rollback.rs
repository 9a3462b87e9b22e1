//! Going back: contents too, and what cannot come back.

use crate::bench::Bench;

const REFERENCES: &str = "{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{.ConfigName}} {{end}}\
    {{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}} {{end}}{{.Spec.TaskTemplate.ContainerSpec.Env}}";

#[test]
fn contents_and_environment_come_back_and_nothing_secret_is_shown() {
    let Some(bench) = Bench::new("back") else { return };
    let write = |n: &str| {
        bench.compose(&format!(
            "services:\n  web:\n    image: IMAGE\n    environment: {{DB_PASSWORD: env-marker-{n}}}\n    \
             configs: [conf]\n    secrets: [word]\n    deploy: {{replicas: 1, update_config: {{monitor: 1s}}}}\n\
             configs: {{conf: {{file: ./conf}}}}\nsecrets: {{word: {{file: ./word}}}}\n"
        ));
        bench.write("conf", format!("n = {n}\n"));
        bench.write("word", format!("secret-marker-{n}"));
    };
    let live = || bench.docker(&["service", "inspect", "--format", REFERENCES, &bench.name("web")]);
    write("one");
    bench.run(&["apply", "-y"], 0);
    let first = live();
    write("two");
    bench.run(&["apply", "-y"], 0);
    write("three");
    bench.run(&["apply", "-y"], 0);

    // What kept releases need is neither an orphan nor pruned.
    bench.run(&["plan", "--prune", "--detailed-exitcode"], 0);
    bench.run(&["rollback"], 10).says("--approve-plan");
    bench.run(&["rollback", "-y", "--to", "#1"], 0).says("Release #4 (previous: #3");
    assert_eq!(live(), first);
    assert_eq!(bench.history()[0].1, "rollback to #1");
    // What runs is what the container sees.
    bench.run(&["rollback", "-y", "--to", "1"], 0).says("No changes").says("release #1");
    bench.run(&["rollback", "-y"], 0).says("Release #5");
    assert!(live().contains("env-marker-three"), "{}", live());
    for n in ["1", "2", "5"] {
        bench.run(&["history", "--show", n], 0);
        bench.run(&["history", "--json", "--show", n], 0);
    }
    bench.run(&["rollback", "--to", "9"], 1).says("has no release #9");

    // A secret that is gone is gone.
    let secrets =
        bench.docker(&["secret", "ls", "--format", "{{.Name}}", "--filter", &format!("name={}", bench.name("word"))]);
    let used = live();
    for name in secrets.lines().filter(|name| !used.contains(&format!("{name} "))) {
        bench.docker(&["secret", "rm", name]);
    }
    bench.run(&["rollback", "-y", "--to", "1"], 9).says("SU0713");
    let markers: Vec<String> = ["one", "two", "three"]
        .iter()
        .flat_map(|n| [format!("env-marker-{n}"), format!("secret-marker-{n}")])
        .collect();
    bench.never_said(&markers.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_stack_that_docker_made_is_adopted_and_known_from_then_on() {
    let Some(bench) = Bench::new("adopt") else { return };
    bench.run(&["adopt", "-y"], 1).says("nothing found in stack");
    let write = |replicas: u32| {
        bench.compose(&format!(
            "version: \"3.8\"\nservices:\n  web:\n    image: IMAGE\n    deploy: {{replicas: {replicas}}}\n  \
             db:\n    image: IMAGE\n    deploy: {{replicas: 0}}\n"
        ));
    };
    write(0);
    let file = bench.path().join("compose.yaml");
    let deploy = || bench.docker(&["stack", "deploy", "-c", file.to_str().unwrap(), &bench.stack]);
    deploy();
    bench.run(&["drift"], 1).says("no release");
    bench.run(&["rollback", "-y"], 1).says("no release");
    bench.run(&["adopt"], 10);
    bench.run(&["adopt", "-y"], 0).says("Release #1: 2 services");
    bench.run(&["adopt", "-y"], 0).says("nothing to adopt");
    bench.run(&["drift", "--detailed-exitcode"], 0).says("No drift");

    write(1);
    deploy();
    bench.run(&["plan"], 0).says("last deployed by another tool since release #1");
    bench.run(&["drift", "--detailed-exitcode"], 2).says("last deployed by another tool");
    write(2);
    let plan = bench.run(&["plan", "--format", "json"], 0).stdout;
    assert!(plan.contains("\"standing\": \"other_tool\"") && plan.contains("\"drift\": []"), "{plan}");
    bench.run(&["apply", "-y"], 0).says("Release #2");
    bench.run(&["drift", "--detailed-exitcode"], 0);
    bench.run(&["rollback", "-y"], 0).says("Release #3");
}
