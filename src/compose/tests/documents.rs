//! `fixtures/compose/good`: a folder is a case; `expected.yml` is what `config` prints.

use std::path::{Path, PathBuf};

use super::{Memory, config, options, read};
use crate::compose::{Input, Options, emit, load};
use crate::diagnostic::Sources;

pub fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compose/good");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    cases
}

/// Its Compose files in order, `environment.env`, and all its files in /stack.
pub struct Case {
    pub inputs: Vec<Input>,
    pub options: Options,
    pub files: Memory,
}

impl Case {
    pub fn read(folder: &Path) -> Self {
        let environment = std::fs::read_to_string(folder.join("environment.env")).unwrap_or_default();
        let environment: Vec<(&str, &str)> = environment.lines().filter_map(|l| l.split_once('=')).collect();
        let mut case = Self { inputs: Vec::new(), options: options(&environment), files: Memory::default() };
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let (name, text) = (path.file_name().unwrap().to_str().unwrap(), std::fs::read_to_string(&path).unwrap());
            if name.starts_with("compose") {
                case.inputs.push(Input { path: name.to_owned(), bytes: text.clone().into_bytes() });
            }
            case.files = case.files.with(&format!("/stack/{name}"), &text);
        }
        case
    }

    /// What `config` prints of `inputs`.
    fn printed(&self, inputs: &[Input]) -> String {
        let loaded = load(inputs, &self.options, &self.files, &mut Sources::default());
        emit(&loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)))
    }
}

#[test]
fn files_become_what_is_expected() {
    let cases = cases();
    assert!(cases.len() >= 8, "{} cases", cases.len());
    for folder in cases {
        let case = Case::read(&folder);
        let written = case.printed(&case.inputs);
        let expected = folder.join("expected.yml");
        if std::env::var_os("STACKUP_BLESS").is_some() {
            std::fs::write(&expected, &written).unwrap();
        }
        assert_eq!(std::fs::read_to_string(expected).unwrap_or_default(), written, "{}", folder.display());
    }
}

#[test]
fn what_config_prints_is_read_as_the_same_stack() {
    for folder in cases() {
        let case = Case::read(&folder);
        let written = case.printed(&case.inputs);
        let again = Input { path: "again.yml".into(), bytes: written.clone().into_bytes() };
        assert_eq!(case.printed(&[again]), written, "{}", folder.display());
    }
}

#[test]
fn what_config_prints_is_read_whatever_the_version_and_however_often_a_thing_is_listed() {
    let base = "version: '3.1'\nservices:\n  a:\n    image: i\n    ports: ['80:80']\n    cap_add: [X]\n    extra_hosts: ['h:1.1.1.1']\n    security_opt: [s]\n    networks: [n]\nnetworks:\n  n: {external: {name: other}}\n";
    let next =
        "version: '3.1'\nservices:\n  a:\n    cap_add: [X, Y]\n    extra_hosts: ['h:1.1.1.1']\n    security_opt: [s]\n";
    let printed = config(&[base, next], &[], &Memory::default());
    assert!(printed.starts_with("version: \"3.5\"\n"), "{printed}");
    assert_eq!(config(&[&printed], &[], &Memory::default()), printed);
}

#[test]
fn tabs_between_a_key_and_its_value_are_read_as_docker_reads_them() {
    let text = "services:\t\n  web:\t# c\n    image:\ta/b:1\t\n    labels:\t {a:\tb, 'c:\td': \"e:\tf\"}\n    user: |\n      a:\tb\n";
    let spaces = text.replace("image:\t", "image: ").replace("{a:\tb", "{a: b");
    let read = config(&[text], &[], &Memory::default());
    assert_eq!(read, config(&[&spaces], &[], &Memory::default()));
    for kept in ["a/b:1\n", "c:\\td", "e:\\tf", "a:\\tb\\n"] {
        assert!(read.contains(kept), "{read}");
    }
}

#[test]
fn a_text_between_quotes_ends_with_its_quote() {
    for (written, shown) in [
        ("'x'   # 'c'", "'x'"),
        ("\"x\" # c", "\"x\""),
        ("'it''s' # c", "'it''s'"),
        ("\"\\\"\\\\\" # \"", "\"\\\"\\\\\""),
        ("''", "''"),
    ] {
        let text = format!("services: {{a: {{image: b:1, ports: [\n{written}\n]}}}}\n");
        let (loaded, sources) = read(&[&text], &[], &Memory::default());
        let span = loaded.diagnostics.iter().next().unwrap().primary.as_ref().unwrap().span;
        assert_eq!(sources.get(span.file).unwrap().text.get(span.start as usize..span.end as usize), Some(shown));
    }
}
