//! The dry run against swarm itself, on three real nodes: what the plan says of random stacks is compared with what swarm does.
//! Verdicts and reasons must be right in every one, and tasks by node within the range that the plan gives.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;

mod bench;
mod compare;
mod generate;

use bench::Bench;

/// A few for every day.
const FEW: [u64; 3] = [1, 2, 5];
/// Each makes three stacks: a new one, and two changes of it.
const ALL: std::ops::RangeInclusive<u64> = 1..=30;

#[test]
fn a_few_random_stacks_go_where_the_plan_says() {
    run(&FEW);
}

#[test]
#[ignore = "long: many stacks"]
fn many_random_stacks_go_where_the_plan_says() {
    let seeds: Vec<u64> = match std::env::var("STACKUP_SCHEDULE_SEEDS") {
        Ok(list) => list.split_whitespace().map(|seed| seed.parse().unwrap()).collect(),
        Err(_) => ALL.collect(),
    };
    run(&seeds);
}

#[allow(clippy::print_stdout, reason = "the table of what was predicted and seen is the result")]
fn run(seeds: &[u64]) {
    let Some(bench) = Bench::set() else { return };
    let mut stacks = 0;
    let mut seen = compare::Table::default();
    for seed in seeds {
        let mut case = generate::Case::new(*seed);
        bench.arrange(&case.nodes, &case.neighbours);
        for _ in 0..3 {
            let Some(told) = bench.plan(&case) else {
                println!("seed {seed}: not deployed, it would hang this engine's scheduler");
                case.change();
                continue;
            };
            bench.deploy(&case);
            let found = bench.settled(&case);
            stacks += usize::from(!told.is_empty());
            seen.add(*seed, &told, &found, &bench.compose(&case));
            case.change();
            bench.nodes(&case.nodes);
        }
    }
    bench.clear();
    println!("{stacks} stacks\n{seen}");
    assert!(seen.wrong().is_empty(), "{} stacks:\n{}", stacks, seen.wrong().join("\n"));
    assert!(stacks >= seeds.len() * 2, "only {stacks} stacks had something to place");
}
