//! After a content changed docker cannot go on from where we are, and docs/compose.md "After a rotation" shows how it can.

use std::path::Path;
use std::process::Command;

use crate::engine;
use crate::support::run::{docker, stackup};

const STACK: &str = "turned";

/// A service with a config and a secret; `names` stands where their names are.
fn write(dir: &Path, content: &str, names: [&str; 2]) {
    let file = format!(
        "services:\n  web:\n    image: acme/web:1\n    configs: [site]\n    secrets: [token]\n\
         configs:\n  site:\n    {}file: ./site.conf\nsecrets:\n  token:\n    {}file: ./token\n",
        names[0], names[1]
    );
    std::fs::write(dir.join("compose.yml"), file).unwrap();
    std::fs::write(dir.join("site.conf"), format!("listen {content}\n")).unwrap();
    std::fs::write(dir.join("token"), format!("not-a-real-token-{content}\n")).unwrap();
}

/// `docker stack deploy`: whether it passed, and its last words.
fn docker_deploys(host: &str, dir: &Path) -> (bool, String) {
    let args = ["stack", "deploy", "--detach=true", "--resolve-image", "never", "-c", "compose.yml", STACK];
    let output = Command::new("docker").args(args).env("DOCKER_HOST", host).current_dir(dir).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn used(host: &str) -> Vec<String> {
    let names = "{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{.ConfigName}}{{end}} \
                 {{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}}{{end}}";
    let said = docker(host, &["service", "inspect", "--format", names, "turned_web"]);
    said.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn docker_cannot_follow_a_rotation_until_the_name_has_a_version() {
    let Some(engine) = engine() else { return };
    let (host, dir) = (engine.host(), tempfile::tempdir().unwrap());
    let dir = dir.path();
    let plain = ["", ""];
    let deploy = || stackup(host, dir, &["deploy", "--resolve-image", "never", "-c", "compose.yml", STACK]).exits(0);

    write(dir, "80", plain);
    deploy();
    assert_eq!(used(host), ["turned_site", "turned_token"]);
    assert!(docker_deploys(host, dir).0, "before a rotation docker goes on");
    // Docker wiped the label by which the secret is known again.
    deploy();

    write(dir, "81", plain);
    std::fs::write(dir.join("token"), "not-a-real-token-80\n").unwrap();
    deploy();
    let turned = used(host);
    assert!(turned[0].starts_with("turned_site-") && turned[0].len() == "turned_site-".len() + 8, "{turned:?}");
    let (passed, said) = docker_deploys(host, dir);
    assert!(!passed && said.contains("only updates to Labels are allowed"), "{said}");
    assert_eq!(used(host), turned, "docker changed nothing");

    // The documented way.
    write(dir, "81", ["name: turned_site_v2\n    ", "name: turned_token_v2\n    "]);
    let (passed, said) = docker_deploys(host, dir);
    assert!(passed, "{said}");
    assert_eq!(used(host), ["turned_site_v2", "turned_token_v2"]);
    stackup(host, dir, &["plan", "--detailed-exitcode", "--resolve-image", "never", "-c", "compose.yml", STACK])
        .exits(0);

    // And so on, with either of the two.
    write(dir, "82", ["name: turned_site_v3\n    ", "name: turned_token_v3\n    "]);
    deploy();
    assert_eq!(used(host), ["turned_site_v3", "turned_token_v3"]);
    let (passed, said) = docker_deploys(host, dir);
    assert!(passed, "{said}");
    stackup(host, dir, &["rm", "-y", STACK]).exits(0);
}
