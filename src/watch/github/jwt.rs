//! What an app shows to get a token: who it is, for the next minutes, signed with its key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::SecretString;
use serde_json::json;

/// Seconds that it is older than it is: GitHub's clock may be behind.
const BEFORE: i64 = 60;
/// Seconds that it is good for. GitHub takes ten minutes at most.
const AFTER: i64 = 540;

/// A JSON Web Token. `pem` is the app's private key, `now` in seconds of Unix. Words say why there is none.
pub fn jwt(app: u64, pem: &[u8], now: i64) -> Result<SecretString, String> {
    let key = key(pem)?;
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(json!({"alg": "RS256", "typ": "JWT"}));
    let claims = part(json!({"iat": now - BEFORE, "exp": now + AFTER, "iss": app.to_string()}));
    let text = format!("{head}.{claims}");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| "nothing can be signed with it".to_owned())?;
    Ok(SecretString::from(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

fn key(pem: &[u8]) -> Result<RsaKeyPair, String> {
    let none = || "is no private key of a GitHub App (-----BEGIN RSA PRIVATE KEY-----)".to_owned();
    let pair = match PrivateKeyDer::from_pem_slice(pem).map_err(|_| none())? {
        // As GitHub hands it out.
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err(none()),
    };
    pair.map_err(|_| none())
}
