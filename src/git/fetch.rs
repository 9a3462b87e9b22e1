//! Bringing a copy up to date: what the remote has, what is fetched of it, and how that follows what was there before.

use git2::Oid;
use tokio::time::Instant;

use super::mirror::{Mirror, damaged};
use super::program::Run;
use super::reference::{Chosen, advertised};
use super::{GitError, Reference};

/// Each fetch brings one; past this many they are made one.
const MOST_PACKS: usize = 40;
/// What git takes for all of it.
const NO_DEPTH: u32 = 0x7fff_ffff;

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
    /// Asks what the remote has, and fetches it unless it is here.
    pub async fn fetch(&self) -> Result<Fetched, GitError> {
        let end = Instant::now() + self.remote().limits.time;
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

    async fn attempt(&self) -> Result<Fetched, GitError> {
        let git_dir = self.git_dir();
        if !git_dir.join("HEAD").exists() {
            let path = git_dir.to_string_lossy();
            self.git(vec!["init", "-q", "--bare", "--template=", &path], false).await?;
        }
        self.sweep();
        let before = self.known()?;
        let name = match self.bring_usual().await? {
            Some(name) => name,
            None => {
                let chosen = self.choose().await?;
                if let Some((tip, commit)) = before.as_ref().filter(|(tip, _)| *tip == chosen.id) {
                    // Read, so that a damaged copy is noticed.
                    self.tree(commit)?;
                    let (commit, tip) = (commit.clone(), tip.clone());
                    return Ok(Fetched { commit, tip, name: chosen.name, change: Change::Same });
                }
                self.bring(&chosen).await?;
                chosen.name
            }
        };
        let (commit, tip) = self.settle(&name).await?;
        let change = self.change(before.map(|(_, commit)| commit), &commit).await;
        self.tidy().await;
        Ok(Fetched { commit, tip, name, change })
    }

    async fn choose(&self) -> Result<Chosen, GitError> {
        let patterns = self.remote().reference.patterns();
        if patterns.is_empty() {
            return self.remote().reference.choose(&[]);
        }
        let mut arguments = vec!["ls-remote", "-q", "--end-of-options", self.remote().address.as_str()];
        arguments.extend(patterns.iter().map(String::as_str));
        let output = self.git(arguments, true).await?;
        self.remote().reference.choose(&advertised(&output))
    }

    /// Fetches what is most likely there, without asking first what there is: over ssh a connection takes longer than all the rest.
    /// What was fetched, if it was there.
    async fn bring_usual(&self) -> Result<Option<String>, GitError> {
        let Some(name) = self.remote().reference.usual() else { return Ok(None) };
        match self.bring_exactly(&name).await {
            Ok(()) => Ok(Some(name)),
            // A tag, perhaps, or gone: what there is says it best.
            Err(GitError::NoReference(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches a ref or commit into `REFS/new`.
    async fn bring_exactly(&self, name: &str) -> Result<(), GitError> {
        let exact = format!("+{name}:{}/new", self.refs);
        // What came before the first commit tells nothing. Where others follow the same, theirs is not cut off.
        let first = self.is_empty()?.then_some(1);
        match self.fetch_refs(&[&exact], self.remote().depth.or(first)).await {
            // A web server that knows nothing of git gives all or nothing.
            Err(GitError::Failed(words)) if words.contains("shallow") => self.fetch_refs(&[&exact], None).await,
            fetched => fetched,
        }
    }

    /// Fetches what was chosen, wherever it is.
    async fn bring(&self, chosen: &Chosen) -> Result<(), GitError> {
        let by_id = matches!(self.remote().reference, Reference::Commit(_));
        match self.bring_exactly(&chosen.name).await {
            // A server need not give a commit by its id; it is looked for in all there is then.
            Err(GitError::NoReference(_) | GitError::Failed(_)) if by_id => {}
            other => return other,
        }
        let all =
            [format!("+refs/heads/*:{}/all/heads/*", self.refs), format!("+refs/tags/*:{}/all/tags/*", self.refs)];
        // The commit may be an old one.
        let repository = self.open()?;
        let depth = repository.is_shallow().then_some(NO_DEPTH);
        self.fetch_refs(&[&all[0], &all[1]], depth).await?;
        let id = Oid::from_str(&chosen.id).map_err(damaged)?;
        if repository.find_commit(id).is_err() {
            return Err(GitError::NoReference(format!("commit {}", chosen.id)));
        }
        repository.reference(&format!("{}/new", self.refs), id, true, "").map_err(damaged)?;
        Ok(())
    }

    async fn fetch_refs(&self, refs: &[&str], depth: Option<u32>) -> Result<(), GitError> {
        let git_dir = self.git_dir_argument();
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let mut arguments =
            vec![git_dir.as_str(), "fetch", "-q", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
        arguments.extend(depth.as_deref());
        arguments.extend(["--end-of-options", self.remote().address.as_str()]);
        arguments.extend(refs);
        self.git(arguments, true).await.map(drop)
    }

    /// Makes what was fetched what is followed. Its commit and tip.
    async fn settle(&self, name: &str) -> Result<(String, String), GitError> {
        let (this, meant) = (self.clone(), name.to_owned());
        let work = move || {
            let repository = this.open()?;
            let name = |last: &str| format!("{}/{last}", this.refs);
            let mut new = repository.find_reference(&name("new")).map_err(damaged)?;
            let tip = new.target().ok_or_else(|| GitError::Damaged("a ref without an object".to_owned()))?;
            let commit = match new.peel_to_commit() {
                Ok(commit) => commit.id(),
                Err(_) => return Err(GitError::NoReference(format!("commit at {meant}"))),
            };
            repository.reference(&name("commit"), commit, true, "").map_err(damaged)?;
            repository.reference(&name("tip"), tip, true, "").map_err(damaged)?;
            new.delete().map_err(damaged)?;
            this.tree(&commit.to_string())?;
            Ok((commit.to_string(), tip.to_string()))
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| GitError::Failed(error.to_string()))?
    }

    /// How a commit follows what was there before. git knows where a history is cut off.
    async fn change(&self, before: Option<String>, commit: &str) -> Change {
        let Some(before) = before else { return Change::First };
        if before == commit {
            return Change::Same;
        }
        if self.remote().depth.is_some() {
            return Change::Unknown;
        }
        let git_dir = self.git_dir_argument();
        let arguments = vec![git_dir.as_str(), "merge-base", "--is-ancestor", &before, commit];
        match self.program().bare(Run { arguments, ..Run::default() }, self.remote().limits).await {
            Ok((true, ..)) => Change::Forward,
            Ok((false, _, words)) if words.is_empty() => Change::Rewritten,
            Ok(_) | Err(_) => Change::Unknown,
        }
    }

    /// Nothing was ever fetched into it.
    fn is_empty(&self) -> Result<bool, GitError> {
        let repository = self.open()?;
        let mut refs = repository.references_glob("refs/stackup/*").map_err(damaged)?;
        Ok(refs.next().is_none())
    }

    /// Tip and commit of the last fetch.
    fn known(&self) -> Result<Option<(String, String)>, GitError> {
        let repository = self.open()?;
        let at =
            |last: &str| Some(repository.find_reference(&format!("{}/{last}", self.refs)).ok()?.target()?.to_string());
        Ok(at("tip").zip(at("commit")))
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
        let git_dir = self.git_dir_argument();
        if let Err(error) = self.git(vec![&git_dir, "repack", "-a", "-d", "-q"], false).await {
            tracing::debug!(%error, "packs stay as they are");
        }
    }
}
