//! What a webhook is sent instead of our own document: a Go template over its fields, as chats and pagers want it.

use gotmpl::{MissingKey, Template, TemplateError, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, json};

/// A template that was tried on a sample.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Wording(String);

/// Stands behind the text while it is tried: what the parser passes over is seen by its absence.
const BEHIND: &str = "\u{1}";
/// A message that breaks whatever does not quote it.
const AWKWARD: &str = "it said \"no\"\n<b>&</b>";

/// A document as it is sent, with something in every field.
pub fn sample() -> Map<String, serde_json::Value> {
    let document = json!({
        "v": 1, "type": "rolled-back", "at": "2026-11-20T12:00:00Z", "stack": "web", "source": "ops",
        "commit": "0123456789abcdef0123456789abcdef01234567", "sync": "quarantined", "drift": false,
        "result": "rolled-back", "plan_id": "p-0123456789abcdef0123456789abcdef", "release": 7, "message": AWKWARD,
        "url": "https://stackup.example.org/stacks/web",
    });
    document.as_object().cloned().unwrap_or_default()
}

impl TryFrom<String> for Wording {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let tried = execute(&format!("{text}{BEHIND}"), &sample())?;
        match tried.ends_with(BEHIND) {
            true => Ok(Self(text)),
            false => Err("an {{end}} is missing, or there is one too many".to_owned()),
        }
    }
}

impl Wording {
    /// Fields that are null are empty. Words for a person where it cannot be filled in.
    pub fn fill(&self, document: &Map<String, serde_json::Value>) -> Result<String, String> {
        execute(&self.0, document)
    }

    /// Whether it makes JSON of any message.
    pub fn makes_json(&self) -> bool {
        self.fill(&sample()).is_ok_and(|text| serde_json::from_str::<serde_json::Value>(&text).is_ok())
    }
}

fn execute(text: &str, document: &Map<String, serde_json::Value>) -> Result<String, String> {
    let fields: std::collections::BTreeMap<String, Value> =
        document.iter().map(|(name, value)| (name.clone(), field(value))).collect();
    let template = functions(Template::new("")).missing_key(MissingKey::Error).max_range_iters(1_000);
    let template = template.parse(text).map_err(|error| error.to_string())?;
    template.execute_to_string(&Value::from(fields)).map_err(|error| match error {
        TemplateError::MissingKey { key } => {
            let known: Vec<String> = document.keys().map(|name| format!(".{name}")).collect();
            format!("there is no field .{key}; the fields are {}", known.join(" "))
        }
        other => other.to_string(),
    })
}

fn field(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Bool(is) => Value::Bool(*is),
        serde_json::Value::Number(number) => number.as_i64().map_or(Value::Nil, Value::Int),
        serde_json::Value::String(text) => Value::from(text.clone()),
        _ => Value::from(""),
    }
}

fn functions(template: Template) -> Template {
    let text = |args: &[Value]| match args.first() {
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(other) => Err(TemplateError::TypeMismatch { expected: "string", got: other.type_name() }),
        None => Err(TemplateError::ArgCount { name: "upper, lower or truncate".into(), expected: 1, got: 0 }),
    };
    template
        .func("json", |args| {
            let value = match args.first() {
                Some(Value::Bool(is)) => json!(is),
                Some(Value::Int(number)) => json!(number),
                Some(Value::String(text)) => json!(text.as_ref()),
                _ => serde_json::Value::Null,
            };
            Ok(Value::from(value.to_string()))
        })
        .func("lower", move |args| Ok(Value::from(text(args)?.to_lowercase())))
        .func("upper", move |args| Ok(Value::from(text(args)?.to_uppercase())))
        .func("truncate", move |args| {
            let most = args.get(1).and_then(Value::as_int).and_then(|most| usize::try_from(most).ok()).unwrap_or(0);
            Ok(Value::from(text(args)?.chars().take(most).collect::<String>()))
        })
}

impl JsonSchema for Wording {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Wording".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "x-stackup": "wording"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(text: &str) -> Result<Wording, String> {
        Wording::try_from(text.to_owned())
    }

    #[test]
    fn a_template_is_tried_before_anything_happens() {
        let chat = r#"{"text": {{json (printf "%s: %s, %s" .stack .type .message)}}, "drift": {{json .drift}}}"#;
        let filled = wording(chat).unwrap().fill(&sample()).unwrap();
        let filled: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(filled, json!({"text": format!("web: rolled-back, {AWKWARD}"), "drift": false}));
        assert!(wording(chat).unwrap().makes_json());
        // What is not quoted is JSON until somebody says "no".
        assert!(!wording(r#"{"text": "{{.message}}"}"#).unwrap().makes_json());
        assert!(
            wording("{{.stack}} {{truncate .commit 7}} {{upper .type}}").unwrap().fill(&sample()).unwrap()
                == "web 0123456 ROLLED-BACK"
        );
        for (text, why) in [
            ("{{.stak}}", "there is no field .stak; the fields are .v .type"),
            ("{{.stack", ""),
            ("{{if .drift}}x", "{{end}}"),
            ("{{nothing .stack}}", "nothing"),
            ("{{upper .drift}}", "string"),
        ] {
            let said = wording(text).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
        // Nothing is empty, and no word of Go's.
        let mut document = sample();
        document.insert("commit".into(), serde_json::Value::Null);
        assert_eq!(wording("[{{.commit}}]").unwrap().fill(&document).unwrap(), "[]");
    }
}
