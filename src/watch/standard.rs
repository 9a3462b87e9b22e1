//! Signatures of webhooks as Standard Webhooks has them: `v1,BASE64` over `ID.SECONDS.BODY`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What keys begin with.
pub const PREFIX: &str = "whsec_";

/// From then on a timestamp is too old, or too new.
pub const SKEW: i64 = 300;

/// `whsec_` and base64; anything else is a key as it stands. `None` where it is empty, or no base64.
pub fn key(text: &str) -> Option<Vec<u8>> {
    let key = match text.strip_prefix(PREFIX) {
        Some(rest) => STANDARD.decode(rest.trim()).ok()?,
        None => text.as_bytes().to_vec(),
    };
    (!key.is_empty()).then_some(key)
}

/// Takes a body after what stands before it.
pub fn begin(key: &[u8], id: &str, seconds: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    Some(mac)
}

/// The header's value.
pub fn sign(key: &[u8], id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    let mut mac = begin(key, id, &seconds.to_string())?;
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The signatures of a header: several stand side by side while a key is changed.
pub fn signatures(header: &str) -> Vec<Vec<u8>> {
    let versioned = header.split_ascii_whitespace().filter_map(|one| one.strip_prefix("v1,"));
    versioned.filter_map(|text| STANDARD.decode(text).ok()).filter(|bytes| bytes.len() == 32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const BODY: &[u8] = br#"{"ref":"refs/heads/main","after":"0123456789abcdef0123456789abcdef01234567"}"#;

    #[test]
    fn a_signature_is_what_others_make_of_it() {
        let key = key(KEY).unwrap();
        let signed = sign(&key, "msg_1", 1_795_196_653, BODY).unwrap();
        assert_eq!(signed, "v1,RI197PV1g0njMBxnMI3hfBX2ym9XxFZ3Pl8vJGylt9E=");
        assert_eq!(signatures(&format!("v1a,x v1,bad {signed}")).len(), 1);
        assert_eq!(super::key("whsec_"), None);
        assert_eq!(super::key("whsec_?"), None);
        assert_eq!(super::key("as it is").unwrap(), b"as it is");
    }
}
