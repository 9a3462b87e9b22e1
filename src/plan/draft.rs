//! A plan in the making.

use super::diff::Names;
use super::version::Versions;
use super::{Change, PlanOptions};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::swarm::{Desired, Snapshot};

pub(super) struct Draft<'a> {
    pub desired: &'a Desired,
    pub snapshot: &'a Snapshot,
    pub options: &'a PlanOptions,
    pub names: Names,
    pub versions: Versions,
    pub changes: Vec<Change>,
    pub preflight: Diagnostics,
    pub diagnostics: Diagnostics,
    /// Contents of secrets that nothing could be compared with.
    pub unknown_content: bool,
    /// Images that no registry resolved.
    pub unknown_image: bool,
    /// `--target` or `--exclude` left a change out.
    pub targeted: bool,
}

impl<'a> Draft<'a> {
    pub fn new(desired: &'a Desired, snapshot: &'a Snapshot, options: &'a PlanOptions) -> Self {
        Self {
            desired,
            snapshot,
            options,
            names: Names::new(desired, snapshot),
            versions: Versions::default(),
            changes: Vec::new(),
            preflight: Diagnostics::default(),
            diagnostics: Diagnostics::default(),
            unknown_content: false,
            unknown_image: false,
            targeted: false,
        }
    }

    /// Apply must not go on (`--skip-preflight` makes it a warning).
    pub fn refuse(&mut self, mut problem: Diagnostic, span: Option<Span>) {
        if self.options.skip_preflight.iter().any(|code| code == problem.code.id) {
            problem.severity = crate::diagnostic::Severity::Warning;
        }
        self.preflight.push(placed(problem, span));
    }

    /// Worth knowing.
    pub fn note(&mut self, diagnostic: Diagnostic, span: Option<Span>) {
        self.diagnostics.push(placed(diagnostic, span));
    }
}

fn placed(diagnostic: Diagnostic, span: Option<Span>) -> Diagnostic {
    match span {
        Some(span) => diagnostic.at(span),
        None => diagnostic,
    }
}
