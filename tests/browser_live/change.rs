//! The getting-started change: its plan as a page, its comment and its summaries.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::action::Job;
use crate::browser::{Browser, DESK, PHONE};
use crate::github::Github;
use crate::lab::{Lab, skip};
use crate::markdown::{self, page};
use crate::support::run::stackup;

const STACK: &str = "getstartedlab";
const SHA: &str = "4f1c2aa7d3b0e6c19a8845f2b7306d1ce94a5b12";

/// Its files, committed: one of the versions of `fixtures/readme`.
fn put(dir: &Path, version: &str, greeting: &str, registry: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readme").join(version);
    std::fs::create_dir_all(dir).unwrap();
    let text = std::fs::read_to_string(from).unwrap().replace("IMAGE", registry);
    std::fs::write(dir.join("docker-compose.yml"), text).unwrap();
    std::fs::write(dir.join("greeting.txt"), greeting).unwrap();
    for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", version]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=me", "-c", "user.email=me@example.org"]).args(args);
        assert!(git.current_dir(dir).env("HOME", dir).status().unwrap().success());
    }
}

struct Gone<'a>(&'a str);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        stackup(self.0, Path::new("/"), &["rm", "-y", STACK]);
    }
}

#[test]
fn the_getting_started_change_is_shown_as_a_page_a_comment_and_a_summary() {
    let Some(browser) = Browser::start() else { return };
    if !markdown::at_hand() {
        return skip("no cmark-gfm: tests/lab/packages cmark-gfm");
    }
    let Some(lab) = Lab::up(1) else { return };
    let (dir, host) = (tempfile::tempdir().unwrap(), lab.host());
    for version in ["v1", "v2"] {
        lab.image(&[&format!("getstarted:{version}")]);
    }
    let _gone = Gone(host);
    put(dir.path(), "before.yml", "Hello world!\nThis is the first greeting.\n", lab.registry());
    stackup(host, dir.path(), &["apply", "-y", STACK]).exits(0);
    put(dir.path(), "after.yml", "Hello world!\nThis is another greeting.\n", lab.registry());
    // Names of this machine, as somebody else would see his own.
    let elsewhere =
        |text: &str| text.replace(host, "ssh://deploy@10.0.0.5").replace(lab.registry(), "registry.acme.io");

    let plan = stackup(host, dir.path(), &["plan", "--format", "html", STACK]).exits(0).stdout;
    let file = dir.path().join("plan.html");
    std::fs::write(&file, elsewhere(&plan)).unwrap();
    for (width, dark, name) in
        [(DESK, false, "forms/page.png"), (DESK, true, "forms/page-dark.png"), (PHONE, false, ""), (PHONE, true, "")]
    {
        browser.seen(width, dark, true);
        browser.open(&format!("file://{}", file.display()));
        browser.is_legible(width, dark);
        if !name.is_empty() {
            browser.picture(name);
        }
    }
    assert!(browser.text().contains("This is another greeting."), "{}", browser.text());
    let (tabs, controls) = (browser.tabs(), browser.controls());
    assert!(!controls.is_empty(), "{plan}");
    assert_eq!(tabs, controls);
    assert_eq!(browser.complaints(), [""; 0]);

    // The pull request, and the merge.
    let github = Github::start();
    let job = |event: &str, payload: &serde_json::Value| {
        let graphql = format!("{}/graphql", github.url);
        let job = Job::new(event, payload).set("GITHUB_API_URL", &github.url).set("GITHUB_GRAPHQL_URL", &graphql);
        put(&job.work(), "after.yml", "Hello world!\nThis is another greeting.\n", lab.registry());
        job
    };
    let repository = json!({"full_name": "acme/infra", "default_branch": "main"});
    let opened = json!({"action": "opened", "number": 7, "repository": repository,
        "pull_request": {"number": 7, "merged": false, "head": {"sha": SHA, "repo": {"full_name": "acme/infra"}},
                         "base": {"ref": "main", "repo": {"full_name": "acme/infra"}}}});
    let pushed = json!({"ref": "refs/heads/main", "after": SHA, "repository": repository});
    let with = |command| {
        [
            ("command", command),
            ("host", host),
            ("stack", STACK),
            ("files", "docker-compose.yml"),
            ("version", env!("CARGO_BIN_EXE_stackup")),
        ]
    };
    let planned = job("pull_request", &opened).run(&with("plan")).exits(0);
    let comment = github.bodies(7)[0].clone();
    github.merged(7, "main");
    let applied = job("push", &pushed).run(&with("apply")).exits(0);
    let told = github.bodies(7)[0].clone();

    for (name, title, text, words, opened) in [
        ("action/comment.png", "github-actions bot commented", &comment, "Planned in run #812", None),
        ("action/applied.png", "github-actions bot commented · edited", &told, "Applied in run #812", None),
        ("action/plan-summary.png", "plan summary", &planned.summary, "Planned in run #812", Some(".")),
        ("action/apply-summary.png", "apply summary", &applied.summary, "Applied", Some("live now")),
    ] {
        std::fs::write(&file, page(title, &elsewhere(text))).unwrap();
        browser.seen(DESK, false, true);
        browser.open(&format!("file://{}", file.display()));
        browser.is_legible(DESK, false);
        let shown = browser.text();
        assert!(shown.contains(words) && !shown.contains("stackup v1"), "{name}\n{shown}");
        // Nothing is left of Markdown: what looks like a sign of it would have been one.
        assert!(!shown.contains("```") && !shown.contains("| ---") && !shown.contains("**"), "{name}\n{shown}");
        assert!(browser.eval("document.querySelector('table').rows.length").as_u64() > Some(3), "{name}\n{shown}");
        assert_eq!(browser.eval("document.querySelectorAll('details[open]').length"), 0);
        assert!(!shown.contains("This is another greeting."), "{name}\n{shown}");
        if let Some(opened) = opened {
            browser.eval(&format!(
                "document.querySelectorAll('summary').forEach(s => /{opened}/.test(s.innerText) && s.click())"
            ));
            assert!(browser.eval("document.querySelectorAll('details[open]').length").as_u64() > Some(0), "{shown}");
        }
        browser.picture(name);
    }
    assert_eq!(browser.complaints(), [""; 0]);
}
