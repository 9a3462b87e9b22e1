//! Reading a source once more.

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::discover;
use crate::app::exit::ExitCode;
use crate::app::place::{Folder, Place, Repository, Within};
use crate::diagnostic::code;
use crate::git::{Change, GitError, Mirror, Signers, Unsigned};
use crate::watch::assignment::Assignment;
use crate::watch::machine::Trouble;
use crate::watch::settings::{Policy, Stack};

/// A source that can be read.
#[derive(Clone, Debug)]
pub struct Follow {
    pub(super) name: String,
    pub(super) origin: Origin,
    pub(super) stacks: Vec<Stack>,
    pub(super) defaults: Policy,
    /// Changes with the settings.
    pub(super) shape: String,
}

#[derive(Clone, Debug)]
pub(super) enum Origin {
    Folder(PathBuf),
    Repository { mirror: Box<Mirror>, signers: Option<Signers> },
}

/// A source as it is now.
#[derive(Clone, Debug)]
pub struct View {
    pub revision: String,
    pub commit: Option<String>,
    pub stacks: Vec<Assignment>,
    /// Stacks that cannot be told apart, or files that have no name for one: a sentence each.
    pub problems: Vec<String>,
    /// For people.
    pub message: String,
}

impl Follow {
    /// Fetches, verifies, and lists the stacks.
    pub async fn read(&self) -> Result<View, Trouble> {
        match &self.origin {
            Origin::Folder(path) => {
                let (this, path) = (self.clone(), path.clone());
                blocking(move || this.folder_view(&path)).await
            }
            Origin::Repository { mirror, signers } => self.repository_view(mirror, signers.as_ref()).await,
        }
    }

    fn folder_view(&self, path: &std::path::Path) -> Result<View, Trouble> {
        let folder = Folder::open(path).map_err(|why| unreadable(&why))?;
        let marks = folder.marks().map_err(|why| unreadable(&why))?;
        let marks: String = Sha256::digest(marks.as_bytes()).iter().take(12).map(|b| format!("{b:02x}")).collect();
        self.view(Arc::new(folder), &marks, None, format!("folder {}", path.display()))
    }

    async fn repository_view(&self, mirror: &Mirror, signers: Option<&Signers>) -> Result<View, Trouble> {
        let fetched = mirror.fetch().await.map_err(|error| failed(&error))?;
        let by = match signers {
            Some(signers) => {
                let signed = mirror.verify(&fetched, signers).await.map_err(|error| unsigned(&error))?;
                format!(", signed by {}", signed.principal)
            }
            None => String::new(),
        };
        let tree = mirror.tree(&fetched.commit).map_err(|error| failed(&error))?;
        let subject = tree.summary().subject;
        let short = fetched.commit.get(..12).unwrap_or(&fetched.commit).to_owned();
        let how = match fetched.change {
            Change::Rewritten => " (history was rewritten)",
            Change::First | Change::Same | Change::Forward | Change::Unknown => "",
        };
        let name = fetched.name.trim_start_matches("refs/heads/").trim_start_matches("refs/");
        let message = format!("{short} of {name}{how}{by}: {subject}");
        let (this, revision) = (self.clone(), fetched.commit);
        let place = Arc::new(Repository::new(&self.name, tree));
        blocking(move || this.view(place, &revision, Some(short), message)).await
    }

    fn view(
        &self,
        within: Arc<dyn Within>,
        revision: &str,
        commit: Option<String>,
        message: String,
    ) -> Result<View, Trouble> {
        let place = Place::Within(within.clone());
        let mut found = discover::Found::default();
        for stack in &self.stacks {
            match stack {
                Stack::Named(named) => found.add(discover::named(named, &self.defaults, &place), "stackup.yaml"),
                Stack::Discovered(wanted) => {
                    discover::discovered(wanted, &self.defaults, &place, &within, &mut found)
                        .map_err(|why| unreadable(&why))?;
                }
            }
        }
        let (stacks, problems) = found.apart();
        Ok(View { revision: format!("{revision}.{}", self.shape), commit, stacks, problems, message })
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(unreadable(&format!("stackup broke off: {error}"))),
    }
}

fn unreadable(why: &str) -> Trouble {
    Trouble {
        exit: ExitCode::Error,
        code: code::SOURCE_FAILED.id,
        message: why.to_owned(),
        help: "what is deployed stays as it is; it is tried again".to_owned(),
    }
}

pub fn failed(error: &GitError) -> Trouble {
    Trouble { exit: ExitCode::Error, code: code::SOURCE_FAILED.id, message: error.to_string(), help: error.help() }
}

fn unsigned(error: &Unsigned) -> Trouble {
    let help = match error {
        Unsigned::Git(error) => return failed(error),
        Unsigned::Signers(_) => "nothing is let through until the files of `verify:` can be used",
        Unsigned::Refused(..) => {
            "nothing of it was read; a merge made by a forge is signed by the forge's key, or not at all"
        }
    };
    let (exit, code) = (ExitCode::Preflight, code::SOURCE_UNSIGNED.id);
    Trouble { exit, code, message: error.to_string(), help: help.to_owned() }
}
