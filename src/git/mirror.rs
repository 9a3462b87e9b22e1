//! A copy of a remote's objects in a folder of ours: fetched by `git`, read by libgit2, and fetched anew when damaged.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Oid, Repository};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

use super::elsewhere::{Beyond, Elsewhere};
use super::module;
use super::program::{Limits, Program, Run, size};
use super::{Access, Address, GitError, Reference, Tree};
use crate::system::private;

/// What is followed, and how it is asked.
#[derive(Clone, Debug)]
pub struct Remote {
    pub address: Address,
    pub access: Access,
    pub reference: Reference,
    /// Only so many commits of whatever is fetched: how one follows another cannot be told then. Without it the first fetch brings
    /// one commit, and each later one all that came since.
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
    pub(super) refs: String,
}

impl Mirror {
    /// In a folder of its own below `state`.
    pub fn new(program: Program, state: &Path, remote: Remote) -> Result<Self, GitError> {
        remote.access.check(&remote.address)?;
        let folder = state.join("git").join(digest(remote.address.as_str()));
        Ok(Self::at(folder, program, remote))
    }

    fn at(folder: PathBuf, program: Program, remote: Remote) -> Self {
        let followed = format!("{}\n{:?}", remote.reference, remote.depth);
        let refs = format!("refs/stackup/{}", digest(&followed));
        Self { program, remote, folder, refs }
    }

    /// A submodule's, beside this one: one commit, which is never asked for again once it is here. What was fetched with one
    /// credential is in no folder of another's.
    pub(super) fn of_module(
        &self,
        address: Address,
        access: Access,
        commit: Oid,
        limits: Limits,
    ) -> Result<Self, GitError> {
        access.check(&address)?;
        let folder = self.folder.with_file_name(digest(&format!("submodule\n{}\n{access:?}", address.as_str())));
        let reference = Reference::Commit(commit.to_string());
        let remote = Remote { address, access, reference, depth: Some(1), limits };
        Ok(Self::at(folder, self.program.clone(), remote))
    }

    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// The files of a commit that was fetched.
    pub fn tree(&self, commit: &str) -> Result<Tree, GitError> {
        self.tree_with(commit, None)
    }

    /// The same, and what they name that lies elsewhere: it is fetched when it was asked for ([`Tree::fill`]).
    pub fn tree_beyond(&self, commit: &str, beyond: Beyond) -> Result<Tree, GitError> {
        self.tree_with(commit, Elsewhere::of(self, beyond))
    }

    pub(super) fn tree_with(&self, commit: &str, elsewhere: Option<Elsewhere>) -> Result<Tree, GitError> {
        Tree::open(&self.git_dir(), commit, self.damaged(), elsewhere)
    }

    /// Addresses of submodules by path, from the blob of a `.gitmodules`.
    pub(super) async fn modules(&self, blob: Oid) -> Result<BTreeMap<String, String>, GitError> {
        let (git_dir, blob) = (self.git_dir_argument(), format!("--blob={blob}"));
        let output = self.git(vec![&git_dir, "config", "-z", "--no-includes", &blob, "--list"], false).await?;
        Ok(module::listed(&output))
    }

    /// Brings what a pointer of LFS stands for into this copy.
    pub(super) async fn lfs(&self, pointer: &str, time: Duration) -> Result<(), GitError> {
        let limits = Limits { time, ..self.remote.limits };
        let _lock = self.lock(Instant::now() + time).await?;
        let git_dir = self.git_dir_argument();
        let mut means = self.remote.access.means(&self.remote.address);
        means.variables.push(("GIT_LFS_SKIP_SMUDGE", "0".to_owned()));
        let settings = [
            ("remote.origin.url", self.remote.address.as_str()),
            ("lfs.dialtimeout", "10"),
            ("lfs.activitytimeout", "30"),
            ("lfs.transfer.maxretries", "2"),
        ];
        means.config.extend(settings.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let run = Run {
            arguments: vec![&git_dir, "lfs", "smudge"],
            means,
            transport: Some(self.remote.address.transport()),
            grows: Some(&self.folder),
            input: Some(pointer),
        };
        self.program.run(run, limits).await.map(drop)
    }

    /// Bytes that it takes on this machine.
    pub(super) fn size(&self) -> u64 {
        size(&self.folder, 0)
    }

    /// Where this copy lies with all the others.
    pub(super) fn all_folders(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    pub(super) fn git_dir(&self) -> PathBuf {
        self.folder.join("repo.git")
    }

    pub(super) fn damaged(&self) -> PathBuf {
        self.folder.join("damaged")
    }

    pub(super) fn discard(&self) -> Result<(), GitError> {
        let gone = |result: std::io::Result<()>| match result {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(local(&self.folder, &error)),
            _ => Ok(()),
        };
        gone(std::fs::remove_dir_all(self.git_dir()))?;
        gone(std::fs::remove_file(self.damaged()))
    }

    pub(super) fn open(&self) -> Result<Repository, GitError> {
        Repository::open_bare(self.git_dir()).map_err(damaged)
    }

    pub(super) async fn git(&self, arguments: Vec<&str>, remote: bool) -> Result<String, GitError> {
        let address = Some(&self.remote.address).filter(|_| remote);
        let run = Run {
            arguments,
            means: address.map(|address| self.remote.access.means(address)).unwrap_or_default(),
            transport: address.map(Address::transport),
            grows: Some(&self.folder),
            input: None,
        };
        self.program.run(run, self.remote.limits).await
    }

    pub(super) fn git_dir_argument(&self) -> String {
        format!("--git-dir={}", self.git_dir().display())
    }

    /// One at a time, of all processes.
    pub(super) async fn lock(&self, end: Instant) -> Result<File, GitError> {
        private::folders(&self.folder).map_err(|error| local(&self.folder, &error))?;
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

pub(super) fn damaged(error: git2::Error) -> GitError {
    GitError::Damaged(error.message().to_owned())
}

fn local(path: &Path, error: &std::io::Error) -> GitError {
    GitError::Local(format!("{}: {error}", path.display()))
}

/// A name for a folder or ref.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}
