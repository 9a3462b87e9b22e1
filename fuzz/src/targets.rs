//! What each target does with its bytes. `tests/fuzz_finds.rs` runs the same over what has been found, with stable Rust.

use std::path::Path;

use crate::compose::environment;
use crate::files::{Beside, SECRET};
use crate::judge::{judge, read};

/// A target: any bytes may come, and it must not panic.
pub type Target = fn(&[u8]);

/// By the names of their binaries.
pub const TARGETS: &[(&str, Target)] = &[
    ("reader", reader),
    ("merge", merge),
    ("tags", tags),
    ("interpolation", interpolation),
    ("words", words),
    ("env_files", env_files),
    ("ports", ports),
    ("volumes", volumes),
    ("durations", durations),
    ("sizes", sizes),
    ("numbers", numbers),
    ("images", images),
    ("hosts", hosts),
    ("pairs", pairs),
    ("references", references),
    ("policies", policies),
];

/// Any bytes as a Compose file.
fn reader(data: &[u8]) {
    judge(&[data], &Beside::default());
}

/// Two files, the second after a line of `%`. The second is also what `include` and `extends` of the first find.
fn merge(data: &[u8]) {
    let at = data.windows(3).position(|three| three == b"\n%\n").unwrap_or(data.len());
    let (first, second) = data.split_at(at);
    let second = second.get(3..).unwrap_or(b"{}");
    let beside = Beside { yml: second, ..Beside::default() };
    judge(&[first, second], &beside);
    judge(&[first], &beside);
}

/// An override of a full service: `!reset`, `!override`, and any value.
fn tags(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let over = format!("services:\n  web:\n    {}\n", text.replace('\n', "\n    "));
    judge(&[service(FULL).as_bytes(), over.as_bytes()], &Beside::default());
}

/// Any text with variables; with each `$` doubled it stays what it is.
fn interpolation(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = in_a_service("hostname: {}", text);
    judge(&[file.as_bytes()], &Beside::default());
    let file = in_a_service("hostname: {}", &text.replace('$', "$$"));
    let escaped = read(&[file.as_bytes()], &Beside::default(), true).stack.expect("any text is a hostname here");
    assert_eq!(escaped.services["web"].hostname.as_ref().map(|h| h.value.as_str()), Some(text));
}

/// A command line, split as a shell splits it; its words between quotes are split into the same words.
fn words(data: &[u8]) {
    let Ok(line) = std::str::from_utf8(data) else { return };
    if let Some(split) = split(line) {
        let quoted: Vec<String> = split.iter().map(|w| format!("'{}'", w.replace('\'', "'\\''"))).collect();
        assert_eq!(self::split(&quoted.join(" ")), Some(split));
    }
}

/// A file of variables, as `env_file` reads it and as `.env` is read; nothing of it is ever shown.
fn env_files(data: &[u8]) {
    let file = service("    image: a/b:1\n    env_file: [vars.env]");
    judge(&[file.as_bytes()], &Beside { env: data, ..Beside::default() });
    let bad = [data, b"\n", SECRET.as_bytes(), b" x=1\n=", SECRET.as_bytes(), b"\n"].concat();
    read(&[file.as_bytes()], &Beside { env: &bad, told: true.into(), ..Beside::default() }, true);
    // The same as `.env`.
    let dotenv = |env| {
        let process = [("A".to_owned(), "b".to_owned())].into();
        let tell = |_: &Path, problem| assert!(!format!("{problem:?}").contains(SECRET));
        environment([Path::new("x.env")], &process, &Beside { env, ..Beside::default() }, |_| "x.env".into(), tell);
    };
    dotenv(data);
    dotenv(&bad);
}

/// The short form of a port.
fn ports(data: &[u8]) {
    value("ports: [{}]", data);
}

/// The short forms of a mount.
fn volumes(data: &[u8]) {
    value("volumes: [{}]", data);
    value("tmpfs: [{}]", data);
}

/// A duration.
fn durations(data: &[u8]) {
    value("stop_grace_period: {}", data);
    value("deploy: {update_config: {delay: {}}}", data);
}

