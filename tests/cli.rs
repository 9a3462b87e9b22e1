//! The program as a shell sees it: exit codes and both streams. No engine is needed.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

use assert_cmd::Command;

/// Runs in `folder` with no environment of the machine's.
fn stackup(folder: &std::path::Path, args: &[&str]) -> std::process::Output {
    Command::cargo_bin("stackup")
        .unwrap()
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("COLUMNS", "100")
        .timeout(std::time::Duration::from_secs(60))
        .output()
        .unwrap()
}

fn here(args: &[&str]) -> std::process::Output {
    stackup(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")), args)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const COMMANDS: &[&str] = &[
    "plan",
    "apply",
    "deploy",
    "check",
    "config",
    "graph",
    "drift",
    "history",
    "rollback",
    "show",
    "snapshot",
    "adopt",
    "lock",
    "rm",
    "ls",
    "ps",
    "services",
    "status",
    "watch",
    "logs",
    "scale",
    "schema",
    "completions",
    "man",
    "explain",
];

const COMPOSE: &str = "version: \"3.8\"\nservices:\n  web:\n    image: acme/web:1\n";

/// A folder with one Compose file.
fn folder(compose: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("docker-compose.yml"), compose).unwrap();
    folder
}

#[test]
fn a_command_line_without_sense_is_64_and_not_claps_2() {
    for args in [
        &["--no-such-flag"][..],
        &["no-such-command"],
        &[],
        &["plan", "--format", "yaml"],
        &["deploy", "name"],
        &["deploy", "-c", "x.yml"],
        &["plan", "-H", "a", "--context", "b"],
        &["explain", "SU9999"],
        &["man", "nothing"],
        &["check", "a-stack"],
    ] {
        let output = here(args);
        assert_eq!(output.status.code(), Some(64), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for args in [&["--help"][..], &["--version"], &["plan", "--help"], &["deploy", "-h"]] {
        let output = here(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(output.stderr.is_empty() && !output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn help_of_every_command() {
    let mut all = text(&here(&["--help"]).stdout);
    for command in COMMANDS {
        all.push_str(&format!("\n\n===== stackup {command} --help\n{}", text(&here(&[command, "--help"]).stdout)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn every_command_is_in_the_snapshot() {
    let help = text(&here(&["--help"]).stdout);
    let listed: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let mut expected = COMMANDS.to_vec();
    let mut found = listed.clone();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn an_unknown_file_is_3_with_a_suggestion() {
    let folder = folder(COMPOSE);
    for command in ["check", "config", "plan", "apply"] {
        let output = stackup(folder.path(), &[command, "-c", "docker-compose.yaml"]);
        let words = text(&output.stderr) + &text(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{command}: {words}");
        assert!(words.contains("error[SU0101]") && words.contains("no such file"), "{words}");
        assert!(words.contains("did you mean `docker-compose.yml`?"), "{words}");
    }
    let empty = tempfile::tempdir().unwrap();
    let output = stackup(empty.path(), &["plan"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("no Compose file in this folder"));
}

#[test]
fn check_shows_every_problem_in_every_form() {
    let folder = folder("services:\n  web:\n    imgae: a\n    image: b\n    network: [x]\n");
    let run = |args: &[&str]| {
        let output = stackup(folder.path(), &[&["check"], args].concat());
        assert_eq!(output.status.code(), Some(3), "{args:?} {}", text(&output.stderr));
        assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let shown = run(&["--ascii"]);
    assert!(shown.contains("error[SU0201]: "), "{shown}");
    assert!(shown.contains(",-[docker-compose.yml:3:5]") && shown.contains("docker-compose.yml:5:5"), "{shown}");
    assert!(shown.trim_end().ends_with("2 errors"), "{shown}");
    let lines = run(&["--format", "compact"]);
    assert!(lines.lines().all(|line| line.starts_with("docker-compose.yml:") && line.contains(": error[SU0201]: ")));
    assert_eq!(lines.lines().count(), 2);
    let annotations = run(&["--format", "github"]);
    assert!(annotations.starts_with("::error file=docker-compose.yml,line=3,endLine=3,col=5,"), "{annotations}");
    let json: serde_json::Value = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    assert_eq!(json[0]["span"]["start"]["line"], 3);
    assert_eq!(json.as_array().unwrap().len(), 2);
    let events = run(&["--json"]);
    let events: Vec<serde_json::Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.iter().map(|event| &event["type"]).collect::<Vec<_>>(), ["diagnostic", "diagnostic", "exit"]);
    assert_eq!(events[2]["exit"]["code"], 3);
}

#[test]
fn check_says_what_is_fine() {
    let more = "    healthcheck: {test: ping}\n    deploy: {update_config: {failure_action: rollback}}\n";
    let folder = folder(&format!("{COMPOSE}{more}"));
    let output = stackup(folder.path(), &["check"]);
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
    assert_eq!(text(&output.stdout), "No problems. docker-compose.yml (1 service)\n");
}

#[test]
fn config_keeps_variables_where_asked() {
    let folder = folder("services:\n  web:\n    image: acme/web:${TAG:-1}\n    command: echo $$HOME\n");
    let printed = |args: &[&str]| text(&stackup(folder.path(), args).stdout);
    assert!(printed(&["config"]).contains("acme/web:1\n"));
    let kept = printed(&["config", "--skip-interpolation"]);
    assert!(kept.contains("acme/web:${TAG:-1}") && kept.contains("$$HOME"), "{kept}");
}

#[test]
fn config_prints_a_file_that_reads_the_same() {
    let folder = folder("services:\n  web:\n    image: acme/web:${TAG}\n    ports: [\"80:80\"]\n");
    std::fs::write(folder.path().join(".env"), "TAG=7\n").unwrap();
    let first = stackup(folder.path(), &["config"]);
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    assert!(text(&first.stdout).contains("acme/web:7"));
    std::fs::write(folder.path().join("again.yml"), &first.stdout).unwrap();
    let second = stackup(folder.path(), &["config", "-c", "again.yml"]);
    assert_eq!(text(&second.stdout), text(&first.stdout));
}

#[test]
fn no_engine_is_1_and_says_what_to_type() {
    let folder = folder(COMPOSE);
    for args in [&["plan"][..], &["apply", "-y"], &["deploy", "-c", "docker-compose.yml", "s"], &["ls"], &["ps", "s"]] {
        let output = stackup(folder.path(), &[&["-H", "unix:///nonexistent"], args].concat());
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {words}");
        assert!(words.contains("error[SU0601]") && words.contains("unix:///nonexistent"), "{args:?}: {words}");
        assert!(words.contains("help: "), "{args:?}: {words}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn wrong_files_win_over_a_missing_engine() {
    let folder = folder("services:\n  web: {}\n");
    let output = stackup(folder.path(), &["-H", "unix:///nonexistent", "plan"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn events_end_with_exit_whatever_happens() {
    let folder = folder(COMPOSE);
    let output = stackup(folder.path(), &["-H", "unix:///nonexistent", "plan", "--json-into", "events.json"]);
    assert_eq!(output.status.code(), Some(1));
    let events = std::fs::read_to_string(folder.path().join("events.json")).unwrap();
    let last: serde_json::Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["exit"]["code"]), (&"exit".into(), &1.into()));
    assert!(events.contains("SU0601"));
}

#[test]
fn completions_and_man_pages() {
    for shell in ["bash", "zsh", "fish"] {
        let output = here(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("expect-no-changes"), "{shell}");
    }
    let page = text(&here(&["man"]).stdout);
    assert!(page.contains(".SH ENVIRONMENT") && page.contains("DOCKER_HOST") && page.contains("EXIT STATUS"));
    assert!(text(&here(&["man", "plan"]).stdout).contains("detailed"));
}

#[test]
fn explain_knows_codes_and_exit_codes() {
    let code = text(&here(&["explain", "su0201"]).stdout);
    assert!(code.starts_with("SU0201: unknown key\n\n"), "{code}");
    let table = text(&here(&["explain", "exit"]).stdout);
    for (number, name) in [("0", "ok"), ("64", "usage"), ("143", "terminated")] {
        assert!(table.lines().any(|line| line.split_whitespace().take(2).eq([number, name])), "{table}");
    }
    assert!(text(&here(&["explain", "SU021"]).stderr).contains("Did you mean SU02"));
}

#[test]
fn the_documented_exit_codes_are_the_real_ones() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/exit-codes.md");
    let written = std::fs::read_to_string(path).unwrap();
    let marker = "<!-- made by `stackup explain exit`: see tests/cli.rs -->\n";
    let (head, _) = written.split_once(marker).unwrap();
    let fresh = format!("{head}{marker}\n{}", stackup::ui::exit_table::markdown());
    if std::env::var_os("STACKUP_UPDATE_DOCS").is_some() {
        std::fs::write(path, &fresh).unwrap();
        return;
    }
    assert!(written == fresh, "docs/exit-codes.md is stale: run the tests with STACKUP_UPDATE_DOCS=1");
}

#[test]
fn colour_only_where_it_is_wanted() {
    let folder = folder("services:\n  web: {imgae: a}\n");
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::cargo_bin("stackup").unwrap();
        command.arg("check").current_dir(folder.path()).env_clear().envs(variables.iter().copied());
        text(&command.output().unwrap().stdout)
    };
    assert!(!run(&[]).contains('\u{1b}'));
    assert!(run(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!run(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("{} completions bash | head -1; exit $?", env!("CARGO_BIN_EXE_stackup"))])
        .output()
        .unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
}

#[test]
fn advice_is_shown_allowed_and_denied() {
    let folder = folder(
        "services:\n  web: # stackup: allow(SU0401, SU0409)\n    image: acme/web\n    environment: {DB_PASSWORD: hunter2x}\n",
    );
    let run = |args: &[&str]| {
        let output = stackup(folder.path(), &[&["check"], args].concat());
        (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, said) = run(&[]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("warning[SU0402]") && said.contains("warning[SU0407]") && said.ends_with("2 warnings\n"),
        "{said}"
    );
    assert!(!said.contains("SU0401") && !said.contains("SU0409"), "{said}");
    for format in ["text", "compact", "json", "github", "sarif"] {
        let (_, said) = run(&["--format", format]);
        assert!(said.contains("SU0407") && !said.contains("hunter2x"), "{said}");
    }
    let (code, said) = run(&["-D", "su0402", "--format", "compact"]);
    assert_eq!(code, 3);
    assert!(said.contains("error[SU0402]") && said.contains("warning[SU0407]"), "{said}");
    let (code, said) = run(&["--deny-warnings", "--format", "compact"]);
    assert_eq!((code, said.matches("error[").count()), (3, 2), "{said}");
    let (code, said) = run(&["-D", "SU4402"]);
    assert_eq!(code, 64);
    assert!(said.contains("did you mean SU0402"), "{said}");
}

#[test]
fn origins_are_comments_that_config_reads_over() {
    let folder = folder(COMPOSE);
    std::fs::write(folder.path().join("prod.yml"), "version: \"3.8\"\nservices:\n  web:\n    hostname: www\n").unwrap();
    let files = ["-c", "docker-compose.yml", "-c", "prod.yml"];
    let plain = text(&stackup(folder.path(), &[&["config"], &files[..]].concat()).stdout);
    let commented = text(&stackup(folder.path(), &[&["config", "--origins"], &files[..]].concat()).stdout);
    assert!(commented.contains("image: acme/web:1  # docker-compose.yml:4\n"), "{commented}");
    assert!(commented.contains("hostname: www      # prod.yml:4\n"), "{commented}");
    std::fs::write(folder.path().join("again.yml"), &commented).unwrap();
    assert_eq!(text(&stackup(folder.path(), &["config", "-c", "again.yml"]).stdout), plain);
}

#[test]
fn each_schema_is_the_one_in_the_repository() {
    for name in ["compose", "config", "plan", "events"] {
        let printed: serde_json::Value = serde_json::from_slice(&here(&["schema", name]).stdout).unwrap();
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name).with_extension("json");
        let stored: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(printed, stored, "{name}");
    }
}

#[test]
fn graph_draws_without_an_engine() {
    let folder = folder(COMPOSE);
    for (format, first, holds) in [
        ("mermaid", "flowchart LR", "[\"web\"]"),
        ("dot", "digraph", "label=\"shop\""),
        ("svg", "<svg", "<title>shop</title>"),
    ] {
        let output = stackup(folder.path(), &["graph", "--format", format, "shop"]);
        let drawn = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(drawn.starts_with(first) && drawn.contains(holds), "{drawn}");
    }
    std::fs::write(folder.path().join("docker-compose.yml"), "services: 1\n").unwrap();
    let output = stackup(folder.path(), &["graph"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(3), ""));
    assert!(text(&output.stderr).contains("docker-compose.yml:1"));
}

#[test]
fn flags_of_a_plan_choose_and_decide_how_it_ends() {
    let compose = "services:\n  web: {image: acme/web:1, depends_on: [db]}\n  db: {image: acme/db:1, configs: [rows]}\n\
                   configs:\n  rows: {content: x}\n";
    let folder = folder(compose);
    let plan = |args: &[&str]| {
        let base = ["plan", "--live", "empty", "--resolve-image", "never", "--format", "json"];
        let output = stackup(folder.path(), &[&base[..], args, &["shop"]].concat());
        let code = output.status.code().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let changes = document["changes"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> = changes.iter().map(|c| c["address"].as_str().unwrap().to_owned()).collect();
        (code, names.join(" "), document["targeted"] == true, text(&output.stderr))
    };
    for (args, code, names, targeted) in [
        (&[][..], 0, "network/default config/rows service/db service/web", false),
        (&["--detailed-exitcode"], 2, "network/default config/rows service/db service/web", false),
        (&["--expect-no-changes"], 2, "network/default config/rows service/db service/web", false),
        (&["--target", "web"], 0, "network/default service/web", true),
        (&["--target", "d?"], 0, "network/default config/rows service/db", true),
        (&["--target", "*", "--exclude", "d*", "--detailed-exitcode"], 2, "network/default service/web", true),
        (&["--exclude", "*", "--detailed-exitcode"], 0, "", true),
        (&["--replace", "web"], 0, "network/default config/rows service/db service/web", false),
    ] {
        let (was, changes, incomplete, said) = plan(args);
        assert_eq!((was, changes.as_str(), incomplete), (code, names, targeted), "{args:?}: {said}");
    }
    for flag in ["--target", "--exclude", "--replace"] {
        let (code, _, _, said) = plan(&[flag, "wbe"]);
        assert_eq!(code, 64);
        assert!(said.contains(&format!("no service of shop matches `{flag} wbe`: did you mean `web`?")), "{said}");
    }
    let none = plan(&["--dangerous-allow-empty"]);
    assert_eq!(none.0, 64, "{}", none.3);
}
