//! From an opened pull request to what is live.

use serde_json::Value;

use crate::github::Github;
use crate::lab::skip;
use crate::support::run::{docker, stackup};
use crate::swarm::Swarm;
use crate::{job, pull, push, queue, with};

const STACK: &str = "actionstory";

fn compose(image: &str, replicas: u32, more: &str) -> String {
    format!(
        "name: {STACK}\nservices:\n  web:\n    image: {image}\n    environment:\n      MODE: plain\n{more}    deploy:\n      \
         replicas: {replicas}\n      update_config: {{monitor: 2s, failure_action: rollback}}\n      \
         rollback_config: {{monitor: 1s}}\n"
    )
}

/// Leaves nothing behind, however the test ends, and finds nothing of an earlier run: releases too.
struct Gone<'a>(&'a str, &'a str);

impl<'a> Gone<'a> {
    fn new(host: &'a str, stack: &'a str) -> Self {
        let gone = Self(host, stack);
        gone.remove();
        gone
    }

    fn remove(&self) {
        stackup(self.0, std::path::Path::new("/"), &["rm", "-y", self.1]);
    }
}

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}

fn header(body: &str) -> Value {
    let line = body.lines().next().unwrap();
    serde_json::from_str(line.strip_prefix("<!-- stackup v1 ").unwrap().strip_suffix(" -->").unwrap()).unwrap()
}

