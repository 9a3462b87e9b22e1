//! Health that nobody asks for.

use super::rules::Subject;
use crate::compose::model::{DependsOnCondition, Service};
use crate::diagnostic::{Diagnostic, code};

pub fn no_healthcheck(subject: &mut Subject<'_>) {
    if subject.is_job() || subject.service.healthcheck.is_some() {
        return;
    }
    let message = format!("`{}` has no health check: a task is healthy as soon as its process runs", subject.name());
    subject.say(
        Diagnostic::warning(code::NO_HEALTHCHECK, message)
            .at(subject.service.span())
            .help("add healthcheck: {test: …}, or healthcheck: {disable: true} if there is nothing to ask"),
    );
}

/// A test is there, or nothing is said and the image may have one.
fn is_checked(service: &Service) -> bool {
    service.healthcheck.as_ref().is_some_and(|h| {
        let none = h.test.as_ref().and_then(|t| t.first()).is_some_and(|word| word == "NONE");
        !none && h.disable.is_none_or(|d| !d.value)
    })
}

pub fn unchecked_dependency(subject: &mut Subject<'_>) {
    let stack = subject.stack;
    for (name, dependency) in &subject.service.depends_on {
        let Some(other) = stack.services.get(name) else { continue };
        if dependency.condition != DependsOnCondition::Healthy || is_checked(other) {
            continue;
        }
        let message = format!("`{}` waits until `{name}` is healthy, and `{name}` has no health check", subject.name());
        let mut warning = Diagnostic::warning(code::UNCHECKED_DEPENDENCY, message).at(dependency.span);
        warning = match &other.healthcheck {
            Some(check) => warning.also(check.span, "switched off here"),
            None => warning.also(other.span(), "defined here"),
        };
        subject.say(warning.help(format!("add healthcheck: {{test: …}} to `{name}`, or wait with service_started")));
    }
}
