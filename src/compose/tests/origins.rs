//! `config --origins`: comments that are true, and change nothing.

use std::path::Path;

use super::documents::{Case, cases};
use super::{Memory, read};
use crate::compose::{Emit, Origins, emit, emit_as, load};
use crate::diagnostic::Sources;

fn with_origins(texts: &[&str], environment: &[(&str, &str)], files: &Memory) -> String {
    let (loaded, sources) = read(texts, environment, files);
    let stack = loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let origins = Origins { sources: &sources, folder: Path::new("/stack") };
    emit_as(&stack, Emit { escape: true, origins: Some(origins) })
}

#[test]
fn every_value_names_the_line_that_won() {
    let base = "services:\n  web:\n    image: ${REG:-reg}/web:$TAG\n    extends: {file: common.yml, service: c}\n    env_file: web.env\n    ports: ['80:8080']\n    command: [a, b]\n    deploy: {replicas: 2}\ninclude: [part.yml]\n";
    let next = "services:\n  web:\n    environment: {B: '2 # 3'}\n    deploy: {replicas: 3}\n    labels: {a: 'it costs $$5'}\n";
    let files = Memory::default()
        .with("/stack/common.yml", "services:\n  c:\n    image: none\n    user: me\n")
        .with("/stack/part.yml", "services:\n  db:\n    image: db:1\n")
        .with("/stack/web.env", "A=1\nB=1\n");
    let expected = "\
services:
  db:                   # part.yml:2
    image: db:1         # part.yml:3
  web:                  # 0.yml:2
    image: reg/web:1    # 0.yml:3 ${REG} ${TAG}
    command:            # 0.yml:7
      - a
      - b
    environment:
      A: \"1\"            # web.env (0.yml:5)
      B: \"2 # 3\"        # 1.yml:3
    env_file:
      - /stack/web.env  # 0.yml:5
    labels:
      a: it costs $$5   # 1.yml:5
    deploy:
      replicas: 3       # 1.yml:4
    user: me            # common.yml:4
    ports:
      - mode: ingress   # 0.yml:6
        target: 8080
        published: 80
        protocol: tcp
";
    assert_eq!(with_origins(&[base, next], &[("TAG", "1")], &files), expected);
}

#[test]
fn the_comments_change_nothing() {
    for case in cases() {
        let Case { inputs, options, files } = Case::read(&case);
        let mut sources = Sources::default();
        let stack = load(&inputs, &options, &files, &mut sources).stack.unwrap();
        let origins = Origins { sources: &sources, folder: Path::new("/stack") };
        let written = emit_as(&stack, Emit { escape: true, origins: Some(origins) });
        let comments = written.lines().filter(|l| l.contains("  # ")).count();
        assert!(comments * 2 > written.lines().count() / 2, "{}: {comments} comments\n{written}", case.display());
        let again = crate::compose::Input { path: "again.yml".into(), bytes: written.clone().into_bytes() };
        let loaded = load(&[again], &options, &files, &mut Sources::default());
        let again = loaded.stack.unwrap_or_else(|| panic!("{}: {:?}", case.display(), loaded.diagnostics));
        assert_eq!(emit(&again), emit(&stack), "{}\n{written}", case.display());
    }
}
