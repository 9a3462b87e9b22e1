//! The `git` program, with nothing of this user's or this machine's settings, no questions, and an end to its patience.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

use super::GitError;
use super::access::Means;
use super::address::Transport;
use super::failure::meaning;
use crate::system::apart::{Group, apart};

/// Variables of the environment that git and ssh are given; there are no others.
pub const VARIABLES: &[&str] =
    &["PATH", "SSH_AUTH_SOCK", "HTTPS_PROXY", "https_proxy", "http_proxy", "NO_PROXY", "no_proxy", "GIT_SSL_CAINFO"];

/// Oldest that can check ssh signatures.
const OLDEST: (u32, u32) = (2, 34);
/// Most that is kept of what git prints.
const MOST_OUTPUT: u64 = 32 << 20;
const MOST_WORDS: u64 = 64 << 10;
/// Between two looks at how much has come.
const BEAT: Duration = Duration::from_millis(200);

/// git on this machine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Program {
    variables: Arc<Vec<(String, String)>>,
    /// Where git looks for what a person has at home.
    home: Arc<PathBuf>,
    checked: Arc<OnceCell<()>>,
}

/// How long, and how much.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub time: Duration,
    /// Of what is kept of one repository.
    pub megabytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(300), megabytes: 2048 }
    }
}

/// One run.
#[derive(Debug, Default)]
pub(super) struct Run<'a> {
    pub arguments: Vec<&'a str>,
    pub means: Means,
    /// Which transport may be used; none when nothing is.
    pub transport: Option<Transport>,
    /// The folder that must not outgrow the limit.
    pub grows: Option<&'a Path>,
    /// What it reads. A few lines.
    pub input: Option<&'a str>,
}

impl Program {
    /// `variables` is the process's environment, of which [`VARIABLES`] are taken. `home` is an empty folder of ours.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>, home: PathBuf) -> Self {
        let kept = variables.into_iter().filter(|(name, _)| VARIABLES.contains(&name.as_str())).collect();
        Self { variables: Arc::new(kept), home: Arc::new(home), checked: Arc::default() }
    }

    /// What it printed. Fails with the meaning of what it said.
    pub(super) async fn run(&self, run: Run<'_>, limits: Limits) -> Result<String, GitError> {
        self.checked.get_or_try_init(|| self.check()).await?;
        let (ok, output, words) = self.bare(run, limits).await?;
        if ok { Ok(output) } else { Err(meaning(&words)) }
    }

    /// The same for what fails in the course of things: whether it succeeded, what it printed, what it said.
    pub(super) async fn bare(&self, run: Run<'_>, limits: Limits) -> Result<(bool, String, String), GitError> {
        let mut command = self.command(&run);
        let mut child = command.spawn().map_err(|error| {
            GitError::Program(format!("git cannot be started: {}", error.to_string().to_lowercase()))
        })?;
        // git and what it started (ssh, index-pack).
        let mut group = Group::of(&child);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        if let Some((mut pipe, input)) = child.stdin.take().zip(run.input) {
            // Who does not read it says why by himself.
            let _ = pipe.write_all(input.as_bytes()).await;
        }
        let work = async {
            let (output, words, status) = tokio::join!(most(out, MOST_OUTPUT), most(err, MOST_WORDS), child.wait());
            status.map(|status| (status.success(), output, words))
        };
        let end = Instant::now() + limits.time;
        let done = tokio::select! {
            done = work => done.map_err(|error| GitError::Program(format!("git was lost: {error}")))?,
            error = watch(run.grows, end, limits) => return Err(error),
        };
        group.ended();
        // What is quick is over before it is looked at.
        match run.grows.is_some_and(|folder| size(folder, 0) > limits.megabytes << 20) {
            true => Err(GitError::TooLarge(limits.megabytes)),
            false => Ok(done),
        }
    }

    fn command(&self, run: &Run<'_>) -> Command {
        let mut command = Command::new("git");
        command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if run.input.is_some() { Stdio::piped() } else { Stdio::null() });
        apart(&mut command).kill_on_drop(true).current_dir("/");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let fixed = [
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ASKPASS", ""),
            ("SSH_ASKPASS", ""),
            ("GIT_PROTOCOL_FROM_USER", "0"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_LFS_SKIP_SMUDGE", "1"),
        ];
        command.envs(fixed).env("HOME", self.home.as_path());
        command.env("GIT_ALLOW_PROTOCOL", run.transport.map_or("none", Transport::as_str));
        command.envs(run.means.variables.iter().map(|(name, value)| (name, value)));
        let settings = [
            ("transfer.fsckObjects", "true"),
            ("transfer.bundleURI", "false"),
            ("http.followRedirects", "false"),
            ("http.sslVerify", "true"),
            ("http.lowSpeedLimit", "1000"),
            ("http.lowSpeedTime", "30"),
            ("core.hooksPath", "/dev/null"),
            ("core.fsmonitor", "false"),
            ("core.symlinks", "false"),
            ("core.askPass", ""),
            ("credential.helper", ""),
            ("protocol.version", "2"),
            ("submodule.recurse", "false"),
            ("fetch.unpackLimit", "1"),
            ("fetch.writeCommitGraph", "false"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("safe.bareRepository", "explicit"),
        ];
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        // In the environment, for an argument is seen by everybody on the machine.
        let all: Vec<(String, String)> = settings.chain(run.means.config.iter().cloned()).collect();
        command.env("GIT_CONFIG_COUNT", all.len().to_string());
        for (i, (key, value)) in all.into_iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{i}"), key).env(format!("GIT_CONFIG_VALUE_{i}"), value);
        }
        command.args(&run.arguments);
        command
    }

    async fn check(&self) -> Result<(), GitError> {
        let run = Run { arguments: vec!["version"], ..Run::default() };
        let (_, output, _) = self.bare(run, Limits { time: Duration::from_secs(20), ..Limits::default() }).await?;
        let version = version(&output);
        if version.is_none_or(|version| version < OLDEST) {
            let said = output.trim();
            return Err(GitError::Program(format!("`{said}` is older than git {}.{}", OLDEST.0, OLDEST.1)));
        }
        Ok(())
    }
}

