//! Digests, platforms and credentials, with real registries: one for everybody, one that wants a password.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;
#[path = "support/registry.rs"]
mod unwilling;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use lab::Lab;
use serde_json::Value;
use support::proxy::{Fault, Proxy};
use support::run::{Run, docker, running_tasks, stackup, stackup_command};
use tempfile::TempDir;
use unwilling::{Unwilling, write_list};

/// A folder that is HOME too: its `.docker` is where `docker login` would leave things.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.path().join(".docker")).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn compose(&self, services: &[(&str, &str)]) {
        let service = |(name, image): &(&str, &str)| {
            format!("  {name}:\n    image: {image}\n    deploy: {{update_config: {{parallelism: 0, monitor: 1s}}}}\n")
        };
        let text = services.iter().map(service).collect::<String>();
        std::fs::write(self.path().join("compose.yaml"), format!("services:\n{text}")).unwrap();
    }

    fn logged_in(&self, config: &str) {
        std::fs::write(self.path().join(".docker/config.json"), config).unwrap();
    }

    /// `docker login` with this password.
    fn password(&self, registry: &str, password: &str) {
        self.logged_in(&format!(
            "{{\"auths\": {{\"{registry}\": {{\"auth\": \"{}\"}}}}}}",
            base64(&format!("lab:{password}"))
        ));
    }

    fn run(&self, host: &str, args: &[&str]) -> Run {
        stackup(host, self.path(), args)
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

/// The image that the plan would write for `web`, and whether the plan is exact.
fn planned(run: &Run) -> (String, bool) {
    let plan = document(run);
    let changes = plan["changes"].as_array().unwrap().iter();
    let fields =
        changes.filter(|c| c["address"] == "service/web").flat_map(|c| c["fields"].as_array().unwrap().clone());
    let image = fields.into_iter().find(|f| f["path"] == "/image").map_or(Value::Null, |f| f["after"].clone());
    (image.as_str().unwrap_or_default().to_owned(), plan["exact"] == true)
}

const JSON: [&str; 3] = ["plan", "--format", "json"];

#[test]
fn credentials_are_found_where_docker_keeps_them() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, registry, home) = (lab.host(), lab.registry_with_password(), Home::new());
    let image = lab.image(&["--auth", "creds:v1"]);
    home.compose(&[("web", &image)]);
    let plan = || home.run(host, &[&JSON[..], &["creds"]].concat()).exits(0);

    // Nobody has logged in, or with the wrong word: said, and the name goes as it is written.
    for (config, words) in [("{}", "wants credentials"), ("wrong", "refuses your credentials")] {
        if config == "wrong" {
            home.password(registry, "wrong")
        } else {
            home.logged_in(config)
        }
        let run = plan().says(words).says(&format!("docker login {registry}"));
        assert_eq!(planned(&run), (image.clone(), false));
        assert!(!run.stderr.contains(&base64("lab:wrong")), "{}", run.stderr);
    }

    // In the file; in a helper for this registry; in the store for all of them.
    let bin = home.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let helper = bin.join("docker-credential-lab");
    std::fs::write(
        &helper,
        "#!/bin/sh\nread -r _\necho asked >>\"$HOME/asked\"\necho '{\"Username\": \"lab\", \"Secret\": \"lab\"}'\n",
    )
    .unwrap();
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let helped = |config: &str| {
        home.logged_in(config);
        let mut command = stackup_command(host, home.path());
        Run::of(command.env("PATH", &path).args([&JSON[..], &["creds"]].concat()).output().unwrap()).exits(0)
    };
    home.password(registry, "lab");
    let found = plan();
    assert!(planned(&found).0.starts_with(&format!("{image}@sha256:")) && planned(&found).1, "{}", found.stdout);
    for config in [format!("{{\"credHelpers\": {{\"{registry}\": \"lab\"}}}}"), "{\"credsStore\": \"lab\"}".to_owned()]
    {
        assert_eq!(planned(&helped(&config)), planned(&found), "{config}");
    }
    // A helper is asked once a registry, however many images there are.
    let many = (1..6).map(|n| (format!("s{n}"), image.replace(":v1", &format!(":v{n}")))).collect::<Vec<_>>();
    home.compose(&many.iter().map(|(name, image)| (name.as_str(), image.as_str())).collect::<Vec<_>>());
    std::fs::remove_file(home.path().join("asked")).unwrap();
    home.logged_in("{\"credsStore\": \"lab\"}");
    let mut command = stackup_command(host, home.path());
    Run::of(command.env("PATH", &path).args([&JSON[..], &["creds"]].concat()).output().unwrap());
    assert_eq!(std::fs::read_to_string(home.path().join("asked")).unwrap(), "asked\n");

    // A helper that fails says so, and the plan goes on without it.
    home.compose(&[("web", &image)]);
    home.logged_in("{\"credsStore\": \"none\"}");
    let run = plan().says("the credential helper of config.json cannot be started");
    assert_eq!(planned(&run), (image, false));
}

