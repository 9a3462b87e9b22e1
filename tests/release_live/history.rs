//! What is recorded, how long it is kept, and what a broken record does.

use crate::bench::Bench;

/// A service without tasks: quick to write.
fn nobody(bench: &Bench, env: &str) {
    bench.compose(&format!(
        "services:\n  web:\n    image: IMAGE\n    environment: {{V: \"{env}\"}}\n    deploy: {{replicas: 0}}\n"
    ));
}

#[test]
fn the_ten_newest_are_kept_and_nothing_to_do_records_nothing() {
    let Some(bench) = Bench::new("kept") else { return };
    bench.run(&["history"], 0).says("no release of");
    for n in 1..=12 {
        nobody(&bench, &n.to_string());
        bench.run(&["apply", "-y"], 0).says(&format!("Release #{n}"));
    }
    bench.run(&["apply", "-y"], 0).says("No changes");
    let numbers: Vec<String> = bench.history().into_iter().map(|(n, _)| n).collect();
    let expected: Vec<String> = (3..=12).rev().map(|n| format!("#{n}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(bench.records().len(), 10, "{:?}", bench.records());
    bench.run(&["history", "--show", "1"], 1).says("has no release #1; kept are #12");
    bench.run(&["history", "--show", "12"], 0).says("What became of each change");
    let labels = bench.docker(&["config", "inspect", &bench.records()[0], "--format", "{{json .Spec.Labels}}"]);
    assert!(!labels.contains("com.docker.stack.namespace"), "{labels}");

    // Docker's rm leaves them, and they still tell; ours takes them along.
    bench.docker(&["stack", "rm", &bench.stack]);
    assert_eq!(bench.history().len(), 10);
    bench.run(&["rm", "-y"], 0);
    assert_eq!(bench.records(), [""; 0]);
}

#[test]
fn a_failed_apply_is_recorded_with_what_is_live() {
    let Some(bench) = Bench::new("failed") else { return };
    let service = |command: &str| {
        bench.compose(&format!(
            "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"{command}\"]\n    \
             deploy: {{replicas: 1, restart_policy: {{max_attempts: 1}}, \
             update_config: {{failure_action: rollback, monitor: 2s}}}}\n"
        ));
    };
    service("trap 'exit 0' TERM; while :; do sleep 0.1; done");
    bench.run(&["apply", "-y"], 0);
    service("exit 3");
    bench.run(&["apply", "-y"], 7).says("stackup history");
    let history = bench.history();
    assert_eq!(history[0].1, "rolled-back");
    bench.run(&["history", "--show", "2"], 0).says("reverted");
    bench.run(&["drift", "--detailed-exitcode"], 0);
    // The live one is that of #1, and nothing came before it.
    bench.run(&["rollback", "-y"], 1).says("no earlier release");
    bench.run(&["rollback", "-y", "--to", "1"], 0).says("No changes");
}

#[test]
fn a_large_record_is_kept_in_parts_and_a_broken_one_is_said_to_be() {
    let Some(bench) = Bench::new("large") else { return };
    let noise = |seed: u64| {
        // Nothing that compresses.
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        (0..800_000).map(|_| next()).collect::<Vec<u8>>()
    };
    for (name, seed) in [("a", 1), ("b", 2), ("c", 3)] {
        bench.write(name, noise(seed));
    }
    bench.compose(
        "services:\n  web:\n    image: IMAGE\n    configs: [a, b, c]\n    deploy: {replicas: 0}\n\
         configs: {a: {file: ./a}, b: {file: ./b}, c: {file: ./c}}\n",
    );
    bench.run(&["apply", "-y"], 0);
    let records = bench.records();
    assert!(records.len() >= 4, "2.4 MB need a head and three parts: {records:?}");
    bench.run(&["history", "--show", "1"], 0);
    bench.run(&["plan", "--detailed-exitcode"], 0);

    bench.write("a", noise(9));
    bench.run(&["apply", "-y"], 0);
    // The config of the first release is taken away by hand; its content is in the record.
    bench.docker(&["config", "rm", &bench.name("a")]);
    bench.run(&["rollback", "-y"], 0);
    let used = "{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{.ConfigName}} {{end}}";
    let used = bench.docker(&["service", "inspect", "--format", used, &bench.name("web")]);
    assert!(used.contains(&format!("{} ", bench.name("a"))), "{used}");

    let part = bench.records().into_iter().find(|name| name.ends_with(".3.1")).unwrap();
    bench.docker(&["config", "rm", &part]);
    bench.run(&["history", "--show", "3"], 1).says("SU0711").says("part 2 of");
    bench.run(&["plan"], 0).says("SU0711").says("treating live as base");
    bench.run(&["drift"], 1).says("release #3 is damaged");
    // An older one still serves; and the damage is over with the next release.
    bench.run(&["rollback", "-y", "--to", "2"], 0).says("Release #4");
    bench.run(&["drift", "--detailed-exitcode"], 0);
}

#[test]
fn what_is_no_record_at_all_is_no_reason_to_break_down() {
    let Some(bench) = Bench::new("junk") else { return };
    nobody(&bench, "1");
    bench.run(&["apply", "-y"], 0);
    let head = bench.records().remove(0);
    bench.write("junk", "not a record");
    let junk = bench.path().join("junk");
    let label = format!("stackup.stack={}", bench.stack);
    let second = format!("{}2", head.trim_end_matches('1'));
    bench.docker(&["config", "create", "-l", &label, "-l", "stackup.release=2", &second, junk.to_str().unwrap()]);
    assert!(bench.history()[0].1.starts_with("damaged: "), "{:?}", bench.history());
    nobody(&bench, "2");
    bench.run(&["apply", "-y"], 0).says("Release #3");
}
