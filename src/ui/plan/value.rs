//! Values as a Compose file would write them. Never shortened, never broken: people copy them.

use serde_json::{Map, Value};

use crate::ui::theme::visible;

/// `null` is a name without a value.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(unset)".to_owned(),
        Value::String(text) => string(&visible(text)),
        Value::Object(map) => pairs(map),
        other => visible(&other.to_string()).into_owned(),
    }
}

/// Quoted, as the values of variables and labels are: an empty one must be seen.
pub fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", visible(text)),
        other => shown(other),
    }
}

/// Quotes where the text would not stand by itself.
fn string(text: &str) -> String {
    let plain = !text.is_empty() && !text.contains(' ') && !text.contains('"');
    if plain { text.to_owned() } else { format!("\"{text}\"") }
}

/// `name: value, name: [value]`.
pub fn pairs(map: &Map<String, Value>) -> String {
    let pairs: Vec<String> = map.iter().map(|(name, value)| format!("{}: {}", visible(name), flow(value))).collect();
    pairs.join(", ")
}

pub fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => visible(text).into_owned(),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(flow).collect();
            format!("[{}]", list.join(", "))
        }
        Value::Object(map) => format!("{{{}}}", pairs(map)),
        other => other.to_string(),
    }
}

/// An image reference in the parts that people compare.
pub struct Image<'a> {
    pub name: &'a str,
    pub digest: Option<&'a str>,
}

impl<'a> Image<'a> {
    pub fn parse(reference: &'a str) -> Self {
        match reference.split_once('@') {
            Some((name, digest)) => Self { name, digest: Some(digest) },
            None => Self { name: reference, digest: None },
        }
    }

    /// `sha256:2b91..c0`; the whole where `full`.
    pub fn short_digest(&self, full: bool) -> Option<String> {
        let digest = self.digest?;
        let short = || {
            let (algorithm, hex) = digest.split_once(':')?;
            Some(format!("{algorithm}:{}..{}", hex.get(..8)?, hex.get(hex.len().checked_sub(4)?..)?))
        };
        if full { Some(digest.to_owned()) } else { Some(short().unwrap_or_else(|| digest.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_an_image_apart() {
        let image = Image::parse("a/b:1@sha256:0123456789abcdef");
        assert_eq!((image.name, image.short_digest(false).as_deref()), ("a/b:1", Some("sha256:01234567..cdef")));
        assert_eq!(Image::parse("a").short_digest(false), None);
        assert_eq!(Image::parse("a@sha256:12").short_digest(false).as_deref(), Some("sha256:12"));
        assert_eq!(Image::parse("a@é").short_digest(false).as_deref(), Some("é"));
    }

    #[test]
    fn quotes_what_would_not_stand_alone() {
        assert_eq!(string("a:1"), "a:1");
        assert_eq!(string(""), "\"\"");
        assert_eq!(string("a b"), "\"a b\"");
    }
}
