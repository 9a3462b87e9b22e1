//! Files of a commit, read from the object database: there is no work tree, so no link, hook or filter leads anywhere.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use git2::{ObjectType, Oid, Repository};

use super::GitError;
use super::elsewhere::Elsewhere;
use super::lfs::Pointer;

/// Largest file that is read.
const MOST_BYTES: usize = 64 << 20;
/// Links that are followed for one file.
const MOST_LINKS: usize = 40;
/// Files and folders that a listing may have.
const MOST_FILES: usize = 100_000;
/// Longest path that is listed.
const MOST_PATH: usize = 4096;
/// Largest `.gitmodules` that is looked at.
const MOST_MODULES: usize = 1 << 20;

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
    elsewhere: Option<Elsewhere>,
}

/// What a name in a folder stands for.
enum Entry {
    File(Oid),
    Folder(Oid),
    Link(Oid),
    Submodule(Oid),
    Other,
}

/// A folder on the way to a file.
struct Step {
    /// The submodule that it is in, if it is in one.
    module: Option<Arc<Tree>>,
    folder: Oid,
    /// From the top of that, with a `/` at its end.
    path: String,
}

impl Step {
    fn top(module: Arc<Tree>) -> Self {
        Self { folder: module.root, module: Some(module), path: String::new() }
    }
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
    #[error("it is in a submodule, and submodules are not fetched without `submodules: true`")]
    Submodule,
    #[error("it is kept by Git LFS, and such files are not fetched without `lfs: true`")]
    Lfs,
    /// In a submodule or kept by LFS, and not looked for yet.
    #[error("it is not fetched yet")]
    Awaited,
    /// The same, and it cannot be had: a sentence.
    #[error("{0}")]
    Elsewhere(String),
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
    pub(super) fn open(
        git_dir: &Path,
        commit: &str,
        damaged: PathBuf,
        elsewhere: Option<Elsewhere>,
    ) -> Result<Self, GitError> {
        let wrong = |error: git2::Error| GitError::Damaged(error.message().to_owned());
        let repository = Repository::open_bare(git_dir).map_err(wrong)?;
        let commit = Oid::from_str(commit).map_err(wrong)?;
        let root = repository.find_commit(commit).map_err(wrong)?.tree().map_err(wrong)?.id();
        Ok(Self { repository: Mutex::new(repository), root, commit, damaged, elsewhere })
    }

    pub(super) fn elsewhere(&self) -> Option<&Elsewhere> {
        self.elsewhere.as_ref()
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
        let (module, blob) = self.find(path)?;
        let tree = module.as_deref().unwrap_or(self);
        let bytes = tree.content(blob, MOST_BYTES)?;
        if !Pointer::is_meant(&bytes) {
            return Ok(bytes);
        }
        let elsewhere = tree.elsewhere.as_ref().ok_or(ReadError::Lfs)?;
        let Some(pointer) = Pointer::read(&bytes) else {
            return Err(ReadError::Elsewhere("it begins as a pointer of Git LFS does, and is none".to_owned()));
        };
        if pointer.size > MOST_BYTES as u64 {
            return Err(ReadError::TooLarge);
        }
        elsewhere.file(pointer)
    }

    /// Paths of all files, in order; links and names that are no text are left out, and submodules unless `enters` says to look
    /// into what is at this path.
    pub fn files(&self, enters: &dyn Fn(&str) -> bool) -> Result<Vec<String>, ReadError> {
        let (mut all, mut count) = (Vec::new(), 0);
        let mut waiting = vec![(String::new(), self.top())];
        while let Some((prefix, step)) = waiting.pop() {
            let tree = step.module.as_deref().unwrap_or(self);
            for (name, entry) in tree.entries(step.folder)? {
                // A few objects can stand for more folders than there are atoms.
                count += 1;
                if count > MOST_FILES {
                    return Err(ReadError::TooLarge);
                }
                let Some(name) = name else { continue };
                let path = format!("{prefix}{name}");
                match entry {
                    Entry::File(_) => all.push(path),
                    Entry::Folder(folder) if path.len() < MOST_PATH => {
                        let inside = format!("{}{name}/", step.path);
                        waiting.push((format!("{path}/"), Step { module: step.module.clone(), folder, path: inside }));
                    }
                    Entry::Submodule(commit) if tree.follows_submodules() && enters(&path) => {
                        match tree.module(&format!("{}{name}", step.path), commit) {
                            Ok(module) => waiting.push((format!("{path}/"), Step::top(module))),
                            Err(ReadError::Awaited) => {}
                            Err(why) => return Err(why),
                        }
                    }
                    _ => {}
                }
            }
        }
        all.sort_unstable();
        Ok(all)
    }

