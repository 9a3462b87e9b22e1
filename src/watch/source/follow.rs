//! Reading a source once more.

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::discover;
use crate::app::exit::ExitCode;
use crate::app::load::load;
use crate::app::place::{Folder, Place, Repository, Within};
use crate::app::unseal::Unseal;
use crate::diagnostic::code;
use crate::git::{Beyond, Change, GitError, Mirror, Signers, Unsigned};
use crate::watch::assignment::Assignment;
use crate::watch::github::Lent;
use crate::watch::machine::Trouble;
use crate::watch::settings::{Policy, Stack};

/// A source that can be read.
#[derive(Clone, Debug)]
pub struct Follow {
    pub(super) name: String,
    pub(super) origin: Origin,
    pub(super) stacks: Vec<Stack>,
    pub(super) defaults: Policy,
    /// Keys for files that are encrypted.
    pub(super) unseal: Unseal,
    /// Changes with the settings.
    pub(super) shape: String,
}

#[derive(Clone, Debug)]
pub(super) enum Origin {
    Folder(PathBuf),
    Repository {
        mirror: Box<Mirror>,
        beyond: Beyond,
        signers: Option<Signers>,
        /// Good for as long as somebody holds it.
        _token: Option<Arc<Lent>>,
    },
}

/// A source as it is now.
#[derive(Clone, Debug)]
pub struct View {
    pub revision: String,
    pub commit: Option<String>,
    pub stacks: Vec<Arc<Assignment>>,
    /// Stacks that cannot be told apart, or files that have no name for one: a sentence each.
    pub problems: Vec<String>,
    /// For people.
    pub message: String,
}

impl Follow {
    /// Fetches, verifies, and lists the stacks. Where nothing is new, that is what was `known` of it.
    pub async fn read(&self, known: Option<Arc<View>>) -> Result<Arc<View>, Trouble> {
        match &self.origin {
            Origin::Folder(path) => {
                let (this, path) = (self.clone(), path.clone());
                blocking(move || this.folder_view(&path, known)).await
            }
            Origin::Repository { mirror, beyond, signers, .. } => {
                self.repository_view(mirror, *beyond, signers.as_ref(), known).await
            }
        }
    }

    fn folder_view(&self, path: &std::path::Path, known: Option<Arc<View>>) -> Result<Arc<View>, Trouble> {
        let folder = Folder::open(path).map_err(|why| unreadable(&why))?;
        let marks = folder.marks().map_err(|why| unreadable(&why))?;
        let revision = self.revision(&digest(&marks, 12));
        if let Some(known) = known.filter(|known| known.revision == revision) {
            return Ok(known);
        }
        self.view(Arc::new(folder), revision, None, format!("folder {}", path.display()))
    }

    async fn repository_view(
        &self,
        mirror: &Mirror,
        beyond: Beyond,
        signers: Option<&Signers>,
        known: Option<Arc<View>>,
    ) -> Result<Arc<View>, Trouble> {
        let fetched = mirror.fetch().await.map_err(|error| failed(&error))?;
        let by = match signers {
            Some(signers) => {
                let signed = mirror.verify(&fetched, signers).await.map_err(|error| unsigned(&error))?;
                format!(", signed by {}", signed.principal)
            }
            None => String::new(),
        };
        let revision = self.revision(&fetched.commit);
        // Of a copy that was fetched anew the old one's files are gone.
        let same = |known: &Arc<View>| fetched.change == Change::Same && known.revision == revision;
        if let Some(known) = known.filter(same) {
            return Ok(known);
        }
        let tree = mirror.tree_beyond(&fetched.commit, beyond).map_err(|error| failed(&error))?;
        let subject = tree.summary().subject;
        let short = fetched.commit.get(..12).unwrap_or(&fetched.commit).to_owned();
        let how = match fetched.change {
            Change::Rewritten => " (history was rewritten)",
            Change::First | Change::Same | Change::Forward | Change::Unknown => "",
        };
        let name = fetched.name.trim_start_matches("refs/heads/").trim_start_matches("refs/");
        let message = format!("{short} of {name}{how}{by}: {subject}");
        let place = Arc::new(Repository::new(&self.name, tree));
        let view = loop {
            let (this, files, revision) = (self.clone(), place.clone(), revision.clone());
            let (short, message) = (short.clone(), message.clone());
            let look = move || {
                let view = this.view(files, revision, Some(short), message);
                if let (Ok(view), true) = (&view, beyond.any()) {
                    // Read as for a plan, for what that asks for.
                    view.stacks.iter().for_each(|stack| drop(load(&stack.request())));
                }
                view
            };
            let view = blocking(look).await;
            if !place.tree().is_awaited() {
                break view?;
            }
            place.tree().fill().await;
        };
        Ok(without(view, &place.tree().refusals()))
    }

    /// Changes with the files and with the settings.
    fn revision(&self, files: &str) -> String {
        format!("{files}.{}", self.shape)
    }

    fn view(
        &self,
        within: Arc<dyn Within>,
        revision: String,
        commit: Option<String>,
        message: String,
    ) -> Result<Arc<View>, Trouble> {
        let place = Place::Within(within.clone());
        let mut found = discover::Found::default();
        for stack in &self.stacks {
            match stack {
                Stack::Named(named) => {
                    found.add(discover::named(named, &self.defaults, &place, &self.unseal), "stackup.yaml")
                }
                Stack::Discovered(wanted) => {
                    discover::discovered(wanted, &self.defaults, &place, &within, &self.unseal, &mut found)
                        .map_err(|why| unreadable(&why))?;
                }
            }
        }
        let (stacks, problems) = found.apart();
        let stacks = stacks.into_iter().map(Arc::new).collect();
        Ok(Arc::new(View { revision, commit, stacks, problems, message }))
    }
}

/// What lies elsewhere and cannot be had is a part of the revision: when it can be, stacks are looked at again.
fn without(view: Arc<View>, refusals: &[(String, String)]) -> Arc<View> {
    let Some((_, why)) = refusals.first() else { return view };
    let names: Vec<&str> = refusals.iter().map(|(name, _)| name.as_str()).collect();
    let (revision, message) = (digest(&names.join("\n"), 4), format!("{}; {why}", view.message));
    Arc::new(View { revision: format!("{}.{revision}", view.revision), message, ..View::clone(&view) })
}

/// So many bytes of it, in hex.
pub(super) fn digest(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).map(|b| format!("{b:02x}")).collect()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(unreadable(&format!("stackup broke off: {error}"))),
    }
}

pub fn unreadable(why: &str) -> Trouble {
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
