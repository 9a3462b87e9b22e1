//! The road from bytes to a [`Stack`](super::model::Stack): read → interpolate → check → model → merge → references.

use std::collections::HashSet;

use super::budget::Budget;
use super::check;
use super::document::{Document, document};
use super::extends;
use super::include;
use super::layers::Layers;
use super::merge;
use super::options::{Files, Input, Loaded, Options};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, Spanned, code};

/// Reads, interpolates, checks and merges Compose files. Texts are added to `sources`, where the spans point.
pub fn load(inputs: &[Input], options: &Options, files: &dyn Files, sources: &mut Sources) -> Loaded {
    let mut diagnostics = Diagnostics::default();
    let budget = Budget::new(files);
    let mut merged: Option<Document> = None;
    let mut whole = true;
    for input in inputs {
        let dir = &options.working_dir;
        let Some(mut next) = document(&input.path, &input.bytes, dir, options, &budget, sources, &mut diagnostics)
        else {
            whole = false;
            continue;
        };
        if let Some(first) = &merged {
            same_version(first, &next, &mut diagnostics);
        }
        let mut reader = extends::Reader { dir, options, files: &budget, sources, diagnostics: &mut diagnostics };
        extends::resolve(&mut next, &input.path, &mut reader);
        include::resolve(&mut next, &input.path, &mut reader);
        merged = Some(match merged {
            None => next,
            Some(base) => merge::document(base, next),
        });
    }
    if inputs.is_empty() {
        diagnostics.push(Diagnostic::error(code::NO_FILES, "no Compose file is given").help("name one with `-c FILE`"));
    }
    // Half of the files would make every reference to the other half look wrong.
    let mut unread = Layers::default();
    let document = match merged {
        Some(document) if whole => Some(document),
        other => {
            unread = other.map(|d| d.layers).unwrap_or_default();
            None
        }
    };
    let (stack, layers) = match document {
        Some(document) => check::finish(document, options, &budget, &mut diagnostics),
        None => (None, unread),
    };
    layers.label(&mut diagnostics);
    let diagnostics = once_each(diagnostics);
    let stack = stack.filter(|_| !diagnostics.has_errors());
    Loaded { stack, diagnostics, layers }
}

/// docker refuses files of several versions, for each version has its own keys.
fn same_version(first: &Document, next: &Document, diagnostics: &mut Diagnostics) {
    let shown = |d: &Document| d.version.map_or(super::schema::Version::NEWEST, |v| v.value);
    if shown(first) == shown(next) {
        return;
    }
    let message = format!("the files have two versions: {} and {}", shown(first), shown(next));
    let mut problem = Diagnostic::error(code::VERSION_MISMATCH, message);
    match (first.version, next.version) {
        (Some(a), Some(b)) => problem = problem.at(b.span).also(a.span, "the other one is here"),
        (Some(Spanned { span, .. }), None) | (None, Some(Spanned { span, .. })) => {
            problem = problem.at_with(span, "the other file has no `version`, which is 3.13");
        }
        (None, None) => {}
    }
    diagnostics.push(problem.help("write the same version in all files, or leave `version` out of all"));
}

/// An anchor used ten times has its mistake once. Errors first, else as found.
fn once_each(all: Diagnostics) -> Diagnostics {
    let omitted = all.omitted();
    let mut seen = HashSet::new();
    let mut once = Diagnostics::default();
    let mut rest = Vec::new();
    for diagnostic in all {
        let place = diagnostic.primary.as_ref().map(|l| l.span);
        // The path differs where the place is the same.
        let through_alias = place.is_some() && diagnostic.message.contains("`services.");
        let message = if through_alias { String::new() } else { diagnostic.message.clone() };
        if !seen.insert((diagnostic.code.id, place, message)) {
            continue;
        }
        if diagnostic.severity == Severity::Error {
            once.push(diagnostic);
        } else {
            rest.push(diagnostic);
        }
    }
    once.extend(rest);
    if omitted > 0 {
        let message = format!("{omitted} more problems are not listed");
        once.push(Diagnostic::note(code::MORE_PROBLEMS, message).help("mend the first ones and check again"));
    }
    once
}
