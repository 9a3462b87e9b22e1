//! What the plan said beside what swarm did.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::bench::Task;

/// What the plan says of one service.
#[derive(Debug)]
pub struct Told {
    verdict: String,
    tasks: u64,
    placed: (u64, u64),
    counts: Vec<(u64, u64)>,
    says: String,
    exact: bool,
}

/// What became of one service.
#[derive(Debug)]
pub struct Found {
    /// Running tasks by node, most first.
    counts: Vec<u64>,
    /// Errors of tasks that wait, each once.
    waiting: Vec<String>,
    update: String,
}

impl Told {
    pub fn read(placement: &Value) -> (String, Self) {
        let range = |range: &Value| (range["min"].as_u64().unwrap(), range["max"].as_u64().unwrap());
        let address = placement["address"].as_str().unwrap();
        let told = Self {
            verdict: placement["verdict"].as_str().unwrap().to_owned(),
            tasks: placement["tasks"].as_u64().unwrap(),
            placed: range(&placement["placed"]),
            counts: placement["counts"].as_array().unwrap().iter().map(range).collect(),
            says: placement["swarm_says"].as_str().unwrap_or_default().to_owned(),
            exact: placement["exact"].as_bool().unwrap(),
        };
        (address.trim_start_matches("service/").to_owned(), told)
    }

    fn is_single(&self) -> bool {
        self.counts.iter().all(|(min, max)| min == max)
    }

    /// What of it is not so.
    fn wrong(&self, found: &Found) -> Option<String> {
        let fits = found.waiting.is_empty() && found.update != "updating";
        let expected = match self.verdict.as_str() {
            // A job goes on with what it gets.
            "fits" if self.placed.0 < self.tasks => None,
            "fits" => Some(true),
            "does_not_fit" | "gets_stuck" => Some(false),
            _ => None,
        };
        if expected.is_some_and(|expected| expected != fits) {
            return Some("verdict".to_owned());
        }
        if self.verdict == "gets_stuck" && found.update != "updating" {
            return Some(format!("it is not stuck but `{}`", found.update));
        }
        // Which task waits, and so why, may depend on what swarm chose.
        let determined = !fits && expected.is_some() && self.placed.0 == self.placed.1;
        if determined && !found.waiting.iter().any(|waits| kinds(waits) == kinds(&self.says)) {
            return Some("reason".to_owned());
        }
        if found.counts.len() > self.counts.len() {
            return Some("more nodes than said".to_owned());
        }
        let at = |at: usize| found.counts.get(at).copied().unwrap_or(0);
        let outside = self.counts.iter().enumerate().any(|(n, (min, max))| at(n) < *min || at(n) > *max);
        outside.then(|| "counts".to_owned())
    }
}

impl Found {
    pub fn new<'a>(tasks: impl Iterator<Item = &'a Task> + Clone, update: &str) -> Self {
        let mut nodes: BTreeMap<&str, u64> = BTreeMap::new();
        for task in tasks.clone().filter(|task| task.is_wanted() && task.state == "running") {
            *nodes.entry(&task.node).or_default() += 1;
        }
        let mut counts: Vec<u64> = nodes.into_values().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let waits = tasks.filter(|task| task.is_wanted() && task.state == "pending");
        let mut waiting: Vec<String> = waits.map(|task| task.error.clone()).collect();
        waiting.sort();
        waiting.dedup();
        Self { counts, waiting, update: update.to_owned() }
    }
}

/// All that was compared.
#[derive(Default)]
pub struct Table {
    rows: Vec<String>,
    wrong: Vec<String>,
    verdicts: BTreeMap<String, usize>,
    singles: usize,
    inexact: usize,
    /// Services that wait, as said; and those of them whose sentence is swarm's to the letter.
    waits: (usize, usize),
}

impl Table {
    #[allow(clippy::print_stdout, reason = "a long test shows how far it is")]
    pub fn add(&mut self, seed: u64, told: &BTreeMap<String, Told>, found: &BTreeMap<String, Found>, compose: &str) {
        for (name, told) in told {
            let Some(found) = found.get(name) else { continue };
            let wrong = told.wrong(found);
            let verdict = wrong.as_ref().map_or("ok".to_owned(), |what| format!("WRONG: {what}"));
            let row = format!(
                "{seed:>3} {name:<6} {:<13} {:>2} tasks {:<22} {:<14} {} {verdict}",
                told.verdict,
                told.tasks,
                ranges(&told.counts),
                format!("{:?}", found.counts),
                found.waiting.join(" | "),
            );
            println!("{row}");
            *self.verdicts.entry(told.verdict.clone()).or_default() += 1;
            self.singles += usize::from(told.is_single());
            self.inexact += usize::from(!told.exact);
            if !told.says.is_empty() && !found.waiting.is_empty() {
                self.waits.0 += 1;
                self.waits.1 += usize::from(found.waiting.contains(&told.says));
            }
            if wrong.is_some() {
                self.wrong.push(format!("{row}\n{told:?}\n{found:?}\n{compose}"));
            }
            self.rows.push(row);
        }
    }

    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

/// The reasons in swarm's sentence without the numbers of nodes: swarm counts the nodes that it looked at after the last
/// task of the group that it could place, so they depend on when it tried last.
fn kinds(sentence: &str) -> Vec<String> {
    let inner = sentence.trim_start_matches("no suitable node (").trim_end_matches(')');
    let plain = |part: &str| -> String {
        let words = part.split(' ').filter(|word| word.parse::<u32>().is_err());
        words.map(|word| if word == "node" { "nodes" } else { word }).collect::<Vec<_>>().join(" ")
    };
    let mut kinds: Vec<String> = inner.split("; ").map(plain).collect();
    kinds.sort();
    kinds
}

fn ranges(counts: &[(u64, u64)]) -> String {
    let one = |(min, max): &(u64, u64)| if min == max { min.to_string() } else { format!("{min}-{max}") };
    counts.iter().map(one).collect::<Vec<_>>().join(",")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} services, {} of them with a single outcome, {} sampled",
            self.rows.len(),
            self.singles,
            self.inexact
        )?;
        writeln!(f, "{} wait for room, {} of them with swarm's sentence to the letter", self.waits.0, self.waits.1)?;
        self.verdicts.iter().try_for_each(|(verdict, count)| writeln!(f, "{count:>4} {verdict}"))
    }
}
