//! What a commit names and its own objects do not hold: submodules, and files of Git LFS.
//!
//! Whoever reads a file cannot wait for a network. So reading asks, and [`Tree::fill`] fetches between two readings: only what
//! somebody asked for, and each thing once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use git2::Oid;
use tokio::time::Instant;

use super::lfs::{self, Pointer};
use super::module;
use super::tree::{ReadError, Tree};
use super::{GitError, Limits, Mirror};

/// What is fetched beside a source's own objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    pub submodules: bool,
    pub lfs: bool,
}

impl Beyond {
    pub fn any(self) -> bool {
        self.submodules || self.lfs
    }
}

/// Submodules below one another.
const DEEPEST: usize = 8;
/// Submodules, or files of LFS, that one repository may be asked for.
const MOST: usize = 200;

/// What became of something that was asked for.
#[derive(Clone, Debug)]
enum Answer<T> {
    Awaited,
    Here(T),
    /// A sentence.
    Refused(String),
}

/// Which commit, and what became of it.
type Asked = (Oid, Answer<Arc<Tree>>);

/// What of one tree lies elsewhere, as far as somebody asked for it.
pub(super) struct Elsewhere {
    mirror: Mirror,
    beyond: Beyond,
    /// Addresses that led here, from the source on.
    chain: Vec<String>,
    budget: Arc<Budget>,
    /// By path.
    modules: Mutex<BTreeMap<String, Asked>>,
    files: Mutex<BTreeMap<Pointer, Answer<()>>>,
}

/// Of all submodules of a source together.
struct Budget {
    end: Instant,
    /// Bytes that are still free.
    room: AtomicU64,
}

impl Budget {
    fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    fn limits(&self) -> Limits {
        Limits { time: self.left(), megabytes: self.room.load(Ordering::Relaxed) >> 20 }
    }

