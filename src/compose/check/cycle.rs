//! `depends_on` must not run in circles.

use std::collections::BTreeSet;

use crate::compose::model::Stack;
use crate::diagnostic::{Diagnostic, Diagnostics, code};

pub fn check(stack: &Stack, diagnostics: &mut Diagnostics) {
    let mut done = BTreeSet::new();
    for start in stack.services.keys() {
        // Depth first, without recursion: (service, next of its dependencies).
        let mut trail: Vec<(&str, Vec<&str>)> = vec![(start, dependencies(stack, start))];
        while let Some((name, rest)) = trail.last_mut() {
            let Some(next) = rest.pop() else {
                done.insert((*name).to_owned());
                trail.pop();
                continue;
            };
            let from = *name;
            if let Some(at) = trail.iter().position(|(n, _)| *n == next) {
                let mut names: Vec<&str> = trail.iter().skip(at).map(|(n, _)| *n).collect();
                names.push(next);
                report(stack, from, next, &names, diagnostics);
                done.extend(trail.drain(..).map(|(n, _)| n.to_owned()));
            } else if !done.contains(next) {
                trail.push((next, dependencies(stack, next)));
            }
        }
    }
}

fn dependencies<'a>(stack: &'a Stack, name: &str) -> Vec<&'a str> {
    let Some(service) = stack.services.get(name) else { return Vec::new() };
    service.depends_on.keys().map(String::as_str).filter(|d| stack.services.contains_key(*d)).collect()
}

fn report(stack: &Stack, from: &str, to: &str, names: &[&str], diagnostics: &mut Diagnostics) {
    let message = format!("the services wait for each other: {}", names.join(" → "));
    let mut problem = Diagnostic::error(code::DEPENDENCY_CYCLE, message).help("take one `depends_on` out");
    if let Some(place) = stack.services.get(from).and_then(|s| s.depends_on.get(to)) {
        problem = problem.at(place.span);
    }
    diagnostics.push(problem.about(format!("service/{from}")));
}
