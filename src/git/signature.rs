//! Who signed a commit or tag. With ssh: git checks the signature, and what it says is believed only where it says all of it.
//! With OpenPGP: it is checked here, over the bytes of the object.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use git2::{ObjectType, Oid, Repository};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::openpgp::{self, Ring};
use super::program::{Program, Run};
use super::{Fetched, GitError, Limits, Mirror};
use crate::system::file::others_may_write;

/// Whose signatures count. The files lie beside the settings, never in the repository that they guard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers {
    pub ssh: Option<SshSigners>,
    /// Public keys of OpenPGP, armored.
    pub pgp: Option<PathBuf>,
}

/// Those who sign with ssh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshSigners {
    /// In the form of ssh-keygen's ALLOWED SIGNERS.
    pub allowed: PathBuf,
    /// Keys that are no longer good: a list of public keys, or a KRL.
    pub revoked: Option<PathBuf>,
}

/// A signature that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// As `allowed` names the signer.
    pub principal: String,
    /// `SHA256:…` of the key.
    pub fingerprint: String,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// The files of signers cannot be used. Nothing is let through then.
    #[error("{0}")]
    Signers(String),
    #[error("commit {0} is not signed by anybody who is allowed to: {1}")]
    Refused(String, String),
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Mirror {
    /// Whether the commit, or the tag that leads to it, is signed by one of the signers.
    pub async fn verify(&self, fetched: &Fetched, signers: &Signers) -> Result<Signed, Unsigned> {
        let known = Known::of(signers)?;
        let commit = self.signed(false, &fetched.commit, &known).await?;
        let refused = match commit {
            Ok(signed) => return Ok(signed),
            Err(refused) => refused,
        };
        if fetched.tip != fetched.commit
            && let Ok(signed) = self.signed(true, &fetched.tip, &known).await?
        {
            return Ok(signed);
        }
        let short = fetched.commit.get(..12).unwrap_or(&fetched.commit);
        Err(Unsigned::Refused(short.to_owned(), refused))
    }

    async fn signed(&self, tag: bool, id: &str, known: &Known<'_>) -> Result<Result<Signed, String>, GitError> {
        if let Some((bytes, signature)) = openpgp_of(&self.git_dir(), tag, id) {
            return Ok(match &known.ring {
                Some(ring) => openpgp::check(&bytes, &signature, ring, Timestamp::now().as_second()),
                None => Err("it has a PGP signature, and `verify:` has no allowed_pgp".to_owned()),
            });
        }
        let Some((ssh, keys)) = &known.ssh else { return Ok(Err("it has no PGP signature".to_owned())) };
        let verb = if tag { "verify-tag" } else { "verify-commit" };
        check(self.program(), &self.git_dir(), verb, id, ssh, keys).await
    }
}

/// The files of signers, read.
struct Known<'a> {
    ssh: Option<(&'a SshSigners, BTreeSet<String>)>,
    ring: Option<Ring>,
}

impl<'a> Known<'a> {
    fn of(signers: &'a Signers) -> Result<Self, Unsigned> {
        let ssh = match &signers.ssh {
            Some(ssh) => Some((ssh, fingerprints(&ssh.allowed)?)),
            None => None,
        };
        if let Some(revoked) = signers.ssh.as_ref().and_then(|ssh| ssh.revoked.as_deref()) {
            // git takes a file that is not there for one without keys.
            guarded(revoked)?;
        }
        let ring = match &signers.pgp {
            Some(path) => {
                let wrong = |why: String| Unsigned::Signers(format!("{} {why}", path.display()));
                Some(Ring::parse(&guarded(path)?).map_err(wrong)?)
            }
            None => None,
        };
        Ok(Self { ssh, ring })
    }
}

const BEGIN_PGP: &str = "-----BEGIN PGP SIGNATURE-----";

/// What was signed, and the signature, where that is one of OpenPGP.
fn openpgp_of(git_dir: &Path, tag: bool, id: &str) -> Option<(Vec<u8>, String)> {
    let repository = Repository::open_bare(git_dir).ok()?;
    let id = Oid::from_str(id).ok()?;
    if !tag {
        let (signature, bytes) = repository.extract_signature(&id, None).ok()?;
        let signature = std::str::from_utf8(&signature).ok().filter(|text| text.starts_with(BEGIN_PGP))?;
        return Some((bytes.to_vec(), signature.to_owned()));
    }
    let odb = repository.odb().ok()?;
    let object = odb.read(id).ok().filter(|object| object.kind() == ObjectType::Tag)?;
    let text = std::str::from_utf8(object.data()).ok()?;
    // The last: what stands before it was signed.
    let begin = text
        .rmatch_indices(BEGIN_PGP)
        .map(|(at, _)| at)
        .find(|at| text.get(..*at).is_some_and(|t| t.ends_with('\n')))?;
    let (bytes, signature) = text.split_at(begin);
    Some((bytes.as_bytes().to_vec(), signature.to_owned()))
}

