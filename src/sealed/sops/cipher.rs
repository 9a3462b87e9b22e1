//! One value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`.

use aes_gcm::aead::{Aead as _, Payload, consts::U32};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// SOPS takes nonces of 32 bytes.
type Cipher = AesGcm<Aes256, U32>;

/// What an encrypted value is once it is decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Int,
    Float,
    Bool,
    Time,
    Comment,
}

/// Bytes of a value, and what they are.
pub struct Value {
    pub kind: Kind,
    pub bytes: Zeroizing<Vec<u8>>,
}

/// The key of one file.
pub struct DataKey(Cipher);

impl DataKey {
    /// `None` unless there are 32 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Cipher::new_from_slice(bytes).ok().map(Self)
    }

    /// `bound` is what the value belongs to: put elsewhere it does not decrypt. `None` where anything is not as it was.
    pub fn decrypt(&self, text: &str, bound: &str) -> Option<Value> {
        let Parts { data, nonce, tag, kind } = Parts::of(text)?;
        let nonce: &[u8; 32] = nonce.as_slice().try_into().ok()?;
        let mut sealed = data;
        sealed.extend_from_slice(&tag);
        let payload = Payload { msg: &sealed, aad: bound.as_bytes() };
        let bytes = self.0.decrypt(nonce.into(), payload).ok()?;
        Some(Value { kind, bytes: Zeroizing::new(bytes) })
    }
}

/// Whether a text looks like an encrypted value.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with("ENC[AES256_GCM,data:") && text.ends_with(']')
}

struct Parts {
    data: Vec<u8>,
    nonce: Vec<u8>,
    tag: Vec<u8>,
    kind: Kind,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("ENC[AES256_GCM,data:")?.strip_suffix(']')?;
        let (data, rest) = rest.split_once(",iv:")?;
        let (nonce, rest) = rest.split_once(",tag:")?;
        let (tag, kind) = rest.split_once(",type:")?;
        let kind = match kind {
            "str" | "bytes" => Kind::Text,
            "int" => Kind::Int,
            "float" => Kind::Float,
            "bool" => Kind::Bool,
            "time" => Kind::Time,
            "comment" => Kind::Comment,
            _ => return None,
        };
        let bytes = |text: &str| STANDARD.decode(text).ok();
        Some(Self { data: bytes(data)?, nonce: bytes(nonce)?, tag: bytes(tag)?, kind })
    }
}
