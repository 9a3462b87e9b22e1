//! What must be so of any files.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::compose::model::Stack;
use crate::compose::{Emit, Input, Options, emit, emit_as, lint, load, silence};
use crate::diagnostic::{Code, Diagnostics, Sources, Span, code};
use crate::files::{Beside, SECRET};
use crate::swarm::Desired;
use crate::swarm::convert::convert;

/// What came of some files.
pub struct Reading {
    /// Where neither the files nor what swarm would get is wrong.
    pub stack: Option<Stack>,
    pub diagnostics: Diagnostics,
    /// Codes of all problems that are no advice.
    pub codes: BTreeSet<&'static str>,
    /// What swarm would be asked to store, without places.
    pub specs: Value,
}

/// Reads the files as `check` does.
///
/// Panics where a problem is missing (no stack and no error), a span is no place in its text, or a secret is shown.
pub fn read(texts: &[&[u8]], beside: &Beside<'_>, interpolate: bool) -> Reading {
    let inputs: Vec<Input> =
        texts.iter().enumerate().map(|(i, t)| Input { path: format!("{i}.yml"), bytes: t.to_vec() }).collect();
    let variables = [("A", "b"), ("N", "3"), ("EMPTY", ""), ("DOLLAR", "$")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let options = Options {
        working_dir: "/stack".into(),
        environment: variables.into(),
        home: Some("/home/user".into()),
        interpolate,
        contents: true,
    };
    let mut sources = Sources::default();
    let loaded = load(&inputs, &options, beside, &mut sources);
    let mut diagnostics = loaded.diagnostics;
    assert!(loaded.stack.is_some() != diagnostics.has_errors(), "{diagnostics:?}");
    let mut specs = Value::Null;
    if let Some(stack) = &loaded.stack {
        let desired = convert(stack, "stack", &mut diagnostics);
        origins_are_places(&desired, &sources);
        specs = without_places(&desired);
        diagnostics.extend(lint(stack, &sources));
        if beside.told.get() {
            hides_secrets(&format!("{stack:?} {desired:?}"), texts);
        }
    }
    let complete = !diagnostics.has_errors();
    // Advice knows which text a value came from; `config` prints it into another.
    let is_advice = |code: Code| code::LINT.contains(&code);
    let codes = diagnostics.iter().filter(|d| !is_advice(d.code)).map(|d| d.code.id).collect();
    let shown = silence(diagnostics.clone(), &sources, complete);
    for diagnostic in diagnostics.iter().chain(&shown) {
        for label in diagnostic.primary.iter().chain(&diagnostic.secondary) {
            is_a_place(label.span, &sources);
        }
        if beside.told.get() {
            hides_secrets(&format!("{diagnostic:?}"), texts);
        }
    }
    Reading { stack: loaded.stack.filter(|_| complete), diagnostics, codes, specs }
}

/// Reads the files, prints them and reads them again, merges them with nothing, and does the same without interpolation.
pub fn judge(texts: &[&[u8]], beside: &Beside<'_>) -> Option<Stack> {
    let reading = read(texts, beside, true);
    if let Some(stack) = &reading.stack {
        printed_again(&reading, stack, beside, true);
        nothing_changes_nothing(&reading, stack, texts, beside);
    }
    if texts.iter().any(|t| t.contains(&b'$')) {
        let verbatim = read(texts, beside, false);
        if let Some(stack) = &verbatim.stack {
            printed_again(&verbatim, stack, beside, false);
        }
    }
    reading.stack
}

/// What `config` prints is the same stack, and nothing is said of it that was not said before.
pub fn printed_again(first: &Reading, stack: &Stack, beside: &Beside<'_>, interpolate: bool) {
    let print = |stack: &Stack| emit_as(stack, Emit { escape: interpolate, origins: None });
    let printed = print(stack);
    let again = read(&[printed.as_bytes()], beside, interpolate);
    let Some(stack) = &again.stack else { panic!("does not read again:\n{printed}\n{:?}", again.diagnostics) };
    assert_eq!(print(stack), printed);
    assert_eq!(again.specs, first.specs, "another stack:\n{printed}");
    assert!(again.codes.is_subset(&first.codes), "{:?} became {:?}:\n{printed}", first.codes, again.codes);
}

/// A last file in which nothing is written.
fn nothing_changes_nothing(first: &Reading, stack: &Stack, texts: &[&[u8]], beside: &Beside<'_>) {
    let nothing = stack.version.as_ref().map_or("{}\n".to_owned(), |v| format!("version: '{}'\n", v.value));
    let mut texts = texts.to_vec();
    texts.push(nothing.as_bytes());
    let again = read(&texts, beside, true);
    assert_eq!(again.stack.as_ref().map(emit), Some(emit(stack)));
    assert_eq!(again.specs, first.specs);
    assert_eq!(again.codes, first.codes);
}

/// Lists that merging leaves with one entry twice, as docker does, and that no file may write like that.
const UNIQUE: [&str; 4] = [
    "/TaskTemplate/ContainerSpec/DNSConfig/Nameservers",
    "/TaskTemplate/ContainerSpec/DNSConfig/Search",
    "/TaskTemplate/ContainerSpec/Hosts",
    "/EndpointSpec/Ports",
];

fn once_each(mut spec: Value) -> Value {
    for path in UNIQUE {
        if let Some(list) = spec.pointer_mut(path).and_then(Value::as_array_mut) {
            let mut seen = BTreeSet::new();
            list.retain(|entry| seen.insert(entry.to_string()));
        }
    }
    spec
}

fn without_places(desired: &Desired) -> Value {
    let services = desired.services.iter().map(|s| {
        let after: Vec<_> = s.depends_on.iter().map(|(k, c)| format!("{k} {c:?}")).collect();
        json!([s.key, s.name, once_each(s.spec.clone()), after, s.wave])
    });
    let configs = desired.configs.iter().map(|c| json!([c.key, c.name, c.spec, &*c.content.0]));
    let secrets = desired.secrets.iter().map(|s| json!([s.key, s.name, s.spec, s.content.as_ref().map(|c| &*c.0)]));
    let networks = desired.networks.iter().map(|n| json!([n.key, n.name, n.body]));
    let external = desired.external.iter().map(|e| json!([e.kind.as_str(), e.key, e.name]));
    Value::from_iter(services.chain(configs).chain(secrets).chain(networks).chain(external))
}

fn origins_are_places(desired: &Desired, sources: &Sources) {
    let all = (desired.services.iter().map(|s| &s.origins))
        .chain(desired.configs.iter().map(|c| &c.origins))
        .chain(desired.secrets.iter().map(|s| &s.origins))
        .chain(desired.networks.iter().map(|n| &n.origins));
    for span in
        all.flat_map(|origins| origins.0.values()).chain(desired.external.iter().filter_map(|e| e.span.as_ref()))
    {
        is_a_place(*span, sources);
    }
}

/// In its text, and between two characters.
fn is_a_place(span: Span, sources: &Sources) {
    let Some(file) = sources.get(span.file) else { panic!("no such file: {span:?}") };
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(file.text.get(start..end).is_some(), "{span:?} is no place in a text of {} bytes", file.text.len());
}

fn hides_secrets(shown: &str, texts: &[&[u8]]) {
    let own = texts.iter().any(|t| t.windows(7).any(|w| w == b"hunter2"));
    let at = shown.find(SECRET).filter(|_| !own);
    assert!(
        at.is_none(),
        "shows a secret after: {}",
        at.and_then(|at| shown.get(at.saturating_sub(80)..at)).unwrap_or_default()
    );
}
