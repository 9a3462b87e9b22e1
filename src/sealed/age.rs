//! age: one blob for some recipients, as bytes or as text.

use std::io::Read as _;

use age::armor::ArmoredReader;
use age::{DecryptError, Decryptor};
use zeroize::Zeroizing;

use super::{Keys, SealError};

const BINARY: &[u8] = b"age-encryption.org/v1\n";
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// As much as any file may have.
const MOST_BYTES: u64 = 64 << 20;

/// By its first bytes; white space may stand before the armor.
pub fn is_age(bytes: &[u8]) -> bool {
    bytes.starts_with(BINARY)
        || bytes.get(..bytes.len().min(2048)).unwrap_or_default().trim_ascii_start().starts_with(ARMOR)
}

/// Everything in it, or nothing.
pub fn decrypt(bytes: &[u8], keys: &Keys) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(bytes)).map_err(why)?;
    if decryptor.is_scrypt() {
        return Err(SealError::Form("it is encrypted with a password, and nobody is there to be asked".to_owned()));
    }
    let reader = decryptor.decrypt(keys.identities()).map_err(why)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    reader.take(MOST_BYTES + 1).read_to_end(&mut plain).map_err(|_| damaged())?;
    if plain.len() as u64 > MOST_BYTES {
        return Err(SealError::Form(format!("it has more than {} MB in it", MOST_BYTES >> 20)));
    }
    Ok(plain)
}

fn why(error: DecryptError) -> SealError {
    match error {
        DecryptError::NoMatchingKeys => SealError::NotForUs,
        DecryptError::UnknownFormat => SealError::Form("it is of a newer kind of age".to_owned()),
        DecryptError::InvalidHeader => SealError::Form("its header is not one of age".to_owned()),
        _ => damaged(),
    }
}

fn damaged() -> SealError {
    SealError::Changed("it was changed or cut short after it was encrypted".to_owned())
}
