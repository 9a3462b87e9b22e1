//! Why a repository could not be followed.

use std::time::Duration;

/// Each has its own way out. None of the words holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// The address is none that is asked. Nothing was sent.
    #[error("{0}")]
    Address(String),
    /// `git` is not there, or too old.
    #[error("{0}")]
    Program(String),
    /// Nobody answers.
    #[error("the repository cannot be reached: {0}")]
    Unreachable(String),
    /// Somebody answers, and wants another credential or none of ours.
    #[error("the repository lets us not in: {0}")]
    Denied(String),
    /// The host's key is not known, or another than the known one.
    #[error("the host's key is not one that is known: {0}")]
    HostKey(String),
    #[error("there is no such repository: {0}")]
    NoRepository(String),
    /// The branch, tag or commit is not there (any more).
    #[error("the repository has no {0}")]
    NoReference(String),
    #[error("git did not end within {0:?}")]
    TimedOut(Duration),
    /// More than the limit, in MB.
    #[error("the repository is larger than {0} MB")]
    TooLarge(u64),
    /// What is kept of it here, or came over the wire, is not what it says it is.
    #[error("the copy of the repository is damaged: {0}")]
    Damaged(String),
    /// The remote itself lacks objects, or has some that are not what they say they are.
    #[error("the repository is damaged where it lies: {0}")]
    Broken(String),
    /// The remote has objects that git refuses: a tree with `.git` in it, a commit without an author.
    #[error("the repository has objects that are refused: {0}")]
    Unsound(String),
    /// On this machine: a full disk, a folder that may not be written.
    #[error("{0}")]
    Local(String),
    /// In git's words.
    #[error("git failed: {0}")]
    Failed(String),
}

impl GitError {
    /// What to do about it, for a person.
    pub fn help(&self) -> String {
        match self {
            Self::Address(_) => {
                "write https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, or a path on this machine".into()
            }
            Self::Program(_) => "install git 2.34 or newer".into(),
            Self::Unreachable(_) => "look at the address and the network; it is tried again".into(),
            Self::Denied(_) => {
                "give key_file: (ssh) or token_file: (https) a credential that may read the repository".into()
            }
            Self::HostKey(_) => {
                "compare the key with what the host's owner publishes, and write it into known_hosts:".into()
            }
            Self::NoRepository(_) => "correct `git:`; a credential without rights looks the same".into(),
            Self::NoReference(_) => "correct `ref:`, or push it; what is deployed stays as it is".into(),
            Self::TimedOut(_) => "it is tried again; `depth: 1` keeps every fetch small".into(),
            Self::TooLarge(_) => "follow a smaller repository, or set `depth: 1`".into(),
            Self::Damaged(_) => "it is fetched anew".into(),
            Self::Broken(_) => "run `git fsck` there; one that is being written is whole when it is tried again".into(),
            Self::Unsound(_) => "look at the repository with `git fsck --strict`, and take out what it names".into(),
            Self::Local(_) => "make room or give rights, and it goes on by itself".into(),
            Self::Failed(_) => "it is tried again".into(),
        }
    }
}
