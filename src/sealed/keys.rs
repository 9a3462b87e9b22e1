//! Private keys of age, as `age-keygen` writes them.

use std::str::FromStr as _;

use age::x25519::Identity;

/// Keys that files are opened with. Nothing shows them.
#[derive(Clone)]
pub struct Keys(Vec<Identity>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl Keys {
    /// One key a line; `#` begins a comment. A sentence's end says why there is none, and shows no line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut all = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match Identity::from_str(line) {
                Ok(identity) => all.push(identity),
                Err(_) => return Err(format!("has no key of age in line {}: {}", number + 1, kind(line))),
            }
        }
        if all.is_empty() { Err("has no key (AGE-SECRET-KEY-1…) in it".to_owned()) } else { Ok(Self(all)) }
    }

    pub(super) fn identities(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|identity| identity as &dyn age::Identity)
    }
}

/// What somebody may have put there instead.
fn kind(line: &str) -> &'static str {
    match line {
        _ if line.starts_with("age1") => "this is a public key",
        _ if line.starts_with("AGE-PLUGIN-") => "keys of plugins are not taken",
        _ if line.starts_with("AGE-SECRET-KEY-PQ-") => "post-quantum keys are not taken yet",
        _ if line.starts_with("-----BEGIN OPENSSH") || line.starts_with("-----BEGIN RSA") => "ssh keys are not taken",
        _ if line.starts_with("age-encryption.org/") || line.starts_with("-----BEGIN AGE") => {
            "the key is itself encrypted, and nobody is there to be asked for its password"
        }
        _ => "it begins with AGE-SECRET-KEY-1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_keys_and_what_is_none_is_named_and_not_shown() {
        let key = age::x25519::Identity::generate().to_string();
        let key = secrecy::ExposeSecret::expose_secret(&key);
        let two = Keys::parse(&format!("# created today\n\n{key}\r\n  {key}\n")).unwrap();
        assert_eq!(format!("{two:?}"), "Keys(2)");
        for (text, said) in [
            ("", "has no key"),
            ("# nothing\n", "has no key"),
            ("age1qqqq\n", "line 1: this is a public key"),
            ("\nhunter2\n", "line 2: it begins with AGE-SECRET-KEY-1"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\n", "ssh keys are not taken"),
            ("AGE-SECRET-KEY-1QQQQ\n", "line 1: it begins"),
        ] {
            let why = Keys::parse(text).unwrap_err();
            assert!(why.contains(said) && !why.contains("hunter2"), "{why}");
        }
    }
}
