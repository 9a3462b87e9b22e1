//! From the merged document to the stack.

use super::{contents, cycle, image, profiles, references};
use crate::compose::document::Document;
use crate::compose::model::Stack;
use crate::compose::options::{Files, Options};
use crate::diagnostic::{Diagnostic, Diagnostics, code};

pub fn finish(document: Document, options: &Options, files: &dyn Files, diagnostics: &mut Diagnostics) -> Stack {
    let Document { mut stack, profiles: wanted, .. } = document;
    if stack.services.is_empty() && !diagnostics.has_errors() {
        diagnostics.push(
            Diagnostic::warning(code::NO_SERVICES, "the files declare no service")
                .help("write services:, and beneath it NAME: with image: …"),
        );
    }
    let left_out = profiles::select(&mut stack, &wanted, options);
    // A variable that was left as it is may be any part of a reference.
    if options.interpolate {
        image::check(&stack, diagnostics);
    }
    references::check(&stack, &left_out, diagnostics);
    cycle::check(&stack, diagnostics);
    modes(&stack, diagnostics);
    contents::read(&mut stack, options, files, diagnostics);
    stack
}

/// What swarm refuses of a service as a whole.
fn modes(stack: &Stack, diagnostics: &mut Diagnostics) {
    for (name, service) in &stack.services {
        let about = format!("service/{name}");
        let mode = service.deploy.mode.as_ref().map_or("", |m| m.value.as_str());
        if let Some(replicas) = service.deploy.replicas
            && mode.starts_with("global")
        {
            let message = format!("`{name}` is {mode}: one task on each node, not a number of replicas");
            let mut problem = Diagnostic::error(code::CONFLICT, message).at(replicas.span);
            if let Some(word) = &service.deploy.mode {
                problem = problem.also(word.span, "the mode is set here");
            }
            diagnostics.push(problem.help("take `replicas` out, or write mode: replicated").about(&about));
        }
        if let Some(check) = &service.healthcheck
            && let Some(test) = &check.test
            && check.disable.is_some_and(|d| d.value)
            && test.value.first().is_some_and(|t| t != "NONE")
        {
            let off = check.disable.map_or(test.span, |d| d.span);
            diagnostics.push(
                Diagnostic::error(code::CONFLICT, format!("the health check of `{name}` has a test and is disabled"))
                    .at(test.span)
                    .also(off, "disabled here")
                    .help("take one of `test` and `disable` out")
                    .about(&about),
            );
        }
    }
}
