//! Files as they are read: their digests are remembered, and those that are encrypted are opened, in memory only.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::files::words;
use super::place::Place;
use crate::compose::{FileError, Files};
use crate::diagnostic::{Diagnostic, code};
use crate::plan::Redactor;
use crate::sealed::{self, Hidden, Keys, Opened};

/// What becomes of files that are encrypted.
#[derive(Clone, Debug, Default)]
pub struct Unseal {
    keys: Vec<KeySource>,
    without: Without,
}

/// Where keys are. They are read when the first encrypted file is.
#[derive(Clone, Debug)]
enum KeySource {
    File(PathBuf),
    Text(Arc<SecretString>),
}

/// What is done where there is no key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Without {
    #[default]
    Refuse,
    /// A word stands for each value.
    Mask,
    /// The same, keys or not: what comes out is for everybody to see.
    MaskAll,
}

/// A file of keys is a hundred times smaller.
const MOST_KEY_BYTES: u64 = 1 << 20;

impl Unseal {
    /// With the keys of a file, of a text, or of both.
    pub fn with(file: Option<PathBuf>, text: Option<&str>) -> Self {
        let text = text.map(|text| KeySource::Text(Arc::new(SecretString::from(text))));
        Self { keys: file.map(KeySource::File).into_iter().chain(text).collect(), without: Without::Refuse }
    }

    /// Where there is no key nothing is opened, and nothing is complained of.
    pub fn or_masked(self) -> Self {
        Self { without: Without::Mask, ..self }
    }

    /// Nothing is opened.
    pub fn masked() -> Self {
        Self { keys: Vec::new(), without: Without::MaskAll }
    }

    /// All keys. A sentence says why there are none.
    pub fn keys(&self) -> Result<Keys, String> {
        let mut all = Zeroizing::new(String::new());
        for source in &self.keys {
            let (text, from) = match source {
                KeySource::Text(text) => (Zeroizing::new(text.expose_secret().to_owned()), "the key".to_owned()),
                KeySource::File(path) => (key_file(path)?, path.display().to_string()),
            };
            // Each by itself, so that the words name the right one.
            Keys::parse(&text).map_err(|why| format!("{from} {why}"))?;
            all.push_str(&text);
            all.push('\n');
        }
        Keys::parse(&all)
    }
}

fn key_file(path: &Path) -> Result<Zeroizing<String>, String> {
    use std::io::Read as _;
    let wrong = |error: std::io::Error| format!("{} cannot be read: {}", path.display(), words(&error));
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path).and_then(|file| file.take(MOST_KEY_BYTES).read_to_string(&mut text)).map_err(wrong)?;
    Ok(text)
}

/// Reads, remembers, and opens.
pub struct Opening {
    place: Place,
    unseal: Unseal,
    keys: OnceLock<Result<Keys, String>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Digests of files as they are stored.
    read: BTreeMap<PathBuf, [u8; 32]>,
    hidden: Vec<Hidden>,
    /// Paths of files that were opened.
    paths: BTreeSet<String>,
    /// By the digest of what came out: that of the file, and what of it nobody may see.
    opened: BTreeMap<[u8; 32], Stored>,
    unopened: BTreeSet<String>,
}

/// The digest of a file as it is stored, and places of what was encrypted in what came out.
type Stored = ([u8; 32], Vec<Range<usize>>);

impl Opening {
    pub fn new(place: Place, unseal: Unseal) -> Self {
        Self { place, unseal, keys: OnceLock::new(), seen: Mutex::default() }
    }

