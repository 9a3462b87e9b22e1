//! The table as it is kept: a file for each engine, and docs/effects.md from them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::compare::Line;
use crate::cover::WITHOUT_A_ROW;
use crate::rows;

/// The engines of the table, by the part of the version that stands for them.
const ENGINES: [&str; 2] = ["20.10", "28"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn updates() -> bool {
    std::env::var_os("STACKUP_UPDATE_DOCS").is_some()
}

fn results(engine: &str) -> PathBuf {
    root().join("fixtures/effects").join(format!("engine-{engine}.txt"))
}

/// What this engine did is what is kept of it; an engine that the table does not have is only compared with the plan.
pub fn keep(version: &str, lines: &[Line]) {
    let Some(engine) = ENGINES.iter().find(|engine| version.starts_with(&format!("{engine}."))) else { return };
    let text = lines.iter().fold(String::new(), |mut text, line| {
        writeln!(text, "{} | {} | {}", line.name, line.predicted, line.observed).unwrap();
        text
    });
    if updates() {
        std::fs::write(results(engine), &text).unwrap();
    }
    let kept = std::fs::read_to_string(results(engine)).unwrap_or_default();
    let differ: Vec<String> = text
        .lines()
        .filter(|line| !kept.lines().any(|kept| kept == *line))
        .map(|line| {
            format!("{line}\n  kept: {}", kept.lines().find(|kept| name(kept) == name(line)).unwrap_or("nothing"))
        })
        .collect();
    assert!(
        differ.is_empty(),
        "engine {version} did other than is kept; STACKUP_UPDATE_DOCS=1 keeps it:\n{}",
        differ.join("\n")
    );
}

/// Field, mode and change of a kept line.
fn name(line: &str) -> String {
    line.split(" | ").take(3).collect::<Vec<_>>().join(" | ")
}

/// Predicted and observed by row.
fn read(engine: &str) -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(results(engine)).unwrap_or_default();
    let cells = |line: &str| {
        let mut rest = line.split(" | ").skip(3).map(str::to_owned);
        (name(line), (rest.next().unwrap_or_default(), rest.next().unwrap_or_default()))
    };
    text.lines().map(cells).collect()
}

#[test]
fn the_page_is_what_the_engines_did() {
    let by_engine = ENGINES.map(read);
    let mut page = String::from(
        "# What a change does to running tasks\n\n\
         For each field of a service, what the plan says of changing it, and what swarm then did. `tests/effects_live` makes a service\n\
         for each row on a swarm of two nodes, plans the change, carries out that plan, and compares the ids of tasks before and after;\n\
         then it plans again, and nothing may differ. A row whose plan and swarm disagree fails the test; so does a field without a row.\n\n\
         `make test-all` runs it on engines 20.10 and 28. `STACKUP_UPDATE_DOCS=1` keeps what they did, and writes this page from it.\n\n\
         - *predicted*: the effect that the plan states for the field, and what it says of the tasks\n\
         - *kept*: the service is written, and every task runs on; *not written*: swarm never hears of it\n",
    );
    let (mut known, mut title) = (Vec::new(), "");
    for part in rows::all() {
        if part.title != title {
            title = part.title;
            let columns = "| field | mode | change | predicted | on 20.10 | on 28 |\n|---|---|---|---|---|---|\n";
            write!(page, "\n## {title}\n{columns}").unwrap();
        }
        for row in &part.rows {
            let name = row.name();
            let cells = by_engine
                .each_ref()
                .map(|all| all.get(&name).cloned().unwrap_or_else(|| panic!("no engine was asked: {name}")));
            let [(old, on_old), (new, on_new)] = cells;
            let predicted = if old == new { old } else { format!("20.10: {old}<br>28: {new}") };
            writeln!(
                page,
                "| `{}` | {} | {} | {predicted} | {on_old} | {on_new} |",
                row.field,
                row.mode.word(),
                row.change
            )
            .unwrap();
            known.push(name);
        }
    }
    let gone: Vec<&String> = by_engine.iter().flat_map(BTreeMap::keys).filter(|name| !known.contains(name)).collect();
    assert!(gone.is_empty(), "kept of rows that are no more: {gone:?}");
    page += "\n## Fields without a row\n| field | because |\n|---|---|\n";
    for (path, why) in WITHOUT_A_ROW {
        writeln!(page, "| `{path}` | {why} |").unwrap();
    }
    let path = root().join("docs/effects.md");
    if updates() {
        std::fs::write(&path, &page).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(there, page, "docs/effects.md is not what the engines did; STACKUP_UPDATE_DOCS=1 writes it");
}
