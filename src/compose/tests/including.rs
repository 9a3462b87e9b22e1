//! `include` with `env_file` and `project_directory`.

use super::{Memory, read, shown};

const PART: &str = "services:\n  db:\n    image: db:${TAG:-none}\n    hostname: ${HOST:-none}\n    env_file: own.env\n";

fn files() -> Memory {
    Memory::default()
        .with("/stack/sub/part.yml", PART)
        .with("/stack/sub/own.env", "A=sub\n")
        .with("/stack/other/own.env", "A=other\n")
        .with("/stack/sub/.env", "TAG=dot\n")
        .with("/stack/a.env", "TAG=a\nHOST=a\n")
        .with("/stack/b.env", "TAG=b\n")
}

/// Image, host name and variable A of the included service.
fn db(include: &str, environment: &[(&str, &str)]) -> [String; 3] {
    let text = format!("include:\n  - {include}\nservices:\n  web:\n    image: web:${{TAG:-none}}\n");
    let (loaded, _) = read(&[&text], environment, &files());
    let stack = loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let (web, db) = (&stack.services["web"], &stack.services["db"]);
    // What an include reads is nobody else's.
    let tag = environment.iter().find(|(k, _)| *k == "TAG").map_or("none", |(_, v)| v);
    assert_eq!(web.image.as_ref().unwrap().value, format!("web:{tag}"));
    let text = |t: &Option<crate::compose::model::Text>| t.as_ref().unwrap().value.clone();
    [text(&db.image), text(&db.hostname), db.environment["A"].value.clone().unwrap()]
}

#[test]
fn variables_of_an_include_are_its_own() {
    assert_eq!(db("sub/part.yml", &[]), ["db:dot", "none", "sub"]);
    assert_eq!(db("{path: sub/part.yml, env_file: a.env}", &[]), ["db:a", "a", "sub"]);
    assert_eq!(db("{path: sub/part.yml, env_file: [a.env, b.env]}", &[]), ["db:b", "a", "sub"]);
    assert_eq!(db("{path: sub/part.yml, env_file: /dev/null}", &[]), ["db:none", "none", "sub"]);
    // Those of the including project win.
    assert_eq!(db("{path: sub/part.yml, env_file: a.env}", &[("TAG", "mine")]), ["db:mine", "a", "sub"]);
    assert_eq!(db("{path: sub/part.yml, project_directory: other}", &[]), ["db:none", "none", "other"]);
}

#[test]
fn what_is_wrong_with_an_include_is_said_at_its_place() {
    for (include, expected) in [
        ("{path: sub/part.yml, env_file: gone.env}", "SU0101 0.yml:1:42"),
        ("{path: sub/part.yml, env_file: sub/part.yml}", "SU0101 0.yml:1:42"),
        ("{env_file: a.env}", "SU0233 0.yml:1:11"),
    ] {
        let text = format!("include: [{include}]\nservices:\n  web: {{image: a:1}}\n");
        let (loaded, sources) = read(&[&text], &[], &files());
        assert_eq!(shown(&loaded, &sources), [expected], "{include}");
    }
}