#[test]
fn what_was_reviewed_is_what_is_applied() {
    let Some(swarm) = Swarm::find() else { return };
    let Some(image) = swarm.image() else { return skip("no image") };
    let host = swarm.host.as_str();
    let _gone = Gone::new(host, STACK);
    let github = Github::start();
    github.write(7, "mallory", "User", "<!-- stackup v1 {\"key\":\"x\",\"plan\":\"p-1\",\"sha\":\"\"} -->\n\nx\n\nx");
    github.state().per_page = 1;

    // Opened.
    let first = compose(&image, 1, "");
    let planned = job("pull_request", &pull(7, "aaaaaaaaaa", "acme/infra", false), &github, &first)
        .run(&with("plan", host, &[]))
        .exits(0);
    assert_eq!((planned.output("changes"), planned.output("result")), ("true", "planned"));
    // The network and the service.
    assert_eq!((planned.output("to-create"), planned.output("destructive")), ("2", "false"));
    assert_eq!(planned.uploaded, [("stackup-plan-actionstory".to_owned(), planned.output("plan-file").into())]);
    assert!(planned.output("plan-file").ends_with("plan.stackup"), "{}", planned.output("plan-file"));
    let bodies = github.bodies(7);
    assert_eq!(bodies.len(), 2);
    assert_eq!(header(&bodies[1])["plan"], planned.output("plan-id"));
    assert_eq!(header(&bodies[1])["sha"], "aaaaaaaaaa");
    assert!(bodies[1].contains("| `web` | create |"), "{}", bodies[1]);
    assert!(planned.output("comment-url").ends_with("#issuecomment-2"), "{}", planned.output("comment-url"));
    assert!(planned.summary.contains("Planned in run [#812]") && planned.summary.contains("| `web` | create |"));

    // Pushed again: the same comment, and it remembers.
    let second = compose(&image, 2, "");
    let opened = pull(7, "bbbbbbbbbb", "acme/infra", false);
    let again = job("pull_request", &opened, &github, &second).run(&with("plan", host, &[])).exits(0);
    let bodies = github.bodies(7);
    assert_eq!(bodies.len(), 2);
    assert_ne!(again.output("plan-id"), planned.output("plan-id"));
    assert_eq!(header(&bodies[1])["plan"], again.output("plan-id"));
    assert!(bodies[1].contains("Earlier plans") && bodies[1].contains("for `aaaaaaa`"), "{}", bodies[1]);

    // Pushed with a mistake: the comment says that what it shows is older, until there is a plan again.
    let mistaken = pull(7, "ababababab", "acme/infra", false);
    let broken = compose(&image, 2, "    imagine: all\n");
    let failed = job("pull_request", &mistaken, &github, &broken).run(&with("plan", host, &[]));
    assert_ne!(failed.code, 0);
    let bodies = github.bodies(7);
    assert_eq!(bodies.len(), 2);
    assert!(bodies[1].contains("\n\n❌ No plan for `abababa` in run [#812]"), "{}", bodies[1]);
    assert!(bodies[1].contains("What follows is of `bbbbbbb`.\n\n"), "{}", bodies[1]);
    assert_eq!(header(&bodies[1])["plan"], again.output("plan-id"));
    assert_eq!(failed.output("comment-url"), again.output("comment-url"));
    job("pull_request", &mistaken, &github, &broken).run(&with("plan", host, &[("label", "another")]));
    assert_eq!(github.bodies(7), bodies);
    job("pull_request", &opened, &github, &second).run(&with("plan", host, &[])).exits(0);
    assert!(!github.bodies(7)[1].contains("No plan for"), "{}", github.bodies(7)[1]);

    // The queue tries it, and somebody else's plan of the same stack fails there.
    let queued = job("merge_group", &queue(7), &github, &second).run(&with("verify", host, &[])).exits(0);
    assert_eq!(queued.output("result"), "verified");
    let other =
        job("merge_group", &queue(7), &github, &compose(&image, 3, "")).run(&with("verify", host, &[])).exits(4);
    assert_eq!(other.output("result"), "stale");
    assert!(other.summary.contains("service/web is planned otherwise"), "{}", other.summary);

    // Merged. What a person wrote into the comment approves nothing.
    github.merged(7, "main");
    github.state().comments[1]["editor"] = serde_json::json!({"__typename": "User", "login": "mallory"});
    let edited = job("push", &push(), &github, &second).run(&with("apply", host, &[])).exits(10);
    assert!(edited.output("failure-reason").contains("was edited by mallory"), "{:?}", edited.outputs);
    github.state().comments[1]["editor"] = Value::Null;
    github.state().busy = 2;
    let applied = job("push", &push(), &github, &second).run(&with("apply", host, &[])).exits(0);
    assert_eq!((applied.output("result"), applied.output("live-release")), ("applied", "1"));
    assert!(
        github.bodies(7)[1]
            .contains("✅ Applied in run [#812](https://github.example/acme/infra/actions/runs/7700), release #1.")
    );
    let live = docker(host, &["service", "ls", "--filter", &format!("name={STACK}_web"), "--format", "{{.Replicas}}"]);
    assert_eq!(live.trim(), "2/2");

    // Run again.
    let rerun = job("push", &push(), &github, &second).run(&with("apply", host, &[])).exits(0);
    assert_eq!((rerun.output("result"), rerun.output("changes")), ("no-changes", "false"));
    assert!(github.bodies(7)[1].contains("Nothing to do in run"), "{}", github.bodies(7)[1]);

    refused_after_somebody_scaled(host, &image, &github);
    a_rollout_that_fails(host, &image, &github);
    drift_and_approvals(host, &image, &github);
}

