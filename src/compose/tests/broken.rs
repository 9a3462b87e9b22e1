//! `fixtures/compose/bad`: each file says in its first comments which problems are found where.

use std::path::Path;

use super::{Memory, read, shown};

#[test]
fn every_problem_is_found_where_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compose/bad");
    let mut seen = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: Vec<String> = text
            .lines()
            .map_while(|l| l.strip_prefix("# SU"))
            .map(|l| {
                let (code, place) = l.split_once(' ').unwrap();
                format!("SU{code} 0.yml:{}", place.split(' ').next().unwrap())
            })
            .collect();
        let (loaded, sources) = read(&[&text], &[("SET", "yes"), ("WORD", "abc")], &Memory::default());
        assert_eq!(shown(&loaded, &sources), expected, "{}\n{:#?}", path.display(), loaded.diagnostics);
        for d in &loaded.diagnostics {
            assert!(d.help.as_ref().is_some_and(|h| !h.is_empty()), "{}: {} helps nobody", path.display(), d.message);
            assert!(!d.message.ends_with('.'), "{}", d.message);
        }
        seen += 1;
    }
    assert!(seen >= 15, "{seen} files");
}

/// One mistake, one error, and what to type next is in its help.
#[test]
fn one_mistake_is_one_error_that_says_what_to_type() {
    for (part, code, help) in [
        ("deploy: {replicas: 99999999999999999999999}", "SU0203", "write a smaller number"),
        ("deploy: {replicas: 10000000000000000000}", "SU0216", "write a smaller number"),
        ("deploy: {replicas: 1.5}", "SU0203", "write a whole number"),
        ("healthcheck: {test: a, interval: 30}", "SU0203", "write it with a unit: 30s"),
        ("environment: [A: b, C=d]", "SU0203", "write `- A=…`, or leave the `- ` off all of these lines"),
        ("healthcheck: test curl", "SU0203", "a colon is missing behind `test`"),
        ("healthcheck: test:curl", "SU0203", "a space is missing behind `test:`"),
        ("user:me\n    tty: true", "SU0105", "a space is missing behind `user:` on the line above"),
        ("command: 'echo ${A'", "SU0301", "close it: `${A}`; or write `$${A` for a dollar sign"),
        ("configs: ['./a.conf:/a.conf']", "SU0226", "a name stands here, not a path"),
    ] {
        let text = format!("services:\n  a:\n    image: i\n    {part}\n");
        let (loaded, _) = read(&[&text], &[], &Memory::default());
        let all: Vec<_> = loaded.diagnostics.iter().collect();
        assert_eq!(all.len(), 1, "{part}: {all:#?}");
        assert_eq!(all[0].code.id, code, "{part}");
        assert!(all[0].help.as_deref().unwrap().starts_with(help), "{part}: {:?}", all[0].help);
    }
}

#[test]
fn problems_of_all_files_come_in_one_run() {
    let first = "services:\n  web:\n    imgae: a\n";
    let second = "services:\n  db:\n    image: b\n    ports: ['x']\n";
    let (loaded, sources) = read(&[first, second], &[], &Memory::default());
    assert!(loaded.stack.is_none());
    assert_eq!(shown(&loaded, &sources), ["SU0201 0.yml:3:5", "SU0218 1.yml:4:13"]);
}

#[test]
fn a_mistake_in_an_anchor_is_said_once() {
    let text =
        "x-a: &a {retries: many}\nservices:\n  a: {image: i, healthcheck: *a}\n  b: {image: i, healthcheck: *a}\n";
    let (loaded, sources) = read(&[text], &[], &Memory::default());
    assert_eq!(shown(&loaded, &sources), ["SU0216 0.yml:1:19"]);
    let labels = &loaded.diagnostics.iter().next().unwrap().secondary;
    assert_eq!(
        labels.iter().map(|l| (sources.place(l.span).unwrap(), l.text.as_str())).collect::<Vec<_>>(),
        [("0.yml:3".to_owned(), "read through this alias")]
    );
}

#[test]
fn what_a_secret_or_an_env_file_holds_is_never_said() {
    let text = "services:\n  a:\n    image: i\n    env_file: [bad.env, gone.env]\n    secrets: [s]\nsecrets:\n  s: {file: token}\n";
    let files = Memory::default().with("/stack/bad.env", "A B=hunter2\n").with("/stack/token", "hunter2");
    let (loaded, sources) = read(&[text], &[], &files);
    assert_eq!(shown(&loaded, &sources), ["SU0222 0.yml:4:16", "SU0101 0.yml:4:25"]);
    assert!(!format!("{loaded:?}").contains("hunter2"));
    let good = text.replace("[bad.env, gone.env]", "[]");
    let (loaded, _) = read(&[&good], &[], &files);
    assert!(!format!("{loaded:?}").contains("hunter2"));
    let stack = loaded.stack.unwrap();
    assert_eq!(&*stack.secrets["s"].content.as_ref().unwrap().0, b"hunter2");
}

#[test]
fn variables_that_are_not_set_are_warnings_and_empty() {
    let text = "services:\n  a:\n    image: i\n    environment: {A: \"x${GONE}y\"}\n";
    let (loaded, sources) = read(&[text], &[], &Memory::default());
    assert_eq!(shown(&loaded, &sources), ["SU0302 0.yml:4:24"]);
    let stack = loaded.stack.unwrap();
    assert_eq!(stack.services["a"].environment["A"].value.as_deref(), Some("xy"));
}

#[test]
fn a_file_that_ends_too_early_is_marked_at_its_last_character() {
    let (loaded, sources) = read(&["{  é"], &[], &Memory::default());
    let span = loaded.diagnostics.iter().next().unwrap().primary.as_ref().unwrap().span;
    assert_eq!(sources.get(span.file).unwrap().text.get(span.start as usize..span.end as usize), Some("é"));
}
