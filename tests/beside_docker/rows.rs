//! What docker makes of each part of a Compose file, and we too. A file of `fixtures/rows` is a table of small stacks:
//!
//! ```text
//! === what the row is about
//! show C/Env          C: /services/shop_web/TaskTemplate/ContainerSpec, T: …/TaskTemplate, W: /services/shop_web
//! env A=b
//! --- web             a service `web` with an image; `--- web 2`: the same service in a second file
//! environment: {X: $A}
//! --- is
//! {"C/Env": ["X=b"]}
//! ```
//!
//! `--- compose.yml` is a whole file, any other name a file beside it; below `..` a service is over and the file goes on. Where docker has an error the row holds its words and
//! the code of ours.

use serde_json::{Value, json};

use crate::case::{Case, Outcome, same};
use crate::{engine, engine_defaults, live, ours, update};

const LONG: [(&str, &str); 3] = [
    ("C/", "/services/shop_web/TaskTemplate/ContainerSpec/"),
    ("T/", "/services/shop_web/TaskTemplate/"),
    ("W/", "/services/shop_web/"),
];

struct Row {
    /// Everything above `--- is`.
    text: String,
    is: Value,
    case: Case,
    /// Holds the files.
    _room: tempfile::TempDir,
}

struct Table {
    path: std::path::PathBuf,
    rows: Vec<Row>,
}

fn tables() -> Vec<Table> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rows");
    let mut paths: Vec<_> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let table = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        Table { rows: text.split("=== ").skip(1).map(|row| parse(&stem, row)).collect(), path }
    };
    paths.into_iter().map(table).collect()
}

fn parse(table: &str, row: &str) -> Row {
    let room = tempfile::tempdir().unwrap();
    let (text, is) = row.split_once("--- is\n").unwrap_or((row, "null"));
    let mut parts = text.split("--- ");
    let mut head = parts.next().unwrap().lines();
    let name = format!("{table}: {}", head.next().unwrap());
    let (mut show, mut env) = (Vec::new(), json!({}));
    for line in head {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("show", paths) => show.extend(paths.split_whitespace().map(long)),
            ("env", pair) => {
                let (key, value) = pair.split_once('=').unwrap_or_else(|| panic!("{name}: {line}"));
                env[key] = value.into();
            }
            ("", "") => {}
            _ => panic!("{name}: {line}"),
        }
    }
    let mut files = Vec::new();
    for part in parts {
        let (file, body) = part.split_once('\n').unwrap();
        let (file, body) = match file {
            "web" => ("compose.yml", format!("services:\n  web:\n    image: acme/web:1\n{}", indent(body))),
            "web 2" => ("compose-2.yml", format!("services:\n  web:\n{}", indent(body))),
            file => (file, body.to_owned()),
        };
        std::fs::create_dir_all(room.path().join(file).parent().unwrap()).unwrap();
        std::fs::write(room.path().join(file), body).unwrap();
        if file.rsplit('/').next().unwrap().starts_with("compose") {
            files.push(file.to_owned());
        }
    }
    let is = serde_json::from_str(is).unwrap_or_else(|e| panic!("{name}: {e}"));
    let case = Case::new(name, room.path(), json!({"show": show, "env": env, "files": files}));
    Row { text: text.to_owned(), is, case, _room: room }
}

fn indent(body: &str) -> String {
    let (service, rest) = body.split_once("..\n").unwrap_or((body, ""));
    service.lines().map(|line| format!("    {line}\n")).collect::<String>() + rest
}

fn long(path: &str) -> String {
    let found = LONG.iter().find_map(|(short, long)| Some(format!("{long}{}", path.strip_prefix(short)?)));
    found.unwrap_or_else(|| path.to_owned())
}

fn short(result: &Value) -> Value {
    let name = |path: &String| {
        let found = LONG.iter().find_map(|(short, long)| Some(format!("{short}{}", path.strip_prefix(long)?)));
        found.unwrap_or_else(|| path.clone())
    };
    result
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, value)| (name(path), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Ours, with the codes of errors for their words.
fn made(row: &Row) -> (Value, Option<String>) {
    let mut outcome = ours::outcome(&row.case);
    engine_defaults::fill(&mut outcome.stored);
    let code = outcome.error.as_ref().map(|error| codes(error).join(" "));
    (short(&row.case.shown(&Outcome { error: None, ..outcome })), code)
}

fn codes(error: &str) -> Vec<String> {
    let mut codes: Vec<String> =
        error.split("(SU").skip(1).map(|part| format!("SU{}", part.split(')').next().unwrap())).collect();
    codes.sort();
    codes.dedup();
    codes
}

#[test]
fn each_row_becomes_what_docker_makes_of_it() {
    let (mut rows, mut wrong) = (0, Vec::new());
    for table in tables() {
        for row in &table.rows {
            rows += 1;
            let (made, code) = made(row);
            let right = match row.is.get("error") {
                Some(_) => code.is_some() && row.is["code"].as_str() == code.as_deref(),
                None => code.is_none() && row.is.is_object() && same(&made, &row.is),
            };
            if !right {
                wrong.push(format!("{}\n  made {made} {code:?}\n  kept {}", row.case.name, row.is));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {rows}\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows >= 150, "{rows}");
}

#[test]
#[ignore = "a deployment a row: minutes"]
fn docker_makes_of_each_row_what_is_kept() {
    let Some(engine) = engine() else { return };
    let only = std::env::var("STACKUP_ONLY").unwrap_or_default();
    let mut wrong = Vec::new();
    for mut table in tables() {
        for row in table.rows.iter_mut().filter(|row| row.case.name.contains(&only)) {
            let mut theirs = short(&row.case.shown(&live::docker(&row.case, engine.host())));
            if theirs.get("error").is_some()
                && let (_, Some(code)) = made(row)
            {
                theirs["code"] = code.into();
            }
            if update() {
                row.is = theirs.clone();
            }
            engine.compare(&row.case.name, theirs, row.is.clone(), &mut wrong);
        }
        if update() {
            let text = |row: &Row| format!("=== {}--- is\n{}\n\n", row.text, row.is);
            std::fs::write(&table.path, table.rows.iter().map(text).collect::<String>().trim_end().to_owned() + "\n")
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
