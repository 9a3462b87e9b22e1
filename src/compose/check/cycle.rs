//! `depends_on` must not run in circles.

use std::collections::BTreeSet;

use crate::compose::model::Stack;
use crate::diagnostic::{Diagnostic, Diagnostics, code};

pub fn check(stack: &Stack, diagnostics: &mut Diagnostics) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in stack.services.keys() {
        // Depth first, without recursion: (service, next of its dependencies).
        let mut trail: Vec<(&str, Vec<&str>)> = vec![(start, dependencies(stack, start))];
        let mut open = BTreeSet::from([start.as_str()]);
        while let Some((name, rest)) = trail.last_mut() {
            let Some(next) = rest.pop() else {
                done.insert(*name);
                open.remove(*name);
                trail.pop();
                continue;
            };
            let from = *name;
            if open.contains(next) {
                let at = trail.iter().position(|(n, _)| *n == next).unwrap_or_default();
                let names: Vec<&str> = trail.iter().skip(at).map(|(n, _)| *n).collect();
                report(stack, from, next, &names, diagnostics);
                done.extend(trail.drain(..).map(|(n, _)| n));
            } else if !done.contains(next) {
                open.insert(next);
                trail.push((next, dependencies(stack, next)));
            }
        }
    }
}

fn dependencies<'a>(stack: &'a Stack, name: &str) -> Vec<&'a str> {
    let Some(service) = stack.services.get(name) else { return Vec::new() };
    service.depends_on.keys().map(String::as_str).filter(|d| stack.services.contains_key(*d)).collect()
}

/// Services of a circle that are named.
const SHOWN: usize = 10;

fn report(stack: &Stack, from: &str, to: &str, names: &[&str], diagnostics: &mut Diagnostics) {
    let circle = names.get(..SHOWN).unwrap_or(names).join(" → ");
    let message = match names.len() {
        0..=SHOWN => format!("the services wait for each other: {circle} → {to}"),
        all => format!("{all} services wait for each other: {circle} → … → {to}"),
    };
    let mut problem = Diagnostic::error(code::DEPENDENCY_CYCLE, message).help("take one `depends_on` out");
    if let Some(place) = stack.services.get(from).and_then(|s| s.depends_on.get(to)) {
        problem = problem.at(place.span);
    }
    diagnostics.push(problem.about(format!("service/{from}")));
}
