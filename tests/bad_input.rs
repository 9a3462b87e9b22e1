//! Whatever a person throws at it: a message that says what, where and what next, the right exit code, nothing half done.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use lab::Lab;
use support::run::{Run, docker, stackup, stackup_command};

const NOWHERE: &str = "unix:///nonexistent/docker.sock";

/// `stackup check` of a file with this text.
fn check(text: impl AsRef<[u8]>) -> Run {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("stack.yml"), text).unwrap();
    let start = Instant::now();
    let run = stackup(NOWHERE, dir.path(), &["check", "-c", "stack.yml"]);
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run
}

#[test]
fn files_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| stackup(NOWHERE, dir.path(), &["check", "-c", name]).exits(3);
    at("absent.yml").says("absent.yml").says("no such file");
    std::fs::create_dir(dir.path().join("folder.yml")).unwrap();
    at("folder.yml").says("folder");
    std::fs::write(dir.path().join("empty.yml"), "").unwrap();
    at("empty.yml").says("empty.yml").says("empty");
    stackup(NOWHERE, dir.path(), &["check"]).exits(3).says("compose.yaml");
}

#[test]
fn yaml_that_is_none() {
    check("services:\n\tweb:\n\t\timage: a/b\n").exits(3).says("stack.yml:2").says("tab");
    check("services:\n  web:\n    image: a/b\n   ports: []\n").exits(3).says("stack.yml:4");
    check("services:\n  web:\n    image: a/b\n    image: c/d\n").exits(3).says("stack.yml:4").says("image");
    check(b"services:\n  web: {image: \xff\xfe}\n").exits(3).says("UTF-8");
    check("- a\n- b\n").exits(3).says("stack.yml:1");
}

#[test]
fn a_file_that_would_eat_the_machine() {
    let mut bomb = String::from("x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("x-{level}: &a{level} [{inner}]\n");
    }
    check(bomb + "services: {web: {image: a/b}}\n").exits(3).says("alias");
    check(format!("x-big: \"{}\"\n", "a".repeat(50 << 20))).exits(3).says("may have 10485760, which is 10 MB");
    check("x-deep: ".to_owned() + &"[".repeat(100_000)).exits(3).says("stack.yml:1");
}

/// Runs with 4 GB of memory at most; what takes longer than a minute of processor time is ended.
fn bounded(dir: &Path, args: &[&str]) -> Run {
    let limits = "ulimit -v 4000000; ulimit -t 60; exec \"$0\" \"$@\"";
    let own = stackup_command(NOWHERE, dir);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", limits]).arg(own.get_program()).args(args).current_dir(dir).env_clear().env("HOME", dir);
    let run = Run::of(command.stdin(std::process::Stdio::null()).output().unwrap());
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert!(run.stdout.len() + run.stderr.len() < 4 << 20, "{} bytes are said", run.stderr.len());
    run
}

#[test]
fn what_is_no_file_of_text() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| bounded(dir.path(), &["check", "-c", name]).exits(3).says("help: ");
    at("/dev/zero").says("`/dev/zero` cannot be read: it is larger than 64 MB");
    at("/proc/self/mem").says("`/proc/self/mem` cannot be read: input/output error\n");
    at("/dev/null").says("the file is empty");
    let name = |name: &str| dir.path().join(name);
    std::os::unix::fs::symlink("loop.yml", name("loop.yml")).unwrap();
    at("loop.yml").says("too many levels of symbolic links\n");
    let mut mkfifo = std::process::Command::new("mkfifo");
    assert!(mkfifo.arg(name("pipe")).status().unwrap().success());
    at("pipe").says("it is a pipe, and nobody wrote into it for 10 s");
    // One that somebody writes into is a file like any other.
    let path = name("pipe");
    let writer = std::thread::spawn(move || std::fs::write(path, "services: {web: {imgae: a}}\n"));
    at("pipe").says("did you mean `image`");
    writer.join().unwrap().unwrap();
}