    /// Where `.gitmodules` is, if there is one. A link is none: git does not follow it either.
    pub(super) fn module_list(&self) -> Result<Option<Oid>, ReadError> {
        let Some(Entry::File(blob)) = self.entry(self.root, ".gitmodules")? else { return Ok(None) };
        self.content(blob, MOST_MODULES).map(|_| Some(blob))
    }

    fn top(&self) -> Step {
        Step { module: None, folder: self.root, path: String::new() }
    }

    /// The submodule that a file is in, and its blob.
    fn find(&self, path: &str) -> Result<(Option<Arc<Self>>, Oid), ReadError> {
        if path.starts_with('/') {
            return Err(ReadError::Outside);
        }
        let mut parts: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        // From the top down to where we are.
        let mut at = vec![self.top()];
        let mut links = 0;
        while let Some(part) = parts.pop_front() {
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
            let Some(here) = at.last() else { return Err(ReadError::Outside) };
            let tree = here.module.as_deref().unwrap_or(self);
            let Some(entry) = tree.entry(here.folder, &part)? else { return Err(ReadError::Missing) };
            match entry {
                Entry::Link(blob) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(ReadError::Circle);
                    }
                    let Ok(target) = String::from_utf8(tree.content(blob, MOST_BYTES)?) else {
                        return Err(ReadError::Missing);
                    };
                    if target.starts_with('/') {
                        return Err(ReadError::Outside);
                    }
                    for part in target.split('/').rev() {
                        parts.push_front(part.to_owned());
                    }
                }
                Entry::Submodule(commit) => {
                    let module = tree.module(&format!("{}{part}", here.path), commit)?;
                    at.push(Step::top(module));
                }
                Entry::File(blob) => {
                    let more = parts.iter().any(|part| !part.is_empty());
                    return if more { Err(ReadError::Missing) } else { Ok((here.module.clone(), blob)) };
                }
                Entry::Folder(folder) => {
                    let path = format!("{}{part}/", here.path);
                    let module = here.module.clone();
                    at.push(Step { module, folder, path });
                }
                Entry::Other => return Err(ReadError::Missing),
            }
        }
        Err(ReadError::Folder)
    }

    fn follows_submodules(&self) -> bool {
        self.elsewhere.as_ref().is_some_and(Elsewhere::follows_submodules)
    }

    fn module(&self, path: &str, commit: Oid) -> Result<Arc<Self>, ReadError> {
        self.elsewhere.as_ref().ok_or(ReadError::Submodule)?.module(path, commit)
    }

    fn entry(&self, folder: Oid, name: &str) -> Result<Option<Entry>, ReadError> {
        self.with(|repository| Ok(repository.find_tree(folder)?.get_name(name).map(|entry| Entry::of(&entry))))
    }

    /// A name that is no text is somebody's, and hides nothing else.
    fn entries(&self, folder: Oid) -> Result<Vec<(Option<String>, Entry)>, ReadError> {
        self.with(|repository| {
            let tree = repository.find_tree(folder)?;
            Ok(tree
                .iter()
                .take(MOST_FILES + 1)
                .map(|entry| (entry.name().ok().map(str::to_owned), Entry::of(&entry)))
                .collect())
        })
    }

    fn content(&self, blob: Oid, most: usize) -> Result<Vec<u8>, ReadError> {
        let content = self.with(|repository| {
            let (size, _) = repository.odb()?.read_header(blob)?;
            if size > most {
                return Ok(None);
            }
            repository.find_blob(blob).map(|blob| Some(blob.content().to_vec()))
        })?;
        content.ok_or(ReadError::TooLarge)
    }

    /// Every object of a fetched commit is there, and is what its name says; else it was damaged.
    fn with<T>(&self, work: impl FnOnce(&Repository) -> Result<T, git2::Error>) -> Result<T, ReadError> {
        let repository = self.repository.lock().unwrap_or_else(PoisonError::into_inner);
        work(&repository).map_err(|_| {
            // Where even this cannot be written, the next fetch has complaints of its own.
            let _ = std::fs::write(&self.damaged, "");
            ReadError::Damaged
        })
    }
}

impl Entry {
    fn of(entry: &git2::TreeEntry<'_>) -> Self {
        match entry.filemode() {
            FILE | PROGRAM | GROUP_FILE => Self::File(entry.id()),
            LINK => Self::Link(entry.id()),
            SUBMODULE => Self::Submodule(entry.id()),
            _ if entry.kind() == Some(ObjectType::Tree) => Self::Folder(entry.id()),
            _ => Self::Other,
        }
    }
}