    fn take(&self, bytes: u64) {
        let less = |room: u64| Some(room.saturating_sub(bytes));
        // It always succeeds: there is always a number that is less.
        let _ = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

impl Elsewhere {
    /// Of a tree of the source itself.
    pub fn of(mirror: &Mirror, beyond: Beyond) -> Option<Self> {
        let limits = mirror.remote().limits;
        let room = AtomicU64::new(limits.megabytes << 20);
        let budget = Arc::new(Budget { end: Instant::now() + limits.time, room });
        beyond.any().then(|| Self::below(mirror.clone(), beyond, Vec::new(), budget))
    }

    fn below(mirror: Mirror, beyond: Beyond, mut chain: Vec<String>, budget: Arc<Budget>) -> Self {
        chain.push(mirror.remote().address.as_str().to_owned());
        Self { mirror, beyond, chain, budget, modules: Mutex::default(), files: Mutex::default() }
    }

    pub fn follows_submodules(&self) -> bool {
        self.beyond.submodules
    }

    /// The submodule at a path, at this commit.
    pub fn module(&self, path: &str, commit: Oid) -> Result<Arc<Tree>, ReadError> {
        if !self.beyond.submodules {
            return Err(ReadError::Submodule);
        }
        let mut modules = guard(&self.modules);
        if modules.len() >= MOST && !modules.contains_key(path) {
            return Err(ReadError::Elsewhere(format!("more than {MOST} submodules are asked for")));
        }
        match &modules.entry(path.to_owned()).or_insert((commit, Answer::Awaited)).1 {
            Answer::Awaited => Err(ReadError::Awaited),
            Answer::Here(tree) => Ok(tree.clone()),
            Answer::Refused(why) => Err(ReadError::Elsewhere(why.clone())),
        }
    }

    /// The bytes that a pointer stands for.
    pub fn file(&self, pointer: Pointer) -> Result<Vec<u8>, ReadError> {
        if !self.beyond.lfs {
            return Err(ReadError::Lfs);
        }
        let mut files = guard(&self.files);
        let most = files.len() >= MOST && !files.contains_key(&pointer);
        if most {
            return Err(ReadError::Elsewhere(format!("more than {MOST} files of Git LFS are asked for")));
        }
        let answer = files.entry(pointer.clone()).or_insert(Answer::Awaited);
        match answer {
            Answer::Refused(why) => Err(ReadError::Elsewhere(why.clone())),
            // What an earlier fetch brought is read without asking anybody.
            Answer::Awaited | Answer::Here(()) => match pointer.content(&self.mirror.git_dir()) {
                Some(bytes) => {
                    *answer = Answer::Here(());
                    Ok(bytes)
                }
                None => {
                    *answer = Answer::Awaited;
                    Err(ReadError::Awaited)
                }
            },
        }
    }

    fn modules(&self) -> Vec<Arc<Tree>> {
        let here = |(_, answer): &Asked| match answer {
            Answer::Here(tree) => Some(tree.clone()),
            _ => None,
        };
        guard(&self.modules).values().filter_map(here).collect()
    }

    fn awaited_modules(&self) -> Vec<(String, Oid)> {
        let modules = guard(&self.modules);
        let awaited = modules.iter().filter(|(_, (_, answer))| matches!(answer, Answer::Awaited));
        awaited.map(|(path, (commit, _))| (path.clone(), *commit)).collect()
    }

    fn awaited_files(&self) -> Vec<Pointer> {
        let files = guard(&self.files);
        files
            .iter()
            .filter(|(_, answer)| matches!(answer, Answer::Awaited))
            .map(|(pointer, _)| pointer.clone())
            .collect()
    }

    fn refusals(&self) -> Vec<(String, String)> {
        let (modules, files) = (guard(&self.modules), guard(&self.files));
        let of_modules = modules.iter().filter_map(|(path, (_, answer))| Some((path.clone(), answer.refusal()?)));
        let of_files = files.iter().filter_map(|(pointer, answer)| Some((pointer.sha256.clone(), answer.refusal()?)));
        of_modules.chain(of_files).collect()
    }

    /// A submodule's tree, or why there is none.
    async fn fetch(&self, path: &str, commit: Oid, listed: &Listed) -> Result<Tree, String> {
        let name = path.escape_debug();
        let wrong = |why: &dyn Display| format!("it is in the submodule `{name}`, which cannot be had: {why}");
        if self.chain.len() > DEEPEST {
            return Err(wrong(&format!("submodules lie more than {DEEPEST} deep in one another")));
        }
        let addresses = listed.as_ref().map_err(|why| wrong(why))?;
        let url = addresses.get(path).ok_or_else(|| wrong(&"`.gitmodules` has no address for it"))?;
        let from = self.mirror.remote();
        let (address, access) = module::resolve(from, url, self.mirror.all_folders()).map_err(|error| wrong(&error))?;
        if self.chain.iter().any(|before| before == address.as_str()) {
            return Err(wrong(&"it leads back to a repository that it is in"));
        }
        let limits = self.budget.limits();
        let mirror = self.mirror.of_module(address, access, commit, limits).map_err(|error| wrong(&error))?;
        let fetched = mirror.fetch().await.map_err(|error| wrong(&error))?;
        self.budget.take(mirror.size());
        let elsewhere = Self::below(mirror.clone(), self.beyond, self.chain.clone(), self.budget.clone());
        mirror.tree_with(&fetched.commit, Some(elsewhere)).map_err(|error| wrong(&error))
    }

    fn settle(&self, path: &str, answer: Answer<Arc<Tree>>) {
        if let Some(entry) = guard(&self.modules).get_mut(path) {
            entry.1 = answer;
        }
    }
}

/// Addresses by path, or why there are none.
type Listed = Result<BTreeMap<String, String>, GitError>;

impl<T> Answer<T> {
    fn of(result: Result<T, String>) -> Self {
        match result {
            Ok(here) => Self::Here(here),
            Err(why) => Self::Refused(why),
        }
    }

    fn refusal(&self) -> Option<String> {
        match self {
            Self::Refused(why) => Some(why.clone()),
            _ => None,
        }
    }
}

impl Tree {
    /// Something was asked for that lies elsewhere, and nobody has looked for it yet.
    pub fn is_awaited(&self) -> bool {
        let mut awaited = false;
        self.each(&mut |elsewhere| {
            awaited |= !elsewhere.awaited_modules().is_empty() || !elsewhere.awaited_files().is_empty();
        });
        awaited
    }

    /// What was asked for and cannot be had, and why: a sentence.
    pub fn refusals(&self) -> Vec<(String, String)> {
        let mut refusals = Vec::new();
        self.each(&mut |elsewhere| refusals.extend(elsewhere.refusals()));
        refusals
    }

    /// Fetches what was asked for. Why something cannot be had is what reading it says from then on.
    pub async fn fill(&self) {
        self.fill_own().await;
        let mut waiting = self.elsewhere().map(Elsewhere::modules).unwrap_or_default();
        while let Some(tree) = waiting.pop() {
            tree.fill_own().await;
            waiting.extend(tree.elsewhere().map(Elsewhere::modules).unwrap_or_default());
        }
    }

    async fn fill_own(&self) {
        let Some(elsewhere) = self.elsewhere() else { return };
        let awaited = elsewhere.awaited_modules();
        if !awaited.is_empty() {
            let listed = match self.module_list() {
                Ok(Some(blob)) => elsewhere.mirror.modules(blob).await,
                Ok(None) => Ok(BTreeMap::new()),
                Err(why) => Err(GitError::Failed(format!("`.gitmodules` cannot be read: {why}"))),
            };
            for (path, commit) in awaited {
                let answer = Answer::of(elsewhere.fetch(&path, commit, &listed).await.map(Arc::new));
                elsewhere.settle(&path, answer);
            }
        }
        for pointer in elsewhere.awaited_files() {
            let answer = Answer::of(lfs::fetch(&elsewhere.mirror, &pointer, elsewhere.budget.left()).await);
            guard(&elsewhere.files).insert(pointer, answer);
        }
    }

    /// This tree's, and those of all below.
    fn each(&self, look: &mut dyn FnMut(&Elsewhere)) {
        let Some(elsewhere) = self.elsewhere() else { return };
        look(elsewhere);
        for tree in elsewhere.modules() {
            tree.each(look);
        }
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
