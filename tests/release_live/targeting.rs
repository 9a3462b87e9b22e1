//! Flags that choose what is planned and what is removed, as they act on a swarm.

use std::collections::BTreeSet;

use crate::bench::Bench;
use crate::support::run::running_tasks;

fn compose(bench: &Bench, log: &str, services: &[&str]) {
    let service = |name: &&str| {
        format!(
            "  {name}:\n    image: IMAGE\n    environment: {{LOG: {log}}}\n    configs: [{name}]\n    \
             deploy: {{update_config: {{parallelism: 0, monitor: 1s}}}}\n"
        )
    };
    let config = |name: &&str| format!("  {name}: {{content: \"log = {log}\"}}\n");
    let (all, configs) = (services.iter().map(service), services.iter().map(config));
    bench.compose(&format!("services:\n{}configs:\n{}", all.collect::<String>(), configs.collect::<String>()));
}

fn ids(bench: &Bench, key: &str) -> BTreeSet<String> {
    running_tasks(bench.host(), &bench.name(key)).into_iter().collect()
}

#[test]
fn only_what_was_chosen_is_changed_restarted_or_removed() {
    let Some(bench) = Bench::new("target") else { return };
    compose(&bench, "info", &["api", "old", "web"]);
    bench.run(&["apply", "-y"], 0);
    let before = [ids(&bench, "api"), ids(&bench, "old"), ids(&bench, "web")];

    // Nothing differs, and both flags say so; one that names nothing is a slip.
    bench.run(&["plan", "--detailed-exitcode"], 0);
    bench.run(&["apply", "-y", "--expect-no-changes"], 0).says("No changes.");
    bench.run(&["plan", "--target", "wbe"], 64).says("did you mean `web`?");
    bench.run(&["apply", "-y", "--replace", "x*"], 64).says("`--replace x*`");

    // Something differs: the one flag ends with 2 and does nothing, the other chooses.
    compose(&bench, "debug", &["api", "old", "web"]);
    bench.run(&["plan", "--detailed-exitcode"], 2);
    bench.run(&["apply", "-y", "--expect-no-changes"], 2).says("ROLLING RESTART");
    assert_eq!([ids(&bench, "api"), ids(&bench, "old"), ids(&bench, "web")], before);
    bench.run(&["plan", "--target", "w*"], 0).says("Incomplete: --target or --exclude left something out.");
    bench.run(&["apply", "-y", "--target", "w*"], 0).says("1 created, 1 restarted");
    assert!(ids(&bench, "web").is_disjoint(&before[2]));
    assert_eq!([ids(&bench, "api"), ids(&bench, "old")], before[..2]);
    bench.run(&["plan", "--target", "web"], 0).says("No changes in what was chosen");
    bench.run(&["plan", "--detailed-exitcode", "--exclude", "api", "--exclude", "old"], 0);
    bench.run(&["plan", "--detailed-exitcode", "--exclude", "web"], 2);
    bench.run(&["apply", "-y", "--exclude", "old"], 0).says("1 created, 1 restarted");
    assert_eq!(ids(&bench, "old"), before[1]);

    // A restart that nothing but the person asks for.
    let web = ids(&bench, "web");
    compose(&bench, "debug", &["api", "web"]);
    bench.run(&["plan", "--replace", "web"], 0).says("ROLLING RESTART of 1 task");
    bench.run(&["apply", "-y", "--replace", "web"], 0).says("1 restarted");
    assert!(ids(&bench, "web").is_disjoint(&web));
    bench.run(&["plan", "--detailed-exitcode"], 0);

    // What no file names is shown, kept when it is excluded, and removed when that is asked for; never all of it by a slip.
    bench.run(&["plan"], 0).says("kept, --prune removes");
    bench.run(&["apply", "-y", "--prune", "--exclude", "old"], 0);
    assert_eq!(ids(&bench, "old"), before[1]);
    bench.run(&["plan", "--prune", "--detailed-exitcode"], 2).says("1 remove");
    bench.run(&["apply", "-y", "--prune"], 0).says("removed");
    let names = bench.docker(&["service", "ls", "--format", "{{.Name}}"]);
    assert!(!names.lines().any(|name| name == bench.name("old")), "{names}");
    bench.run(&["plan", "--prune", "--detailed-exitcode"], 0);
    bench.compose("services: {}\n");
    bench.run(&["plan", "--prune"], 9).says("stackup rm");
    bench.run(&["apply", "-y", "--prune"], 9);
    assert!(!ids(&bench, "web").is_empty());
}
