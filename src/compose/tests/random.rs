//! Whatever the bytes: an answer, and never a panic. What is accepted is printed so that it reads the same.

use proptest::prelude::*;

use super::{Memory, options, read};
use crate::compose::{Input, emit, load};
use crate::diagnostic::Sources;

const WORDS: &[&str] = &[
    "services",
    "web",
    "image",
    "ports",
    "volumes",
    "networks",
    "deploy",
    "replicas",
    "x-a",
    "<<",
    "&a",
    "*a",
    "${A}",
    "${A:-",
    "}",
    "$",
    "$$",
    ":",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "\n      ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\"",
    "'",
    "#",
    "|",
    ">",
    "0440",
    "1e3",
    "true",
    "null",
    "~",
    "80:80",
    "/a:/b",
    "c:\\x",
    "1-3:4-6/udp",
    "é",
    "\t",
    "---",
    "!t ",
    "10s",
    "50M",
    "0.5",
    "command",
    "environment",
    "A=b",
    "healthcheck",
    "test",
    "configs",
    "secrets",
    "include",
    "extends",
    "file",
    "version: \"3.8\"",
    "labels",
    "update_config",
    "resources",
    "limits",
    "memory",
    "cpus",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), 0..60).prop_map(|words| words.concat())
}

/// A value for `key` in a service that is otherwise good.
fn field() -> impl Strategy<Value = String> {
    let key = prop::sample::select(
        &[
            "ports",
            "volumes",
            "command",
            "environment",
            "extra_hosts",
            "ulimits",
            "tmpfs",
            "labels",
            "image",
            "networks",
            "stop_grace_period",
            "healthcheck",
            "deploy",
            "secrets",
            "depends_on",
            "env_file",
            "entrypoint",
            "sysctls",
        ][..],
    );
    let word = "[-a-z0-9:./${}\\\\~=, \"'#_%]{0,24}";
    (key, prop::collection::vec(word, 1..4), any::<bool>()).prop_map(|(key, words, list)| {
        let quoted: Vec<String> = words.iter().map(|w| serde_json::Value::from(w.as_str()).to_string()).collect();
        let value = if list { format!("[{}]", quoted.join(", ")) } else { quoted[0].clone() };
        format!("services:\n  web:\n    image: nginx\n    x-k: 1\n    {key}: {value}\n")
    })
}

pub fn survives(bytes: &[u8]) {
    let input = Input { path: "r.yml".into(), bytes: bytes.to_vec() };
    let (files, options) = (Memory::default(), options(&[("A", "b"), ("N", "3")]));
    let loaded = load(&[input], &options, &files, &mut Sources::default());
    if let Some(stack) = loaded.stack {
        let printed = emit(&stack);
        let again = Input { path: "again.yml".into(), bytes: printed.clone().into_bytes() };
        let again = load(&[again], &options, &files, &mut Sources::default());
        let stack = again.stack.unwrap_or_else(|| panic!("{printed}\n{:?}", again.diagnostics));
        assert_eq!(emit(&stack), printed);
    } else {
        assert!(loaded.diagnostics.has_errors());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes);
    }

    #[test]
    fn words_of_yaml(text in text()) {
        survives(text.as_bytes());
    }

    #[test]
    fn values_of_fields(text in field()) {
        survives(text.as_bytes());
    }

    #[test]
    fn merging_with_an_empty_service_changes_nothing(text in field()) {
        let (alone, _) = read(&[&text], &[], &Memory::default());
        let (merged, _) = read(&[&text, "services: {web: {}}\n"], &[], &Memory::default());
        if let (Some(alone), Some(merged)) = (alone.stack, merged.stack) {
            let sorted = |s: crate::compose::model::Stack| {
                let mut lines: Vec<String> = emit(&s).lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            // Keyed lists come out in the order of their keys.
            prop_assert_eq!(sorted(alone), sorted(merged));
        }
    }

    #[test]
    fn any_change_of_any_fixture(file in any::<prop::sample::Index>(), edits in prop::collection::vec(edit(), 1..6)) {
        let all = fixtures();
        let mut bytes = all[file.index(all.len())].clone();
        for (at, gone, new) in edits {
            let start = at.index(bytes.len() + 1);
            let end = (start + gone).min(bytes.len());
            bytes.splice(start..end, new);
        }
        survives(&bytes);
    }
}

const MARKS: &[&str] =
    &["", ": ", "- ", "\n  ", "*a", "&a ", "<<: ", "{", "]", "$", "${A}", "\t", "\"", "!!int ", "|\n", "0x", "\u{e9}"];

/// Where, how many bytes go, and what comes instead.
fn edit() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let new = prop_oneof![
        prop::sample::select(MARKS).prop_map(|w| w.as_bytes().to_vec()).boxed(),
        prop::collection::vec(any::<u8>(), 0..4).boxed(),
    ];
    (any::<prop::sample::Index>(), 0usize..12, new)
}

/// Every Compose file of ours, the good ones and the bad.
pub fn fixtures() -> Vec<Vec<u8>> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compose")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|e| e == "yml") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    files.iter().map(|f| std::fs::read(f).unwrap()).collect()
}

#[test]
fn merging_with_a_file_of_nothing_changes_nothing() {
    for bytes in fixtures() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (alone, _) = read(&[&text], &[], &Memory::default());
        let Some(alone) = alone.stack else { continue };
        let nothing = alone.version.as_ref().map_or("{}\n".to_owned(), |v| format!("version: \"{}\"\n", v.value));
        let (merged, _) = read(&[&text, &nothing], &[], &Memory::default());
        assert_eq!(merged.stack.map(|s| emit(&s)), Some(emit(&alone)), "{text}");
    }
}
