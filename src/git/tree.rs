//! Files of a commit, read from the object database: there is no work tree, so no link, hook or filter leads anywhere.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use git2::{ObjectType, Oid, Repository};

use super::GitError;

/// Largest file that is read.
const MOST_BYTES: usize = 64 << 20;
/// Links that are followed for one file.
const MOST_LINKS: usize = 40;
/// Files and folders that a listing may have.
const MOST_FILES: usize = 100_000;
/// Longest path that is listed.
const MOST_PATH: usize = 4096;

const FILE: i32 = 0o100_644;
const PROGRAM: i32 = 0o100_755;
const GROUP_FILE: i32 = 0o100_664;
const LINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

/// The files of one commit.
pub struct Tree {
    repository: Mutex<Repository>,
    root: Oid,
    commit: Oid,
    /// Made where an object turns out to be damaged, for who fetches next.
    damaged: PathBuf,
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("commit", &self.commit).finish_non_exhaustive()
    }
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("no such file")]
    Missing,
    #[error("it is a folder")]
    Folder,
    /// By `..` or a link.
    #[error("it leaves the repository")]
    Outside,
    #[error("links lead in a circle")]
    Circle,
    #[error("it is in a submodule, and submodules are not fetched")]
    Submodule,
    #[error("it is kept by Git LFS, and such files are not fetched")]
    Lfs,
    #[error("it is larger than {} MB", MOST_BYTES >> 20)]
    TooLarge,
    #[error("its object is damaged; the repository is fetched anew")]
    Damaged,
}

/// Who made a commit, and what they said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// 40 hex digits.
    pub commit: String,
    pub subject: String,
    pub author: String,
    /// Unix seconds, by the committer's clock.
    pub time: i64,
}

impl Tree {
    /// Of a commit that is in the repository.
    pub(super) fn open(git_dir: &Path, commit: &str, damaged: PathBuf) -> Result<Self, GitError> {
        let wrong = |error: git2::Error| GitError::Damaged(error.message().to_owned());
        let repository = Repository::open_bare(git_dir).map_err(wrong)?;
        let commit = Oid::from_str(commit).map_err(wrong)?;
        let root = repository.find_commit(commit).map_err(wrong)?.tree().map_err(wrong)?.id();
        Ok(Self { repository: Mutex::new(repository), root, commit, damaged })
    }

    /// 40 hex digits.
    pub fn commit(&self) -> String {
        self.commit.to_string()
    }

    pub fn summary(&self) -> Summary {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(commit) = repository.find_commit(self.commit) else { return Summary::default() };
        let author = String::from_utf8_lossy(commit.author().name_bytes()).into_owned();
        Summary {
            commit: self.commit.to_string(),
            subject: String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned(),
            author,
            time: commit.time().seconds(),
        }
    }

    /// Bytes of a file, by its path from the top. Links are followed as long as they stay inside.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.find(&repository, path).and_then(|blob| content(&repository, blob));
        if found == Err(ReadError::Damaged) {
            // Where even this cannot be written, the next fetch has complaints of its own.
            let _ = std::fs::write(&self.damaged, "");
        }
        let bytes = found?;
        if bytes.starts_with(b"version https://git-lfs.github.com/spec/v1\n") {
            return Err(ReadError::Lfs);
        }
        Ok(bytes)
    }

    /// Paths of all files, in order; links, submodules and names that are no text are left out.
    pub fn files(&self) -> Result<Vec<String>, ReadError> {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut all, mut count) = (Vec::new(), 0);
        let mut waiting = vec![(String::new(), self.root)];
        while let Some((folder, id)) = waiting.pop() {
            for entry in &repository.find_tree(id).map_err(why)? {
                // A few objects can stand for more folders than there are atoms.
                count += 1;
                if count > MOST_FILES {
                    return Err(ReadError::TooLarge);
                }
                let Ok(name) = entry.name() else { continue };
                let path = format!("{folder}{name}");
                match entry.filemode() {
                    FILE | PROGRAM | GROUP_FILE => all.push(path),
                    LINK | SUBMODULE => {}
                    _ if entry.kind() == Some(ObjectType::Tree) && path.len() < MOST_PATH => {
                        waiting.push((format!("{path}/"), entry.id()));
                    }
                    _ => {}
                }
            }
        }
        all.sort_unstable();
        Ok(all)
    }

    fn find(&self, repository: &Repository, path: &str) -> Result<Oid, ReadError> {
        if path.starts_with('/') {
            return Err(ReadError::Outside);
        }
        let mut parts: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        // From the top down to where we are.
        let mut at = vec![self.root];
        let mut links = 0;
        while let Some(part) = parts.pop_front() {
            let here = at.last().copied().unwrap_or(self.root);
            match part.as_str() {
                "" | "." => continue,
                ".." if at.len() == 1 => return Err(ReadError::Outside),
                ".." => {
                    at.pop();
                    continue;
                }
                // libgit2's binding would not survive it.
                odd if odd.contains('\0') => return Err(ReadError::Missing),
                _ => {}
            }
            let folder = repository.find_tree(here).map_err(why)?;
            let Some(entry) = folder.get_name(&part) else { return Err(ReadError::Missing) };
            match entry.filemode() {
                LINK => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(ReadError::Circle);
                    }
                    let target = content(repository, entry.id())?;
                    let Ok(target) = String::from_utf8(target) else { return Err(ReadError::Missing) };
                    if target.starts_with('/') {
                        return Err(ReadError::Outside);
                    }
                    for part in target.split('/').rev() {
                        parts.push_front(part.to_owned());
                    }
                }
                SUBMODULE => return Err(ReadError::Submodule),
                FILE | PROGRAM | GROUP_FILE => {
                    let more = parts.iter().any(|part| !part.is_empty());
                    return if more { Err(ReadError::Missing) } else { Ok(entry.id()) };
                }
                _ if entry.kind() == Some(ObjectType::Tree) => at.push(entry.id()),
                _ => return Err(ReadError::Missing),
            }
        }
        Err(ReadError::Folder)
    }
}

fn content(repository: &Repository, blob: Oid) -> Result<Vec<u8>, ReadError> {
    let (size, _) = repository.odb().and_then(|odb| odb.read_header(blob)).map_err(why)?;
    if size > MOST_BYTES {
        return Err(ReadError::TooLarge);
    }
    repository.find_blob(blob).map(|blob| blob.content().to_vec()).map_err(why)
}

/// Every object of a fetched commit is there, and is what its name says; else it was damaged.
fn why(_: git2::Error) -> ReadError {
    ReadError::Damaged
}
