//! Signatures of OpenPGP: keys of a file of ours, and nothing of this machine's or user's gpg.

mod certificate;
mod check;
mod ring;
#[cfg(test)]
#[cfg(unix)]
mod tests;

pub use check::check;
pub use ring::Ring;

use ::pgp::crypto::hash::HashAlgorithm;
use ::pgp::packet::Signature;

/// Hashes that nobody finds two texts for.
const SOUND: [HashAlgorithm; 5] = [
    HashAlgorithm::Sha256,
    HashAlgorithm::Sha384,
    HashAlgorithm::Sha512,
    HashAlgorithm::Sha3_256,
    HashAlgorithm::Sha3_512,
];

fn is_sound(signature: &Signature) -> bool {
    signature.hash_alg().is_some_and(|hash| SOUND.contains(&hash))
}
