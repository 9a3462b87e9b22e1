//! A plan in the making.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::diff::Names;
use super::version::{Family, Versions, references};
use super::{Change, PlanOptions};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::swarm::{Desired, DesiredService, Kind, LiveConfig, LiveSecret, Lookup};

pub(super) struct Draft<'a> {
    pub desired: &'a Desired,
    pub snapshot: &'a Lookup<'a>,
    pub options: &'a PlanOptions,
    pub names: Names,
    pub versions: Versions,
    /// Of the stack.
    pub configs: Family<'a, &'a LiveConfig>,
    /// Of the stack.
    pub secrets: Family<'a, &'a LiveSecret>,
    /// Of the files, by key.
    services: HashMap<&'a str, &'a DesiredService>,
    /// Configs and secrets that live services of the stack refer to.
    pub in_use: Rc<BTreeSet<(Kind, String)>>,
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
    pub fn new(desired: &'a Desired, snapshot: &'a Lookup<'a>, options: &'a PlanOptions) -> Self {
        Self {
            desired,
            snapshot,
            options,
            names: Names::new(desired, snapshot),
            versions: Versions::default(),
            configs: Family::new(snapshot.own_configs().map(|config| (config.name.as_str(), config))),
            secrets: Family::new(snapshot.own_secrets().map(|secret| (secret.name.as_str(), secret))),
            services: desired.services.iter().map(|service| (service.key.as_str(), service)).collect(),
            in_use: Rc::new(snapshot.own_services().flat_map(|s| references(&s.spec)).collect()),
            changes: Vec::new(),
            preflight: Diagnostics::default(),
            diagnostics: Diagnostics::default(),
            unknown_content: false,
            unknown_image: false,
            targeted: false,
        }
    }

    /// The service of the files that has this key.
    pub fn wanted(&self, key: &str) -> Option<&'a DesiredService> {
        self.services.get(key).copied()
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
