//! A marker in everything that is secret comes out nowhere: no stream, no form, no file, no event.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::path::Path;
use std::process::Command;

use lab::Lab;
use support::run::stackup_command;

/// One of each place where a secret may stand.
const PLACES: [&str; 9] = ["file", "variable", "literal", "marked", "label", "envfile", "config", "url", "registry"];

/// Unlike anything else, and another one in each run.
struct Markers(String);

impl Markers {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Self(format!("mk{:x}", now.as_nanos()))
    }

    fn of(&self, place: &str) -> String {
        format!("{}-{place}", self.0)
    }

    /// Every form in which it might come out.
    fn forms(&self) -> Vec<String> {
        let mut forms = vec![self.0.clone()];
        for place in PLACES {
            // As an engine is sent it, and as docker keeps credentials.
            forms.extend([base64(self.of(place).as_bytes()), base64(format!("user:{}", self.of(place)).as_bytes())]);
        }
        forms
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes).trim_end_matches('=').to_owned()
}

/// A folder of files with a marker in each place, and what was said so far.
struct Stage<'a> {
    host: &'a str,
    dir: &'a Path,
    markers: Markers,
    commands: usize,
}

impl Stage<'_> {
    fn write(&self, image: &str, command: &str, health: &str, turn: &str) {
        let mark = |place: &str| self.markers.of(place) + turn;
        let write = |name: &str, text: String| std::fs::write(self.dir.join(name), text).unwrap();
        write("word", mark("file"));
        write("vars.env", format!("SERVICE_TOKEN={}\n", mark("envfile")));
        write("app.conf", format!("listen 80;\npass_phrase {};\n", mark("config")));
        write(
            "docker-compose.yml",
            format!(
                "services:\n  web:\n    image: {image}\n    command: {command}\n{health}    env_file: [vars.env]\n    \
                 secrets: [word, spoken]\n    configs: [app]\n    environment:\n      DB_PASSWORD: {}\n      \
                 HARMLESS: {}\n      DB_URL: postgres://me:{}@db/x\n    deploy:\n      replicas: 1\n      \
                 labels: {{plain.label: \"{}\"}}\n      restart_policy: {{condition: none}}\n      \
                 update_config: {{monitor: 5s}}\nsecrets:\n  word: {{file: ./word}}\n  \
                 spoken: {{environment: SPOKEN}}\nconfigs:\n  app: {{file: ./app.conf}}\n\
                 x-stackup: {{sensitive: [HARMLESS, plain.label, app]}}\n",
                mark("literal"),
                mark("marked"),
                mark("url"),
                mark("label"),
            ),
        );
    }

    /// Runs, looks for markers in both streams, and gives the exit code.
    fn run(&mut self, args: &[&str], turn: &str) -> i32 {
        let mut command: Command = stackup_command(self.host, self.dir);
        let output = command.env("SPOKEN", self.markers.of("variable") + turn).args(args).output().unwrap();
        self.look(&format!("{args:?} (standard output)"), &output.stdout);
        self.look(&format!("{args:?} (standard error)"), &output.stderr);
        self.commands += 1;
        output.status.code().unwrap_or(-1)
    }

    #[track_caller]
    fn look(&self, what: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for form in self.markers.forms() {
            let line = text.lines().find(|line| line.contains(&form));
            assert!(line.is_none(), "{what} gives {form} away:\n{}", line.unwrap_or_default());
        }
    }

    fn look_into(&self, file: &str) {
        let bytes = std::fs::read(self.dir.join(file)).unwrap();
        self.look(file, &bytes);
        if let Ok(text) = zstd::decode_all(&bytes[..]) {
            self.look(file, &text);
        }
    }
}