#[test]
fn an_identity_token_is_taken_to_the_token_service() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, home) = (lab.host(), Home::new());
    let image = lab.image(&["identity:v1"]);
    let guarded = Unwilling::with_token_service(lab.registry(), "of-a-person");
    let through = format!("{}/{}", guarded.address, image.split_once('/').unwrap().1);
    home.compose(&[("web", &through)]);
    let plan = || home.run(host, &[&JSON[..], &["identity"]].concat()).exits(0);
    plan().says("wants credentials");
    let tokens = |token: &str| {
        let address = &guarded.address;
        home.logged_in(&format!(
            "{{\"auths\": {{\"{address}\": {{\"auth\": \"{}\", \"identitytoken\": \"{token}\"}}}}}}",
            base64("00000000-0000-0000-0000-000000000000:")
        ));
    };
    tokens("of-nobody");
    let run = plan().says("refuses your credentials");
    assert!(!planned(&run).1 && !run.stderr.contains("of-nobody"), "{}", run.stderr);
    tokens("of-a-person");
    let run = plan();
    assert!(planned(&run).0.starts_with(&format!("{through}@sha256:")) && planned(&run).1, "{}", run.stdout);
    // It goes with the service, so that the node can pull: digests are not asked for here.
    let before = guarded.asked();
    home.run(host, &["apply", "-y", "--resolve-image", "never", "identity"]).exits(0);
    assert!(guarded.asked() > before && pulled(host, &through), "{}", guarded.asked());
    home.run(host, &["rm", "-y", "identity"]).exits(0);
}

#[test]
fn a_registry_that_says_no_is_told_apart() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, home) = (lab.host(), Home::new());
    let image = lab.image(&["unwilling:v1"]);
    let name = image.split_once('/').unwrap().1;
    let plan = |image: &str, code: i32| {
        home.compose(&[("web", image)]);
        home.run(host, &[&JSON[..], &["unwilling"]].concat()).exits(code)
    };
    let digest = planned(&plan(&image, 0)).0.split_once('@').unwrap().1.to_owned();

    // Busy for a moment: asked again. Busy for good: said, and the name goes as it is written.
    for (status, words) in [(429, "too many requests"), (503, "out of order")] {
        let short = Unwilling::before(lab.registry(), status, 2);
        let through = format!("{}/{name}", short.address);
        let run = plan(&through, 0);
        assert_eq!(
            planned(&run),
            (format!("{through}@{digest}"), true),
            "{status}, asked {}: {}",
            short.asked(),
            run.stderr
        );
        assert!(short.asked() > 2, "{status}: {}", short.asked());
        let long = Unwilling::before(lab.registry(), status, usize::MAX);
        let through = format!("{}/{name}", long.address);
        let run = plan(&through, 0).says(words);
        assert_eq!(planned(&run), (through, false));
    }

    // Nothing at all: given up on after ten seconds, whatever else the registry has.
    let silent = Unwilling::before(lab.registry(), 0, usize::MAX);
    let began = Instant::now();
    let run = plan(&format!("{}/{name}", silent.address), 0).says("no answer within 10 s");
    assert!(!planned(&run).1 && began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let nobody = format!("{}:9/{name}", lab.registry().split_once(':').unwrap().0);
    assert!(!planned(&plan(&nobody, 0).says("connection refused")).1);

    // No such image, and not here either: refused before the first write, unless somebody knows better.
    let nowhere = image.replace(":v1", ":nowhere");
    let run = plan(&nowhere, 9).says("the registry has no such image");
    let refused: BTreeSet<String> = document(&run)["preflight"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["code"].as_str().unwrap().to_owned())
        .collect();
    assert!(refused.contains("SU0514"), "{refused:?}");
    home.run(host, &["apply", "-y", "unwilling"]).exits(9).says("SU0514");
    assert_eq!(docker(host, &["service", "ls", "-q", "--filter", "name=unwilling_"]), "");
    // docker deploys it, so `deploy` only warns.
    home.run(host, &["deploy", "-c", "compose.yaml", "unwilling"]).exits(0).says("SU0514");
    home.run(host, &["rm", "-y", "unwilling"]).exits(0);
    // Loaded by hand: the registry's no is no reason to refuse.
    docker(host, &["tag", &image, &nowhere]);
    assert!(!planned(&plan(&nowhere, 0).says("the registry has no such image")).1);
    docker(host, &["rmi", &nowhere]);
}

