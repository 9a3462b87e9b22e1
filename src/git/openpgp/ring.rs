//! A file of public keys, as `gpg --armor --export` writes it.

use pgp::composed::{Deserializable as _, SignedPublicKey};

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const SECRET: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----";

/// Certificates.
#[derive(Debug)]
pub struct Ring(pub(super) Vec<SignedPublicKey>);

impl Ring {
    /// Of one block or several. A sentence's end says why there is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.contains(SECRET) {
            return Err("has private keys in it: only public ones belong there".to_owned());
        }
        let mut all = Vec::new();
        for (number, block) in text.split(BEGIN).skip(1).enumerate() {
            let wrong = || format!("has no keys of OpenPGP in its block {}", number + 1);
            let block = format!("{BEGIN}{block}");
            let (keys, _) = SignedPublicKey::from_string_many(&block).map_err(|_| wrong())?;
            for key in keys {
                all.push(key.map_err(|_| wrong())?);
            }
        }
        if all.is_empty() { Err(format!("names no key ({BEGIN})")) } else { Ok(Self(all)) }
    }
}
