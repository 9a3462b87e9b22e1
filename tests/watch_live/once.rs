//! One round of everything.

use crate::bench::Bench;
use crate::forge::{Forge, header};
use crate::support::run::{Run, stackup_command};

const WEB: &str = "services: {web: {image: IMAGE, deploy: {replicas: 0}}}\n";

#[test]
fn one_round_deploys_what_the_commit_says_and_the_next_has_nothing_to_do() {
    let Some(bench) = Bench::new("once") else { return };
    bench.settings("");
    bench.push(WEB);
    bench.once(0).says("synced").says("applied: 2 create");
    assert!(bench.has("web"));
    let index = bench.service("web", "{{.Version.Index}}");
    bench.once(0).says("as its files say");
    assert_eq!(bench.service("web", "{{.Version.Index}}"), index, "nothing was written");

    // Somebody scales it by hand: told, and put back only where that is asked for.
    bench.docker(&["service", "scale", "--detach", &format!("{}=1", bench.name("web"))]);
    bench.once(2).says("changed outside of its files: 1 scale");
    assert_eq!(bench.service("web", "{{.Spec.Mode.Replicated.Replicas}}"), "1");
    bench.settings(", self_heal: true");
    bench.once(0).says("applied: 1 scale");
    assert_eq!(bench.service("web", "{{.Spec.Mode.Replicated.Replicas}}"), "0");

    // A service that the next commit has no more is kept, then held, then removed.
    bench.push("services: {api: {image: IMAGE, deploy: {replicas: 0}}}\n");
    bench.once(0);
    assert!(bench.has("web") && bench.has("api"));
    bench.settings(", prune: true");
    bench.once(2).says("held").says("it has to remove");
    assert!(bench.has("web"));
    bench.settings(", prune: true, hold: []");
    bench.once(0);
    assert!(!bench.has("web") && bench.has("api"));
}

#[test]
fn what_leads_out_of_the_repository_is_refused_and_nothing_is_applied() {
    let Some(bench) = Bench::new("outside") else { return };
    bench.settings("");
    let web = |more: &str| format!("services: {{web: {{image: {}, deploy: {{replicas: 0}}{more}}}}}\n", bench.image);
    let config = |file: &str| format!("{}configs: {{c: {{file: {file}}}}}\n", web(", configs: [c]"));
    std::fs::write(bench.path().join("secret.env"), "PASSWORD=marker-a1b2c3\n").unwrap();
    let link = (("compose.yaml"), &*config("./shadow"));
    bench.push_all(&[link, ("shadow", "-> /etc/shadow")]);
    bench.once(3).says("it leaves the source");
    let link = (("compose.yaml"), &*config("./up"));
    bench.push_all(&[link, ("up", "-> ../secret.env")]);
    bench.once(3).says("it leaves the source");
    for (compose, words) in [
        (config("/etc/shadow"), "it leaves the source"),
        (config("../../secret.env"), "it leaves the source"),
        (web(", env_file: ../secret.env"), "it leaves the source"),
        (web(", volumes: [\"./data:/data\"]"), "mounts `data` of the repository"),
        (format!("include: [../secret.env]\n{}", web("")), "it leaves the source"),
    ] {
        bench.push_all(&[("compose.yaml", &compose)]);
        let run = bench.once(3).says(words);
        assert!(!run.stdout.contains("marker-a1b2c3") && !run.stderr.contains("marker-a1b2c3"));
        assert!(!bench.has("web"), "{compose}");
    }
    // Nothing of the watcher's own environment gets into a stack.
    bench.push_all(&[("compose.yaml", &web(", environment: [\"P=${PATH-none}\", \"H=${HOME-none}\"]"))]);
    bench.once(0);
    let env = bench.service("web", "{{json .Spec.TaskTemplate.ContainerSpec.Env}}");
    assert!(env.contains("P=none") && env.contains("H=none"), "{env}");
}

#[test]
fn what_a_round_did_is_told_before_it_ends() {
    let Some(bench) = Bench::new("told") else { return };
    let forge = Forge::serve(bench.path().join("none"));
    bench.settings("");
    let path = bench.path().join("stackup.yaml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let token = "forge-token-88d0";
    std::fs::write(bench.path().join("forge"), token).unwrap();
    text.push_str(&format!(
        "notify: [{{webhook: \"http://{0}/told\"}}, {{github_status: {{token_file: forge, api: \"http://{0}\"}}}}]\n",
        forge.at
    ));
    std::fs::write(&path, text).unwrap();
    bench.push(WEB);
    // A token that is not there is known before anything is begun.
    let file = bench.path().join("forge");
    std::fs::rename(&file, bench.path().join("away")).unwrap();
    bench.once(1).says("forge cannot be read");
    std::fs::rename(bench.path().join("away"), &file).unwrap();
    let run = bench.once(0);
    assert!(!run.stdout.contains(token) && !run.stderr.contains(token));
    let told: Vec<_> = forge.posts().into_iter().filter(|post| post.path == "/told").collect();
    assert!(
        told.len() == 1 && told[0].body["type"] == "applied" && told[0].body["stack"] == bench.stack.as_str(),
        "{told:#?}"
    );
    let commit = bench.git(&["-C", "work", "rev-parse", "HEAD"]);
    assert_eq!(told[0].body["commit"], commit.as_str());
    assert_eq!(forge.states(&commit).last().map(String::as_str), Some("success"));
    // Found as it was left: nobody is told again.
    let before = forge.posts().len();
    bench.once(0).says("as its files say");
    assert_eq!(forge.posts().len(), before, "{:#?}", forge.posts());
}

#[test]
fn a_forge_is_spoken_to_in_tls_and_only_by_a_certificate_that_is_known() {
    let Some(bench) = Bench::new("tls") else { return };
    let forge = Forge::serve_tls(bench.path().join("none"), bench.path());
    bench.settings("");
    let path = bench.path().join("stackup.yaml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(bench.path().join("forge"), "forge-token-1f3a").unwrap();
    text.push_str(&format!("notify: [{{gitea_status: {{token_file: forge, api: \"https://{}\"}}}}]\n", forge.at));
    std::fs::write(&path, text).unwrap();
    bench.push(WEB);
    let run = || {
        let mut command = stackup_command(bench.host(), bench.path());
        command.args(["watch", "--once"]);
        command
    };
    // Nobody knows who that is: it hears nothing, and the round is over all the same.
    let stranger =
        Run::of(run().output().unwrap()).exits(0).says("gitea_status: not everything was told before the end");
    assert!(stranger.stdout.contains("certificate") && !stranger.stdout.contains("forge-token"), "{}", stranger.stdout);
    assert_eq!(forge.posts().len(), 0);
    bench.push("services: {web: {image: IMAGE, deploy: {replicas: 0}, labels: {a: b}}}\n");
    Run::of(run().env("SSL_CERT_FILE", "ca.pem").output().unwrap()).exits(0);
    let commit = bench.git(&["-C", "work", "rev-parse", "HEAD"]);
    assert_eq!(forge.states(&commit).last().map(String::as_str), Some("success"));
    let post = &forge.posts()[0];
    assert_eq!(header(&post.head, "authorization"), Some("token forge-token-1f3a"));
}
