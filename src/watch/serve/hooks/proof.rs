//! Whether a request comes from who has the secret.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::watch::serve::guard::is_one_of;
use crate::watch::standard;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    Github,
    Gitlab,
    Gitea,
    Generic,
}

impl Hook {
    pub const ALL: [Self; 4] = [Self::Github, Self::Gitlab, Self::Gitea, Self::Generic];

    /// As in the path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Gitea => "gitea",
            Self::Generic => "generic",
        }
    }

    /// The delivery's own name.
    pub fn delivery(self, headers: &HeaderMap) -> Option<&str> {
        let names: &[&str] = match self {
            Self::Github => &["x-github-delivery"],
            Self::Gitlab => &["webhook-id", "idempotency-key"],
            Self::Gitea => &["x-forgejo-delivery", "x-gitea-delivery"],
            Self::Generic => &["webhook-id"],
        };
        names.iter().find_map(|name| only(headers, name))
    }

    /// What it is about, in the sender's words.
    pub fn event(self, headers: &HeaderMap) -> Option<&str> {
        let names: &[&str] = match self {
            Self::Github => &["x-github-event"],
            Self::Gitlab => &["x-gitlab-event"],
            Self::Gitea => &["x-forgejo-event", "x-gitea-event"],
            Self::Generic => &[],
        };
        names.iter().find_map(|name| only(headers, name))
    }
}

/// A proof that is being checked as the body comes.
pub struct Proof {
    /// One for each secret.
    macs: Vec<Hmac<Sha256>>,
    /// What one of them must come to; empty where a token proved it all.
    claims: Vec<Vec<u8>>,
}

impl Proof {
    /// What the headers say. Words where they say too little, or nothing that could ever be right.
    pub fn begin(hook: Hook, headers: &HeaderMap, secrets: &[SecretString], now: i64) -> Result<Self, &'static str> {
        let signs = || secrets.iter().any(|s| s.expose_secret().starts_with(standard::PREFIX));
        let dates = hook == Hook::Generic || (hook == Hook::Gitlab && signs());
        if dates && headers.contains_key("webhook-signature") {
            return dated(headers, secrets, now);
        }
        let plain = |header: &str, prefix: &str| -> Result<Self, &'static str> {
            let value = only(headers, header).ok_or("there is no signature")?;
            let claim = value.strip_prefix(prefix).and_then(hex).ok_or("the signature is none")?;
            let keys = secrets.iter().filter_map(|s| standard::key(s.expose_secret()));
            let macs = keys.filter_map(|key| Hmac::new_from_slice(&key).ok()).collect();
            Ok(Self { macs, claims: vec![claim] })
        };
        match hook {
            Hook::Github => plain("x-hub-signature-256", "sha256="),
            Hook::Gitea if headers.contains_key("x-forgejo-signature") => plain("x-forgejo-signature", ""),
            Hook::Gitea => plain("x-gitea-signature", ""),
            Hook::Generic => plain("x-signature", "sha256="),
            Hook::Gitlab => {
                let token = only(headers, "x-gitlab-token").ok_or("there is neither a signature nor a token")?;
                // A key that signs is no token: it never travels.
                let tokens: Vec<SecretString> =
                    secrets.iter().filter(|s| !s.expose_secret().starts_with(standard::PREFIX)).cloned().collect();
                match is_one_of(token.as_bytes(), &tokens) {
                    true => Ok(Self { macs: Vec::new(), claims: Vec::new() }),
                    false => Err("the token is not the one"),
                }
            }
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.macs.iter_mut().for_each(|mac| mac.update(bytes));
    }

    /// What was proven, as a mark that no other body has; nothing where it was a token alone.
    pub fn end(self) -> Result<Option<String>, &'static str> {
        if self.claims.is_empty() && self.macs.is_empty() {
            return Ok(None);
        }
        for mac in self.macs {
            for claim in &self.claims {
                // Takes as long wherever they differ.
                if mac.clone().verify_slice(claim).is_ok() {
                    return Ok(Some(claim.iter().map(|byte| format!("{byte:02x}")).collect()));
                }
            }
        }
        Err("the signature does not fit what was sent")
    }
}