fn refused_after_somebody_scaled(host: &str, image: &str, github: &Github) {
    let changed = compose(image, 2, "      COLOUR: blue\n");
    let opened = pull(8, "cccccccccc", "acme/infra", false);
    let planned = job("pull_request", &opened, github, &changed).run(&with("plan", host, &[])).exits(0);
    assert_eq!(planned.output("to-restart"), "1");
    docker(host, &["service", "scale", "--detach", &format!("{STACK}_web=3")]);
    github.merged(8, "main");
    let refused = job("push", &push(), github, &changed).run(&with("apply", host, &[])).exits(4);
    assert_eq!((refused.output("result"), refused.output("exit-code")), ("stale", "4"));
    assert!(refused.output("failure-reason").contains("nothing was done"), "{}", refused.output("failure-reason"));
    for words in
        ["service/web is planned otherwise than was reviewed", "changed outside stackup: service/web deploy.replicas"]
    {
        assert!(
            refused.summary.contains(words) && refused.log.contains(words),
            "{words}\n{}\n{}",
            refused.summary,
            refused.log
        );
    }
    assert!(github.bodies(8)[0].contains("⚠️ Not applied in run"), "{}", github.bodies(8)[0]);
    let spec = docker(host, &["service", "inspect", &format!("{STACK}_web"), "--format", "{{json .Spec}}"]);
    assert!(spec.contains("\"Replicas\":3") && !spec.contains("COLOUR"), "{spec}");
    // Reviewed as it is now, it goes.
    job("pull_request", &opened, github, &changed).run(&with("plan", host, &[])).exits(0);
    let third = job("push", &push(), github, &changed).run(&with("apply", host, &[])).exits(0);
    assert_eq!((third.output("live-release"), third.output("previous-release")), ("2", "1"));
    assert_eq!((third.output("tasks-restarted"), third.output("exact")), ("2", "true"));
}

fn a_rollout_that_fails(host: &str, image: &str, github: &Github) {
    let broken =
        compose(image, 2, "      COLOUR: blue\n    command: [\"sh\", \"-c\", \"echo '::error::forged' ; exit 3\"]\n");
    let opened = pull(9, "dddddddddd", "acme/infra", false);
    job("pull_request", &opened, github, &broken).run(&with("plan", host, &[])).exits(0);
    github.merged(9, "main");
    let failed = job("push", &push(), github, &broken).run(&with("apply", host, &[])).exits(7);
    assert_eq!((failed.output("result"), failed.output("failed-services")), ("rolled-back", "web"));
    assert!(!failed.output("failure-reason").is_empty());
    let errors = failed.annotations("error");
    assert!(errors.iter().any(|one| one.contains("file=web/compose.yaml,line=")), "{errors:#?}");
    assert!(!errors.iter().any(|one| one.contains("|forged")), "{errors:#?}");
    assert!(
        failed.summary.contains("What failed") && failed.summary.contains("What is live now"),
        "{}",
        failed.summary
    );
    assert!(github.bodies(9)[0].contains("❌ rolled-back in run"), "{}", github.bodies(9)[0]);
}

