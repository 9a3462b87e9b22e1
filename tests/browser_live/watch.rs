//! The page of a watcher.

use std::net::TcpListener;

use crate::bench::Bench;
use crate::browser::{Browser, DESK, PHONE};
use crate::support::run::stackup;

const TOKEN: &str = "api-token-e2f94c07";
const EVIL: &str = "</code><img src=x onerror=document.title=7><script>document.title=8</script>";

const RUNS: &str = "while true; do sleep 1; done";

fn compose(level: &str, replicas: u32) -> String {
    running(RUNS, level, replicas)
}

fn running(command: &str, level: &str, replicas: u32) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"{command}\"]\n    stop_grace_period: 1s\n    \
         environment:\n      LOG_LEVEL: {level:?}\n    deploy:\n      replicas: {replicas}\n      \
         update_config: {{monitor: 1s, failure_action: rollback, order: start-first}}\n"
    )
}

/// The stacks that are shown.
const STACKS: [&str; 3] = ["webshop", "search", "accounts"];

struct Gone<'a>(&'a Bench);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        for stack in STACKS.iter().chain(&["strange"]) {
            stackup(self.0.host(), self.0.path(), &["rm", "-y", stack]);
        }
    }
}

fn settings(bench: &Bench, port: u16, more: &str) {
    let [shop, search, accounts] = STACKS;
    let text = format!(
        "state: state\npoll: 2s\nlisten: 127.0.0.1:{port}\nauth: {{token_file: api}}\n\
         sources: {{infra: {{git: ./work, ref: main}}, old: {{git: ./work, ref: release}}}}\nstacks:\n  \
         - {{name: {shop}, source: infra, path: {shop}}}\n  \
         - {{name: {search}, source: infra, path: {search}, auto_apply: false}}\n  \
         - {{name: {accounts}, source: infra, path: {accounts}}}\n{more}"
    );
    std::fs::write(bench.path().join("stackup.yaml"), text).unwrap();
}

fn push(bench: &Bench, strange: &str) {
    push_shop(bench, strange, RUNS);
}

/// The same with what the shop runs.
fn push_shop(bench: &Bench, strange: &str, command: &str) {
    let one = |text: &str| text.replace("IMAGE", &bench.image);
    let (shop, search) = (one(&running(command, "info", 2)), one(&compose("debug", 3)));
    let broken = one(&compose("info", 1)).replace("stop_grace_period: 1s", "stop_grace_period: soon");
    bench.push_all(&[
        ("webshop/compose.yaml", &shop),
        ("search/compose.yaml", &search),
        ("accounts/compose.yaml", &broken),
        ("strange/compose.yaml", &one(strange)),
    ]);
    bench.git(&["-C", "work", "commit", "-q", "--amend", "-m", EVIL]);
}

