//! Keeping secrets out of every output, by name and by value.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use serde_json::Value;

use super::FieldChange;
use super::sweep::Sweep;
use crate::swarm::{Desired, Members, Recorded, Snapshot, segments};

/// Stands where a secret stood.
pub const MASK: &str = "(sensitive)";

/// A value shorter than this is swept only where it stands alone.
const SHORT: usize = 6;

/// Words in a key that make its value sensitive.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "accesskey",
    "access_key",
    "private",
    "credential",
    "dsn",
    "auth_key",
    "authkey",
    "encryption_key",
    "signing_key",
    "salt",
    "cookie",
    "htpasswd",
    "basicauth.users",
];

/// Ends of a key that do the same (`KEY` in the middle of a word means little).
const ENDS: &[&str] = &["_key", "-key", ".key", "_pass", "_auth", "-pass"];

/// Values that say nothing about anybody, whatever their key.
const PLAIN: &[&str] = &["true", "false", "yes", "no", "on", "off", "none", "null", "disabled", "enabled"];

/// All of them at once: a stack of a thousand services has ten thousand keys.
fn has_word(key: &str) -> bool {
    static ALL: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());
    match &*ALL {
        Some(all) => all.is_match(key),
        None => WORDS.iter().any(|word| key.contains(word)),
    }
}

/// The name of a variable or label says that its value is nobody's business.
pub fn is_sensitive_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let may_be =
        matches!(key.as_str(), "key" | "pass" | "auth") || has_word(&key) || ENDS.iter().any(|end| key.ends_with(end));
    // `DB_PASSWORD_FILE` is a path; `SSH_PUBLIC_KEY` is for everybody.
    may_be && !(key.ends_with("_file") || key.ends_with("_path") || key.contains("public"))
}

/// Knows every sensitive value of the files and of the live specs, and takes them out of any text.
#[derive(Clone, Default)]
pub struct Redactor {
    /// `None` knows no value.
    values: Option<Arc<Sweep>>,
    /// What `x-stackup.sensitive` names.
    names: BTreeSet<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} values)", self.values.as_ref().map_or(0, |values| values.len()))
    }
}

impl Redactor {
    /// Collects the contents of secrets, what `x-stackup.sensitive` names, values of sensitive keys, and passwords in URLs.
    pub fn from(desired: &Desired, snapshot: &Snapshot) -> Self {
        let mut values: BTreeSet<String> = desired.sensitive.0.iter().cloned().collect();
        let live = snapshot.own_services().map(|s| &*s.spec);
        for spec in desired.services.iter().map(|s| &s.spec).chain(live) {
            collect(spec, &desired.sensitive_names, &mut values);
        }
        Self { names: desired.sensitive_names.clone(), ..Self::of(values) }
    }

    /// The name of a variable, label, option or config says that its value is nobody's business.
    pub fn is_sensitive(&self, name: &str) -> bool {
        self.names.contains(name) || is_sensitive_key(name)
    }

    /// Hides what a release holds, too.
    pub fn and_recorded(self, recorded: &Recorded) -> Self {
        let names = self.names.union(&recorded.sensitive_names).cloned().collect();
        Self { names, ..self }.and(recorded.services.iter().map(|s| &s.spec))
    }

