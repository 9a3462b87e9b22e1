//! Keys and kinds of values, by the JSON Schema that the types give: all problems at once, where serde stops at the first.

use serde_json::{Map, Value};

use super::place::{Step, shown};
use super::{Listen, Period, Semver, Window, Wording};
use crate::compose::yaml::{Kind, Node};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, closest, code};

pub fn check(root: &Node, schema: &Value, diagnostics: &mut Diagnostics) {
    let mut walk = Walk { schema, diagnostics, path: Vec::new() };
    walk.value(root, root.span, schema);
}

struct Walk<'a> {
    schema: &'a Value,
    diagnostics: &'a mut Diagnostics,
    path: Vec<Step>,
}

impl<'a> Walk<'a> {
    /// `key` is what leads to the value.
    fn value(&mut self, node: &Node, key: Span, schema: &'a Value) {
        let schema = self.followed(schema);
        if let Some(branches) = branches(schema, "oneOf").filter(|b| b.iter().all(|b| b.get("const").is_some())) {
            let words: Vec<&str> = branches.iter().filter_map(|b| b.get("const")?.as_str()).collect();
            return self.word(node, key, &words);
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            return self.word(node, key, &words);
        }
        if let Some(branches) = branches(schema, "anyOf") {
            return self.one_of(node, key, branches);
        }
        match (schema.get("type").and_then(Value::as_str), &node.kind) {
            (Some("object"), Kind::Map(_)) => self.object(node, key, schema),
            (Some("array"), Kind::List(items)) => {
                let Some(each) = schema.get("items") else { return };
                for (i, item) in items.iter().enumerate() {
                    self.inside(i, |walk| walk.value(item, item.span, each));
                }
            }
            (Some("string"), Kind::Text(text)) => self.text(text, node.span, schema),
            (Some("boolean"), Kind::Bool(_)) | (Some("integer"), Kind::Int(_)) | (None, _) => {}
            (Some(kind), _) => self.wrong_kind(node, key, kind, schema),
        }
    }

    fn object(&mut self, node: &Node, key: Span, schema: &'a Value) {
        let none = Map::new();
        let Some(map) = node.as_map() else { return };
        let known = schema.get("properties").and_then(Value::as_object);
        for entry in &map.entries {
            let name = entry.key.value.as_str();
            let rest = schema.get("additionalProperties");
            let shape = known.and_then(|k| k.get(name)).or_else(|| rest.filter(|r| r.is_object()));
            match shape {
                Some(shape) => self.inside(name, |walk| walk.value(&entry.value, entry.key.span, shape)),
                None if rest == Some(&Value::Bool(false)) => {
                    self.unknown(
                        name,
                        entry.key.span,
                        known.unwrap_or(&none),
                        map.entries.iter().map(|e| e.key.value.as_str()),
                    );
                }
                None => {}
            }
        }
        let needed = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in needed.filter(|name| map.entry(name).is_none()) {
            let message = format!("{} has no `{name}`", self.here());
            let about = known.and_then(|k| k.get(name)).and_then(|s| s.get("description")).and_then(Value::as_str);
            let about = about.map(|text| format!(" ({})", first_sentence(text))).unwrap_or_default();
            let problem = Diagnostic::error(code::SETTINGS_MISSING, message).at(key);
            self.diagnostics.push(problem.help(format!("add {name}: …{about}")));
        }
    }

    /// Mappings that are told apart by their first key.
    fn one_of(&mut self, node: &Node, key: Span, branches: &'a [Value]) {
        let first = |branch: &'a Value| -> Option<&'a str> {
            self.followed(branch).get("required")?.as_array()?.first()?.as_str()
        };
        let marks: Vec<(&Value, &str)> = branches.iter().filter_map(|b| Some((b, first(b)?))).collect();
        let chosen = marks.iter().find(|(_, mark)| node.get(mark).is_some());
        match (chosen, node.as_map()) {
            (Some((branch, _)), _) => self.value(node, key, branch),
            (None, Some(_)) => {
                let marks: Vec<String> = marks.iter().map(|(_, mark)| format!("`{mark}`")).collect();
                let message = format!("{} has none of {}", self.here(), marks.join(" and "));
                let problem = Diagnostic::error(code::SETTINGS_MISSING, message).at(key);
                self.diagnostics.push(problem.help(format!("say which with {}", marks.join(" or "))));
            }
            (None, None) => {
                let marks: Vec<String> = marks.iter().map(|(_, mark)| format!("{{{mark}: …}}")).collect();
                let message = format!("{} must be a mapping, and this is {}", self.here(), node.noun());
                let problem = Diagnostic::error(code::SETTINGS_KIND, message);
                let span = if node.as_list().is_some() || node.is_null() { key } else { node.span };
                self.diagnostics.push(problem.at(span).help(format!("write {}", marks.join(" or "))));
            }
        }
    }

