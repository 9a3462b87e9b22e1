//! Applying a rule to the live and the wanted form of one field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::edit::says_nothing;
use super::names::Names;
use super::rule::{Field, Keyed, Rule};
use super::show::compose_words;
use crate::plan::Op;
use crate::swarm::join;

/// One difference in meaning, in Compose words.
pub(super) struct Part {
    pub path: String,
    pub op: Op,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// What comes of a field that differs.
pub(super) struct Outcome {
    pub parts: Vec<Part>,
    /// The form to write; `None` to write nothing.
    pub value: Option<Value>,
}

/// `None` when both mean the same. `Null` stands for absent.
pub(super) fn compare(field: &Field, live: &Value, want: &Value, names: &Names) -> Option<Outcome> {
    match &field.rule {
        Rule::Exact => {
            let same = live == want || (says_nothing(live) && says_nothing(want)) || numbers_equal(live, want);
            (!same).then(|| whole(field, live, want))
        }
        Rule::Presence => (live != want).then(|| single(field, live.clone(), want.clone(), want)),
        Rule::Word(default) => {
            let word = |v: &Value| Value::from(v.as_str().filter(|s| !s.is_empty()).unwrap_or(default).to_lowercase());
            let (a, b) = (word(live), word(want));
            (a != b).then(|| single(field, a, b, want))
        }
        Rule::Number(default) => {
            let number = |v: &Value| Value::from(v.as_i64().unwrap_or(*default));
            let (a, b) = (number(live), number(want));
            (a != b).then(|| single(field, a, b, want))
        }
        Rule::NumberOrZero(default) => {
            let number = |v: &Value| Value::from(v.as_i64().filter(|n| *n != 0).unwrap_or(*default));
            let (a, b) = (number(live), number(want));
            (a != b).then(|| single(field, a, b, want))
        }
        Rule::Set => (strings(live) != strings(want)).then(|| whole(field, live, want)),
        Rule::Constraints => {
            let tidy = |v: &Value| -> BTreeSet<String> { strings(v).iter().map(|c| tidy_constraint(c)).collect() };
            (tidy(live) != tidy(want)).then(|| whole(field, live, want))
        }
        Rule::Map => by_key(field, &object(live), &object(want), want),
        Rule::Environment => by_key(field, &environment(live), &environment(want), want),
        Rule::Keyed(keyed) => by_object(field, keyed, live, want, names),
    }
}

/// Entries of a map or of the environment that the cluster owns are wanted as they are live.
pub(super) fn adopt(field: &Field, live: &Value, want: &mut Value, ignored: &dyn Fn(&str) -> bool) {
    let owned = |key: &String| ignored(&join(field.compose, key));
    match field.rule {
        Rule::Map => {
            let (have, mut entries) = (object(live), object(want));
            if have.keys().chain(entries.keys()).any(owned) {
                entries.retain(|key, _| !owned(key));
                entries.extend(have.into_iter().filter(|(key, _)| owned(key)));
                *want = entries.into_iter().collect::<serde_json::Map<_, _>>().into();
            }
        }
        Rule::Environment => {
            let (have, mut entries) = (environment(live), environment(want));
            if have.keys().chain(entries.keys()).any(owned) {
                entries.retain(|key, _| !owned(key));
                entries.extend(have.into_iter().filter(|(key, _)| owned(key)));
                let line = |(key, value): (String, Value)| match value.as_str() {
                    Some(value) => format!("{key}={value}"),
                    None => key,
                };
                let mut lines: Vec<String> = entries.into_iter().map(line).collect();
                lines.sort();
                *want = lines.into();
            }
        }
        _ => {}
    }
}

fn numbers_equal(a: &Value, b: &Value) -> bool {
    matches!((a.as_f64(), b.as_f64()), (Some(a), Some(b)) if a == b)
}

fn written(value: &Value) -> Option<Value> {
    (!says_nothing(value)).then(|| value.clone())
}

fn single(field: &Field, before: Value, after: Value, want: &Value) -> Outcome {
    let say = |v: Value| (!v.is_null()).then(|| compose_words(&v, field.show));
    let part = part(field.compose.to_owned(), say(before), say(after));
    Outcome { parts: vec![part], value: (!want.is_null()).then(|| want.clone()) }
}

fn whole(field: &Field, live: &Value, want: &Value) -> Outcome {
    let say = |v: &Value| written(v).map(|v| compose_words(&v, field.show));
    Outcome { parts: vec![part(field.compose.to_owned(), say(live), say(want))], value: written(want) }
}

fn part(path: String, before: Option<Value>, after: Option<Value>) -> Part {
    let op = match (&before, &after) {
        (None, Some(_)) => Op::Add,
        (Some(_), None) => Op::Remove,
        _ => Op::Replace,
    };
    Part { path, op, before, after }
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Spaces around the operator mean nothing.
fn tidy_constraint(constraint: &str) -> String {
    for operator in ["==", "!="] {
        if let Some((key, value)) = constraint.split_once(operator) {
            return format!("{}{operator}{}", key.trim(), value.trim());
        }
    }
    constraint.trim().to_owned()
}

type Entries = BTreeMap<String, Value>;

fn object(value: &Value) -> Entries {
    value.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// A bare `NAME` has no value, which is not the empty one.
fn environment(value: &Value) -> Entries {
    let lines = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    lines
        .map(|line| match line.split_once('=') {
            Some((key, value)) => (key.to_owned(), Value::from(value)),
            None => (line.to_owned(), Value::Null),
        })
        .collect()
}

fn by_key(field: &Field, live: &Entries, want: &Entries, value: &Value) -> Option<Outcome> {
    let parts = differing(field, live, want, |a, b| a == b, Value::clone);
    (!parts.is_empty()).then(|| Outcome { parts, value: written(value) })
}

fn differing<T>(
    field: &Field,
    live: &BTreeMap<String, T>,
    want: &BTreeMap<String, T>,
    same: impl Fn(&T, &T) -> bool,
    show: impl Fn(&T) -> Value,
) -> Vec<Part> {
    let keys: BTreeSet<&String> = live.keys().chain(want.keys()).collect();
    let mut parts = Vec::new();
    for key in keys {
        let path = || join(field.compose, key);
        match (live.get(key), want.get(key)) {
            (Some(a), Some(b)) if same(a, b) => {}
            (Some(a), Some(b)) => {
                parts.push(Part { path: path(), op: Op::Replace, before: Some(show(a)), after: Some(show(b)) });
            }
            (Some(a), None) => parts.push(Part { path: path(), op: Op::Remove, before: Some(show(a)), after: None }),
            (None, Some(b)) => parts.push(Part { path: path(), op: Op::Add, before: None, after: Some(show(b)) }),
            (None, None) => {}
        }
    }
    parts
}

fn by_object(field: &Field, keyed: &Keyed, live: &Value, want: &Value, names: &Names) -> Option<Outcome> {
    let keys = |list: &Value| -> Vec<(String, Value)> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let items = list.as_array().into_iter().flatten();
        items
            .map(|item| {
                let key = (keyed.key)(item, names);
                let count = seen.entry(key.clone()).or_insert(0);
                *count += 1;
                (if *count == 1 { key } else { format!("{key} ({count})") }, item.clone())
            })
            .collect()
    };
    let (have, wanted) = (keys(live), keys(want));
    let by_key: BTreeMap<String, Value> = have.into_iter().collect();
    let same = |a: &Value, b: &Value| (keyed.canonical)(a, names) == (keyed.canonical)(b, names);
    let parts = differing(field, &by_key, &wanted.iter().cloned().collect(), same, |item| (keyed.show)(item, names));
    if parts.is_empty() {
        return None;
    }
    // The wanted order; the live form of each object that means the same.
    let kept = wanted.into_iter().map(|(key, item)| match by_key.get(&key) {
        Some(live) if same(live, &item) => live.clone(),
        _ => item,
    });
    Some(Outcome { parts, value: written(&kept.collect()) })
}