    /// Knows what these specs hold, too.
    pub fn and<'a>(self, specs: impl Iterator<Item = &'a Value>) -> Self {
        let mut values: BTreeSet<String> = self.values.iter().flat_map(|values| values.all()).cloned().collect();
        specs.for_each(|spec| collect(spec, &self.names, &mut values));
        Self { names: self.names, ..Self::of(values) }
    }

    /// Knows these values.
    pub fn of(values: impl IntoIterator<Item = String>) -> Self {
        let worth = |v: &String| {
            let short_number = v.len() < SHORT && v.bytes().all(|b| b.is_ascii_digit());
            v.len() > 1 && !short_number && !PLAIN.contains(&v.to_ascii_lowercase().as_str())
        };
        let values: Vec<String> = values.into_iter().filter(worth).collect();
        Self { values: (!values.is_empty()).then(|| Arc::new(Sweep::of(values))), names: BTreeSet::new() }
    }

    /// `text` without any sensitive value, and without passwords in URLs.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let clean = mask_userinfo(text);
        let Some(values) = &self.values else { return clean };
        let places = values.find(&clean, |place| place.len() >= SHORT || stands_alone(&clean, &place));
        if places.is_empty() {
            return clean;
        }
        let (mut swept, mut done) = (String::with_capacity(clean.len()), 0);
        for place in places {
            swept.push_str(clean.get(done..place.start).unwrap_or_default());
            swept.push_str(MASK);
            done = place.end;
        }
        swept.push_str(clean.get(done..).unwrap_or_default());
        Cow::Owned(swept)
    }

    /// Every string of `value`, keys too.
    pub fn scrub_value(&self, value: &Value) -> Value {
        match value {
            Value::String(s) => Value::from(self.scrub(s).into_owned()),
            Value::Array(items) => items.iter().map(|v| self.scrub_value(v)).collect(),
            Value::Object(object) => Value::Object(
                object
                    .iter()
                    .map(|(k, v)| {
                        let hidden = self.is_sensitive(k) && v.is_string();
                        let v = if hidden { Value::from(MASK) } else { self.scrub_value(v) };
                        (self.scrub(k).into_owned(), v)
                    })
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// A value of a sensitive key is taken out whole; others are swept. What was hidden of the value after comes back.
    pub(super) fn field(&self, field: &mut FieldChange) -> Option<Value> {
        let after = field.after.clone();
        self.hide(field);
        after.filter(|after| field.after.as_ref() != Some(after))
    }

    fn hide(&self, field: &mut FieldChange) {
        let mut parts = segments(&field.path);
        let section = parts.next().unwrap_or_default();
        let last = segments(&field.path).last().unwrap_or_default();
        let named =
            matches!(section.as_str(), "environment" | "labels" | "deploy" | "logging" | "driver_opts" | "sysctls")
                && self.is_sensitive(&last);
        let whole = |value: &Option<Value>| {
            value.as_ref().and_then(Value::as_str).is_some_and(|s| self.values.as_ref().is_some_and(|v| v.contains(s)))
        };
        if field.sensitive || named || whole(&field.before) || whole(&field.after) {
            field.sensitive = true;
            (field.before, field.after) = (None, None);
            return;
        }
        for value in [&mut field.before, &mut field.after] {
            *value = value.as_ref().map(|v| self.scrub_value(v));
        }
    }
}

/// Values of sensitive keys in environment and labels, and passwords in URLs anywhere.
fn collect(spec: &Value, names: &BTreeSet<String>, values: &mut BTreeSet<String>) {
    let container = spec.member("/TaskTemplate/ContainerSpec");
    let environment = container.and_then(|c| c.get("Env")).and_then(Value::as_array).into_iter().flatten();
    let variables = environment.filter_map(|line| line.as_str()?.split_once('='));
    let labels = [container, Some(spec)].into_iter().filter_map(|value| value?.get("Labels"));
    let pairs = labels.chain(spec.member("/TaskTemplate/LogDriver/Options")).filter_map(Value::as_object).flatten();
    let pairs = pairs.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
    for (key, value) in variables.chain(pairs) {
        if !value.is_empty() && (names.contains(key) || is_sensitive_key(key)) {
            values.insert(value.to_owned());
        }
        values.extend(passwords(value));
    }
    let args = ["Args", "Command"].into_iter().filter_map(|key| container?.get(key)?.as_array()).flatten();
    args.filter_map(Value::as_str).for_each(|arg| values.extend(passwords(arg)));
}

/// Where the `user:password` of each URL stands in `text`.
fn userinfo(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let rest = text.split_at(start).1;
        let end = rest
            .find(|c: char| c == '/' || c == '?' || c == '#' || c.is_whitespace() || c == '"')
            .unwrap_or(rest.len());
        if let Some(sign) = rest.split_at(end).0.rfind('@') {
            found.push(start..start + sign);
        }
    }
    found
}

fn passwords(text: &str) -> Vec<String> {
    let parts = userinfo(text).into_iter().filter_map(|range| text.get(range));
    parts.filter_map(|info| info.split_once(':')).map(|(_, p)| p.to_owned()).filter(|p| !p.is_empty()).collect()
}

fn mask_userinfo(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    for range in userinfo(text).into_iter().rev() {
        let has_password = text.get(range.clone()).is_some_and(|info| info.contains(':'));
        if has_password {
            clean.to_mut().replace_range(range, MASK);
        }
    }
    clean
}

/// No letter, digit or `_` stands beside the place.
fn stands_alone(text: &str, place: &Range<usize>) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let before = text.get(..place.start).and_then(|t| t.chars().next_back());
    let after = text.get(place.end..).and_then(|t| t.chars().next());
    !word(before) && !word(after)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::fixture::{desired, snapshot, wanted};
    use crate::plan::{Effect, Op};

    #[test]
    fn keys() {
        for key in ["DB_PASSWORD", "api-token", "AWS_SECRET_ACCESS_KEY", "SENTRY_DSN", "KEY", "MYSQL_PWD", "SSL_KEY"] {
            assert!(is_sensitive_key(key), "{key}");
        }
        for key in ["LOG_LEVEL", "DB_PASSWORD_FILE", "KEYBOARD", "SSH_PUBLIC_KEY", "PATH", "MONKEY", "AUTHOR"] {
            assert!(!is_sensitive_key(key), "{key}");
        }
    }

    #[test]
    fn a_value_is_swept_wherever_it_stands() {
        let env = json!(["DB_PASSWORD=hunter2x", "PIN_TOKEN=ab1", "URL=postgres://me:s3cr3tpw@db/x", "SECRET_ON=true"]);
        let desired = desired(vec![wanted("web", &[("/TaskTemplate/ContainerSpec/Env", env)])]);
        let redactor = Redactor::from(&desired, &snapshot(&[]));
        for (text, clean) in [
            ("login with hunter2x failed", "login with (sensitive) failed"),
            ("pin ab1, not cab1e", "pin (sensitive), not cab1e"),
            ("s3cr3tpw", "(sensitive)"),
            ("https://bob:other@host/p?a=b@c", "https://(sensitive)@host/p?a=b@c"),
            ("ssh://deploy@10.0.0.5", "ssh://deploy@10.0.0.5"),
            ("true", "true"),
        ] {
            assert_eq!(redactor.scrub(text), clean);
        }
        assert_eq!(format!("{redactor:?}"), "Redactor(3 values)");
    }

    #[test]
    fn a_sensitive_field_shows_only_that_it_changes() {
        let redactor = Redactor::of(["hunter2x".to_owned()]);
        let field = |path: &str, after: Value| FieldChange {
            path: path.into(),
            op: Op::Replace,
            before: Some(json!("x")),
            after: Some(after),
            effect: Effect::ForcesRestart,
            sensitive: false,
            unknown: false,
            origin: None,
            span: None,
        };
        for (path, after, sensitive, shown) in [
            ("/environment/DB_PASSWORD", json!("new"), true, None),
            ("/environment/PLAIN", json!("hunter2x"), true, None),
            ("/command", json!(["--pw=hunter2x"]), false, Some(json!(["--pw=(sensitive)"]))),
        ] {
            let mut field = field(path, after);
            redactor.field(&mut field);
            assert_eq!((field.sensitive, field.after), (sensitive, shown), "{path}");
        }
    }
}
