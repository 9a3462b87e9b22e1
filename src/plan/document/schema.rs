//! The JSON Schema of the document, as `schemas/plan.json` holds it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Document;

pub fn schema() -> Value {
    // Of what is written: a reader may count on every key.
    let mut schema =
        SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<Document>().to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("$id".to_owned(), Value::String("urn:stackup:plan:1.0".to_owned()));
    }
    schema
}
