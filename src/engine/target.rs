//! What follows the version in a request: escaped path and query.

use std::fmt::Write;

use serde_json::Value;

/// A path and its query, such as `/services?status=true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Without the query: what messages and logs name.
    pub path: String,
    query: String,
}

impl Target {
    /// A path without anything to escape.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: String::new() }
    }

    /// `/kind/<id>` where `id` may hold anything.
    pub fn of(kind: &str, id: &str) -> Self {
        Self::new(format!("{kind}/{}", escaped(id, "")))
    }

    /// An image's name keeps its slashes and colons.
    pub fn of_image(kind: &str, image: &str, after: &str) -> Self {
        Self::new(format!("{kind}/{}{after}", escaped(image, "/:@")))
    }

    /// A request that somebody else wrote, without a version.
    pub fn of_uri(uri: &http::Uri) -> Self {
        Self { path: uri.path().to_owned(), query: uri.query().map(|query| format!("?{query}")).unwrap_or_default() }
    }

    pub fn then(mut self, path: &str) -> Self {
        self.path.push_str(path);
        self
    }

    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.query.push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(key);
        self.query.push('=');
        self.query.push_str(&escaped(value, ""));
        self
    }

    /// A JSON object of lists.
    pub fn filtered(self, filters: &Value) -> Self {
        self.with("filters", &filters.to_string())
    }

    pub fn as_uri(&self, base: &str, version: Option<&str>) -> String {
        let version = version.map(|v| format!("/v{v}")).unwrap_or_default();
        format!("{base}{version}{}{}", self.path, self.query)
    }
}

fn escaped(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.as_bytes().contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        let target = Target::of("/services", "a/../b?x").with("filters", r#"{"a":["é"]}"#);
        assert_eq!(
            target.as_uri("http://docker", Some("1.41")),
            "http://docker/v1.41/services/a%2F..%2Fb%3Fx?filters=%7B%22a%22%3A%5B%22%C3%A9%22%5D%7D"
        );
        let image = Target::of_image("/distribution", "box:5000/a/b:1 2", "/json");
        assert_eq!(image.as_uri("", None), "/distribution/box:5000/a/b:1%202/json");
    }
}
