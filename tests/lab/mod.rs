//! A real swarm for a test: `mod lab;`, then
//!
//! ```ignore
//! let Some(lab) = Lab::up(3) else { return };
//! let web = lab.image(&["--healthy", "web:v1"]);
//! ```
//!
//! Tests that ask for the same number of nodes share one lab, across threads and test binaries: name your stacks after
//! the test. A test that kills nodes takes a lab of its own, [`Lab::named`]. The last user takes the lab down; a shared
//! one stays where STACKUP_LAB_KEEP is set (`scripts/test` brings those up once and takes them down itself).
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The exit code of `lab` where there can be no lab.
const CANNOT: i32 = 77;

pub struct Lab {
    name: String,
    exports: BTreeMap<String, String>,
    /// Held shared by every user; whoever gets it alone is the last.
    users: File,
    users_path: PathBuf,
    /// Whoever brought it up before the tests takes it down after them.
    kept: bool,
}

impl Lab {
    /// The shared lab of this many nodes, all managers. `None`, with a notice, where no lab can be had.
    pub fn up(nodes: u8) -> Option<Lab> {
        let mut lab = Lab::named(&format!("test{nodes}"), nodes)?;
        lab.kept = std::env::var_os("STACKUP_LAB_KEEP").is_some();
        Some(lab)
    }

    /// A lab of that name: for tests that break nodes, or need a swarm to themselves. STACKUP_LAB_PREFIX comes before every
    /// name, for two runs at once.
    pub fn named(name: &str, nodes: u8) -> Option<Lab> {
        let name = &format!("{}{name}", std::env::var("STACKUP_LAB_PREFIX").unwrap_or_default());
        let users_path = std::env::temp_dir().join(format!("stackup-lab-{name}.users"));
        let users = take_part(&users_path);
        let nodes = nodes.to_string();
        let output = run("lab", &["up", "--name", name, "--nodes", &nodes]);
        if output.status.code() == Some(CANNOT) {
            skip(&String::from_utf8_lossy(&output.stderr));
            return None;
        }
        let exports = exports(&text("lab up", output));
        Some(Lab { name: name.to_owned(), exports, users, users_path, kept: false })
    }

    /// The first manager's engine, `unix://…`.
    pub fn host(&self) -> &str {
        self.export("STACKUP_LAB_HOST")
    }

    /// The engine of node 1, 2, …
    pub fn node(&self, number: u8) -> &str {
        self.export(&format!("STACKUP_LAB_N{number}"))
    }

    /// The registry without a password, `10.77.0.254:5000`.
    pub fn registry(&self) -> &str {
        self.export("STACKUP_LAB_REGISTRY")
    }

    /// The registry that wants user `lab`, password `lab`.
    pub fn registry_with_password(&self) -> &str {
        self.export("STACKUP_LAB_REGISTRY_AUTH")
    }

    /// Builds and pushes an image, gives its full name. Options are those of `tests/lab/image`.
    pub fn image(&self, options: &[&str]) -> String {
        let arguments = [&["--name", &self.name], options].concat();
        text("image", run("image", &arguments)).trim().to_owned()
    }

    /// As if the node's power had been cut; [`Lab::start`] switches it on again.
    pub fn kill(&self, node: u8) {
        self.command("kill", node);
    }

    pub fn start(&self, node: u8) {
        self.command("start", node);
    }

    /// Pulls the node's network cable; [`Lab::mend`] plugs it in again.
    pub fn cut(&self, node: u8) {
        self.command("cut", node);
    }

    pub fn mend(&self, node: u8) {
        self.command("mend", node);
    }

    /// No image can be pulled or looked up until [`Lab::start_registries`].
    pub fn stop_registries(&self) {
        text("kill", run("lab", &["kill", "registry", "--name", &self.name]));
    }

    pub fn start_registries(&self) {
        text("start", run("lab", &["start", "registry", "--name", &self.name]));
    }

    /// The docker CLI on the first manager; what it prints, or a panic with what it complained of.
    pub fn docker(&self, arguments: &[&str]) -> String {
        let output =
            Command::new("docker").args(["--host", self.host()]).args(arguments).output().expect("docker runs");
        text(&format!("docker {}", arguments.join(" ")), output)
    }

    fn command(&self, verb: &str, node: u8) {
        text(verb, run("lab", &[verb, &format!("n{node}"), "--name", &self.name]));
    }

    fn export(&self, key: &str) -> &str {
        self.exports.get(key).unwrap_or_else(|| panic!("lab {} has no {key}", self.name))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        // Somebody who comes now waits for the lock, and then brings the lab up again.
        let _ = self.users.unlock();
        if self.users.try_lock().is_ok() {
            let _ = run("lab", &["down", "--name", &self.name]);
            let _ = std::fs::remove_file(&self.users_path);
        }
    }
}

/// Says that a test did not test anything, and why. `scripts/test` counts these lines, and sets STACKUP_NO_SKIP to fail.
#[allow(clippy::print_stderr, reason = "the one thing that a test has to say to a person")]
pub fn skip(why: &str) {
    assert!(std::env::var_os("STACKUP_NO_SKIP").is_none(), "would be skipped: {}", why.trim());
    eprintln!("skipped: {}", why.trim());
}

/// Opens the users' file and holds it shared; again if the last user removed it in between.
fn take_part(path: &Path) -> File {
    for _ in 0..100 {
        let mut file = File::options().create(true).append(true).open(path).expect("the temporary folder is writable");
        file.lock_shared().expect("locks work");
        if same_file(&file, path) {
            let _ = writeln!(file, "{}", std::process::id());
            return file;
        }
    }
    panic!("{} is removed again and again", path.display());
}

fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino(),
        _ => false,
    }
}

fn run(program: &str, arguments: &[&str]) -> Output {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab").join(program);
    Command::new(&path).args(arguments).output().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(what: &str, output: Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {}\n{complaint}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn exports(text: &str) -> BTreeMap<String, String> {
    let line = |line: &str| {
        let (key, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((key.to_owned(), value.split_whitespace().next()?.to_owned()))
    };
    text.lines().filter_map(line).collect()
}
