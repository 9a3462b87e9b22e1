use super::sample::{document, everything, nothing, swept_document};
use super::*;
use crate::plan::Plan;
use serde_json::{Value, json};

fn as_json(plan: &Plan) -> Value {
    serde_json::to_value(document(plan)).unwrap()
}

#[test]
fn the_document_fits_its_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for plan in [everything(), nothing()] {
        let json = as_json(&plan);
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert!(!validator.is_valid(&json!({"plan_id": 1})));
}

#[test]
fn the_schema_in_the_repository_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/plan.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("STACKUP_UPDATE_SCHEMAS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")).unwrap();
        std::fs::write(path, &fresh).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == fresh, "schemas/plan.json is stale: run the tests with STACKUP_UPDATE_SCHEMAS=1");
}

#[test]
fn everything_as_json() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&as_json(&everything())).unwrap());
}

#[test]
fn a_document_survives_json() {
    for plan in [everything(), nothing()] {
        let written = document(&plan);
        let read: Document = serde_json::from_value(serde_json::to_value(&written).unwrap()).unwrap();
        assert_eq!(read, written);
    }
}

#[test]
fn a_reader_ignores_what_a_later_minor_version_adds() {
    let mut json = as_json(&everything());
    for object in ["", "/cluster", "/summary", "/changes/1", "/changes/1/impact", "/changes/1/fields/0"] {
        json.pointer_mut(object).unwrap().as_object_mut().unwrap().insert("later".to_owned(), json!({"x": 1}));
    }
    assert_eq!(serde_json::from_value::<Document>(json).unwrap(), document(&everything()));
}

#[test]
fn a_sensitive_value_is_null() {
    let mut plan = everything();
    // Even if a planner left the values in by mistake.
    for field in plan.changes.iter_mut().flat_map(|change| &mut change.fields).filter(|field| field.sensitive) {
        field.before = Some("hunter1hunter1".into());
        field.after = Some("hunter2hunter2".into());
    }
    let json = as_json(&plan);
    assert!(!json.to_string().contains("hunter"));
    let fields = json.pointer("/changes/1/fields").and_then(Value::as_array).unwrap();
    let password = fields.iter().find(|field| field["path"] == "/environment/DB_PASSWORD").unwrap();
    assert_eq!((&password["before"], &password["sensitive"]), (&Value::Null, &Value::Bool(true)));
}

/// Texts that somebody else wrote; ids, digests, versions and clocks are not among them.
#[test]
fn every_foreign_text_is_swept() {
    let mask = |text: &str| "*".repeat(text.chars().count());
    let document = swept_document(&everything(), &mask);
    let mut plain = serde_json::to_value(&document).unwrap();
    let ours = [
        "format_version",
        "stackup_version",
        "plan_id",
        "created",
        "taken",
        "against",
        "id",
        "engine",
        "sha256",
        "kind",
        "action",
        "op",
        "effect",
        "origin",
        "standing",
        "what",
        "at",
        "expect",
        "spec_digest",
        "severity",
        "code",
        "delay",
        "monitor",
        "verdict",
        "why",
    ];
    let mut left = Vec::new();
    texts(&mut plain, "", &ours, &mut left);
    left.retain(|text| !text.chars().all(|c| matches!(c, '*' | '/')) && !text.starts_with("service_"));
    assert_eq!(left, Vec::<String>::new());
}

fn texts(value: &mut Value, key: &str, ours: &[&str], left: &mut Vec<String>) {
    match value {
        Value::String(text) if !ours.contains(&key) => left.push(text.clone()),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, key, ours, left)),
        Value::Object(map) => map.iter_mut().for_each(|(key, item)| texts(item, key, ours, left)),
        _ => {}
    }
}

#[test]
fn a_variable_without_a_value_is_not_one_that_is_absent() {
    let mut plan = everything();
    let field = plan.changes[1].fields.iter_mut().find(|field| field.path == "/environment/LOG_LEVEL").unwrap();
    field.after = Some(Value::Null);
    let document = document(&plan);
    let of = |path: &str| document.changes[1].fields.iter().find(|field| field.path == path).unwrap();
    assert_eq!(of("/environment/LOG_LEVEL").after(), Some(&Value::Null));
    assert_eq!(of("/environment/OLD").after(), None);
    assert_eq!(of("/environment/FEATURE_X").before(), None);
    assert_eq!(of("/environment/DB_PASSWORD").before(), None);
    assert_eq!((document.changes[1].key(), document.short_id().as_str()), ("web", "p-6c1f-90ab-22e4"));
}
