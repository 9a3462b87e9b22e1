//! A range of versions.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::git::Reference;

/// `^1.4`, `~1.4.2`, `>=2, <4`, `1.*`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Semver(pub Reference);

impl TryFrom<String> for Semver {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Reference::range(&text).map(Self).map_err(|error| error.to_string())
    }
}

impl JsonSchema for Semver {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Semver".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[0-9A-Za-z.,*<>=~^+ -]+$", "x-stackup": "semver",
                      "description": "A range of versions, such as `^1.4` or `>=2, <4`."})
    }
}
