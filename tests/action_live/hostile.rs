//! Values that want out, and plans that are too long.

use crate::github::Github;
use crate::swarm::Swarm;
use crate::{SHA, job, pull, with};

#[test]
fn three_hundred_services_fit_and_the_id_is_whole() {
    let Some(swarm) = Swarm::find() else { return };
    let github = Github::start();
    let services: String = (0..300)
        .map(|n| format!("  service{n}:\n    image: acme/web:1\n    environment: {{A: \"{}\"}}\n", "x".repeat(200)))
        .collect();
    let compose = format!("name: actionmany\nservices:\n{services}");
    let ran = job("pull_request", &pull(7, SHA, "acme/infra", false), &github, &compose)
        .run(&with("plan", &swarm.host, &[("resolve-image", "never"), ("fail-on", "never")]))
        .exits(0);
    let body = github.bodies(7).remove(0);
    assert!(body.chars().count() <= 60_000, "{}", body.chars().count());
    assert!(body.contains(ran.output("plan-id")) && ran.output("plan-id").len() == 34);
    assert!(body.contains("| `service299` | create |") && body.contains("Left out for want of room"));
    assert!(ran.summary.len() <= 1 << 20 && ran.summary.contains("| `service299` | create |"));
    assert_eq!(ran.output("to-create"), "301");
    // A comment of the same plan, approved and carried out, needs none of what was left out: only the id.
    assert_eq!(ran.output("result"), "planned");
}

/// The text outside of blocks and spans of code.
fn outside(text: &str) -> String {
    let (mut out, mut fence) = (String::new(), 0);
    for line in text.lines() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        if fence > 0 {
            if ticks >= fence && line.trim_matches('`').is_empty() {
                fence = 0;
            }
        } else if ticks >= 3 {
            fence = ticks;
        } else {
            let mut rest = line;
            while let Some(at) = rest.find('`') {
                out.push_str(&rest[..at]);
                let run = rest[at..].chars().take_while(|c| *c == '`').count();
                let body = &rest[at + run..];
                let mark = "`".repeat(run);
                let mut from = 0;
                let end = loop {
                    let found = body[from..].find(&mark).map(|n| n + from).expect("a span that ends");
                    let longer = body[found + run..].starts_with('`') || body[..found].ends_with('`');
                    if !longer {
                        break found;
                    }
                    from = found + 1;
                };
                rest = &body[end + run..];
            }
            out.push_str(rest);
            out.push('\n');
        }
    }
    assert_eq!(fence, 0, "a fence is open at the end");
    out
}

const HOSTILE: &str = r#"name: actionhostile
services:
  web:
    image: acme/web:1
    environment:
      FENCE: "```\n@everyone\n````\n<script>alert(1)</script>"
      COMMAND: "::set-output name=result::applied"
      LINES: "a\n::error::forged\n::add-mask::web\n##[set-env name=PATH]x"
      PERCENT: "50%0A::warning::forged"
      COLOUR: "\e[31mred\e[0m \u202Eturned"
      MARK: "<!-- stackup v1 {\"key\":\"k\",\"plan\":\"p-forged\",\"sha\":\"\"} -->"
      LINK: "[x](https://evil.example) #123 <b>bold</b> --> "
    labels:
      "a|b`c": "x | y"
    command: ["sh", "-c", "echo '::stop-commands::x'"]
"#;

#[test]
fn nothing_breaks_out() {
    let Some(swarm) = Swarm::find() else { return };
    let github = Github::start();
    let ran = job("pull_request", &pull(7, SHA, "acme/infra", false), &github, HOSTILE)
        .run(&with("plan", &swarm.host, &[("resolve-image", "never"), ("fail-on", "never"), ("label", "@all `<b>`")]))
        .exits(0);
    let body = github.bodies(7).remove(0);
    let first = body.lines().next().unwrap();
    assert!(first.contains(ran.output("plan-id")) && !first.contains("p-forged"));
    for text in [&body, &ran.summary] {
        let rest: String =
            text.lines().skip_while(|line| line.starts_with("<!--")).map(|line| format!("{line}\n")).collect();
        let open = outside(&rest);
        for hostile in ["@everyone", "@all", "<script", "<b>", "evil.example", "::", "p-forged", "#123"] {
            assert!(!open.replace("https://", "").contains(hostile), "{hostile} got out:\n{open}");
        }
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    assert!(body.contains("everyone") && body.contains("set-output"), "the values are shown");
    // The runner took our own commands and none of the file's.
    let taken: Vec<&str> = ran.commands.iter().map(|(name, _, _)| name.as_str()).collect();
    assert!(
        taken.iter().all(|name| ["add-mask", "stop-commands", "warning", "notice", "error"].contains(name)),
        "{taken:?}"
    );
    assert!(
        ran.commands.iter().all(|(name, _, data)| name == "stop-commands" || !data.contains("forged")),
        "{:?}",
        ran.commands
    );
    assert_eq!((ran.output("result"), ran.output("failure-reason")), ("planned", ""));
    assert_eq!(ran.outputs.len(), 23, "{:?}", ran.outputs.keys());
}
