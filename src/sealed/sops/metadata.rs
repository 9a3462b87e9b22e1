//! What SOPS says about a file, in the file.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::sealed::SealError;

/// The part of it that counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    pub age: Option<Vec<Recipient>>,
    pub key_groups: Option<Vec<Group>>,
    pub mac: String,
    pub lastmodified: String,
    pub mac_only_encrypted: Option<Flag>,
    pub unencrypted_suffix: Option<String>,
    pub encrypted_suffix: Option<String>,
    pub unencrypted_regex: Option<String>,
    pub encrypted_regex: Option<String>,
    pub unencrypted_comment_regex: Option<String>,
    pub encrypted_comment_regex: Option<String>,
}

/// The key of the file, for one of those who may read it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Recipient {
    pub enc: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    pub age: Option<Vec<Recipient>>,
}

/// `true`, or text that says so.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Flag {
    Bool(bool),
    Text(String),
}

/// What keys without any rule end in that are not encrypted.
const SUFFIX: &str = "_unencrypted";

impl Metadata {
    /// Of a tree of JSON.
    pub fn of(value: Value) -> Result<Self, SealError> {
        let read: Self = serde_json::from_value(value)
            .map_err(|_| SealError::Form("what SOPS says about it (`sops`) is not as SOPS writes it".to_owned()))?;
        match read.mac.is_empty() || read.lastmodified.is_empty() {
            true => Err(SealError::Form("it has no digest of SOPS (`mac`, `lastmodified`)".to_owned())),
            false => Ok(read),
        }
    }

    /// Of keys that have the whole way in them, as in files that know no trees.
    pub fn flat(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, SealError> {
        let mut root = Value::Object(Map::new());
        for (key, value) in pairs {
            put(&mut root, &key, value.replace("\\n", "\n"));
        }
        Self::of(lists(root))
    }

    /// The encrypted forms of the file's key.
    pub fn recipients(&self) -> Result<&[Recipient], SealError> {
        let own = self.age.as_deref().unwrap_or_default();
        match self.key_groups.as_deref().unwrap_or_default() {
            _ if !own.is_empty() => Ok(own),
            [] => Err(SealError::NotForUs),
            [one] => Ok(one.age.as_deref().unwrap_or_default()),
            _ => Err(SealError::Form("its key is shared among several groups, and only one is known".to_owned())),
        }
    }

    pub fn mac_only_encrypted(&self) -> bool {
        match &self.mac_only_encrypted {
            Some(Flag::Bool(yes)) => *yes,
            Some(Flag::Text(text)) => text == "true",
            None => false,
        }
    }

    /// Whether the value that this leads to is encrypted; `None` where its looks decide, for the rule is a pattern.
    pub fn is_encrypted(&self, path: &[String]) -> Option<bool> {
        let ends = |suffix: &str| path.iter().any(|key| key.ends_with(suffix));
        let given = |rule: &Option<String>| rule.as_deref().is_some_and(|rule| !rule.is_empty());
        let patterns = [
            &self.unencrypted_regex,
            &self.encrypted_regex,
            &self.unencrypted_comment_regex,
            &self.encrypted_comment_regex,
        ];
        if patterns.into_iter().any(given) {
            return None;
        }
        match (self.encrypted_suffix.as_deref(), self.unencrypted_suffix.as_deref()) {
            (Some(suffix), _) if !suffix.is_empty() => Some(ends(suffix)),
            (_, Some(suffix)) if !suffix.is_empty() => Some(!ends(suffix)),
            _ => Some(!ends(SUFFIX)),
        }
    }
}

/// `age__list_0__map_enc`: below `age`, the first, its `enc`.
fn put(mut node: &mut Value, key: &str, text: String) {
    for part in key.split("__map_").flat_map(|part| part.split("__list_")) {
        if !node.is_object() {
            *node = Value::Object(Map::new());
        }
        let Value::Object(map) = node else { return };
        node = map.entry(part.to_owned()).or_insert(Value::Null);
    }
    *node = Value::String(text);
}

/// A mapping of 0, 1, 2 … is a list.
fn lists(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let mut places: Vec<(Option<usize>, String, Value)> =
        map.into_iter().map(|(key, value)| (key.parse().ok(), key, lists(value))).collect();
    if !places.is_empty() && places.iter().all(|(place, ..)| place.is_some()) {
        places.sort_by_key(|(place, ..)| *place);
        return places.into_iter().map(|(.., value)| value).collect();
    }
    Value::Object(places.into_iter().map(|(_, key, value)| (key, value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(text: &str) -> Metadata {
        let mut value: Value = serde_json::from_str(text).unwrap();
        for key in ["mac", "lastmodified"] {
            value[key] = Value::from("x");
        }
        Metadata::of(value).unwrap()
    }

    #[test]
    fn a_flat_file_has_lists_too() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let all = [
            pair("age__list_1__map_enc", "b"),
            pair("age__list_0__map_enc", "a\\nb"),
            pair("age__list_0__map_recipient", "age1"),
            pair("mac", "m"),
            pair("lastmodified", "t"),
            pair("mac_only_encrypted", "true"),
        ];
        let read = Metadata::flat(all.into_iter()).unwrap();
        let recipients: Vec<&str> = read.recipients().unwrap().iter().map(|r| r.enc.as_str()).collect();
        assert_eq!((recipients.as_slice(), read.mac_only_encrypted()), (&["a\nb", "b"][..], true));
        assert!(Metadata::flat(std::iter::empty()).is_err());
    }

    #[test]
    fn a_suffix_says_what_is_encrypted_and_a_pattern_leaves_it_to_the_looks() {
        let path = |key: &str| vec!["a".to_owned(), key.to_owned()];
        let says = |text: &str, key: &str| metadata(text).is_encrypted(&path(key));
        assert_eq!((says("{}", "x_unencrypted"), says("{}", "x")), (Some(false), Some(true)));
        let suffix = r#"{"encrypted_suffix": "_secret"}"#;
        assert_eq!((says(suffix, "x_secret"), says(suffix, "x")), (Some(true), Some(false)));
        assert_eq!(says(r#"{"unencrypted_suffix": "_plain"}"#, "x_unencrypted"), Some(true));
        assert_eq!(says(r#"{"encrypted_regex": "^x$"}"#, "x"), None);
    }

    #[test]
    fn a_key_in_parts_is_refused() {
        let parts = metadata(r#"{"key_groups": [{"age": [{"enc": "a"}]}, {"age": [{"enc": "b"}]}]}"#);
        assert!(matches!(parts.recipients(), Err(SealError::Form(_))));
        assert!(matches!(metadata("{}").recipients(), Err(SealError::NotForUs)));
    }
}
