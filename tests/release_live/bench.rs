//! A folder with a Compose file, and a stack of its own.

use std::cell::RefCell;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::run::{Run, docker, stackup, stackup_command};
use crate::swarm::Swarm;

pub struct Bench {
    swarm: Swarm,
    pub image: String,
    pub stack: String,
    dir: TempDir,
    /// Everything that was said.
    said: RefCell<String>,
}

/// What a test leaves behind slows down all others.
impl Drop for Bench {
    fn drop(&mut self) {
        let _ = stackup(self.host(), self.dir.path(), &["lock", "break", &self.stack]);
        let _ = stackup(self.host(), self.dir.path(), &["rm", "-y", &self.stack]);
    }
}

impl Bench {
    pub fn new(name: &str) -> Option<Self> {
        let swarm = Swarm::find()?;
        let image = swarm.image()?;
        let stack = format!("rel-{name}-{}", std::process::id());
        // Other tests push theirs again under the same name, and with another digest.
        let own = format!("{image}-{stack}");
        docker(&swarm.host, &["tag", &image, &own]);
        docker(&swarm.host, &["push", "--quiet", &own]);
        let image = own;
        Some(Self { swarm, image, stack, dir: tempfile::tempdir().unwrap(), said: RefCell::default() })
    }

    pub fn host(&self) -> &str {
        &self.swarm.host
    }

    pub fn path(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.dir.path().join(file), text).unwrap();
    }

    /// The Compose file, with IMAGE for the image.
    pub fn compose(&self, text: &str) {
        self.write("compose.yaml", text.replace("IMAGE", &self.image));
    }

    /// `stackup ARGS STACK`.
    #[track_caller]
    pub fn run(&self, args: &[&str], code: i32) -> Run {
        let mut all = args.to_vec();
        all.push(&self.stack);
        let run = stackup(self.host(), self.dir.path(), &all);
        self.said.borrow_mut().push_str(&format!("{}{}", run.stdout, run.stderr));
        run.exits(code)
    }

    /// The same, started and left alone.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command: Command = stackup_command(self.host(), self.dir.path());
        command.args(args).arg(&self.stack).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn docker(&self, args: &[&str]) -> String {
        docker(self.host(), args)
    }

    /// `STACK_web`.
    pub fn name(&self, key: &str) -> String {
        format!("{}_{key}", self.stack)
    }

    /// Numbers and results of the history, newest first.
    pub fn history(&self) -> Vec<(String, String)> {
        let run = self.run(&["history", "--format", "{{.Release}} {{.Result}}"], 0);
        let line = |line: &str| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
        run.stdout.lines().filter_map(line).collect()
    }

    /// Names of the configs that stackup keeps about the stack.
    pub fn records(&self) -> Vec<String> {
        let label = format!("label=stackup.stack={}", self.stack);
        let names = self.docker(&["config", "ls", "--filter", &label, "--format", "{{.Name}}"]);
        names.lines().map(str::to_owned).collect()
    }

    pub fn until(&self, what: &str, mut is: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !is(self) {
            assert!(Instant::now() < end, "{what} did not come");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    #[track_caller]
    pub fn never_said(&self, words: &[&str]) {
        let said = self.said.borrow();
        for word in words {
            assert!(!said.contains(word), "`{word}` was shown:\n{said}");
        }
    }
}
