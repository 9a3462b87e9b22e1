//! What we make of a case, without an engine: what came before is in a snapshot.

use stackup::diagnostic::Severity;
use stackup::plan::Action;

use crate::case::{Case, Outcome, STACK};
use crate::support::offline::{self, Surroundings};

pub fn outcome(case: &Case) -> Outcome {
    let around = Surroundings { dir: &case.dir, environment: case.environment(), home: case.home() };
    let mut snapshot = offline::swarm(STACK);
    if let Some((file, stack)) = case.before() {
        let before = offline::read(&around, &[file.to_owned()], stack);
        let desired = before.desired.unwrap_or_else(|| panic!("{}: {file}: {:?}", case.name, before.told));
        offline::deploy(&desired, &mut snapshot);
    }
    let mut read = offline::read(&around, &case.files(), STACK);
    let mut outcome = Outcome { stored: offline::stored(&snapshot, None), ..Outcome::default() };
    if let Some(desired) = &read.desired {
        let plan = offline::plan(desired, &snapshot);
        read.told.extend(plan.preflight.clone());
        if plan.applyable() {
            outcome.writes = offline::writes(&plan);
            let restarts = plan.changes.iter().filter(|change| change.action == Action::Restart);
            outcome.restarts = restarts.map(|change| change.name.clone()).collect();
            outcome.in_order = offline::in_order(desired, &plan);
            outcome.stored = offline::stored(&snapshot, Some(&plan));
        }
    }
    let dir = case.dir.to_str().unwrap();
    let words = |severity| -> Vec<String> {
        let all = offline::words(&read.told, severity, &read.sources, false);
        all.into_iter().map(|one| one.replace(dir, "/srv/shop")).collect()
    };
    outcome.error = words(Severity::Error).into_iter().reduce(|all, one| all + "; " + &one);
    outcome.warnings = words(Severity::Warning);
    outcome
}
