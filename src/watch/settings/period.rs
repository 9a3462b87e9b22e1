//! A length of time.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::compose;

/// `500ms`, `60s`, `1m30s`, `24h`, as in Compose files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Period(pub Duration);

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let nanos = compose::duration(&text)?;
        match u64::try_from(nanos) {
            Ok(nanos) if nanos > 0 => Ok(Self(Duration::from_nanos(nanos))),
            _ => Err("it must be longer than nothing".to_owned()),
        }
    }
}

impl JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^([0-9.]+(ns|us|µs|ms|s|m|h))+$", "x-stackup": "period",
                      "description": "A length of time, such as `60s`, `1m30s`, `24h`."})
    }
}
