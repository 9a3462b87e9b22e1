//! Whose signature it is, and whether it is good.

use pgp::composed::{Deserializable as _, DetachedSignature};
use pgp::packet::{Signature, SignatureType};

use super::certificate::{Signer, hex, name, signers};
use super::{Ring, is_sound};
use crate::git::Signed;

/// Clocks differ, in seconds.
const SLACK: i64 = 600;

/// `armored` over `bytes`, by a key of the ring that may sign now (seconds of Unix). Words for a person why not.
pub fn check(bytes: &[u8], armored: &str, ring: &Ring, now: i64) -> Result<Signed, String> {
    let signature = one(armored)?;
    if signature.typ() != Some(SignatureType::Binary) {
        return Err("its signature is not one over a file".to_owned());
    }
    let mut best = None;
    for certificate in &ring.0 {
        for Signer { key, barred } in signers(certificate, now) {
            if !is_by(&signature, &key.fingerprint(), &key.id()) {
                continue;
            }
            let who = format!("{} ({})", hex(key.fingerprint().as_bytes()), name(certificate));
            let why = match barred {
                Some(barred) => format!("the key {who} {barred}"),
                None => match problem(&signature, key.created(), now) {
                    Some(problem) => problem,
                    None if !key.signed(&signature, bytes) => {
                        format!("it was changed after the key {who} signed it")
                    }
                    None => {
                        let primary = pgp::types::KeyDetails::fingerprint(&certificate.primary_key);
                        return Ok(Signed { principal: name(certificate), fingerprint: hex(primary.as_bytes()) });
                    }
                },
            };
            best.get_or_insert(why);
        }
    }
    Err(best.unwrap_or_else(|| format!("signed with {}, which is not among the keys", issuer(&signature))))
}

fn one(armored: &str) -> Result<Signature, String> {
    let broken = || "its PGP signature cannot be read".to_owned();
    let (mut all, _) = DetachedSignature::from_string_many(armored).map_err(|_| broken())?;
    let first = all.next().ok_or_else(broken)?.map_err(|_| broken())?;
    match all.next() {
        None => Ok(first.signature),
        Some(_) => Err("it has several PGP signatures".to_owned()),
    }
}

/// What is wrong with a signature, whoever made it.
fn problem(signature: &Signature, key_created: i64, now: i64) -> Option<String> {
    if !is_sound(signature) {
        let hash = signature.hash_alg().map(|hash| hash.to_string()).unwrap_or_default();
        return Some(format!("its signature is over a digest by {hash}, which is not sound"));
    }
    let Some(created) = signature.created().map(|at| i64::from(at.as_secs())) else {
        return Some("its signature has no time".to_owned());
    };
    let ends = signature.signature_expiration_time().map(|length| i64::from(length.as_secs())).filter(|n| *n > 0);
    if created > now + SLACK {
        Some("its signature is of a time to come".to_owned())
    } else if created < key_created {
        Some("its signature is older than the key".to_owned())
    } else if ends.is_some_and(|length| created + length <= now) {
        Some("its signature has expired".to_owned())
    } else {
        None
    }
}

fn is_by(signature: &Signature, fingerprint: &pgp::types::Fingerprint, id: &pgp::types::KeyId) -> bool {
    let (fingerprints, ids) = (signature.issuer_fingerprint(), signature.issuer_key_id());
    // Where it names a whole fingerprint, half of one is no match.
    if fingerprints.is_empty() { ids.contains(&id) } else { fingerprints.contains(&fingerprint) }
}

fn issuer(signature: &Signature) -> String {
    let fingerprint = signature.issuer_fingerprint().first().map(|fingerprint| hex(fingerprint.as_bytes()));
    let id = || signature.issuer_key_id().first().map(|id| hex(id.as_ref()));
    fingerprint.or_else(id).unwrap_or_else(|| "a key that it does not name".to_owned())
}