#[test]
fn what_is_resolved_is_what_docker_sends() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, home) = (lab.host(), Home::new());
    let v1 = lab.image(&["same:v1"]);
    home.compose(&[("web", &v1)]);
    let file = home.path().join("compose.yaml");
    let sent = |stack: &str| {
        let spec =
            docker(host, &["service", "inspect", "--format", "{{json .Spec.TaskTemplate}}", &format!("{stack}_web")]);
        let spec: Value = serde_json::from_str(&spec).unwrap();
        (spec["ContainerSpec"]["Image"].clone(), spec["Placement"]["Platforms"].clone())
    };
    docker(host, &["stack", "deploy", "-c", file.to_str().unwrap(), "samedocker"]);
    home.run(host, &["apply", "-y", "sameours"]).exits(0);
    assert_eq!(sent("samedocker"), sent("sameours"));
    assert!(sent("sameours").1.is_array(), "{:?}", sent("sameours"));

    // An image for several platforms, written as docker writes them.
    let many = v1.replace(":v1", ":many");
    write_list(&many, "v1", &[("linux", "amd64"), ("linux", "arm64"), ("windows", "amd64")]);
    home.compose(&[("web", &many)]);
    docker(host, &["stack", "deploy", "-c", file.to_str().unwrap(), "samedocker"]);
    home.run(host, &["apply", "-y", "sameours"]).exits(0);
    assert_eq!(sent("samedocker"), sent("sameours"));
    assert_eq!(sent("sameours").1.as_array().map(Vec::len), Some(3), "{:?}", sent("sameours"));
    // One that runs on no node here: said before anything is written.
    let other = v1.replace(":v1", ":other");
    write_list(&other, "v1", &[("linux", "s390x")]);
    home.compose(&[("web", &other)]);
    let run = home.run(host, &["plan", "--detailed-exitcode", "sameours"]).exits(9);
    run.says("SU0511").says("for which there is no image");
    home.compose(&[("web", &v1)]);
    home.run(host, &["apply", "-y", "sameours"]).exits(0);

    // The tag moves: `always` sees it, `changed` and `never` do not look where the file says the same.
    lab.image(&["--version", "another", "same:v1"]);
    for (when, code) in [("always", 2), ("changed", 0), ("never", 0)] {
        home.run(host, &["plan", "--detailed-exitcode", "--resolve-image", when, "sameours"]).exits(code);
    }
    // The file says something else: only `never` sends it as it is written.
    let v2 = lab.image(&["same:v2"]);
    home.compose(&[("web", &v2)]);
    for (when, pinned) in [("always", true), ("changed", true), ("never", false)] {
        let run = home.run(host, &[&JSON[..], &["--resolve-image", when, "sameours"]].concat()).exits(0);
        assert_eq!(planned(&run).0.contains("@sha256:"), pinned, "{when}");
    }
    for stack in ["samedocker", "sameours"] {
        home.run(host, &["rm", "-y", stack]).exits(0);
    }
}

#[test]
fn credentials_are_renewed_and_no_task_restarts() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, registry, home) = (lab.host(), lab.registry_with_password(), Home::new());
    let image = lab.image(&["--auth", "renew:v1"]);
    let open = lab.image(&["renew:open"]);
    home.compose(&[("web", &image), ("free", &open)]);
    // The image is on the node, so credentials that have gone stale are not noticed.
    home.password(registry, "stale");
    home.run(host, &["apply", "-y", "--resolve-image", "never", "renew"]).exits(0);
    let (web, free) = (running_tasks(host, "renew_web"), running_tasks(host, "renew_free"));
    let version = |service: &str| docker(host, &["service", "inspect", "--format", "{{.Version.Index}}", service]);
    let untouched = version("renew_free");

    home.password(registry, "lab");
    let renew = ["--refresh-registry-auth", "--resolve-image", "never", "renew"];
    home.run(host, &["plan", "--detailed-exitcode", "--resolve-image", "never", "renew"]).exits(0);
    let run = home.run(host, &[&["plan", "--detailed-exitcode"][..], &renew].concat()).exits(2);
    let run = run.says("registry_auth").says("No running task restarts");
    assert!(!run.stdout.contains("free"), "{}", run.stdout);
    let socket = home.path().join("proxy.sock");
    let proxy = Proxy::start(&socket, Path::new(host.strip_prefix("unix://").unwrap()), Fault::None).unwrap();
    home.run(&proxy.host(), &[&["apply", "-y"][..], &renew].concat()).exits(0);
    let updates: Vec<_> = proxy.writes().into_iter().filter(|seen| seen.path.contains("/services/")).collect();
    assert_eq!(updates.iter().map(|seen| seen.name.as_deref()).collect::<Vec<_>>(), [Some("renew_web")]);
    assert_eq!((running_tasks(host, "renew_web"), running_tasks(host, "renew_free")), (web.clone(), free));
    assert_eq!(version("renew_free"), untouched);

    // The proof that swarm has them: the image goes, the task dies, and the next one can be pulled.
    docker(host, &["rmi", "--force", &image]);
    let container = docker(host, &["inspect", "--format", "{{.Status.ContainerStatus.ContainerID}}", &web[0]]);
    docker(host, &["kill", container.trim()]);
    let end = Instant::now() + Duration::from_secs(120);
    while running_tasks(host, "renew_web") == web
        || running_tasks(host, "renew_web").is_empty()
        || !pulled(host, &image)
    {
        assert!(Instant::now() < end, "{}", docker(host, &["service", "ps", "--no-trunc", "renew_web"]));
        std::thread::sleep(Duration::from_millis(300));
    }
    home.run(host, &["rm", "-y", "renew"]).exits(0);
}

/// The node has the image again.
fn pulled(host: &str, image: &str) -> bool {
    !docker(host, &["images", "-q", image]).is_empty()
}