/// `git version 2.47.3`
fn version(output: &str) -> Option<(u32, u32)> {
    let mut numbers = output.strip_prefix("git version ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.trim().parse().ok()?))
}

/// Ends with the limit that was passed.
async fn watch(grows: Option<&Path>, end: Instant, limits: Limits) -> GitError {
    loop {
        sleep(BEAT.min(end.saturating_duration_since(Instant::now()))).await;
        if Instant::now() >= end {
            return GitError::TimedOut(limits.time);
        }
        if grows.is_some_and(|folder| size(folder, 0) > limits.megabytes << 20) {
            return GitError::TooLarge(limits.megabytes);
        }
    }
}

/// Bytes below a folder. What cannot be looked at counts nothing.
pub(super) fn size(folder: &Path, depth: u8) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() && depth < 4 => size(&entry.path(), depth + 1),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Reads to the end, and keeps the beginning.
async fn most(stream: Option<impl AsyncRead + Unpin>, limit: u64) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let mut bytes = Vec::new();
    // A pipe that breaks ends with the program, which is waited for.
    let _ = (&mut stream).take(limit).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(version("git version 2.47.3\n"), Some((2, 47)));
        assert_eq!(version("git version 2.39.5 (Apple Git-154)\n"), Some((2, 39)));
        assert_eq!(version("nonsense"), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_takes_too_long_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let path = std::env::var("PATH").unwrap();
        let fake = folder.path().join("git");
        let child = folder.path().join("child");
        let script = format!("#!/bin/sh\nsleep 1000 &\necho $! > {}\nwait\n", child.display());
        std::fs::write(&fake, script).unwrap();
        crate::system::testing::set_mode(&fake, 0o700);
        let path = format!("{}:{path}", folder.path().display());
        let program = Program::new([("PATH".to_owned(), path)], folder.path().to_owned());
        // On a machine that is busy it may be ended before it has started anything.
        for seconds in [2, 10, 60] {
            let limits = Limits { time: Duration::from_secs(seconds), ..Limits::default() };
            let run = Run { arguments: vec!["anything"], ..Run::default() };
            assert_eq!(program.bare(run, limits).await.unwrap_err(), GitError::TimedOut(limits.time));
            if std::fs::read_to_string(&child).is_ok_and(|text| text.ends_with('\n')) {
                break;
            }
        }
        let pid: i32 = std::fs::read_to_string(child).unwrap().trim().parse().unwrap();
        for _ in 0..100 {
            // Gone, or waiting for its parent to notice.
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid)).unwrap_or_default();
            if stat.is_empty() || stat.contains(") Z ") {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the child lives on");
    }
}
