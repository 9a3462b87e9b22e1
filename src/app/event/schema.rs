//! The lines of events as a JSON Schema: a head that all have, and what each type adds.

use serde_json::{Map, Value, json};

/// Every line, as JSON Schema 2020-12. More keys may come; readers ignore those that they do not know.
pub fn schema() -> Value {
    let types = types();
    let names: Vec<&str> = types.iter().map(|(name, _)| *name).collect();
    let each: Vec<Value> = types
        .iter()
        .map(|(name, fields)| {
            let required: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
            let properties: Map<String, Value> = fields.iter().map(|(f, s)| ((*f).to_owned(), s.clone())).collect();
            json!({"if": {"properties": {"type": {"const": name}}},
                   "then": {"properties": properties, "required": required}})
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:stackup:events:1",
        "title": "One line of `stackup --json`",
        "type": "object",
        "properties": {
            "v": {"const": 1},
            "ts": {"type": "string", "description": "RFC 3339, UTC."},
            "level": {"enum": ["info", "warning", "error"]},
            "type": {"enum": names},
            "msg": {"type": "string", "description": "A sentence for people."},
            "address": {"type": "string", "description": "What it is about, such as `service/web`."}
        },
        "required": ["v", "ts", "level", "type", "msg"],
        "allOf": each
    })
}

type Fields = Vec<(&'static str, Value)>;

fn types() -> Vec<(&'static str, Fields)> {
    let text = || json!({"type": "string"});
    let maybe = || json!({"type": ["string", "null"]});
    let yes_or_no = || json!({"type": "boolean"});
    let count = || json!({"type": ["integer", "null"], "minimum": 0});
    let object = || json!({"type": "object"});
    let any = || json!({});
    let about = |fields: Fields| [vec![("address", text())], fields].concat();
    vec![
        ("version", vec![("stackup", text()), ("engine", maybe()), ("api", maybe())]),
        ("diagnostic", vec![("diagnostic", any())]),
        ("refresh", vec![]),
        ("drift", about(vec![("path", text()), ("drift", any())])),
        ("planned_change", about(vec![("action", text()), ("change", any())])),
        ("preflight", vec![("diagnostic", any())]),
        ("plan", vec![("plan", any())]),
        ("approval", vec![("approved", yes_or_no())]),
        ("lock", vec![("held", yes_or_no())]),
        ("apply_start", about(vec![("action", text()), ("wanted", count())])),
        ("task_state", about(vec![("task", task())])),
        ("progress", about(vec![("state", maybe()), ("progress", progress()), ("heartbeat", yes_or_no())])),
        ("apply_complete", about(vec![("action", text()), ("seconds", json!({"type": "number"}))])),
        ("apply_failed", about(vec![("reason", text()), ("reverted", yes_or_no())])),
        ("rollback_start", about(vec![])),
        ("rollback_complete", about(vec![("ok", yes_or_no())])),
        ("evidence", about(vec![("evidence", object())])),
        ("ledger", vec![("ledger", json!({"type": "array"}))]),
        ("stack", vec![("stack", object())]),
        ("service", vec![("service", object())]),
        ("task", vec![("task", object())]),
        ("release", vec![("release", object())]),
        ("log", vec![("log", object())]),
        ("service_status", about(vec![("service", object())])),
        ("service_removed", about(vec![])),
        ("stopping", vec![("stack", text()), ("tasks", count())]),
        ("unchanged", vec![]),
        ("source", vec![("source", text()), ("commit", maybe()), ("problem", maybe())]),
        (
            "sync",
            vec![
                ("stack", text()),
                ("source", text()),
                (
                    "sync",
                    json!({"enum": ["unknown", "synced", "out-of-sync", "applying", "held", "quarantined",
                                         "suspended", "failed"]}),
                ),
                ("drift", yes_or_no()),
                ("commit", maybe()),
                ("plan_id", maybe()),
                ("release", count()),
            ],
        ),
        (
            "exit",
            vec![
                (
                    "exit",
                    json!({"type": "object", "required": ["code", "name"],
                           "properties": {"code": {"type": "integer"}, "name": {"type": "string"}}}),
                ),
                ("changed", json!({"enum": [true, false, "unknown"]})),
            ],
        ),
    ]
}

fn task() -> Value {
    json!({"type": "object",
           "required": ["id", "name", "node", "state", "healthy", "failed", "exit_code", "message"],
           "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "node": {"type": ["string", "null"]},
                          "state": {"type": "string"}, "healthy": {"type": "boolean"}, "failed": {"type": "boolean"},
                          "exit_code": {"type": ["integer", "null"]}, "message": {"type": "string"}}})
}