fn drift_and_approvals(host: &str, image: &str, github: &Github) {
    let good = compose(image, 2, "      COLOUR: blue\n");
    let nightly = serde_json::json!({"schedule": "0 3 * * *", "repository": {"default_branch": "main"}});
    // Nobody reviewed it: `none` goes, `pr` does not.
    let green = compose(image, 2, "      COLOUR: green\n");
    github.state().pulls.clear();
    let unreviewed = job("push", &push(), github, &green).run(&with("apply", host, &[("label", "x")])).exits(10);
    assert!(unreviewed.output("failure-reason").contains("came with no pull request"), "{:?}", unreviewed.outputs);
    github.merged(9, "main");
    job("push", &push(), github, &good).run(&with("apply", host, &[("approval", "none"), ("timeout", "5m")])).exits(0);
    assert!(github.bodies(9)[0].contains("✅ Nothing to do in run"), "{}", github.bodies(9)[0]);
    github.state().pulls.clear();

    let quiet = job("schedule", &nightly, github, &good).run(&with("drift", host, &[("stack", STACK)])).exits(0);
    assert_eq!((quiet.output("result"), quiet.output("drift")), ("no-changes", "false"));
    docker(host, &["service", "update", "--detach", "--env-add", "COLOUR=red", &format!("{STACK}_web")]);
    let drifted = job("schedule", &nightly, github, &good).run(&with("drift", host, &[("stack", STACK)])).exits(0);
    assert_eq!((drifted.output("result"), drifted.output("drift")), ("drifted", "true"));
    let shown = drifted.summary.clone();
    assert!(shown.contains("Changed outside stackup") && shown.contains("COLOUR"), "{shown}");
    job("schedule", &nightly, github, &good)
        .run(&with("drift", host, &[("stack", STACK), ("fail-on", "drift")]))
        .exits(2);

    // What takes something away is seen, and turns the step red where that was asked for.
    let global = good.replace("replicas: 2", "mode: global");
    let opened = pull(11, "eeeeeeeeee", "acme/infra", false);
    let plan = |compose: &str, more: &[(&str, &str)]| {
        let all = [&[("label", "takes"), ("resolve-image", "never")], more].concat();
        job("pull_request", &opened, github, compose).run(&with("plan", host, &all))
    };
    let recreates = plan(&global, &[("fail-on", "preflight, destructive")]).exits(2);
    assert_eq!((recreates.output("to-recreate"), recreates.output("destructive")), ("1", "true"));
    assert!(github.bodies(11)[0].contains("🔴 RECREATES"), "{}", github.bodies(11)[0]);
    let other = good.replace("  web:", "  other:");
    let removes = plan(&other, &[("prune", "true"), ("fail-on", "never")]).exits(0);
    assert_eq!((removes.output("to-remove"), removes.output("destructive")), ("1", "true"));
    plan(&good, &[("fail-on", "drift")]).exits(2);

    // A saved plan, carried to another job.
    let saved = job("push", &push(), github, &good);
    let planned = saved.run(&with("plan", host, &[("comment", "off"), ("resolve-image", "never")])).exits(0);
    let file = planned.output("plan-file").to_owned();
    assert_eq!(planned.output("drift"), "true");
    let applied = saved.run(&with("apply", host, &[("approval", "plan-file"), ("plan-file", &file)])).exits(0);
    assert_eq!(applied.output("result"), "applied");

    // Locked by hand.
    let lock = |word: &[&str]| stackup(host, saved.work().as_path(), &[&["lock"], word, &[STACK]].concat()).exits(0);
    lock(&["acquire", "-m", "freeze"]);
    let locked = job("push", &push(), github, &green).run(&with("apply", host, &[("approval", "none")])).exits(5);
    assert_eq!(locked.output("result"), "locked");
    assert!(locked.output("lock-info").contains("freeze"), "{}", locked.output("lock-info"));
    lock(&["release"]);
}

#[test]
fn a_cancelled_job_leaves_in_time_and_gives_the_lock_back() {
    const NAME: &str = "actioncancel";
    let Some(swarm) = Swarm::find() else { return };
    let Some(image) = swarm.image() else { return skip("no image") };
    let host = swarm.host.as_str();
    let _gone = Gone::new(host, NAME);
    let github = Github::start();
    let slow =
        format!("name: {NAME}\nservices:\n  web: {{image: \"{image}\", deploy: {{update_config: {{monitor: 5m}}}}}}\n");
    let opened = pull(7, "aaaaaaaaaa", "acme/infra", false);
    job("pull_request", &opened, &github, &slow).run(&with("plan", host, &[])).exits(0);
    github.merged(7, "main");
    let mut applying = job("push", &push(), &github, &slow);
    applying.cancelled_at = Some("running".to_owned());
    let ran = applying.run(&with("apply", host, &[])).exits(130);
    let took = ran.left_after.expect("it was cancelled");
    assert!(took < std::time::Duration::from_secs(7), "{took:?}");
    assert_eq!((ran.output("result"), ran.output("exit-code")), ("cancelled", "130"));
    assert!(ran.summary.contains("What is live now"), "{}", ran.summary);
    assert!(github.bodies(7)[0].contains("❌ cancelled in run"), "{}", github.bodies(7)[0]);
    stackup(host, &applying.work(), &["lock", "status", NAME]).exits(0).says("not locked");
}
