//! The whole file as text.

use serde_json::Value;

use super::block;
use super::objects::{file_object, network, volume};
use super::service::service;
use super::tree::Section;
use crate::compose::model::Stack;

/// The stack as YAML that deploys the same: each `$` is written `$$`.
pub fn emit(stack: &Stack) -> String {
    let mut value = tree(stack);
    escape(&mut value);
    block::text(&value)
}

/// The same with every `$` as it is, for a stack that was read without interpolation.
pub fn emit_verbatim(stack: &Stack) -> String {
    block::text(&tree(stack))
}

fn tree(stack: &Stack) -> Value {
    let mut s = Section::default();
    s.text("version", &stack.version);
    s.text("name", &stack.name);
    s.section("services", all(stack.services.iter().map(|(k, v)| (k, service(v)))));
    s.section("networks", all(stack.networks.iter().map(|(k, v)| (k, network(v)))));
    s.section("volumes", all(stack.volumes.iter().map(|(k, v)| (k, volume(v)))));
    s.section("secrets", all(stack.secrets.iter().map(|(k, v)| (k, file_object(v)))));
    s.section("configs", all(stack.configs.iter().map(|(k, v)| (k, file_object(v)))));
    s.extensions(&stack.extensions);
    s.into()
}

fn all<'a>(objects: impl Iterator<Item = (&'a String, Section)>) -> Section {
    let mut s = Section::default();
    for (name, object) in objects {
        s.set(name, object);
    }
    s
}

fn escape(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('$') => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(escape),
        Value::Object(map) => map.values_mut().for_each(escape),
        _ => {}
    }
}
