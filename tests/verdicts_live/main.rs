//! What docker says of a rollout, what stackup says of it, and what is really live.
//!
//! Every row of the table is tried with both on a real swarm, and docs/verdicts.md is what came of it:
//! `STACKUP_UPDATE_DOCS=1 cargo test --test verdicts_live -- --include-ignored` writes it.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;

mod live;
mod page;
mod row;
mod rows;
mod trial;

use std::collections::BTreeMap;
use std::sync::Mutex;

use lab::Lab;
use row::{Place, Row};
use trial::{Bench, Tried, at, availability, until_down};

/// Rows at once: they wait more than they work.
const AT_ONCE: usize = 6;

/// Tries rows, some at once. `core`: docker only where its verdict is the point.
#[allow(clippy::print_stdout, reason = "a long test shows how far it is")]
fn try_all(bench: &Bench<'_>, rows: Vec<(usize, &Row)>, core: bool) -> BTreeMap<usize, Tried> {
    let (queue, done) = (Mutex::new(rows.into_iter()), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((number, row)) = queue.lock().unwrap().next() else { break };
                    let tried = bench.try_row(row, number, core);
                    println!("{}", page::log(row, &tried));
                    done.lock().unwrap().insert(number, tried);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

/// Everything that is wrong with what stackup said.
fn judge(bench: &Bench<'_>, rows: &[Row], tried: &BTreeMap<usize, Tried>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, tried) in tried {
        let row = &rows[*number];
        let said = &tried.stackup;
        if let Some(lie) = bench.lie(row, tried) {
            wrong.push(format!("{}: {lie}\n{}", row.name, said.all));
        }
        if said.exit != Some(row.exit) {
            wrong.push(format!("{}: exit {:?}, not {}\n{}", row.name, said.exit, row.exit, said.all));
        }
    }
    wrong
}

#[test]
fn what_is_said_is_true() {
    let Some(lab) = Lab::up(1) else { return };
    let image = lab.image(&["verdicts:v1"]);
    let bench = Bench { host: lab.host(), image: &image, nodes: 1 };
    let rows = rows::rows();
    let core: Vec<_> = rows.iter().enumerate().filter(|(_, row)| row.core).collect();
    let tried = try_all(&bench, core, true);
    let wrong = judge(&bench, &rows, &tried);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let back = tried.iter().find(|(n, _)| rows[**n].name == "back").and_then(|(_, t)| t.docker.as_ref());
    assert_eq!(back.map(|docker| docker.exit), Some(Some(0)), "docker says success of what was rolled back");
}

#[test]
#[ignore = "some fifty rollouts, each with docker and with stackup: ten minutes"]
fn the_table() {
    let Some(lab) = Lab::named("verdicts", 3) else { return };
    let image = lab.image(&["verdicts:v1"]);
    let host = lab.host();
    let only = std::env::var("STACKUP_ROWS").unwrap_or_default();
    let mut rows = rows::rows();
    if !only.is_empty() {
        rows.retain(|row| only.split(',').any(|name| name == row.name));
    }
    let (mut tried, mut wrong) = (BTreeMap::new(), Vec::new());
    for place in [Place::Anywhere, Place::OneDrained, Place::AllDrained, Place::OneDown] {
        let here: Vec<_> = at(&rows, place).collect();
        if here.is_empty() {
            continue;
        }
        let nodes: &[&str] = match place {
            Place::OneDrained => &["n3"],
            Place::AllDrained => &["n1", "n2", "n3"],
            _ => &[],
        };
        nodes.iter().for_each(|node| availability(host, node, "drain"));
        if place == Place::OneDown {
            lab.kill(3);
            until_down(host, "n3");
        }
        let bench = Bench { host, image: &image, nodes: if place == Place::Anywhere { 3 } else { 2 } };
        let more = try_all(&bench, here, false);
        wrong.extend(judge(&bench, &rows, &more));
        tried.extend(more);
        nodes.iter().for_each(|node| availability(host, node, "active"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    if only.is_empty() {
        page::compare(&rows, &tried);
    }
}
