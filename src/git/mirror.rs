//! A copy of a remote's objects in a folder of ours: fetched by `git`, read by libgit2, and fetched anew when damaged.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Oid, Repository};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

use super::program::{Limits, Program, Run};
use super::reference::{Chosen, advertised};
use super::{Access, Address, GitError, Reference, Tree};

/// Each fetch brings one; past this many they are made one.
const MOST_PACKS: usize = 40;

/// What is followed, and how it is asked.
#[derive(Clone, Debug)]
pub struct Remote {
    pub address: Address,
    pub access: Access,
    pub reference: Reference,
    /// Only so many commits; the whole history without it. What came before a commit cannot be told then.
    pub depth: Option<u32>,
    pub limits: Limits,
}

/// A copy of a remote. Several may share a folder, in several processes too.
#[derive(Clone, Debug)]
pub struct Mirror {
    program: Program,
    remote: Remote,
    folder: PathBuf,
    /// Where this one's refs are.
    refs: String,
}

/// What a fetch found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// 40 hex digits.
    pub commit: String,
    /// What leads to it: the commit itself, or an annotated tag.
    pub tip: String,
    /// `refs/heads/main`.
    pub name: String,
    pub change: Change,
}

/// How it follows what was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    First,
    Same,
    Forward,
    /// The history was rewritten: what was there before is no part of it.
    Rewritten,
    /// Too little of the history is here.
    Unknown,
}

impl Mirror {
    /// In a folder of its own below `state`.
    pub fn new(program: Program, state: &Path, remote: Remote) -> Result<Self, GitError> {
        remote.access.check(&remote.address)?;
        let folder = state.join("git").join(digest(remote.address.as_str()));
        let followed = format!("{}\n{:?}", remote.reference, remote.depth);
        let refs = format!("refs/stackup/{}", digest(&followed));
        Ok(Self { program, remote, folder, refs })
    }

    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Asks what the remote has, and fetches it unless it is here.
    pub async fn fetch(&self) -> Result<Fetched, GitError> {
        let end = Instant::now() + self.remote.limits.time;
        let _lock = self.lock(end).await?;
        if self.damaged().exists() {
            self.discard()?;
        }
        let fresh = !self.git_dir().join("HEAD").exists();
        match self.attempt().await {
            // What is here can be wrong only where something was.
            Err(GitError::Damaged(_)) if !fresh => {
                self.discard()?;
                self.attempt().await
            }
            Err(error @ GitError::TooLarge(_)) => {
                self.discard()?;
                Err(error)
            }
            other => other,
        }
    }

