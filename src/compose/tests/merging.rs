//! Two files over each other, and the places that survive.

use super::{Memory, config, read};

/// `field` of service `a` in both files → what `config` shows of it.
fn merged(base: &str, next: &str) -> String {
    let file = |part: &str| format!("services:\n  a:\n    image: i\n    {}\n", part.replace('\n', "\n    "));
    let printed = config(&[&file(base), &file(next)], &[], &Memory::default());
    let (_, rest) = printed.split_once("image: i\n").unwrap();
    rest.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn as_docker_merges() {
    for (base, next, expected) in [
        ("hostname: x", "hostname: ''", "hostname: x"),
        ("hostname: x", "hostname: z", "hostname: z"),
        ("command: a b", "command: []", "command: - a - b"),
        ("command: a b", "command: c", "command: - c"),
        ("environment: {A: x, B: z}", "environment: {A: '', B: }", "environment: A: x B: z"),
        ("environment: {A: x}", "environment: [A=w, B]", "environment: A: w B: null"),
        ("labels: {A: x}", "labels: {A: ''}", "labels: A: \"\""),
        ("dns: [1.1.1.1]", "dns: [1.1.1.1, 8.8.8.8]", "dns: - \"1.1.1.1\" - \"8.8.8.8\""),
        ("deploy: {replicas: 3}", "deploy: {replicas: 0}", "deploy: replicas: 0"),
        (
            "deploy: {placement: {max_replicas_per_node: 3}}",
            "deploy: {placement: {max_replicas_per_node: 0}}",
            "deploy: placement: max_replicas_per_node: 3",
        ),
        (
            "deploy: {update_config: {delay: 5s, parallelism: 2}}",
            "deploy: {update_config: {delay: 0s, order: start-first}}",
            "deploy: update_config: parallelism: 2 delay: 5s order: start-first",
        ),
        (
            "logging: {driver: x, options: {a: b}}",
            "logging: {options: {c: d}}",
            "logging: driver: x options: a: b c: d",
        ),
        (
            "logging: {driver: x, options: {a: b}}",
            "logging: {driver: w, options: {c: d}}",
            "logging: driver: w options: c: d",
        ),
        ("ulimits: {core: {soft: 1, hard: 2}}", "ulimits: {core: 3}", "ulimits: core: 3"),
        ("volumes: [/b]", "volumes: [/a]", "volumes: - type: volume target: /a - type: volume target: /b"),
        (
            "hostname: x",
            "volumes: [/b, /a]",
            "hostname: x volumes: - type: volume target: /b - type: volume target: /a",
        ),
        (
            "networks: {default: {aliases: [p]}}",
            "networks: {default: {aliases: [q]}}",
            "networks: default: aliases: - q",
        ),
        ("networks: {default: {aliases: [p]}}", "networks: [default]", "networks: default: aliases: - p"),
        ("ports: ['80:1']", "ports: ['80:2']", "ports: - mode: ingress target: 2 published: 80 protocol: tcp"),
    ] {
        assert_eq!(merged(base, next), expected, "{base} + {next}");
    }
}

#[test]
fn better_than_docker_merges() {
    for (base, next, expected) in [
        ("healthcheck: {test: [CMD, a]}", "healthcheck: {test: [CMD, b]}", "healthcheck: test: - CMD - b"),
        ("init: true", "init: false", "init: false"),
        ("tty: true", "tty: false", "tty: false"),
        (
            "ports: ['53:53/tcp', '53:53/udp']",
            "hostname: x",
            "hostname: x ports: - mode: ingress target: 53 published: 53 protocol: tcp - mode: ingress target: 53 published: 53 protocol: udp",
        ),
        (
            "ports: ['80']",
            "ports: ['81']",
            "ports: - mode: ingress target: 80 protocol: tcp - mode: ingress target: 81 protocol: tcp",
        ),
    ] {
        assert_eq!(merged(base, next), expected, "{base} + {next}");
    }
}

#[test]
fn a_value_knows_the_file_that_won() {
    let base = "services:\n  a:\n    image: i\n    environment:\n      A: x\n      B: z\n";
    let next = "services:\n  a:\n    environment:\n      B: ${W}\n";
    let (loaded, sources) = read(&[base, next], &[("W", "w")], &Memory::default());
    let stack = loaded.stack.unwrap();
    let place = |key: &str| sources.place(stack.services["a"].environment[key].span).unwrap();
    assert_eq!(place("A"), "0.yml:5");
    assert_eq!(place("B"), "1.yml:4");
    assert_eq!(sources.place(stack.services["a"].image.as_ref().unwrap().span).unwrap(), "0.yml:3");
}

#[test]
fn tags_take_values_of_earlier_files_away() {
    for (base, next, expected) in [
        ("ports: ['80:1', '81:2']", "ports: !reset []", ""),
        ("ports: ['80:1', '81:2']", "ports: !reset", ""),
        (
            "ports: ['80:1', '81:2']",
            "ports: !override ['82:3']",
            "ports: - mode: ingress target: 3 published: 82 protocol: tcp",
        ),
        ("environment: {A: x, B: y}", "environment: {A: !reset null}", "environment: B: \"y\""),
        ("environment: [A=x, B=y]", "environment: !override {C: z}", "environment: C: z"),
        ("dns: [1.1.1.1]", "dns: !override [8.8.8.8]", "dns: - \"8.8.8.8\""),
        ("command: a", "command: !reset b", ""),
        ("deploy: {replicas: 3, mode: replicated}", "deploy: {replicas: !reset 0}", "deploy: mode: replicated"),
        ("deploy: {replicas: 3}", "deploy: !override {mode: global}", "deploy: mode: global"),
        (
            "deploy: {resources: {limits: {cpus: '1', memory: 1g}}}",
            "deploy: {resources: {limits: {memory: !reset ''}}}",
            "deploy: resources: limits: cpus: \"1\"",
        ),
        ("healthcheck: {test: [CMD, a], retries: 3}", "healthcheck: {test: !reset []}", "healthcheck: retries: 3"),
        ("volumes: [/a]\ntmpfs: /b", "volumes: !reset []", "volumes: - type: tmpfs target: /b"),
        (
            "volumes: [/a]\ntmpfs: /b",
            "tmpfs: !override /c",
            "volumes: - type: volume target: /a - type: tmpfs target: /c",
        ),
        ("privileged: true", "privileged: !reset false", ""),
        ("hostname: x", "hostname: !reset '${GONE:?never}'", ""),
    ] {
        assert_eq!(merged(base, next), expected, "{base} + {next}");
    }
}

#[test]
fn tags_reach_services_objects_and_what_is_extended() {
    let base =
        "services:\n  a: {image: i, secrets: [s], ports: ['80:80']}\n  b: {image: i}\nsecrets: {s: {external: true}}\n";
    let next = "services:\n  a: {secrets: !reset null}\n  b: !reset\nsecrets: {s: !reset {}}\n";
    let printed = config(&[base, next], &[], &Memory::default());
    assert!(!printed.contains("  b:") && !printed.contains("secrets"), "{printed}");
    let extended = "services:\n  a: {image: i, ports: ['80:80'], user: u}\n  b: {extends: a, ports: !reset [], user: !override v}\n";
    let printed = config(&[extended], &[], &Memory::default());
    assert_eq!(printed.matches("ports:").count(), 1, "{printed}");
    assert!(printed.contains("user: v"), "{printed}");
}

#[test]
fn a_tag_does_not_hide_a_slip() {
    let text = "services:\n  a:\n    image: i\n    prots: !reset []\n    dns: [!reset 1.1.1.1]\n";
    let (loaded, sources) = read(&[text], &[], &Memory::default());
    assert_eq!(super::shown(&loaded, &sources), ["SU0201 0.yml:4:5", "SU0117 0.yml:5:11"]);
}

#[test]
fn config_of_files_that_list_the_same_can_be_read_again() {
    let lists = "services:\n  a:\n    image: i:1\n    dns: [1.1.1.1]\n    dns_search: [x]\n    cap_add: [ALL]\n    cap_drop: [ALL]\n    extra_hosts: [\"a:1\"]\n    env_file: [a.env]\n    expose: [80]\n    ports: ['80:80', '80:80/tcp', '81']\n";
    let files = Memory::default().with("/stack/a.env", "A=1\n");
    let merged = config(&[lists, lists], &[], &files);
    assert_eq!(config(&[&merged], &[], &files), merged);
}
