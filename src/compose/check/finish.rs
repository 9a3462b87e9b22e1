//! From the merged document to the stack.

use super::{contents, cycle, image, profiles, references, swarm};
use crate::compose::budget::Budget;
use crate::compose::document::Document;
use crate::compose::layers::Layers;
use crate::compose::model::Stack;
use crate::compose::options::Options;
use crate::diagnostic::{Diagnostic, Diagnostics, code};

pub fn finish(
    document: Document,
    options: &Options,
    files: &Budget<'_>,
    diagnostics: &mut Diagnostics,
) -> (Option<Stack>, Layers) {
    let Document { mut stack, profiles: wanted, layers, .. } = document;
    if stack.services.is_empty() && !diagnostics.has_errors() {
        diagnostics.push(
            Diagnostic::warning(code::NO_SERVICES, "the files declare no service")
                .help("write services:, and beneath it NAME: with image: …"),
        );
    }
    let left_out = profiles::select(&mut stack, &wanted, options);
    // A variable that was left as it is may be any part of a reference.
    if options.interpolate {
        image::check(&stack, &layers, diagnostics);
    }
    references::check(&stack, &left_out, &layers, diagnostics);
    cycle::check(&stack, diagnostics);
    swarm::check(&stack, diagnostics);
    contents::read(&mut stack, options, files, diagnostics);
    (Some(stack), layers)
}