async fn check(
    program: &Program,
    git_dir: &Path,
    verb: &str,
    id: &str,
    signers: &SshSigners,
    known: &BTreeSet<String>,
) -> Result<Result<Signed, String>, GitError> {
    let git_dir = format!("--git-dir={}", git_dir.display());
    let mut run = Run { arguments: vec![&git_dir, verb, "--raw", id], ..Run::default() };
    let path = |path: &Path| path.to_string_lossy().into_owned();
    run.means.config = vec![
        ("gpg.ssh.allowedSignersFile".to_owned(), path(&signers.allowed)),
        // Other kinds of signatures are not looked at by git.
        ("gpg.openpgp.program".to_owned(), "false".to_owned()),
        ("gpg.x509.program".to_owned(), "false".to_owned()),
    ];
    if let Some(revoked) = &signers.revoked {
        run.means.config.push(("gpg.ssh.revocationFile".to_owned(), path(revoked)));
    }
    let (ok, _, said) = program.bare(run, Limits::default()).await?;
    Ok(read(ok, &said, known))
}

/// One line, all of it as a good signature has it, of a key that is known: else the words why not.
fn read(ok: bool, said: &str, known: &BTreeSet<String>) -> Result<Signed, String> {
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    if let (true, [line]) = (ok, lines.as_slice())
        && let Some(rest) = line.strip_prefix("Good \"git\" signature for ")
        && let Some((rest, fingerprint)) = rest.rsplit_once(" key ")
        && let Some((principal, _)) = rest.rsplit_once(" with ")
    {
        return match known.contains(fingerprint) {
            true => Ok(Signed { principal: principal.to_owned(), fingerprint: fingerprint.to_owned() }),
            false => Err(format!("the key {fingerprint} is not among the signers")),
        };
    }
    let key = said.split_whitespace().find(|word| word.starts_with("SHA256:"));
    Err(match (lines.as_slice(), key) {
        ([], _) => "it has no ssh signature".to_owned(),
        (_, Some(key)) => format!("signed with {key}, which is not among the signers"),
        _ => lines.join("; ").chars().filter(|c| !c.is_control()).take(200).collect(),
    })
}

/// Fingerprints of all keys of a file of allowed signers.
fn fingerprints(path: &Path) -> Result<BTreeSet<String>, Unsigned> {
    let text = guarded(path)?;
    let wrong = |why: String| Unsigned::Signers(format!("{}: {why}", path.display()));
    let mut all = BTreeSet::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.iter().any(|word| word.to_ascii_lowercase().contains("cert-authority")) {
            return Err(wrong(format!("line {}: certificates are not taken", number + 1)));
        }
        let kind = |word: &&str| ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].iter().any(|head| word.starts_with(head));
        let key = words.iter().position(kind).and_then(|at| words.get(at + 1));
        let key = key.and_then(|key| STANDARD.decode(key).ok());
        let Some(key) = key else { return Err(wrong(format!("line {} has no public key", number + 1))) };
        all.insert(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&key))));
    }
    if all.is_empty() {
        return Err(wrong("it names no signer".to_owned()));
    }
    Ok(all)
}

/// A regular file that nobody else may write. Its bytes, as text.
fn guarded(path: &Path) -> Result<String, Unsigned> {
    let wrong = |why: &str| Unsigned::Signers(format!("{} {why}", path.display()));
    let data = path.metadata().map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    if !data.is_file() {
        return Err(wrong("is no file"));
    }
    match others_may_write(&data) {
        Some(false) => {}
        Some(true) => return Err(wrong("may be written by others: `chmod go-w` it")),
        None => return Err(wrong("may be written by others for all that this system tells: verify on Linux")),
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_a_good_line_is_believed() {
        let known = BTreeSet::from(["SHA256:abc".to_owned()]);
        let good = "Good \"git\" signature for ada@example.org with ED25519 key SHA256:abc\n";
        assert_eq!(read(true, good, &known).unwrap().principal, "ada@example.org");
        for (ok, said) in [
            (false, good),
            (true, ""),
            (true, "Good \"git\" signature for ada with ED25519 key SHA256:other\n"),
            (true, "Good \"git\" signature with ED25519 key SHA256:abc\nNo principal matched.\n"),
            (true, "Good \"git\" signature with ED25519 key SHA256:abc\n"),
            (true, &format!("{good}warning: ssh signing revocation file configured but not found: x\n")),
            (true, "[GNUPG:] GOODSIG x\n"),
        ] {
            assert!(read(ok, said, &known).is_err(), "{ok} {said}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn signers_that_anybody_may_change_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("allowed");
        let write = |text: &str, mode: u32| {
            std::fs::write(&file, text).unwrap();
            crate::system::testing::set_mode(&file, mode);
            fingerprints(&file)
        };
        let key = "ada@example.org namespaces=\"git\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHxU7v2cVZ5DfBsJmQ0C9gCvXQ5zN3vQf3kP1hA3yq9r ada\n";
        assert_eq!(write(&format!("# us\n\n{key}"), 0o644).unwrap().len(), 1);
        assert!(write(key, 0o664).is_err() && write(key, 0o646).is_err());
        assert!(write("", 0o600).is_err() && write("ada ssh-ed25519\n", 0o600).is_err());
        assert!(write(&format!("* cert-authority {key}"), 0o600).is_err());
        assert!(fingerprints(&folder.path().join("gone")).is_err() && fingerprints(folder.path()).is_err());
    }
}