/// A size in bytes.
fn sizes(data: &[u8]) {
    value("deploy: {resources: {limits: {memory: {}}}}", data);
    value("volumes: [{type: tmpfs, target: /t, tmpfs: {size: {}}}]", data);
}

/// Numbers as text, and CPUs.
fn numbers(data: &[u8]) {
    value("deploy: {replicas: {}}", data);
    value("deploy: {resources: {limits: {cpus: {}, pids: {}}}}", data);
    value("deploy: {update_config: {max_failure_ratio: {}, parallelism: {}}}", data);
    value("ulimits: {nofile: {}, nproc: {soft: {}, hard: 9}}", data);
    value("oom_score_adj: {}", data);
    value("ports: [{target: {}, published: {}}]", data);
    value("init: {}", data);
}

/// The name of an image.
fn images(data: &[u8]) {
    value("image: {}", data);
}

/// Names and addresses.
fn hosts(data: &[u8]) {
    value("extra_hosts: [{}]", data);
    value("extra_hosts: {db: {}}", data);
    value("networks: {n: {aliases: [{}]}}", data);
}

/// KEY=value, in a list.
fn pairs(data: &[u8]) {
    value("environment: [{}]", data);
    value("labels: [{}]", data);
    value("sysctls: [{}]", data);
    value("deploy: {labels: [{}]}", data);
}

/// The short form of a config or secret, and file modes.
fn references(data: &[u8]) {
    value("configs: [{}]", data);
    value("secrets: [{}]", data);
    value("secrets: [{source: s, target: {}, uid: {}, mode: {}}]", data);
    value("volumes: [{type: tmpfs, target: /t, tmpfs: {mode: {}}}]", data);
}

/// Words that stand for what to do.
fn policies(data: &[u8]) {
    value("restart: {}", data);
    value("depends_on: {web: {condition: {}}}", data);
    value("deploy: {mode: {}}", data);
    value("deploy: {restart_policy: {condition: {}}}", data);
    value("deploy: {placement: {constraints: [{}]}}", data);
    value("healthcheck: {test: {}}", data);
}

/// The words of a line in which variables are of no interest.
fn split(line: &str) -> Option<Vec<String>> {
    let file = in_a_service("command: {}", &line.replace('$', "$$"));
    let stack = judge(&[file.as_bytes()], &Beside::default())?;
    stack.services["web"].command.as_ref().map(|w| w.value.clone())
}

/// One text as the value of a key of a service, where `{}` stands in the template.
fn value(template: &str, data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    judge(&[in_a_service(template, text).as_bytes()], &Beside::default());
}

/// Between double quotes, with escapes for all that YAML might not take as it is.
fn quoted(text: &str) -> String {
    let inside = text.chars().map(|c| match c {
        ' ' | '!' | '#'..='[' | ']'..='~' => c.to_string(),
        c => format!("\\U{:08X}", c as u32),
    });
    format!("\"{}\"", inside.collect::<String>())
}

fn in_a_service(template: &str, text: &str) -> String {
    let quoted = quoted(text);
    let image = if template.starts_with("image") { "" } else { "    image: a/b:1\n" };
    service(&format!("{image}    {}", template.replace("{}", &quoted)))
}

/// A service whose keys are `lines`, with everything declared that short forms may name.
fn service(lines: &str) -> String {
    format!(
        "services:\n  web:\n    x-k: 1\n{lines}\nvolumes: {{v: {{}}}}\nnetworks: {{n: {{}}}}\nsecrets: {{s: {{external: true}}}}\nconfigs: {{c: {{content: c}}}}\n"
    )
}

/// The keys of a service with something of everything.
const FULL: &str = "    image: a:1\n    command: x\n    ports: ['80:80']\n    volumes: ['v:/v']\n    environment: {A: b}\n    labels: {a: b}\n    networks: {n: {aliases: [x]}}\n    secrets: [s]\n    configs: [c]\n    deploy: {replicas: 2, labels: {a: b}, resources: {limits: {cpus: 1, memory: 1g}}, update_config: {order: start-first}}\n    healthcheck: {test: x, interval: 1s}\n    logging: {driver: x, options: {a: b}}\n    dns: [1.1.1.1]";
