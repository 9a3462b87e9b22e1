//! Jobs that others wait for: run once for a change, before everything else, and nothing changes where they fail.

use crate::bench::Bench;

fn file(migration: &str, version: u8) -> String {
    format!(
        "services:\n  migrate:\n    image: IMAGE\n    command: [sh, -c, \"{migration}\"]\n    \
         deploy: {{mode: replicated-job, restart_policy: {{condition: none}}}}\n  \
         api:\n    image: IMAGE\n    environment: {{V: \"{version}\"}}\n    stop_grace_period: 1s\n    \
         depends_on: {{migrate: {{condition: service_completed_successfully}}}}\n    \
         deploy: {{update_config: {{monitor: 1s}}}}\n  \
         alone:\n    image: IMAGE\n    environment: {{V: \"{version}\"}}\n    stop_grace_period: 1s\n    \
         deploy: {{update_config: {{monitor: 1s}}}}\n"
    )
}

#[test]
fn a_migration_runs_once_for_a_change_and_comes_before_everything() {
    let Some(bench) = Bench::new("gate") else { return };
    let tasks = |key: &str| {
        let ids = bench.docker(&["service", "ps", "-q", "--no-trunc", &bench.name(key)]);
        let mut ids: Vec<String> = ids.lines().map(str::to_owned).collect();
        ids.sort();
        ids
    };
    bench.compose(&file("echo tables: 7", 1));
    bench.run(&["apply", "-y", "--progress", "plain"], 0).says("| tables: 7");
    let (migrations, api) = (tasks("migrate"), tasks("api"));
    assert_eq!(migrations.len(), 1);

    // Unchanged: it has run, and stands in nobody's way.
    bench.compose(&file("echo tables: 7", 2));
    bench.run(&["apply", "-y"], 0);
    assert_eq!(tasks("migrate"), migrations);
    assert_ne!(tasks("api"), api);

    // Changed and failing: what waits for it and what does not are both as they were.
    let (api, alone) = (tasks("api"), tasks("alone"));
    bench.compose(&file("echo no such column; exit 4", 3));
    let run = bench.run(&["apply", "-y"], 6);
    run.says("no such column").says("exit 4").says("depends on migrate");
    assert_eq!((tasks("api"), tasks("alone")), (api, alone));
    let spec = |key: &str| {
        bench.docker(&["service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Env}}", &bench.name(key)])
    };
    assert_eq!((spec("api").trim(), spec("alone").trim()), ("[V=2]", "[V=2]"));

    bench.compose(&file("echo tables: 8", 3));
    bench.run(&["apply", "-y", "--progress", "plain"], 0).says("| tables: 8");
    assert_eq!(spec("alone").trim(), "[V=3]");
}

#[test]
fn waves_that_are_written_down_hold() {
    let Some(bench) = Bench::new("waves") else { return };
    let service = |key: &str, wave: u8, more: &str| {
        format!(
            "  {key}:\n    image: IMAGE\n{more}    x-stackup: {{wave: {wave}}}\n    deploy: {{update_config: {{monitor: 1s}}}}\n"
        )
    };
    let broken = "    command: [/nothing]\n";
    bench.compose(
        &(String::from("services:\n")
            + &service("late", 3, "")
            + &service("early", 1, "")
            + &service("middle", 2, broken)),
    );
    bench.run(&["apply", "-y"], 6);
    let names =
        bench.docker(&["service", "ls", "--filter", &format!("name={}_", bench.stack), "--format", "{{.Name}}"]);
    let mut names: Vec<&str> = names.lines().collect();
    names.sort_unstable();
    assert_eq!(names, [bench.name("early"), bench.name("middle")], "the third wave was never begun");
}
