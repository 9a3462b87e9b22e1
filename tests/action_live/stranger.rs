//! Files of strangers meet no swarm and no secret. No engine is needed: asking one would fail.

use crate::github::Github;
use crate::{SHA, job, pull, push, queue, with};

const NOWHERE: &str = "unix:///nonexistent/engine.sock";
const COMPOSE: &str = "services:\n  web:\n    image: acme/web:1\n    environment:\n      A: ${INPUT_SSH_KEY-none}\n";

#[test]
fn a_fork_is_checked_and_no_more() {
    let github = Github::start();
    github.state().read_only = true;
    let forked = pull(7, "aaaaaaaaaa", "mallory/infra", false);
    for command in ["plan", "apply", "verify", "drift"] {
        let ran = job("pull_request", &forked, &github, COMPOSE)
            .run(&with(command, NOWHERE, &[("approval", "none")]))
            .exits(0);
        assert_eq!(ran.output("result"), "checked", "{command}");
        assert!(ran.annotations("notice").iter().any(|one| one.contains("comes from a fork")), "{}", ran.raw);
    }
    let bad = job("pull_request", &forked, &github, "services:\n  web:\n    imagee: x\n")
        .run(&with("plan", NOWHERE, &[("sarif-file", "out.sarif")]))
        .exits(3);
    let error = bad.annotations("error").remove(0);
    assert!(error.starts_with("file=web/compose.yaml,line=") && error.contains("imagee"), "{error}");
    assert_eq!(github.state().calls, Vec::<String>::new());
}

#[test]
fn sarif_names_files_from_the_top_of_the_repository() {
    let github = Github::start();
    let job = job("push", &push(), &github, "services:\n  web:\n    imagee: x\n");
    job.run(&with("check", "", &[("sarif-file", "out.sarif"), ("annotations", "false"), ("summary", "false")]))
        .exits(3);
    let text = std::fs::read_to_string(job.work().join("web/out.sarif")).unwrap();
    assert!(text.contains("\"uri\":\"web/compose.yaml\""), "{text}");
}

#[test]
fn nothing_is_read_from_a_stranger_s_head_with_secrets_at_hand() {
    let github = Github::start();
    for repository in ["mallory/infra", "acme/infra"] {
        let ran = job("pull_request_target", &pull(7, SHA, repository, false), &github, COMPOSE)
            .run(&with("plan", NOWHERE, &[]))
            .exits(10);
        assert_eq!(ran.output("result"), "failed");
        assert!(ran.output("failure-reason").contains("pull_request_target"), "{:?}", ran.outputs);
    }
}

#[test]
fn a_queue_and_an_open_pull_request_apply_nothing() {
    let github = Github::start();
    let queued = job("merge_group", &queue(7), &github, COMPOSE).run(&with("apply", NOWHERE, &[])).exits(10);
    assert!(queued.output("failure-reason").contains("`command: verify`"), "{:?}", queued.outputs);
    let open = job("pull_request", &pull(7, SHA, "acme/infra", false), &github, COMPOSE)
        .run(&with("apply", NOWHERE, &[]))
        .exits(10);
    assert!(open.output("failure-reason").contains("not merged"), "{:?}", open.outputs);
}

#[test]
fn wrong_inputs_are_all_said() {
    let github = Github::start();
    let ran = job("push", &push(), &github, COMPOSE)
        .run(&with("deploy", NOWHERE, &[("comment", "loud"), ("ssh-key", "hunter2hunter2")]))
        .exits(64);
    for words in ["`deploy` is not one of", "`loud` is not one of", "ssh-known-hosts"] {
        assert!(ran.log.contains(words), "{words}: {}", ran.log);
    }
    let ran = job("push", &push(), &github, COMPOSE).run(&with("plan", "ssh://me@host", &[])).exits(64);
    assert!(ran.log.contains("ssh-known-hosts"), "{}", ran.log);
}

#[test]
fn an_engine_that_does_not_answer_is_said_in_every_place() {
    let github = Github::start();
    let ran = job("pull_request", &pull(7, SHA, "acme/infra", false), &github, COMPOSE)
        .run(&with("plan", NOWHERE, &[]))
        .exits(1);
    assert_eq!((ran.output("result"), ran.output("plan-file")), ("failed", ""));
    assert!(!ran.output("failure-reason").is_empty() && ran.uploaded.is_empty());
    assert!(ran.summary.contains("❌ failed in run"), "{}", ran.summary);
    assert!(!ran.annotations("error").is_empty(), "{}", ran.raw);
}