    /// What is in the bytes of a file.
    pub fn open(&self, path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, FileError> {
        let Some(seal) = sealed::seal(path, &bytes) else { return Ok(bytes) };
        let refused = |why: String, help: &str| FileError::Sealed { why, help: help.to_owned() };
        let unseal = &self.unseal;
        if unseal.without == Without::MaskAll || unseal.without == Without::Mask && unseal.keys.is_empty() {
            let masked = sealed::mask(seal, &bytes).map_err(|why| refused(why.to_string(), why.help(seal)))?;
            let mut seen = self.seen();
            seen.unopened.insert(path.to_owned());
            seen.opened.insert(Sha256::digest(&masked).into(), (Sha256::digest(&bytes).into(), Vec::new()));
            return Ok(masked);
        }
        if unseal.keys.is_empty() {
            let help = match &self.place {
                Place::Within(_) => "give secrets: {age_key_file: FILE} in stackup.yaml",
                Place::Disk => {
                    "set SOPS_AGE_KEY_FILE to a file with the private key of age, or SOPS_AGE_KEY to the key"
                }
            };
            return Err(refused("it is encrypted, and there is no key to open it with".to_owned(), help));
        }
        let keys = self.keys.get_or_init(|| unseal.keys());
        let keys = keys.as_ref().map_err(|why| refused(format!("it is encrypted, and {why}"), KEY_HELP))?;
        let opened = sealed::open(seal, &bytes, keys).map_err(|why| refused(why.to_string(), why.help(seal)))?;
        let Opened { bytes: plain, hidden, places } = opened;
        let mut seen = self.seen();
        seen.hidden.extend(hidden);
        seen.paths.insert(path.to_owned());
        seen.opened.insert(Sha256::digest(&plain).into(), (Sha256::digest(&bytes).into(), places));
        Ok(plain.to_vec())
    }

    /// The digest of a file as it is stored, by that of what came out of it.
    pub fn stored(&self, digest: [u8; 32]) -> [u8; 32] {
        self.seen().opened.get(&digest).map_or(digest, |(stored, _)| *stored)
    }

    /// What nobody may see of a text that came out of a file.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        self.seen().opened.get(&digest).map(|(_, places)| places.clone()).unwrap_or_default()
    }

    /// Every file that was named in another, with its digest; and the values that were encrypted.
    pub fn finish(self) -> (BTreeMap<PathBuf, [u8; 32]>, Secrets) {
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        (seen.read, Secrets { hidden: seen.hidden, paths: seen.paths })
    }

    /// A warning for each file that stays as it is.
    pub fn unopened(&self) -> Vec<Diagnostic> {
        if self.unseal.without == Without::MaskAll {
            return Vec::new();
        }
        let warning = |path: &String| {
            let message = format!("`{path}` is encrypted, and was not looked into");
            Diagnostic::warning(code::SEALED, message).help(KEY_HELP)
        };
        self.seen().unopened.iter().map(warning).collect()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const KEY_HELP: &str = "a key of age is a line that begins with AGE-SECRET-KEY-1, in SOPS_AGE_KEY_FILE or SOPS_AGE_KEY, or \
                        for `watch` in secrets: {age_key_file: FILE}";

impl Files for Opening {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let bytes = self.place.read(path)?;
        self.seen().read.insert(path.to_owned(), Sha256::digest(&bytes).into());
        self.open(&path.to_string_lossy(), bytes)
    }
}

/// Values that were encrypted in the files. Nothing shows them.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    hidden: Vec<Hidden>,
    /// Of files that were encrypted.
    paths: BTreeSet<String>,
}

/// A line that is shorter says nothing by itself.
const SHORTEST_LINE: usize = 6;

impl Secrets {
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// Whether the file of this path was encrypted.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Names of variables and keys that have one.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let named = self.hidden.iter().filter_map(|hidden| hidden.name.clone());
        named.chain(self.pairs().map(|(name, _)| name.trim().to_owned()))
    }

    /// Each as a whole, its lines, and what stands behind a `NAME=`.
    pub fn values(&self) -> impl Iterator<Item = String> {
        let whole = self.hidden.iter().map(|hidden| hidden.text.trim());
        let lines = self.hidden.iter().flat_map(|hidden| hidden.text.lines()).map(str::trim);
        let lines = lines.filter(|line| line.len() >= SHORTEST_LINE);
        let values = self.pairs().map(|(_, value)| value.trim().trim_matches(['"', '\'']));
        whole.chain(lines).chain(values).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Takes them out of words that were made before anybody knew them.
    pub fn clean(&self, diagnostics: &mut crate::diagnostic::Diagnostics) {
        if self.is_empty() {
            return;
        }
        let redactor = Redactor::of(self.values());
        let clean = |text: &mut String| *text = redactor.scrub(text).into_owned();
        for diagnostic in diagnostics.iter_mut() {
            clean(&mut diagnostic.message);
            diagnostic.help.iter_mut().for_each(clean);
            diagnostic.primary.iter_mut().for_each(|label| clean(&mut label.text));
            diagnostic.secondary.iter_mut().for_each(|label| clean(&mut label.text));
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.hidden.iter().flat_map(|hidden| hidden.text.lines());
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.- ".contains(&b));
        lines.filter_map(|line| line.split_once('=')).filter(move |(name, _)| is_name(name))
    }
}
