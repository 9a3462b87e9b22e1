//! `examples/gitops` as it is: stackup as a service of the swarm that it looks after, which changes itself.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::forge::Forge;
use crate::support::proxy::{Fault, Proxy};
use crate::support::run::{stackup, try_docker};

/// Any group that no other file has.
const GROUP: u32 = 12_345;

struct Itself {
    bench: Bench,
    forge: Forge,
    /// All that goes from the service to the engine.
    proxy: Proxy,
    registry: String,
    secret: String,
}

impl Drop for Itself {
    fn drop(&mut self) {
        let _ = stackup(self.bench.host(), self.bench.path(), &["rm", "-y", &self.bench.stack]);
        let _ = try_docker(self.bench.host(), &["secret", "rm", &self.secret]);
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/gitops").join(name)
}

fn shell(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Itself {
    fn new() -> Option<Self> {
        let bench = Bench::new("itself")?;
        let registry = bench.image.split_once('/').unwrap().0.to_owned();
        let bare = bench.path().join("git/ops/infra.git");
        bench.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
        let forge = Forge::serve_at(bench.path().join("git"), &registry.replace(".254:5000", ".253"));
        let socket = bench.path().join("engine.sock");
        let engine = Path::new(bench.host().strip_prefix("unix://").unwrap()).to_owned();
        let proxy = Proxy::start(&socket, &engine, Fault::None).unwrap();
        chown(&socket, None, Some(GROUP)).unwrap();
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o660)).unwrap();
        let secret = format!("{}-token", bench.stack);
        let mut create = Command::new("docker");
        create.args(["--host", bench.host(), "secret", "create", &secret, "-"]).stdin(Stdio::piped());
        let mut child = create.stdout(Stdio::null()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"api-token-a8c3e5f1").unwrap();
        assert!(child.wait().unwrap().success());
        Some(Self { bench, forge, proxy, registry, secret })
    }

    /// `stackup:TAG`, by the script of the example, of this very program. Two tags are two images.
    fn image(&self, tag: &str) -> String {
        let (image, lean) =
            (format!("{}/{}:{tag}", self.registry, self.bench.stack), self.bench.path().join("stackup"));
        if !lean.exists() {
            shell(Command::new("strip").args(["-o", lean.to_str().unwrap(), env!("CARGO_BIN_EXE_stackup")]));
        }
        let mut make = Command::new(example("image.sh"));
        make.env("DOCKER_HOST", self.bench.host()).arg(&lean).arg(&image);
        assert_eq!(shell(&mut make), image);
        self.bench.docker(&["push", "--quiet", &image]);
        image
    }

    /// The same with nothing in it that could be started.
    fn broken(&self, tag: &str) -> String {
        let (image, empty) =
            (format!("{}/{}:{tag}", self.registry, self.bench.stack), self.bench.path().join("empty.tar"));
        shell(Command::new("tar").args(["-cf", empty.to_str().unwrap(), "--files-from", "/dev/null"]));
        let entry = "ENTRYPOINT [\"/usr/local/bin/stackup\"]";
        self.bench.docker(&["import", "--change", entry, empty.to_str().unwrap(), &image]);
        self.bench.docker(&["push", "--quiet", &image]);
        image
    }

    /// Commits and pushes what the example says, with this image. The commit.
    fn push(&self, image: &str, poll: &str, replicas: u32) -> String {
        let (stack, forge) = (&self.bench.stack, self.forge.at);
        let read = |name: &str| std::fs::read_to_string(example(name)).unwrap();
        let compose = read("compose.yaml")
            .replace("name: stackup_api_token", &format!("name: {}", self.secret))
            .replace("monitor: 15s", "monitor: 3s")
            .replace("interval: 5s", "interval: 1s")
            .replace("replicas: 2", &format!("replicas: {replicas}"));
        let settings = read("stackup.yaml")
            .replace("https://git.example.org/ops/infra.git", &format!("http://{forge}/ops/infra.git"))
            .replace("poll: 1m", &format!("poll: {poll}"))
            .replace("- {name: gitops,", &format!("- {{name: {stack},"))
            .replace("[compose.yaml]", "[compose.yaml, one-manager.yaml]")
            .replace("  - {discover: \"stacks/*/compose.yaml\", source: infra}\n", "");
        let settings = format!("{settings}\nnotify: [{{webhook: \"http://{forge}/told\"}}]\n");
        let socket = self.bench.path().join("engine.sock");
        let env = format!("STACKUP_IMAGE={image}\nDOCKER_GID={GROUP}\nDOCKER_SOCKET={}\n", socket.display());
        self.bench.push_all(&[
            ("gitops/compose.yaml", &compose),
            ("gitops/one-manager.yaml", &read("one-manager.yaml")),
            ("gitops/stackup.yaml", &settings),
            ("gitops/.env", &env),
        ]);
        let bare = self.bench.path().join("git/ops/infra.git");
        self.bench.git(&["-C", "work", "push", "-q", bare.to_str().unwrap(), "HEAD:main"]);
        self.bench.git(&["-C", "work", "rev-parse", "HEAD"])
    }

