//! Runs stackup and docker as a person would, with an environment that holds nothing else.

use std::path::Path;
use std::process::{Command, Output};

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test with everything that was said, unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails the test unless one of the streams holds these words.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(
            self.stdout.contains(words) || self.stderr.contains(words),
            "`{words}` is not in\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// `program` in `dir`, with DOCKER_HOST and little else in its environment.
pub fn command(program: &str, host: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).env_clear().env("DOCKER_HOST", host).env("HOME", dir);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// The stackup binary, ready for arguments; for tests that need more than [`stackup`].
pub fn stackup_command(host: &str, dir: &Path) -> Command {
    command(env!("CARGO_BIN_EXE_stackup"), host, dir)
}

/// `stackup ARGS` in `dir`, speaking to the engine at `host`.
pub fn stackup(host: &str, dir: &Path, args: &[&str]) -> Run {
    Run::of(stackup_command(host, dir).args(args).output().expect("stackup starts"))
}

/// `docker ARGS`; fails the test when docker does.
#[track_caller]
pub fn docker(host: &str, args: &[&str]) -> String {
    let run = Run::of(command("docker", host, Path::new("/")).args(args).output().expect("docker starts"));
    assert_eq!(run.code, 0, "docker {args:?}: {}", run.stderr);
    run.stdout
}

/// `docker ARGS`: what it prints, also where it fails.
pub fn try_docker(host: &str, args: &[&str]) -> Result<String, String> {
    let run = Run::of(command("docker", host, Path::new("/")).args(args).output().expect("docker starts"));
    if run.code == 0 { Ok(run.stdout) } else { Err(run.stdout) }
}

/// Ids of the tasks of a service that run and are to run, sorted.
pub fn running_tasks(host: &str, service: &str) -> Vec<String> {
    let listed = docker(host, &["service", "ps", "-q", "--no-trunc", "--filter", "desired-state=running", service]);
    let mut ids: Vec<String> = listed.split_whitespace().map(str::to_owned).collect();
    ids.sort();
    ids
}