/// Standard Webhooks, which GitLab has taken over.
fn dated(headers: &HeaderMap, secrets: &[SecretString], now: i64) -> Result<Proof, &'static str> {
    let header =
        |name: &str| only(headers, name).ok_or("there is no webhook-id, webhook-timestamp or webhook-signature");
    let (id, seconds) = (header("webhook-id")?, header("webhook-timestamp")?);
    let claims = standard::signatures(header("webhook-signature")?);
    if claims.is_empty() {
        return Err("the signature is none");
    }
    let at: i64 = seconds.parse().map_err(|_| "the timestamp is none")?;
    if now.abs_diff(at) > standard::SKEW.unsigned_abs() {
        return Err("the timestamp is more than five minutes off");
    }
    let keys = secrets.iter().filter_map(|secret| standard::key(secret.expose_secret()));
    let macs: Vec<_> = keys.filter_map(|key| standard::begin(&key, id, seconds)).collect();
    Ok(Proof { macs, claims })
}

/// A header that is there once, and says something.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let (first, second) = (all.next()?.to_str().ok()?, all.next());
    (second.is_none() && !first.is_empty()).then_some(first)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect::<Option<_>>()?;
    (digits.len() == 64).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proof({} keys)", self.macs.len())
    }
}

/// A key as base64, for tests of others.
#[cfg(test)]
pub fn encoded(key: &[u8]) -> String {
    use base64::Engine as _;
    format!("{}{}", standard::PREFIX, base64::engine::general_purpose::STANDARD.encode(key))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    /// Headers, secrets, body.
    type Good<'a> = (Hook, &'a [(&'a str, &'a str)], &'a [&'a str], &'a [u8]);

    const BODY: &[u8] = br#"{"ref":"refs/heads/main","after":"0123456789abcdef0123456789abcdef01234567"}"#;
    const SIGNED: &str = "950eb44c9b23fc3cc9203e9190d5978db5b80174127ff9005880e3fac1b6016d";
    const HELLO: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const STANDARD: &str = "v1,RI197PV1g0njMBxnMI3hfBX2ym9XxFZ3Pl8vJGylt9E=";
    const NOW: i64 = 1_795_196_653;

    fn headers(all: &[(&str, &str)]) -> HeaderMap {
        let one = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
        };
        all.iter().map(one).fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(name, value);
            map
        })
    }

    fn proves(
        hook: Hook,
        given: &[(&str, &str)],
        secrets: &[&str],
        body: &[u8],
        now: i64,
    ) -> Result<Option<String>, &'static str> {
        let secrets: Vec<SecretString> = secrets.iter().map(|s| SecretString::from(*s)).collect();
        let mut proof = Proof::begin(hook, &headers(given), &secrets, now)?;
        // In pieces, as it comes.
        body.chunks(7).for_each(|piece| proof.update(piece));
        proof.end()
    }

    #[test]
    fn each_forge_proves_in_its_own_way() {
        let (hub, secret) = (format!("sha256={SIGNED}"), "It is a secret");
        let upper = hub.to_uppercase().replace("SHA256", "sha256");
        let hello = format!("sha256={HELLO}");
        let key = encoded(&(0..32).collect::<Vec<u8>>());
        let dated = [("webhook-id", "msg_1"), ("webhook-timestamp", "1795196653"), ("webhook-signature", STANDARD)];
        let several = format!("v1,AAAA v1a,x {STANDARD}");
        let turned = [dated[0], dated[1], ("webhook-signature", several.as_str())];
        let good: &[Good<'_>] = &[
            (Hook::Github, &[("X-Hub-Signature-256", &hub)], &[secret], BODY),
            (Hook::Github, &[("X-Hub-Signature-256", &upper)], &["new one", secret], BODY),
            (Hook::Github, &[("X-Hub-Signature-256", &hello)], &["It's a Secret to Everybody"], b"Hello, World!"),
            (Hook::Gitea, &[("X-Gitea-Signature", SIGNED), ("X-Hub-Signature-256", "sha256=")], &[secret], BODY),
            (Hook::Gitea, &[("X-Forgejo-Signature", SIGNED), ("X-Gitea-Signature", "00")], &[secret], BODY),
            (Hook::Gitlab, &[("X-Gitlab-Token", secret)], &[secret], BODY),
            (Hook::Gitlab, &dated, &[&key], BODY),
            (Hook::Generic, &dated, &["other", &key], BODY),
            (Hook::Generic, &turned, &[&key], BODY),
            (Hook::Generic, &[("X-Signature", &hub)], &[secret], BODY),
        ];
        for (hook, given, secrets, body) in good {
            assert!(proves(*hook, given, secrets, body, NOW + 300).is_ok(), "{hook:?} {given:?}");
            // Another byte, another secret, nothing at all.
            let changed = [*body, b" "].concat();
            if given[0].0 != "X-Gitlab-Token" {
                assert!(proves(*hook, given, secrets, &changed, NOW).is_err(), "{hook:?} {given:?}");
            }
            assert!(proves(*hook, given, &["another"], body, NOW).is_err(), "{hook:?} {given:?}");
            assert!(proves(*hook, given, &[], body, NOW).is_err(), "{hook:?} {given:?}");
            assert!(proves(*hook, &[], secrets, body, NOW).is_err(), "{hook:?}");
        }
    }

    #[test]
    fn what_is_no_proof() {
        let (hub, secret) = (format!("sha256={SIGNED}"), "It is a secret");
        let key = encoded(&(0..32).collect::<Vec<u8>>());
        let short = &hub[..hub.len() - 2];
        let bad: &[(Hook, &[(&str, &str)])] = &[
            (Hook::Github, &[("X-Hub-Signature-256", "sha256=")]),
            (Hook::Github, &[("X-Hub-Signature-256", SIGNED)]),
            (Hook::Github, &[("X-Hub-Signature-256", short)]),
            (Hook::Github, &[("X-Hub-Signature-256", &hub), ("X-Hub-Signature-256", &hub)]),
            (Hook::Github, &[("X-Hub-Signature", &hub)]),
            // One forge's headers are nothing to another.
            (Hook::Github, &[("X-Gitea-Signature", SIGNED)]),
            (Hook::Gitea, &[("X-Gitea-Signature", "")]),
            (Hook::Gitea, &[("X-Hub-Signature-256", &hub)]),
            (Hook::Gitlab, &[("X-Gitlab-Token", "")]),
            (Hook::Gitlab, &[("X-Gitlab-Token", "It is a secre")]),
            (Hook::Generic, &[("X-Gitlab-Token", secret)]),
            (Hook::Generic, &[("webhook-signature", STANDARD)]),
        ];
        for (hook, given) in bad {
            assert!(proves(*hook, given, &[secret], BODY, NOW).is_err(), "{hook:?} {given:?}");
        }
        let dated = [("webhook-id", "msg_1"), ("webhook-timestamp", "1795196653"), ("webhook-signature", STANDARD)];
        for now in [NOW - 301, NOW + 301, i64::MIN, 0] {
            let why = proves(Hook::Generic, &dated, &[&key], BODY, now).unwrap_err();
            assert!(why.contains("five minutes"), "{why}");
        }
        let other = [("webhook-id", "msg_2"), dated[1], dated[2]];
        assert!(proves(Hook::Generic, &other, &[&key], BODY, NOW).is_err());
        // A key that signs does not count as a token.
        assert!(proves(Hook::Gitlab, &[("X-Gitlab-Token", &key)], &[&key], BODY, NOW).is_err());
    }
}