    fn word(&mut self, node: &Node, key: Span, words: &[&str]) {
        let Some(text) = node.as_text() else { return self.wrong_kind(node, key, "string", &Value::Null) };
        if words.contains(&text) {
            return;
        }
        let message = format!("`{text}` is no word for {}", self.here());
        let help = match closest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", words.join(", ")),
        };
        self.diagnostics.push(Diagnostic::error(code::SETTINGS_VALUE, message).at(node.span).help(help));
    }

    fn text(&mut self, text: &str, span: Span, schema: &Value) {
        let why = match schema.get("x-stackup").and_then(Value::as_str) {
            Some("period") => Period::try_from(text.to_owned()).err(),
            Some("semver") => Semver::try_from(text.to_owned()).err(),
            Some("window") => Window::try_from(text.to_owned()).err(),
            Some("wording") => Wording::try_from(text.to_owned()).err(),
            Some("address") => Listen::try_from(text.to_owned()).err().map(str::to_owned),
            _ if text.is_empty() => Some("it is empty".to_owned()),
            _ => None,
        };
        if let Some(why) = why {
            let message = format!("`{text}` cannot be {}", self.here());
            self.diagnostics.push(Diagnostic::error(code::SETTINGS_VALUE, message).at(span).help(why));
        }
    }

    fn unknown<'n>(
        &mut self,
        name: &str,
        span: Span,
        known: &Map<String, Value>,
        there: impl Iterator<Item = &'n str>,
    ) {
        let there: Vec<&str> = there.collect();
        let free: Vec<&str> = known.keys().map(String::as_str).filter(|k| !there.contains(k)).collect();
        let place = if self.path.is_empty() { "the top level".to_owned() } else { self.here() };
        let help = match closest(name, free.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if free.is_empty() => "take it out".to_owned(),
            None => format!("it takes {}", free.join(", ")),
        };
        let message = format!("there is no key `{name}` at {place}");
        self.diagnostics.push(Diagnostic::error(code::SETTINGS_KEY, message).at(span).help(help));
    }

    fn wrong_kind(&mut self, node: &Node, key: Span, kind: &str, schema: &Value) {
        let wanted = match kind {
            "object" => "a mapping",
            "array" => "a list",
            "boolean" => "true or false",
            "integer" => "a whole number",
            _ => "text",
        };
        let scalar = !matches!(node.kind, Kind::Map(_) | Kind::List(_) | Kind::Null);
        let message = format!("{} must be {wanted}, and this is {}", self.here(), node.noun());
        let help = match &node.kind {
            Kind::Int(number) if schema.get("x-stackup").is_some_and(|s| s == "period") => {
                format!("write it with a unit: {number}s")
            }
            Kind::Text(text) if kind == "array" => format!("write a list: [{text}]"),
            _ if scalar && kind == "string" => "put the value between quotes".to_owned(),
            Kind::Null => "give it a value, or take the key out".to_owned(),
            _ => format!("write {wanted}"),
        };
        let span = if scalar { node.span } else { key };
        self.diagnostics.push(Diagnostic::error(code::SETTINGS_KIND, message).at(span).help(help));
    }

    fn inside(&mut self, step: impl Into<Step>, go: impl FnOnce(&mut Self)) {
        self.path.push(step.into());
        go(self);
        self.path.pop();
    }

    fn here(&self) -> String {
        if self.path.is_empty() { "the file".to_owned() } else { format!("`{}`", shown(&self.path)) }
    }

    /// `$ref` leads to a definition.
    fn followed(&self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        target.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(schema)
    }
}

fn branches<'a>(schema: &'a Value, key: &str) -> Option<&'a [Value]> {
    schema.get(key).and_then(Value::as_array).map(Vec::as_slice)
}

fn first_sentence(text: &str) -> String {
    let sentence = text.split(". ").next().unwrap_or(text).trim_end_matches('.');
    sentence.split_whitespace().collect::<Vec<_>>().join(" ")
}
