//! Who may read, and who may change something.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Shared;
use super::reply::Refused;
use crate::watch::secret;
use crate::watch::settings::Settings;

/// Reading is free on a loopback address; elsewhere it takes the token. A browser may send it as a password: that is no way to
/// change anything, for a browser does so for any page.
pub async fn may_read(shared: &Shared, settings: &Settings, headers: &HeaderMap) -> Result<(), Refused> {
    let local = settings.listen.is_some_and(|listen| listen.0.ip().is_loopback());
    // A page of somebody else's that made its own name point here does not get to read.
    if local && !headers.contains_key(AUTHORIZATION) && is_local(headers) {
        return Ok(());
    }
    let given = authorization(headers, "bearer").map(str::to_owned).or_else(|| password(headers));
    has_token(shared, settings, given.as_deref()).await
}

/// Takes the token, always.
pub async fn may_change(shared: &Shared, settings: &Settings, headers: &HeaderMap) -> Result<(), Refused> {
    has_token(shared, settings, authorization(headers, "bearer")).await
}

pub async fn has_token(shared: &Shared, settings: &Settings, given: Option<&str>) -> Result<(), Refused> {
    let Some(auth) = &settings.auth else {
        let help = "add auth: {token_file: …} to stackup.yaml, or ask at the loopback address by its number";
        return Err(Refused::new(StatusCode::FORBIDDEN, "this takes a token, and there is none to compare with", help));
    };
    let help = "send Authorization: Bearer TOKEN, a line of `auth.token_file`";
    let denied = |why: &str| Err(Refused::new(StatusCode::UNAUTHORIZED, why, help));
    let Some(given) = given else { return denied("there is no token") };
    match secret::lines(&shared.base.join(&auth.token_file)).await {
        Ok(tokens) if is_one_of(given.as_bytes(), &tokens) => Ok(()),
        Ok(_) => denied("this is not the token"),
        Err(why) => {
            tracing::warn!(%why, "nobody can be let in");
            let help = "the watcher's log says why";
            Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the token cannot be read", help))
        }
    }
}

/// What stands behind the scheme, where the header is there once.
fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (all.next()?, all.next());
    let (given, rest) = first.to_str().ok()?.split_once(' ')?;
    (second.is_none() && given.eq_ignore_ascii_case(scheme)).then(|| rest.trim())
}

/// Whoever the user is.
fn password(headers: &HeaderMap) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(authorization(headers, "basic")?).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// Takes as long whatever is given: digests are compared, so not even a length can be told.
pub fn is_one_of(given: &[u8], secrets: &[SecretString]) -> bool {
    let given = Sha256::digest(given);
    let fits = secrets.iter().map(|secret| Sha256::digest(secret.expose_secret().as_bytes()).ct_eq(&given));
    fits.fold(subtle::Choice::from(0), |any, one| any | one).into()
}

/// Asked for by a number or name that is this machine's own.
fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_compared_whole() {
        let tokens = ["new", "old"].map(SecretString::from);
        for (given, fits) in [("new", true), ("old", true), ("ne", false), ("newer", false), ("", false)] {
            assert_eq!(is_one_of(given.as_bytes(), &tokens), fits, "{given}");
        }
        assert!(!is_one_of(b"", &[]));
        let with = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        for (value, token) in [("Bearer a", Some("a")), ("bearer a ", Some("a")), ("Basic a", None), ("a", None)] {
            assert_eq!(authorization(&with(value), "bearer"), token, "{value}");
        }
        let mut twice = with("Bearer a");
        twice.append(AUTHORIZATION, "Bearer b".parse().unwrap());
        assert_eq!(authorization(&twice, "bearer"), None);
        assert_eq!(password(&with("Basic YW5hOmEgOmI=")).as_deref(), Some("a :b"));
        assert_eq!(password(&with("Basic ?")).or(password(&with("Bearer YW5hOmEgOmI="))), None);
    }

    #[test]
    fn names_of_this_machine() {
        for (host, local) in [
            ("127.0.0.1:8642", true),
            ("localhost", true),
            ("[::1]:8642", true),
            ("evil.example:8642", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_local(&HeaderMap::from_iter([(HOST, host.parse().unwrap())])), local, "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }
}