    /// Types of what was told of a commit.
    fn told(&self, commit: &str) -> Vec<String> {
        let posts = self.forge.posts();
        let of = posts.iter().filter(|post| post.body["commit"] == commit);
        of.map(|post| post.body["type"].as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    fn until(&self, commit: &str, kind: &str) {
        let end = Instant::now() + Duration::from_secs(120);
        while !self.told(commit).iter().any(|told| told == kind) {
            assert!(Instant::now() < end, "no {kind} for {commit}: {:#?}\n{}", self.forge.posts(), self.logs());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn logs(&self) -> String {
        let name = self.bench.name("stackup");
        let said = |args: &[&str]| {
            let output = Command::new("docker").args(["--host", self.bench.host()]).args(args).output().unwrap();
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
        };
        let tasks = said(&["service", "ps", "--no-trunc", &name]);
        format!("{tasks}\n{}\n{:#?}", said(&["service", "logs", "--timestamps", &name]), self.proxy.writes())
    }

    /// What the service itself wrote of it: how often.
    fn updates(&self) -> usize {
        let name = self.bench.name("stackup");
        let writes = self.proxy.writes();
        writes.iter().filter(|w| w.path.contains("/services/") && w.name.as_deref() == Some(&name)).count()
    }

    /// Commit and result of each, newest first.
    fn releases(&self) -> Vec<(String, String)> {
        let format = ["history", "--format", "{{.Commit}} {{.Result}}", &self.bench.stack];
        let run = stackup(self.bench.host(), self.bench.path(), &format).exits(0);
        let pair = |line: &str| line.split_once(' ').map(|(commit, result)| (commit.to_owned(), result.to_owned()));
        run.stdout.lines().filter_map(pair).collect()
    }

    fn runs(&self, image: &str, replicas: usize) {
        let spec = self.bench.service("stackup", "{{.Spec.TaskTemplate.ContainerSpec.Image}}");
        assert!(spec.starts_with(image), "{spec} is not {image}\n{}", self.logs());
        let name = self.bench.name("stackup");
        let filter = ["--filter", "desired-state=running", "--format", "{{.Image}} {{.CurrentState}}"];
        let tasks = self.bench.docker(&[&["service", "ps"], &filter[..], &[&name]].concat());
        let fine = |line: &&str| line.starts_with(image) && line.contains("Running");
        assert_eq!(tasks.lines().filter(fine).count(), replicas, "{tasks}\n{}", self.logs());
    }

    /// Live is what git says, one release says so, and nobody has the stack.
    fn is_done(&self, commit: &str, image: &str, replicas: usize, updates: usize) {
        self.runs(image, replicas);
        assert_eq!(self.updates(), updates, "{:#?}", self.proxy.writes());
        assert_eq!(self.told(commit), ["applied"], "{}", self.logs());
        let releases = self.releases();
        let (newest, result) = &releases[0];
        assert!(result == "applied" && !newest.is_empty() && commit.starts_with(newest), "{releases:?}");
        assert_eq!(releases.iter().filter(|(of, _)| of == newest).count(), 1, "{releases:?}");
        let files = ["-c", "work/gitops/compose.yaml", "-c", "work/gitops/one-manager.yaml"];
        let plan = [&["plan", "--detailed-exitcode"], &files[..], &[&self.bench.stack]].concat();
        stackup(self.bench.host(), self.bench.path(), &plan).exits(0);
    }
}

#[test]
fn it_replaces_itself_and_whoever_comes_next_finishes_that() {
    let Some(own) = Itself::new() else { return };
    let one = own.image("v1");
    let first = own.push(&one, "1s", 2);
    let files = ["-c", "work/gitops/compose.yaml", "-c", "work/gitops/one-manager.yaml"];
    let apply = [&["apply", "-y"], &files[..], &[&own.bench.stack]].concat();
    stackup(own.bench.host(), own.bench.path(), &apply).exits(0);
    own.runs(&one, 2);
    let _ = first;

    // Another image: each of the two is stopped by what one of them has begun.
    let two = own.image("v2");
    let second = own.push(&two, "1s", 2);
    own.until(&second, "applied");
    own.is_done(&second, &two, 2, 1);

    // Its own settings: a config that is new.
    let third = own.push(&two, "2s", 2);
    own.until(&third, "applied");
    own.is_done(&third, &two, 2, 2);

    // One that cannot start: swarm goes back, and nobody tries it again.
    let bad = own.broken("v3");
    let fourth = own.push(&bad, "2s", 2);
    own.until(&fourth, "rolled-back");
    own.runs(&two, 2);

    // With one of them alone nobody is left to see how it ends.
    let fifth = own.push(&two, "1s", 1);
    own.until(&fifth, "applied");
    let before = own.updates();
    own.is_done(&fifth, &two, 1, before);
    let sixth = own.push(&bad, "1s", 1);
    own.until(&sixth, "rolled-back");
    assert_eq!(own.told(&sixth), ["rolled-back"]);
    assert_eq!(own.updates(), before + 1, "{:#?}", own.proxy.writes());
    own.runs(&two, 1);
    let four = own.image("v4");
    let seventh = own.push(&four, "1s", 1);
    own.until(&seventh, "applied");
    own.is_done(&seventh, &four, 1, before + 2);
}
