//! A repository, a stackup.yaml that follows it, and a watcher.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::run::{Run, docker, stackup, stackup_command};
use crate::swarm::Swarm;

pub struct Bench {
    swarm: Swarm,
    pub image: String,
    pub stack: String,
    dir: TempDir,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = stackup(self.host(), self.dir.path(), &["rm", "-y", &self.stack]);
    }
}

impl Bench {
    pub fn new(name: &str) -> Option<Self> {
        Self::on(Swarm::find()?, name)
    }

    pub fn on(swarm: Swarm, name: &str) -> Option<Self> {
        let image = swarm.image()?;
        Some(Self::with(swarm, image, name))
    }

    /// On a lab that the test has brought up itself, by way of that engine.
    pub fn at(host: &str, image: &str, name: &str) -> Self {
        Self::with(Swarm::at(host), image.to_owned(), name)
    }

    fn with(swarm: Swarm, image: String, name: &str) -> Self {
        let bench = Self {
            swarm,
            image,
            stack: format!("watch-{name}-{}", std::process::id()),
            dir: tempfile::tempdir().unwrap(),
        };
        bench.git(&["init", "-q", "-b", "main", "work"]);
        bench
    }

    pub fn host(&self) -> &str {
        &self.swarm.host
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// stackup.yaml: the repository as `ops`, and what else is said of the stack.
    pub fn settings(&self, more: &str) {
        let text = format!(
            "state: state\npoll: 2s\nsources: {{ops: {{git: ./work, ref: main}}}}\nstacks:\n  \
             - {{name: {}, source: ops{more}}}\n",
            self.stack
        );
        std::fs::write(self.path().join("stackup.yaml"), text).unwrap();
    }

    /// A commit of this Compose file, with IMAGE for the image.
    pub fn push(&self, compose: &str) {
        self.push_all(&[("compose.yaml", &compose.replace("IMAGE", &self.image))]);
    }

    /// A commit of these files alone; `-> TARGET` makes a link.
    pub fn push_all(&self, files: &[(&str, &str)]) {
        let work = self.path().join("work");
        self.git(&["-C", "work", "rm", "-r", "-q", "--ignore-unmatch", "."]);
        for (path, text) in files {
            let path = work.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match text.strip_prefix("-> ") {
                Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
                None => std::fs::write(path, text).unwrap(),
            }
        }
        self.git(&["-C", "work", "add", "-A"]);
        self.git(&["-C", "work", "commit", "-q", "--allow-empty", "-m", "Change it"]);
    }

    /// What it says, less the line's end.
    pub fn git(&self, arguments: &[&str]) -> String {
        let names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.path()).envs(names.map(|name| (name, "ada@example.org")));
        let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// `stackup watch --once`.
    #[track_caller]
    pub fn once(&self, code: i32) -> Run {
        stackup(self.host(), self.path(), &["watch", "--once"]).exits(code)
    }

    pub fn docker(&self, args: &[&str]) -> String {
        docker(self.host(), args)
    }

    /// `STACK_web`.
    pub fn name(&self, key: &str) -> String {
        format!("{}_{key}", self.stack)
    }

    /// A field of a service's spec, or of anything else of it.
    pub fn service(&self, key: &str, format: &str) -> String {
        self.docker(&["service", "inspect", "--format", format, &self.name(key)]).trim().to_owned()
    }

    pub fn has(&self, key: &str) -> bool {
        let filter = format!("name={}", self.name(key));
        self.docker(&["service", "ls", "--filter", &filter, "--format", "{{.Name}}"])
            .lines()
            .any(|n| n == self.name(key))
    }

    /// A watcher that runs until it is dropped.
    pub fn watch(&self) -> Watcher {
        self.watch_at(self.host(), &[])
    }

    /// One that speaks to the engine by way of `host`, and that is given more arguments.
    pub fn watch_at(&self, host: &str, arguments: &[&str]) -> Watcher {
        let mut command = stackup_command(host, self.path());
        command.args(["watch", "--json"]).args(arguments);
        Watcher::of(command)
    }
}

pub struct Watcher {
    child: Child,
    lines: Arc<Mutex<Vec<Value>>>,
    /// Lines that a test has waited past.
    read: usize,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watcher {
    /// What tells its events as JSON.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (out, kept) = (child.stdout.take().unwrap(), lines.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, lines, read: 0 }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line that fits. What comes before it is passed over.
    #[track_caller]
    pub fn until(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            {
                let lines = self.lines.lock().unwrap();
                while let Some(line) = lines.get(self.read) {
                    self.read += 1;
                    if fits(line) {
                        return line.clone();
                    }
                }
                assert!(Instant::now() < end, "{what} did not come:\n{}", shown(&lines));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The stack is in this state.
    #[track_caller]
    pub fn is(&mut self, sync: &str) -> Value {
        self.until(sync, |line| line["type"] == "sync" && line["sync"] == sync)
    }

    /// It dies at once, and cannot do anything about it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn lines(&self) -> Vec<Value> {
        self.lines.lock().unwrap().clone()
    }

    pub fn said(&self) -> String {
        shown(&self.lines())
    }

    /// Asks it to stop. Its exit code.
    pub fn stop(mut self) -> i32 {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it did not stop:\n{}", self.said());
    }
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Status and body. A `Content-Length` among the headers may lie.
pub fn ask(port: u16, line: &str, headers: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let length = match headers.contains("Content-Length") {
        true => String::new(),
        false => format!("Content-Length: {}\r\n", body.len()),
    };
    let head = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}{length}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.write_all(body);
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    (status.unwrap_or_else(|| panic!("no answer to {line}: {text}")), body)
}

fn shown(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