#[test]
fn files_that_are_named_and_have_no_end() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::File::create(dir.path().join("giant")).unwrap().set_len(1 << 30).unwrap();
    let check = |text: &str| {
        std::fs::write(dir.path().join("stack.yml"), format!("services:\n  web:\n    image: a/b:1\n{text}\n")).unwrap();
        bounded(dir.path(), &["check", "-c", "stack.yml"])
    };
    for file in ["giant", "/dev/zero"] {
        check(&format!("    env_file: [{file}]")).exits(3).says("stack.yml:4").says("it is larger than 64 MB");
        check(&format!("secrets: {{s: {{file: {file}}}}}"))
            .exits(3)
            .says("stack.yml:4")
            .says("it is larger than 64 MB");
        check(&format!("include: [{file}]")).exits(3).says("stack.yml:4").says("it is larger than 64 MB");
        check(&format!("    extends: {{file: {file}, service: a}}"))
            .exits(3)
            .says("stack.yml:4")
            .says("larger than 64 MB");
        // Only what is not there may be left out.
        check(&format!("    env_file: [{{path: {file}, required: false}}]")).exits(3).says("it is larger than 64 MB");
        bounded(dir.path(), &["check", "-c", "stack.yml", "--env-file", file]).exits(3).says("it is larger than 64 MB");
    }
    check("    env_file: [{path: nowhere, required: false}]").exits(0);
    let doubling: String = (1..64).map(|i| format!("V{i}=x$V{0}$V{0}\n", i - 1)).collect();
    std::fs::write(dir.path().join(".env"), doubling).unwrap();
    check("").exits(3).says("`.env` line 23: with it, the values have more than 10 MB");
}