#[test]
fn no_marker_comes_out() {
    let Some(lab) = Lab::up(1) else { return };
    let image = lab.image(&["marker:v1"]);
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Stage { host: lab.host(), dir: folder.path(), markers: Markers::new(), commands: 0 };
    let credentials = format!("user:{}", stage.markers.of("registry"));
    let auth = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(credentials)
    };
    std::fs::create_dir(folder.path().join(".docker")).unwrap();
    let config = format!("{{\"auths\": {{\"{}\": {{\"auth\": \"{auth}\"}}}}}}", lab.registry());
    std::fs::write(folder.path().join(".docker/config.json"), config).unwrap();

    let stack = "marker";
    // The first round goes well. The tasks of the second tell their secrets and die, the probes of the third tell them and
    // fail, and those of the last are a job that tells them and succeeds.
    let well = "[\"sh\", \"-c\", \"sleep 1000\"]";
    let telling = "[\"sh\", \"-c\", \"env; cat /run/secrets/* /app; exit 3\"]";
    let done = "[\"sh\", \"-c\", \"env; cat /run/secrets/* /app\"]";
    let probe =
        "    healthcheck: {test: [CMD-SHELL, \"env; cat /run/secrets/* /app; false\"], interval: 1s, retries: 1}\n";
    let rounds = [
        (0, well, "", "", "rollback"),
        (1, telling, "", "-again", "rollback"),
        (2, well, probe, "-third", "rollback-stack"),
        (3, done, "", "-last", "stop"),
    ];
    for (round, command, health, turn, on_failure) in rounds {
        stage.write(&image, command, health, turn);
        let every_form = [
            &["check"][..],
            &["check", "--format", "json"],
            &["plan", stack],
            &["plan", "--full", stack],
            &["plan", "--format", "compact", stack],
            &["plan", "--format", "json", stack],
            &["plan", "--json", stack],
            &["plan", "--json-into", "plan.events", "-o", "p.stackup", stack],
            &["plan", "--live", "empty", stack],
            &["show", "p.stackup"],
            &["show", "--full", "p.stackup"],
            &["show", "--format", "compact", "p.stackup"],
            &["show", "--format", "json", "p.stackup"],
            &["show", "--format", "markdown", "p.stackup"],
            &["show", "--format", "html", "p.stackup"],
            &["plan", "--format", "markdown", stack],
            &["plan", "--format", "html", stack],
            &["show", "--json", "p.stackup"],
        ];
        // The later rounds are about what a rollout says.
        let forms = if round < 2 { &every_form[..] } else { &[&["plan", "-o", "p.stackup", stack][..]] };
        for args in forms {
            assert_eq!(stage.run(args, turn), 0, "{args:?}");
        }
        stage.look_into("p.stackup");
        if round < 2 {
            stage.look_into("plan.events");
        }
        let apply =
            ["apply", "--progress", "plain", "--json-into", "apply.events", "--on-failure", on_failure, "p.stackup"];
        let code = stage.run(&apply, turn);
        assert_eq!(code == 0, round == 0 || round == 3, "exit {code}");
        stage.look_into("apply.events");
        let events = std::fs::read_to_string(stage.dir.join("apply.events")).unwrap();
        let told = |part: &str| assert!(events.contains(part), "round {round}: {part} is not in\n{events}");
        match round {
            1 => told("\"log\":[\""),
            2 => told("\"probe\":[\""),
            3 => told("\"type\":\"log\""),
            _ => {}
        }
        if round < 2 {
            let _ = stage.run(&["apply", "--json", "p.stackup"], turn);
        }
        for args in [
            &["history", stack][..],
            &["history", "--json", stack],
            &["history", "--show", "1", stack],
            &["history", "--show", "1", "--json", stack],
            &["drift", stack],
        ] {
            assert_eq!(stage.run(args, turn), 0, "{args:?}");
        }
        if round > 1 {
            continue;
        }
        for args in [
            &["snapshot", stack][..],
            &["snapshot", "-o", "live.snapshot", stack],
            &["plan", "--live", "live.snapshot", "--format", "json", stack],
            &["plan", "--live", "live.snapshot", "-o", "recorded.stackup", stack],
            &["status", stack],
            &["status", "--json", stack],
            &["ps", "--no-trunc", stack],
            &["services", stack],
            &["services", "--format", "{{json .}}", stack],
            &["ls"],
        ] {
            let code = stage.run(args, turn);
            assert!(code == 0, "{args:?}: exit {code}");
        }
        stage.look_into("live.snapshot");
        stage.look_into("recorded.stackup");
    }
    // Stale, with a table of what differs.
    stage.write(&image, well, "", "-more");
    stage.run(&["plan", "-o", "p.stackup", stack], "-more");
    stage.write(&image, well, "", "-most");
    assert_eq!(stage.run(&["apply", "p.stackup"], "-most"), 4);
    assert_eq!(stage.run(&["apply", "--json", "p.stackup"], "-most"), 4);
    stage.run(&["rm", "-y", stack], "");
    assert!(stage.commands > 50, "{} commands", stage.commands);
}