fn progress() -> Value {
    let count = json!({"type": ["integer", "null"], "minimum": 0});
    json!({"type": "object", "required": ["wanted", "running", "healthy", "old", "failures", "seconds"],
           "properties": {"wanted": count, "running": count, "healthy": count, "old": count, "failures": count,
                          "seconds": {"type": "number"}}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::event::{Event, Level, RowKind, TaskEvent};
    use crate::app::exit::{Changed, ExitCode};
    use crate::app::ledger::Ledger;
    use crate::rollout::Progress;

    fn events() -> Vec<Event> {
        let (address, message) = ("service/web".to_owned(), "words".to_owned());
        let task = TaskEvent {
            id: "t".into(),
            name: "web.1".into(),
            node: None,
            state: "running",
            healthy: false,
            failed: false,
            kept: false,
            words: "running".into(),
            exit_code: None,
            message: String::new(),
        };
        let progress = Progress { wanted: 2, running: 1, healthy: 0, old: 1, failures: 0, elapsed: Default::default() };
        vec![
            Event::Version { stackup: "0.1.0".into(), engine: None, api: Some("1.41".into()) },
            Event::Diagnostic { level: Level::Info, message: message.clone(), address: None, diagnostic: json!({}) },
            Event::Refresh { message: message.clone() },
            Event::Lock { message: message.clone(), held: true },
            Event::Approval { approved: true, message: message.clone() },
            Event::ApplyStart { address: address.clone(), action: "update", wanted: None, message: message.clone() },
            Event::TaskState { address: address.clone(), task },
            Event::Progress {
                address: address.clone(),
                state: None,
                progress,
                heartbeat: true,
                message: message.clone(),
            },
            Event::ApplyComplete { address: address.clone(), action: "update", seconds: 1.5, message: message.clone() },
            Event::ApplyFailed { address, reason: "refused", reverted: false, message: message.clone() },
            Event::Ledger { ledger: Ledger::default(), message: message.clone() },
            Event::Stopping { stack: "shop".into(), tasks: 2, message: message.clone() },
            Event::Unchanged { fields: json!({"stack": "shop"}), message: message.clone() },
            Event::Source { source: "shop".into(), commit: None, problem: None, message: message.clone() },
            Event::Stack {
                stack: "web".into(),
                source: "shop".into(),
                sync: "synced",
                drift: false,
                commit: None,
                plan_id: None,
                release: Some(3),
                message: message.clone(),
            },
            Event::Exit { code: ExitCode::Ok, changed: Changed::Unknown, message },
        ]
    }

    #[test]
    fn every_kind_of_row_has_its_place() {
        for kind in RowKind::ALL {
            assert!(types().iter().any(|(name, _)| *name == kind.as_str()), "{kind:?}");
        }
    }

    #[test]
    fn lines_fit() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        for event in events() {
            let line = event.line(at);
            let errors: Vec<String> = validator.iter_errors(&line).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{line}: {errors:?}");
            // Without what is its own it is no such event.
            if let (Some((own, _)), mut bare) = (types().iter().find(|t| t.0 == event.kind()).unwrap().1.first(), line)
            {
                bare.as_object_mut().unwrap().remove(*own);
                assert!(!validator.is_valid(&bare), "{bare}");
            }
        }
        let head = json!({"v": 1, "ts": "", "level": "info", "type": "other", "msg": ""});
        assert!(!validator.is_valid(&head));
    }

    #[test]
    fn the_schema_in_the_repository_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/events.json");
        let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if std::env::var_os("STACKUP_UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &fresh).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(stored == fresh, "schemas/events.json is stale: run the tests with STACKUP_UPDATE_SCHEMAS=1");
    }
}
