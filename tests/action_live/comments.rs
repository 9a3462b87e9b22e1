//! One comment, or as many as were asked for; and the inputs that choose what is planned.

use std::process::Command;

use crate::github::Github;
use crate::swarm::Swarm;
use crate::{SHA, job, pull, with};

const COMPOSE: &str =
    "name: actioncomments\nservices:\n  web: {image: \"acme/web:${TAG-1}\"}\n  api: {image: \"acme/api:1\"}\n";

#[test]
fn comments_are_kept_as_they_were_asked_for() {
    let Some(swarm) = Swarm::find() else { return };
    let github = Github::start();
    let opened = pull(7, SHA, "acme/infra", false);
    let plan = |more: &[(&str, &str)]| {
        let mut all =
            with("plan", &swarm.host, &[("resolve-image", "never"), ("fail-on", "never"), ("upload-plan", "false")]);
        all.extend(more);
        job("pull_request", &opened, &github, COMPOSE).run(&all).exits(0)
    };
    let off = plan(&[("comment", "off"), ("files", "compose.yaml"), ("summary", "false")]);
    assert!(github.state().calls.is_empty() && off.uploaded.is_empty() && off.summary.is_empty());
    assert_eq!(off.output("comment-url"), "");
    assert!(!off.output("plan-file").is_empty() && !off.output("json-file").is_empty());
    plan(&[("token", "")]);
    assert!(github.state().calls.is_empty());

    plan(&[("comment", "new")]);
    plan(&[("comment", "new")]);
    let bodies = github.bodies(7);
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0].contains("⚠️ Outdated: run [#812]") && !bodies[1].contains("Outdated"), "{bodies:#?}");
    assert_eq!(github.state().folded, ["IC_1"]);
    plan(&[("comment", "new")]);
    assert_eq!(github.state().folded, ["IC_1", "IC_2"], "each once");
    // The newest stays, the other was one too many.
    let kept = plan(&[]);
    assert_eq!(github.bodies(7).len(), 1);
    assert!(kept.output("comment-url").ends_with("issuecomment-3"), "{}", kept.output("comment-url"));
    plan(&[("label", "prod"), ("comment", "on-change")]);
    assert_eq!(github.bodies(7).len(), 2);
    assert!(github.bodies(7)[1].contains("**`prod`**"));

    github.state().read_only = true;
    let mute = plan(&[]);
    let warnings = mute.annotations("warning");
    assert!(warnings.iter().any(|one| one.contains("pull-requests: write")), "{warnings:?}");
    assert!(mute.summary.contains("| `web` | create |"));
}

#[test]
fn inputs_choose_what_is_planned_and_where() {
    let Some(swarm) = Swarm::find() else { return };
    let github = Github::start();
    let opened = pull(7, SHA, "acme/infra", false);
    // A context of the runner, with credentials of the step's own beside it.
    let job = job("pull_request", &opened, &github, COMPOSE)
        .file("web/prod.env", "TAG=7\n")
        .set("RUNNER_ENVIRONMENT", "self-hosted");
    let made = Command::new("docker")
        .args(["context", "create", "lab", "--docker", &format!("host={}", swarm.host)])
        .env_clear()
        .env("PATH", &job.environment["PATH"])
        .env("HOME", &job.environment["HOME"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let common = [("resolve-image", "never"), ("fail-on", "never"), ("comment", "off")];
    let chosen =
        [("context", "lab"), ("registry-auth", "ghcr.io ben swordfish"), ("env-file", "prod.env"), ("target", "web\n")];
    let more = [("prune", "true"), ("stack", "actionchosen"), ("on-failure", "continue")];
    let ran = job.run(&with("plan", "", &[&common[..], &chosen, &more].concat())).exits(0);
    let text = std::fs::read_to_string(ran.output("text-file")).unwrap();
    assert!(text.contains("acme/web:7") && !text.contains("acme/api") && text.contains("actionchosen"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(ran.output("json-file")).unwrap()).unwrap();
    assert_eq!((&json["targeted"], json["plan_id"].as_str()), (&true.into(), Some(ran.output("plan-id"))));
    assert!(std::fs::read_to_string(ran.output("markdown-file")).unwrap().contains("| `web` | create |"));

    // An engine behind TLS: the authority is one that nobody can read.
    let tls = [("tls-ca", "not a certificate"), ("tls-cert", "none"), ("tls-key", "swordfish")];
    let ran = job.run(&with("plan", "tcp://localhost:1", &[&common[..], &tls].concat())).exits(1);
    assert!(
        ran.output("failure-reason").contains("ca.pem") || ran.summary.contains("ca.pem"),
        "{}\n{}",
        ran.log,
        ran.summary
    );
    assert!(!ran.log.contains("swordfish"), "{}", ran.log);
}
