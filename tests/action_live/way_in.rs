//! Keys, host keys and credentials: in files that nobody else reads, for as long as the step runs.

use std::os::unix::fs::PermissionsExt;

use crate::github::Github;
use crate::lab::skip;
use crate::swarm::Swarm;
use crate::{SHA, job, pull, with};

#[test]
fn ssh_gets_its_key_and_the_known_hosts_and_leaves_nothing() {
    let Some(swarm) = Swarm::find() else { return };
    if std::process::Command::new("docker").arg("--version").output().is_err() {
        return skip("docker is not installed");
    }
    let github = Github::start();
    let compose =
        "name: actionssh\nservices:\n  web: {image: \"acme/web:1\", environment: {A: \"${INPUT_SSH_KEY-unset}\"}}\n";
    let job = job("pull_request", &pull(7, SHA, "acme/infra", false), &github, compose);
    // In place of ssh: notes what it is given, and connects to the engine.
    let programs = job.folder.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    let ssh = programs.join("ssh");
    let log = job.folder.path().join("ssh.log");
    std::fs::write(
        &ssh,
        format!(
            "#!/bin/bash\necho \"$*\" >>'{0}'\nfor word; do\n  case $word in */ssh_key) stat -c 'mode %a' \"$word\" >>'{0}'; \
             cat \"$word\" >>'{0}' ;; esac\ndone\nexec docker --host '{1}' system dial-stdio\n",
            log.display(),
            swarm.host
        ),
    )
    .unwrap();
    std::fs::set_permissions(&ssh, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), job.environment["PATH"]);
    let job = job.set("PATH", &path);
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2hunter2\n-----END OPENSSH PRIVATE KEY-----";
    let ran = job
        .run(&with(
            "plan",
            "ssh://deploy@10.0.0.5",
            &[
                ("ssh-key", key),
                ("ssh-known-hosts", "10.0.0.5 ssh-ed25519 AAAA"),
                ("registry-auth", "ghcr.io ben swordfish"),
                ("resolve-image", "never"),
                ("fail-on", "never"),
            ],
        ))
        .exits(0);
    let said = std::fs::read_to_string(&log).unwrap();
    for words in [
        "StrictHostKeyChecking=yes",
        "UserKnownHostsFile=",
        "-F /dev/null",
        "-l deploy",
        "-- 10.0.0.5",
        "mode 600",
        "hunter2hunter2",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let masked: Vec<&str> = ran.commands.iter().filter(|one| one.0 == "add-mask").map(|one| one.2.as_str()).collect();
    assert!(
        masked.contains(&"hunter2hunter2") && masked.contains(&"swordfish") && masked.contains(&"ghs_ofthejob"),
        "{masked:?}"
    );
    let body = github.bodies(7).remove(0);
    for text in [&body, &ran.summary, &ran.log] {
        assert!(!text.contains("hunter2") && !text.contains("swordfish"), "{text}");
    }
    assert!(body.contains("unset"), "no file reads an input: {body}");
    // Nothing private is left.
    let temp = job.folder.path().join("temp");
    let left: Vec<_> = std::fs::read_dir(&temp).unwrap().map(|entry| entry.unwrap().path().join("private")).collect();
    assert!(!left.is_empty() && left.iter().all(|folder| !folder.exists()), "{left:?}");
    assert!(!std::fs::read_to_string(ran.output("plan-file")).unwrap_or_default().contains("hunter2"));
}
