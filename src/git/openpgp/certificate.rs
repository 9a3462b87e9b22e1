//! One certificate: whose it is, and which of its keys may sign today.

use pgp::composed::{SignedPublicKey, SignedPublicSubKey};
use pgp::packet::{KeyFlags, Signature, SignatureType};
use pgp::ser::Serialize as _;
use pgp::types::{Fingerprint, KeyDetails, KeyId, KeyVersion, PublicParams, RsaPublicParams, Tag, VerifyingKey};

use super::is_sound;

/// A key of a certificate that can be asked about.
pub struct Signer<'a> {
    pub key: &'a dyn Asks,
    /// Why it may not sign; a sentence's end.
    pub barred: Option<String>,
}

/// What is asked of a primary key or a subkey.
pub trait Asks {
    fn fingerprint(&self) -> Fingerprint;
    fn id(&self) -> KeyId;
    /// Seconds of Unix.
    fn created(&self) -> i64;
    /// Whether the signature is one of this key over these bytes.
    fn signed(&self, signature: &Signature, bytes: &[u8]) -> bool;
}

impl<K: KeyDetails + VerifyingKey> Asks for K {
    fn fingerprint(&self) -> Fingerprint {
        KeyDetails::fingerprint(self)
    }

    fn id(&self) -> KeyId {
        self.legacy_key_id()
    }

    fn created(&self) -> i64 {
        i64::from(self.created_at().as_secs())
    }

    fn signed(&self, signature: &Signature, bytes: &[u8]) -> bool {
        signature.verify(self, bytes).is_ok()
    }
}

/// The name on it: of the first person that it names itself.
pub fn name(certificate: &SignedPublicKey) -> String {
    let mut users = certificate.details.users.iter().filter(|user| !self_signatures(certificate, user).is_empty());
    let name = users.find_map(|user| user.id.as_str().map(str::to_owned));
    let name = name.unwrap_or_else(|| hex(KeyDetails::fingerprint(&certificate.primary_key).as_bytes()));
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// All keys of it. `now` in seconds of Unix: a key that expired is none, whatever time a signature claims to be of.
pub fn signers(certificate: &SignedPublicKey, now: i64) -> Vec<Signer<'_>> {
    let primary = &certificate.primary_key;
    let whole = whole(certificate, now);
    let flags = latest(certificate).map(Signature::key_flags).unwrap_or_default();
    // Where nothing is said about what a key is for, it is for what it can do.
    let may_sign = flags.sign() || flags == KeyFlags::default();
    let no_signing = || (!may_sign).then(|| "may not sign, by its own word".to_owned());
    let barred = whole.clone().or_else(|| weak(primary.public_params())).or_else(no_signing);
    let mut all = vec![Signer { key: primary, barred }];
    for subkey in &certificate.public_subkeys {
        let barred = whole.clone().or_else(|| of_subkey(certificate, subkey, now));
        all.push(Signer { key: &subkey.key, barred });
    }
    all
}

/// Why nothing of the certificate counts.
fn whole(certificate: &SignedPublicKey, now: i64) -> Option<String> {
    // It is in a file of ours: whoever put a revocation there meant it.
    if !certificate.details.revocation_signatures.is_empty() {
        return Some("was revoked".to_owned());
    }
    if !matches!(certificate.primary_key.version(), KeyVersion::V4 | KeyVersion::V6) {
        return Some("is of a version that is not taken".to_owned());
    }
    let Some(latest) = latest(certificate) else {
        return Some("has no sound signature of its own over what it says".to_owned());
    };
    expired(certificate.primary_key.created_at().as_secs(), latest, now)
}

fn of_subkey(certificate: &SignedPublicKey, subkey: &SignedPublicSubKey, now: i64) -> Option<String> {
    let revoked = |signature: &Signature| signature.typ() == Some(SignatureType::SubkeyRevocation);
    if subkey.signatures.iter().any(revoked) {
        return Some("was revoked".to_owned());
    }
    let bound = subkey.signatures.iter().filter(|signature| {
        is_sound(signature)
            && signature.typ() == Some(SignatureType::SubkeyBinding)
            && signature.verify_subkey_binding(&certificate.primary_key, &subkey.key).is_ok()
    });
    let Some(binding) = bound.max_by_key(|signature| signature.created()) else {
        return Some("is not bound to its certificate".to_owned());
    };
    if !binding.key_flags().sign() {
        return Some("may not sign, by the word of its certificate".to_owned());
    }
    // Or else anybody's key could be put beneath a certificate.
    let back = binding.embedded_signature().filter(|back| is_sound(back));
    if back.is_none_or(|back| back.verify_primary_key_binding(&subkey.key, &certificate.primary_key).is_err()) {
        return Some("does not say itself that it belongs to its certificate".to_owned());
    }
    weak(subkey.key.public_params()).or_else(|| expired(subkey.key.created_at().as_secs(), binding, now))
}

/// The last of what the primary key says about itself.
fn latest(certificate: &SignedPublicKey) -> Option<&Signature> {
    let primary = &certificate.primary_key;
    let direct = certificate.details.direct_signatures.iter();
    let direct = direct.filter(|signature| is_sound(signature) && signature.verify_key(primary).is_ok());
    let users = certificate.details.users.iter().flat_map(|user| self_signatures(certificate, user));
    direct.chain(users).max_by_key(|signature| signature.created())
}

/// What the primary key signed about a user that it did not take back.
fn self_signatures<'a>(certificate: &'a SignedPublicKey, user: &'a pgp::types::SignedUser) -> Vec<&'a Signature> {
    let primary = &certificate.primary_key;
    let own = |signature: &&Signature| signature.verify_certification(primary, Tag::UserId, &user.id).is_ok();
    let revoked = |signature: &&Signature| signature.typ() == Some(SignatureType::CertRevocation);
    if user.signatures.iter().filter(revoked).any(|signature| own(&signature)) {
        return Vec::new();
    }
    user.signatures.iter().filter(|signature| is_sound(signature) && signature.is_certification()).filter(own).collect()
}

fn expired(created: u32, signature: &Signature, now: i64) -> Option<String> {
    let length = signature.key_expiration_time().map(|length| length.as_secs()).filter(|length| *length > 0)?;
    let end = i64::from(created) + i64::from(length);
    let day = jiff::Timestamp::from_second(end).map(|at| at.strftime("%Y-%m-%d").to_string());
    (end <= now).then(|| format!("expired on {}", day.unwrap_or_default()))
}

/// Kinds of keys that are broken, or nearly.
fn weak(params: &PublicParams) -> Option<String> {
    use pgp::types::PublicParams as P;
    match params {
        P::RSA(rsa) => (size(rsa) < 2048).then(|| "is of RSA with less than 2048 bits".to_owned()),
        P::ECDSA(_) | P::EdDSALegacy(_) | P::Ed25519(_) | P::Ed448(_) => None,
        _ => Some("is of a kind that is not taken".to_owned()),
    }
}

/// Bits of a modulus; as it is written in a key, its length stands before it.
fn size(key: &RsaPublicParams) -> u16 {
    let mut written = Vec::new();
    match key.to_writer(&mut written) {
        Ok(()) => written.first_chunk().map_or(0, |length| u16::from_be_bytes(*length)),
        Err(_) => 0,
    }
}

/// In capitals, as gpg prints it.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
