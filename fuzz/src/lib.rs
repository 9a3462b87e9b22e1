//! What the fuzz targets share: a Compose file in memory, read with all checks, printed and read again.
#![allow(dead_code, unused_imports, reason = "the rooms are whole, and the targets use a part of them")]

#[path = "../../src/compose/mod.rs"]
pub mod compose;
#[path = "../../src/diagnostic/mod.rs"]
pub mod diagnostic;

use std::path::Path;

use compose::model::Stack;
use compose::{FileError, Files, Input, Options};
use diagnostic::{Diagnostics, Sources};

/// Every file that is asked for has this text.
struct Everywhere<'a>(&'a [u8]);

impl Files for Everywhere<'_> {
    fn read(&self, _: &Path) -> Result<Vec<u8>, FileError> {
        Ok(self.0.to_vec())
    }
}

/// Reads the files as `check` does; `beside` is what every file they name holds.
///
/// Panics where a problem is missing (no stack and no error) or its span is no place in its text.
pub fn read(texts: &[&[u8]], beside: &[u8]) -> Option<Stack> {
    let inputs: Vec<Input> =
        texts.iter().enumerate().map(|(i, t)| Input { path: format!("{i}.yml"), bytes: t.to_vec() }).collect();
    let variables = [("A", "b"), ("N", "3"), ("EMPTY", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let options = Options {
        working_dir: "/stack".into(),
        environment: variables.into(),
        home: Some("/home/user".into()),
        interpolate: true,
        contents: true,
    };
    let mut sources = Sources::default();
    let loaded = compose::load(&inputs, &options, &Everywhere(beside), &mut sources);
    assert!(loaded.stack.is_some() != loaded.diagnostics.has_errors(), "{:?}", loaded.diagnostics);
    in_the_text(&loaded.diagnostics, &sources);
    loaded.stack
}

fn in_the_text(diagnostics: &Diagnostics, sources: &Sources) {
    for diagnostic in diagnostics {
        for label in diagnostic.primary.iter().chain(&diagnostic.secondary) {
            let Some(file) = sources.get(label.span.file) else { panic!("no such file: {diagnostic:?}") };
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            assert!(file.text.get(start..end).is_some(), "{start}..{end} is no place in the text: {diagnostic:?}");
        }
    }
}

/// What `config` prints reads again as the same stack.
pub fn prints_and_reads(stack: &Stack, beside: &[u8]) {
    let printed = compose::emit(stack);
    match read(&[printed.as_bytes()], beside) {
        Some(again) => assert_eq!(compose::emit(&again), printed),
        None => panic!("does not read again:\n{printed}"),
    }
}

/// One text as the value of a key of a service, where `{}` stands in the template.
pub fn value(template: &str, data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let quoted = serde_json::Value::from(text).to_string();
    let file = format!("services:\n  web:\n    image: a/b:1\n    {}\n", template.replace("{}", &quoted));
    if let Some(stack) = read(&[file.as_bytes()], b"A=1\n") {
        prints_and_reads(&stack, b"A=1\n");
    }
}