#[test]
fn a_thousand_overrides() {
    let dir = tempfile::tempdir().unwrap();
    let mut args = vec!["check".to_owned()];
    for i in 0..1_000 {
        let text = format!(
            "services:\n  web:\n    image: a/b:{i}\n    environment: {{K{i}: v}}\n    ports: ['{}:80']\n",
            i + 1
        );
        std::fs::write(dir.path().join(format!("{i}.yml")), text).unwrap();
        args.extend(["-c".to_owned(), format!("{i}.yml")]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    bounded(dir.path(), &args).exits(0);
}

#[test]
fn a_line_of_megabytes_with_thousands_of_mistakes() {
    check(format!("services:\n  web:\n    image: a/b\n    user: '{}'\n", "${A".repeat(1_000_000)))
        .exits(3)
        .says("stack.yml:4:12]")
        .says("995000 more problems are not listed");
    let name = "A".repeat(5_000_000);
    let run = check(format!("services:\n  web:\n    image: a/b\n    user: '${{{name}}}'\n")).exits(0);
    assert!(run.stderr.len() < 10_000, "{} bytes are said", run.stderr.len());
}

#[test]
fn texts_of_other_systems() {
    let text = "services:\n  web:\n    imgae: é\n";
    let utf16 =
        |to: fn(u16) -> [u8; 2]| "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(to).collect::<Vec<u8>>();
    for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), text.replace('\n', "\r\n").into_bytes()] {
        check(bytes).exits(3).says("stack.yml:3:5]").says("did you mean `image`");
    }
    // Lines that end as on an old Mac are one line to everybody but YAML.
    check(text.replace('\n', "\r")).exits(3).says("stack.yml:1:").says("did you mean `image`");
    check(text.replace('é', "e").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
        .exits(3)
        .says("U+0000")
        .says("UTF-16");
    check("%YAML 1.2\n---\nservices: {web: {image: a/b}}\n").exits(0);
    check("%YAML 1.2\n%YAML 1.2\n---\nservices: {web: {image: a/b}}\n").exits(3).says("stack.yml:2");
}

#[test]
fn keys_and_names_that_mean_nothing() {
    check("services:\n  web:\n    imgae: a/b\n").exits(3).says("stack.yml:3").says("did you mean `image`");
    check("services:\n  web:\n    image: a/b\n    networks: [bakc]\nnetworks: {back: {}}\n")
        .exits(3)
        .says("stack.yml:4")
        .says("did you mean `back`");
    check("services:\n  web:\n    image: a/b\n    ports: [\"80:80:80:80\"]\n").exits(3).says("stack.yml:4");
    // Every problem of the file in one run.
    check("services:\n  web:\n    imgae: a/b\n    replicas: 3\n  api:\n    image: [a]\n")
        .exits(3)
        .says("imgae")
        .says("replicas")
        .says("stack.yml:6");
}

const STACK: &str = "services:\n  web:\n    image: registry.invalid/a\n";

fn stack_in(dir: &Path) {
    std::fs::write(dir.join("docker-compose.yml"), STACK).unwrap();
}

#[test]
fn no_engine() {
    let dir = tempfile::tempdir().unwrap();
    stack_in(dir.path());
    for command in [&["plan", "s"][..], &["apply", "-y", "s"], &["ls"], &["ps", "s"], &["rm", "-y", "s"]] {
        stackup(NOWHERE, dir.path(), command).exits(1).says("/nonexistent/docker.sock").says("--context NAME");
    }
}

#[test]
fn usage_errors_are_no_changes() {
    let dir = tempfile::tempdir().unwrap();
    stackup(NOWHERE, dir.path(), &["plan", "--nonsense"]).exits(64).says("--nonsense");
    stackup(NOWHERE, dir.path(), &["aply"]).exits(64).says("apply");
}

#[test]
fn not_a_manager_and_a_locked_swarm() {
    let Some(lab) = Lab::named("bad-managers", 3) else { return };
    let dir = tempfile::tempdir().unwrap();
    stack_in(dir.path());
    lab.docker(&["node", "demote", "n3"]);
    // The role changes on the node a moment later.
    let worker = lab.node(3).to_owned();
    let is_worker = || docker(&worker, &["info", "--format", "{{.Swarm.ControlAvailable}}"]).trim() == "false";
    for _ in 0..100 {
        if is_worker() {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    stackup(&worker, dir.path(), &["plan", "s"]).exits(1).says("not a swarm manager").says("docker node promote");
    docker(&worker, &["swarm", "leave"]);
    stackup(&worker, dir.path(), &["plan", "s"]).exits(1).says("docker swarm init");

    lab.docker(&["node", "demote", "n2"]);
    lab.docker(&["swarm", "update", "--autolock=true"]);
    lab.kill(1);
    lab.start(1);
    stackup(lab.host(), dir.path(), &["plan", "s"]).exits(1).says("locked").says("docker swarm unlock");
}

#[test]
fn what_the_swarm_will_not_take_is_refused_before_the_first_write() {
    let Some(lab) = Lab::up(1) else { return };
    let host = lab.host();
    let image = lab.image(&["bad:v1"]);
    let dir = tempfile::tempdir().unwrap();
    let apply = |text: String| {
        std::fs::write(dir.path().join("docker-compose.yml"), text).unwrap();
        let run = stackup(host, dir.path(), &["apply", "-y", "refused"]);
        let left = docker(host, &["network", "ls", "-q", "--filter", "label=com.docker.stack.namespace=refused"]);
        assert_eq!(left, "", "nothing is written: {}", run.stderr);
        run
    };
    docker(host, &["service", "create", "-q", "--name", "squatter", "--publish", "8123:80", &image]);
    let file = |more: &str| format!("services:\n  web:\n    image: {image}\n{more}");
    apply(file("    ports: [\"8123:80\"]\n")).exits(9).says("8123").says("squatter").says("docker-compose.yml:4");
    apply(file("    networks: [out]\nnetworks: {out: {external: true, name: nowhere}}\n")).exits(9).says("nowhere");
    apply(file("    deploy: {placement: {constraints: [node.labels.disk == ssd]}}\n"))
        .exits(9)
        .says("node.labels.disk == ssd")
        .says("docker-compose.yml:4");
    apply(file("    deploy: {placement: {constraints: [\"disk=ssd\"]}}\n")).says("docker-compose.yml:4");
    docker(host, &["service", "rm", "squatter"]);
}
