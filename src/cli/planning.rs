//! What `plan`, `apply` and `deploy` share: their flags, the plan, and the words for a plan that cannot be made.

use clap::ValueEnum;

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use crate::app::deny::Deny;
use crate::app::exit::ExitCode;
use crate::app::plan::{self, LiveState, PlanError, PlanRequest, Planned};
use crate::diagnostic::Severity;
use crate::diagnostic::code::{self, Code};
use crate::engine;
use crate::plan::document::Document;
use crate::plan::{PlanOptions, ResolveImage};
use crate::ui::plan::text::PlanView;
use crate::ui::{Tone, diagnostic};

/// What to plan, and what the plan may do.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Planning")]
pub struct PlanningArgs {
    /// Remove what carries the stack's label and no file names (volumes never)
    #[arg(long)]
    pub prune: bool,
    /// Let --prune remove all services
    #[arg(long, requires = "prune")]
    pub dangerous_allow_empty: bool,
    /// Remove and create networks that differ; the services on them stop meanwhile
    #[arg(long)]
    pub recreate_networks: bool,
    /// When to ask registries for digests
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub resolve_image: Resolve,
    /// Only these services (globs, repeat)
    #[arg(long, value_name = "SERVICE")]
    pub target: Vec<String>,
    /// All but these services (globs, repeat)
    #[arg(long, value_name = "SERVICE")]
    pub exclude: Vec<String>,
    /// Restart these services even if nothing differs (globs, repeat)
    #[arg(long, value_name = "SERVICE")]
    pub replace: Vec<String>,
    /// The swarm owns this field: neither shown nor written (deploy.replicas, web:deploy.replicas; repeat)
    #[arg(long, value_name = "PATH")]
    pub ignore: Vec<String>,
    /// Give services that do not change the credentials of their registry anew; no task restarts
    #[arg(long)]
    pub refresh_registry_auth: bool,
    /// Any change: exit 2, and nothing is done
    #[arg(long)]
    pub expect_no_changes: bool,
    /// Whole diffs and digests
    #[arg(long)]
    pub full: bool,
}

/// Preflight errors that `deploy` takes for warnings: docker asks for no place, and swarm waits for one; a plugin may be there
/// that no node lists, and an image on a node that was not asked.
pub const PLACEMENT: &[Code] =
    &[code::DOES_NOT_FIT, code::START_FIRST_STUCK, code::DRIVER_MISSING, code::NO_SUCH_IMAGE];

/// When to ask registries for digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Resolve {
    /// For every image
    #[default]
    Always,
    /// For images that the file has changed
    Changed,
    /// Not at all
    Never,
}

impl Resolve {
    pub fn option(self) -> ResolveImage {
        match self {
            Self::Always => ResolveImage::Always,
            Self::Changed => ResolveImage::Changed,
            Self::Never => ResolveImage::Never,
        }
    }
}

impl PlanningArgs {
    /// Any of them changes what is planned.
    pub fn decides(&self) -> bool {
        let Self { full: _, expect_no_changes, .. } = self;
        let lists = [&self.target, &self.exclude, &self.replace, &self.ignore];
        *expect_no_changes
            || self.prune
            || self.recreate_networks
            || self.refresh_registry_auth
            || self.resolve_image != Resolve::default()
            || lists.iter().any(|list| !list.is_empty())
    }

    pub fn options(&self) -> PlanOptions {
        PlanOptions {
            prune: self.prune,
            allow_empty: self.dangerous_allow_empty,
            recreate_networks: self.recreate_networks,
            target: self.target.clone(),
            exclude: self.exclude.clone(),
            replace: self.replace.clone(),
            ignore: self.ignore.clone(),
            resolve: self.resolve_image.option(),
            ..PlanOptions::default()
        }
    }
}

/// Makes a plan, and from then on hides what it found to be sensitive. Warnings of the files are said.
pub async fn make(
    files: &FilesArgs,
    stack: Option<&str>,
    options: PlanOptions,
    deny: Deny,
    live: LiveState,
    renew_credentials: bool,
    invocation: &Invocation,
) -> Result<Planned, Failure> {
    let settings = &invocation.settings;
    let request = PlanRequest {
        load: files.request(settings, true),
        argument: stack.map(str::to_owned),
        variable: settings.stack.clone(),
        address: settings.address.clone(),
        options,
        deny,
        live,
        renew_credentials,
        images: None,
    };
    make_from(request, invocation).await
}

/// The same, from a request that is made already.
pub async fn make_from(request: PlanRequest, invocation: &Invocation) -> Result<Planned, Failure> {
    let planned = plan::plan(request).await.map_err(|error| failure(error, invocation))?;
    let redactor = planned.redactor.clone();
    invocation.output.hide(move |text| redactor.scrub(text).into_owned());
    invocation.warn(&planned.diagnostics, &planned.sources);
    invocation.warn(&planned.plan.diagnostics, &planned.sources);
    Ok(planned)
}

/// One line about what `check` would tell, so that plans stay readable.
pub fn point_at_lints(planned: &Planned, invocation: &Invocation) {
    if !planned.lints.is_empty() && !invocation.settings.quiet && !invocation.settings.json {
        let said = diagnostic::count(planned.lints.len() as u64, "lint warning");
        let tone = invocation.settings.error_theme.paint(Tone::Dim, &format!("{said}: stackup check"));
        invocation.output.note(&format!("{tone}\n"));
    }
}

fn failure(error: PlanError, invocation: &Invocation) -> Failure {
    match error {
        PlanError::Files { diagnostics, sources } => {
            Failure { diagnostics, sources, ..Failure::said(ExitCode::Invalid) }
        }
        PlanError::Name(error) => Failure::words(ExitCode::Usage, error.to_string()),
        PlanError::Unmatched(words) => Failure::words(ExitCode::Usage, words),
        PlanError::Engine { error, diagnostics, sources } => {
            invocation.warn(&diagnostics, &sources);
            Failure::new(ExitCode::Error, engine::diagnose(&error))
        }
        PlanError::Broken(why) => Failure::words(ExitCode::Error, format!("stackup broke off: {why}")),
    }
}

/// The plan as every form shows it, swept.
pub fn document(planned: &Planned, invocation: &Invocation) -> Document {
    planned.document(&|text: &str| invocation.output.scrub(text))
}

/// The plan as text.
pub fn text(plan: &Document, full: bool, compact: bool, invocation: &Invocation) -> String {
    PlanView { plan, compact, full, theme: &invocation.settings.theme }.render()
}

/// The plan as a document.
pub fn json(plan: &Document) -> serde_json::Value {
    serde_json::to_value(plan).unwrap_or_default()
}

/// The sentence of the plan event.
pub fn sentence(planned: &Planned) -> String {
    let plan = &planned.plan;
    let failures = plan.preflight.count(Severity::Error) as u64;
    match (plan.changes.len() as u64, failures) {
        (0, 0) => format!("no changes in {}", plan.stack),
        (n, 0) => format!("{} in {}", diagnostic::count(n, "change"), plan.stack),
        (n, failures) => format!(
            "{} in {}, {}",
            diagnostic::count(n, "change"),
            plan.stack,
            diagnostic::count(failures, "preflight failure")
        ),
    }
}

/// How a plan that is not executed ends: 9 before 2.
pub fn exit(planned: &Planned, changes_matter: bool) -> ExitCode {
    if planned.plan.preflight.has_errors() {
        ExitCode::Preflight
    } else if changes_matter && !planned.plan.is_empty() {
        ExitCode::Changes
    } else {
        ExitCode::Ok
    }
}