#[test]
fn the_page_of_a_watcher_serves_everybody() {
    let Some(browser) = Browser::start() else { return };
    let Some(bench) = Bench::new("page") else { return };
    let _gone = Gone(&bench);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::write(bench.path().join("api"), TOKEN).unwrap();
    push(&bench, "services: {}\n");
    // As it is before the change that waits.
    let live = compose("info", 2).replace("IMAGE", &bench.image);
    std::fs::write(bench.path().join("live.yaml"), live).unwrap();
    stackup(bench.host(), bench.path(), &["apply", "-y", "-c", "live.yaml", "search"]).exits(0);
    settings(&bench, port, "");
    let mut watcher = bench.watch();
    watcher.until("webshop", |line| line["stack"] == "webshop" && line["sync"] == "synced");
    let at = format!("http://127.0.0.1:{port}");
    let one = format!("{at}/stacks/search");

    // Followed as it goes, by a page that nobody asks for again.
    browser.seen(DESK, false, true);
    browser.open(&at);
    for words in ["webshop", "synced", "held", "failed", "`soon` is no duration", "1 of 3 stacks"] {
        browser.until(words);
    }
    for (width, dark, scripts, name) in [
        (DESK, false, true, "light"),
        (DESK, true, true, "dark"),
        (PHONE, false, true, "phone"),
        (PHONE, true, false, ""),
    ] {
        browser.seen(width, dark, scripts);
        for (url, page) in [(&at, "all"), (&one, "one")] {
            browser.open(url);
            browser.is_legible(width, dark);
            if !name.is_empty() {
                browser.picture(&format!("watch/{page}-{name}.png"));
            }
        }
    }

    // Without scripts, and without a mouse: everything is there, and an order is taken.
    let shown = browser.text();
    for words in ["held", "LOG_LEVEL", "Approve the plan", "Suspend", "What happened"] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let (tabs, controls) = (browser.tabs(), browser.controls());
    assert_eq!(tabs, controls);
    assert_eq!(
        controls,
        [
            "A All stacks",
            "INPUT token",
            "BUTTON Look now",
            "BUTTON Suspend",
            "BUTTON Roll back",
            "BUTTON Approve the plan"
        ]
    );
    let tab = "\u{e004}";
    let enter = "\u{e007}";
    browser.open(&one);
    browser.press(&format!("{tab}{tab}not-the-token-at-all{tab}{tab}{enter}"));
    browser.until("Not done");
    browser.open(&one);
    browser.press(&format!("{tab}{tab}{TOKEN}{tab}{tab}{enter}"));
    watcher.until("suspended", |line| line["stack"] == "search" && line["sync"] == "suspended");
    browser.open(&one);
    browser.until("Resume");
    let _ = browser.complaints();

    // With them, the page follows what was ordered.
    browser.seen(DESK, false, true);
    browser.open(&one);
    browser.press(&format!("{tab}{tab}{TOKEN}{tab}{tab}{enter}"));
    browser.until("Approve the plan");
    browser.open(&one);
    browser.press(&format!("{tab}{tab}{TOKEN}{tab}{tab}{tab}{tab}{enter}"));
    browser.until("synced");
    assert_eq!(browser.complaints(), [""; 0]);

    // Each release has its way back, for the keyboard too and on a phone without scripts.
    browser.seen(PHONE, true, false);
    browser.open(&one);
    browser.is_legible(PHONE, true);
    assert!(browser.controls().ends_with(&["BUTTON Roll back".to_owned(), "BUTTON Roll back to #1".to_owned()]));
    assert_eq!(browser.tabs(), browser.controls());
    browser.open(&one);
    browser.press(&format!("{tab}{tab}not-the-token-at-all{tab}{tab}{tab}{tab}{enter}"));
    browser.until("Not done");
    browser.open(&one);
    browser.press(&format!("{tab}{tab}{TOKEN}{tab}{tab}{tab}{tab}{enter}"));
    let went = watcher.until("back", |line| line["stack"] == "search" && line["sync"] == "quarantined");
    assert!(went["msg"].as_str().unwrap().contains("release #1 is live"), "{went}");
    browser.open(&one);
    browser.until("rollback to #1");

    // What failed says why: which task, where, how it ended, and its last words.
    push_shop(&bench, "services: {}\n", "echo no route to the database; exit 7");
    watcher.until("webshop", |line| line["stack"] == "webshop" && line["sync"] == "quarantined");
    let failed = format!("{at}/stacks/webshop");
    for (width, dark, name) in [(DESK, false, "light"), (DESK, true, "dark"), (PHONE, false, "phone")] {
        browser.seen(width, dark, false);
        browser.open(&failed);
        browser.is_legible(width, dark);
        browser.picture(&format!("watch/failed-{name}.png"));
    }
    for words in ["Why it failed", "Exit code", "no route to the database", "rolled-back", "Releases"] {
        assert!(browser.text().contains(words), "{words}\n{}", browser.text());
    }
    let _ = browser.complaints();

    // What files say is text.
    settings(&bench, port, "  - {name: strange, source: infra, path: strange, auto_apply: false}\n");
    push(&bench, &compose(EVIL, 1));
    watcher.until("strange", |line| line["stack"] == "strange" && line["sync"] == "held");
    browser.seen(PHONE, false, true);
    for url in [at.clone(), format!("{at}/stacks/strange")] {
        browser.open(&url);
        browser.is_legible(PHONE, false);
        assert_eq!(browser.eval("document.querySelectorAll('img, main script').length"), 0);
        assert!(browser.eval("document.title").as_str().unwrap().contains("stackup"));
    }
    assert!(browser.text().contains(EVIL), "{}", browser.text());
    push(&bench, &format!("services:\n  web:\n    {EVIL:?}: 1\n    image: IMAGE\n"));
    browser.until("there is no key");
    assert!(browser.text().contains("<img src=x"), "{}", browser.text());
    assert_eq!(browser.complaints(), [""; 0]);
    assert_eq!(watcher.stop(), 0);
}
