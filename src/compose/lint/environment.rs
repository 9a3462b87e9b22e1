//! Secrets that everybody can read.

use super::rules::Subject;
use crate::diagnostic::{Diagnostic, code};

/// In a key, they make its value one that nobody should read. Fewer than what redaction hides: a false alarm is worse here.
const WORDS: &[&str] =
    &["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"];

/// At the end of a key, they say that its value is about a secret and none itself.
const ABOUT: &[&str] = &[
    "_FILE",
    "_PATH",
    "_DIR",
    "_URL",
    "_URI",
    "_ID",
    "_NAME",
    "_TTL",
    "_EXPIRY",
    "_LIFETIME",
    "_TYPE",
    "_LENGTH",
    "_ALGORITHM",
];

pub fn secret(subject: &mut Subject<'_>) {
    let service = subject.service;
    for (key, value) in &service.environment {
        let Some(text) = value.value.as_deref().filter(|v| looks_secret(key, v)) else { continue };
        // From an env_file or a variable: it does not stand in this file.
        let written = subject.written(value.span);
        if !written.contains(text) || written.contains('$') || service.env_file.iter().any(|f| f.span == value.span) {
            continue;
        }
        let message = format!(
            "`{key}` looks like a secret, and its value can be read by everybody who sees the file or the service"
        );
        subject.say(Diagnostic::warning(code::SECRET_IN_ENVIRONMENT, message).at(value.span).help(format!(
            "keep it in a secret and read /run/secrets/NAME (many images take `{key}_FILE`); at the least write `${{{key}}}`"
        )));
    }
}

fn looks_secret(key: &str, value: &str) -> bool {
    let key = key.to_ascii_uppercase();
    WORDS.iter().any(|word| key.contains(word))
        && !ABOUT.iter().any(|end| key.ends_with(end))
        && !value.is_empty()
        && !value.starts_with('/')
        && !value.bytes().all(|b| b.is_ascii_digit())
        && !["true", "false", "yes", "no", "on", "off"].contains(&value.to_ascii_lowercase().as_str())
}
