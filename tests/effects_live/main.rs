//! The effects that plans state, against swarm itself: a service for each row, the plan for its change, and what then becomes of
//! its tasks. `docs/effects.md` is the table; `STACKUP_UPDATE_DOCS=1` writes what an engine does, and the page from it.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/swarm.rs"]
mod swarm;

mod bench;
mod compare;
mod course;
mod cover;
mod coverage;
mod file;
mod found;
mod page;
mod row;
mod rows;
mod told;

use bench::{Bench, stacks};
use compare::{Line, compare};
use file::{Named, named};
use lab::Lab;
use rows::Part;
use swarm::Swarm;

/// A part of the table, every day and on whatever engine there is.
#[test]
fn swarm_does_what_the_plan_says_in_the_core_of_the_table() {
    let Some(swarm) = Swarm::find() else { return };
    let Some(image) = swarm.image() else { return };
    run(&Bench::new(&swarm.host, &image), rows::core());
}

/// All of it, on two nodes. `STACKUP_LAB_ROOT` names the tree of another engine; `STACKUP_EFFECTS_ONLY` a part of rows' names.
#[test]
#[ignore = "long: some two hundred services"]
fn swarm_does_what_the_plan_says_in_the_whole_table() {
    let name = if std::env::var_os("STACKUP_LAB_ROOT").is_some() { "effects-newest" } else { "effects" };
    let Some(lab) = Lab::named(name, 2) else { return };
    let bench = Bench::new(lab.host(), &lab.image(&["effects:v1"]));
    let only = std::env::var("STACKUP_EFFECTS_ONLY").unwrap_or_default();
    let mut parts = rows::all();
    parts.iter_mut().for_each(|part| part.rows.retain(|row| row.name().contains(&only)));
    let lines = run(&bench, parts);
    if only.is_empty() {
        page::keep(&bench.engine(), &lines);
    }
}

#[allow(clippy::print_stdout, reason = "the table is the result")]
fn run(bench: &Bench, parts: Vec<Part>) -> Vec<Line> {
    let rows: Vec<Named> = named(parts);
    let before = bench.set(&rows);
    let plans = bench.change(&rows);
    let after = bench.settle();
    let mut lines: Vec<Line> = rows.iter().map(|row| compare(row, &plans[row.stack], &before, &after)).collect();
    for (stack, of_stack) in stacks(&rows) {
        if told::refusal(&plans[stack]).is_some() {
            continue;
        }
        // What was done is what the files want.
        let again: Vec<Named> =
            of_stack.iter().map(|row| Named { row: row.row.clone().unreplaced(), ..(**row).clone() }).collect();
        let plan = bench.plan(stack, &again.iter().collect::<Vec<_>>());
        for change in plan["changes"].as_array().unwrap() {
            let address = change["address"].as_str().unwrap();
            let at = rows.iter().position(|row| row.stack == stack && address.contains(&row.key));
            let why = format!("planned again, {address} still differs: {}", change["fields"]);
            lines.get_mut(at.unwrap()).unwrap().wrong.push(why);
        }
    }
    let left_out = coverage::of_stored(&after);
    bench.clear(&rows);
    println!("engine {}, {} rows", bench.engine(), lines.len());
    for Line { name, predicted, observed, wrong, .. } in &lines {
        let mark = if wrong.is_empty() { "ok" } else { "WRONG" };
        println!("{mark:<5} {name:<90} {predicted:<45} {observed}");
    }
    let wrong = lines.iter().filter(|line| !line.wrong.is_empty());
    let wrong: Vec<String> = wrong.map(|line| format!("{}\n    {}", line.name, line.wrong.join("\n    "))).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
    assert_eq!(left_out, Vec::<String>::new(), "the engine stores these, and no row is about them");
    lines
}
