//! One file, whichever way it is encrypted.

use std::ops::Range;

use zeroize::Zeroizing;

use super::{Keys, age, sops};

/// How a file is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    Age,
    /// By SOPS: values only, or the whole as one value.
    Sops(sops::Format),
}

/// Why a file cannot be opened. No words hold anything of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("it is encrypted for others: none of its recipients is a key of ours")]
    NotForUs,
    /// Somebody wrote into it who had no key.
    #[error("{0}")]
    Changed(String),
    /// It is not as such files are, or is of a kind that is not taken.
    #[error("{0}")]
    Form(String),
}

impl SealError {
    /// What to do about it.
    pub fn help(&self, seal: Seal) -> &'static str {
        match (self, seal) {
            (Self::NotForUs, Seal::Age) => "encrypt it for the public key of this one too: age -r age1… -r age1…",
            (Self::NotForUs, Seal::Sops(_)) => "add the public key to .sops.yaml, and run `sops updatekeys FILE`",
            (Self::Changed(_), Seal::Age) => "encrypt it again",
            (Self::Changed(_), Seal::Sops(_)) => "edit it with `sops FILE` only; `git log -p` shows who did otherwise",
            (Self::Form(_), _) => "encrypt it for keys of age (age1…)",
        }
    }
}

/// A value that was encrypted.
#[derive(Clone)]
pub struct Hidden {
    /// The last key that leads to it, such as `DB_PASSWORD`; none for a whole file.
    pub name: Option<String>,
    pub text: Zeroizing<String>,
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hidden").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What was in a file.
pub struct Opened {
    pub bytes: Zeroizing<Vec<u8>>,
    /// What of it nobody may see.
    pub hidden: Vec<Hidden>,
    /// Where it stands in `bytes`, in order.
    pub places: Vec<Range<usize>>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("hidden", &self.hidden).finish_non_exhaustive()
    }
}

/// Whether and how these bytes are encrypted. The name of a file says nothing about it, but for a JSON document, which SOPS
/// takes for itself or for what is around a binary file.
pub fn seal(path: &str, bytes: &[u8]) -> Option<Seal> {
    if age::is_age(bytes) { Some(Seal::Age) } else { sops::format(path, bytes).map(Seal::Sops) }
}

/// Decrypts, and checks that nothing was changed.
pub fn open(seal: Seal, bytes: &[u8], keys: &Keys) -> Result<Opened, SealError> {
    match seal {
        Seal::Sops(format) => sops::open(format, bytes, keys),
        Seal::Age => {
            let bytes = age::decrypt(bytes, keys)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let places = std::iter::once(0..bytes.len()).collect();
            Ok(Opened { bytes, hidden: vec![Hidden { name: None, text: Zeroizing::new(text) }], places })
        }
    }
}

/// The file with [`MASK`](sops::MASK) for each value that is encrypted, for who has no key and needs none.
pub fn mask(seal: Seal, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    match seal {
        Seal::Sops(format) => sops::mask(format, bytes),
        Seal::Age => Ok(sops::MASK.as_bytes().to_vec()),
    }
}
