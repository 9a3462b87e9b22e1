//! `fixtures/overridden`: what is said of a value that several files write, and of what a file took away. Each folder has
//! `said.txt`; `STACKUP_BLESS=1` writes it anew.

use std::path::Path;

use super::{Memory, options};
use crate::compose::{Input, load};
use crate::diagnostic::{Label, Sources};

/// `compose.yml`, and `prod.yml` over it where there is one; all files stand in /stack.
fn said(case: &Path) -> String {
    let mut files = Memory::default();
    let mut inputs = Vec::new();
    for name in ["base.yml", "part.yml", "compose.yml", "prod.yml"] {
        let Ok(text) = std::fs::read_to_string(case.join(name)) else { continue };
        files = files.with(&format!("/stack/{name}"), &text);
        if matches!(name, "compose.yml" | "prod.yml") {
            inputs.push(Input { path: name.into(), bytes: text.into_bytes() });
        }
    }
    let mut sources = Sources::default();
    let loaded = load(&inputs, &options(&[]), &files, &mut sources);
    let place = |label: &Label| {
        let text = &sources.get(label.span.file).unwrap().text[label.span.start as usize..label.span.end as usize];
        let words = if label.text.is_empty() { String::new() } else { format!("   {}", label.text) };
        format!("  {} `{}`{words}\n", sources.place(label.span).unwrap().replace("/stack/", ""), text.trim())
    };
    loaded.diagnostics.iter().fold(String::new(), |all, d| {
        let labels: String = d.primary.iter().chain(&d.secondary).map(place).collect();
        format!("{all}{}: {}\n{labels}", d.code, d.message)
    })
}

#[test]
fn the_other_places_of_a_value_are_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/overridden");
    let mut cases: Vec<_> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 6);
    for case in cases {
        let said = said(&case);
        let stored = case.join("said.txt");
        if std::env::var_os("STACKUP_BLESS").is_some() {
            std::fs::write(&stored, &said).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&stored).unwrap_or_default(), said, "{}", case.display());
    }
}