    /// The files of a commit that was fetched.
    pub fn tree(&self, commit: &str) -> Result<Tree, GitError> {
        Tree::open(&self.git_dir(), commit, self.damaged())
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    pub(super) fn git_dir(&self) -> PathBuf {
        self.folder.join("repo.git")
    }

    fn damaged(&self) -> PathBuf {
        self.folder.join("damaged")
    }

    fn discard(&self) -> Result<(), GitError> {
        let gone = |result: std::io::Result<()>| match result {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(local(&self.folder, &error)),
            _ => Ok(()),
        };
        gone(std::fs::remove_dir_all(self.git_dir()))?;
        gone(std::fs::remove_file(self.damaged()))
    }

    async fn attempt(&self) -> Result<Fetched, GitError> {
        let git_dir = self.git_dir();
        if !git_dir.join("HEAD").exists() {
            let path = git_dir.to_string_lossy();
            self.git(vec!["init", "-q", "--bare", "--template=", &path], false).await?;
        }
        self.sweep();
        let chosen = self.choose().await?;
        let before = self.known()?;
        if let Some((tip, commit)) = before.as_ref().filter(|(tip, _)| *tip == chosen.id) {
            // Read, so that a damaged copy is noticed.
            self.tree(commit)?;
            return Ok(Fetched { commit: commit.clone(), tip: tip.clone(), name: chosen.name, change: Change::Same });
        }
        self.bring(&chosen).await?;
        let fetched = self.settle(chosen, before.map(|(_, commit)| commit)).await?;
        self.tidy().await;
        Ok(fetched)
    }

    async fn choose(&self) -> Result<Chosen, GitError> {
        let patterns = self.remote.reference.patterns();
        if patterns.is_empty() {
            return self.remote.reference.choose(&[]);
        }
        let mut arguments = vec!["ls-remote", "-q", "--end-of-options", self.remote.address.as_str()];
        arguments.extend(patterns.iter().map(String::as_str));
        let output = self.git(arguments, true).await?;
        self.remote.reference.choose(&advertised(&output))
    }

    /// Fetches into `REFS/new`.
    async fn bring(&self, chosen: &Chosen) -> Result<(), GitError> {
        let exact = format!("+{}:{}/new", chosen.name, self.refs);
        let by_id = matches!(self.remote.reference, Reference::Commit(_));
        match self.fetch_refs(&[&exact]).await {
            // A server need not give a commit by its id; it is looked for in all there is then.
            Err(GitError::NoReference(_) | GitError::Failed(_)) if by_id => {}
            other => return other,
        }
        let all =
            [format!("+refs/heads/*:{}/all/heads/*", self.refs), format!("+refs/tags/*:{}/all/tags/*", self.refs)];
        self.fetch_refs(&[&all[0], &all[1]]).await?;
        let repository = self.open()?;
        let id = Oid::from_str(&chosen.id).map_err(damaged)?;
        if repository.find_commit(id).is_err() {
            return Err(GitError::NoReference(format!("commit {}", chosen.id)));
        }
        repository.reference(&format!("{}/new", self.refs), id, true, "").map_err(damaged)?;
        Ok(())
    }

    async fn fetch_refs(&self, refs: &[&str]) -> Result<(), GitError> {
        let git_dir = format!("--git-dir={}", self.git_dir().display());
        let depth = self.remote.depth.map(|depth| format!("--depth={depth}"));
        let mut arguments =
            vec![git_dir.as_str(), "fetch", "-q", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
        arguments.extend(depth.as_deref());
        arguments.extend(["--end-of-options", self.remote.address.as_str()]);
        arguments.extend(refs);
        self.git(arguments, true).await.map(drop)
    }

    /// Makes what was fetched what is followed.
    async fn settle(&self, chosen: Chosen, before: Option<String>) -> Result<Fetched, GitError> {
        let this = self.clone();
        let work = move || {
            let repository = this.open()?;
            let name = |last: &str| format!("{}/{last}", this.refs);
            let mut new = repository.find_reference(&name("new")).map_err(damaged)?;
            let tip = new.target().ok_or_else(|| GitError::Damaged("a ref without an object".to_owned()))?;
            let commit = match new.peel_to_commit() {
                Ok(commit) => commit.id(),
                Err(_) => return Err(GitError::NoReference(format!("commit at {}", chosen.name))),
            };
            let change = match before.as_deref().map(Oid::from_str) {
                None => Change::First,
                Some(Ok(old)) if old == commit => Change::Same,
                Some(_) if this.remote.depth.is_some() => Change::Unknown,
                Some(Ok(old)) => match repository.graph_descendant_of(commit, old) {
                    Ok(true) => Change::Forward,
                    Ok(false) => Change::Rewritten,
                    Err(_) => Change::Unknown,
                },
                Some(Err(_)) => Change::Unknown,
            };
            repository.reference(&name("commit"), commit, true, "").map_err(damaged)?;
            repository.reference(&name("tip"), tip, true, "").map_err(damaged)?;
            new.delete().map_err(damaged)?;
            Tree::open(&this.git_dir(), &commit.to_string(), this.damaged())?;
            Ok(Fetched { commit: commit.to_string(), tip: tip.to_string(), name: chosen.name, change })
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| GitError::Failed(error.to_string()))?
    }

    /// Tip and commit of the last fetch.
    fn known(&self) -> Result<Option<(String, String)>, GitError> {
        let repository = self.open()?;
        let at =
            |last: &str| Some(repository.find_reference(&format!("{}/{last}", self.refs)).ok()?.target()?.to_string());
        Ok(at("tip").zip(at("commit")))
    }

    fn open(&self) -> Result<Repository, GitError> {
        Repository::open_bare(self.git_dir()).map_err(damaged)
    }

    /// What a fetch that was killed left.
    fn sweep(&self) {
        let Ok(entries) = std::fs::read_dir(self.git_dir().join("objects/pack")) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with("tmp_") {
                // One that stays costs its room, and nothing else.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// One pack for many, without what no ref leads to. Failing that, it is as it was.
    async fn tidy(&self) {
        let packs = std::fs::read_dir(self.git_dir().join("objects/pack")).into_iter().flatten().flatten();
        if packs.filter(|e| e.path().extension().is_some_and(|e| e == "pack")).count() <= MOST_PACKS {
            return;
        }
        let git_dir = format!("--git-dir={}", self.git_dir().display());
        if let Err(error) = self.git(vec![&git_dir, "repack", "-a", "-d", "-q"], false).await {
            tracing::debug!(%error, "packs stay as they are");
        }
    }

    async fn git(&self, arguments: Vec<&str>, remote: bool) -> Result<String, GitError> {
        let address = Some(&self.remote.address).filter(|_| remote);
        let run = Run {
            arguments,
            means: address.map(|address| self.remote.access.means(address)).unwrap_or_default(),
            transport: address.map(Address::transport),
            grows: Some(&self.folder),
        };
        self.program.run(run, self.remote.limits).await
    }

    /// One at a time, of all processes.
    async fn lock(&self, end: Instant) -> Result<File, GitError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|error| local(&self.folder, &error))?;
        let path = self.folder.join("lock");
        let file = File::options().create(true).append(true).open(&path).map_err(|error| local(&path, &error))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::Error(error)) => return Err(local(&path, &error)),
                Err(std::fs::TryLockError::WouldBlock) if Instant::now() < end => {}
                Err(std::fs::TryLockError::WouldBlock) => return Err(GitError::TimedOut(self.remote.limits.time)),
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn damaged(error: git2::Error) -> GitError {
    GitError::Damaged(error.message().to_owned())
}

fn local(path: &Path, error: &std::io::Error) -> GitError {
    GitError::Local(format!("{}: {error}", path.display()))
}

/// A name for a folder or ref.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}
