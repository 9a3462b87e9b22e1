//! What `apply` and `deploy` share: how a plan is carried out, followed and reported.

use std::collections::BTreeMap;

use clap::ValueEnum;
use indicatif::ProgressDrawTarget;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value;

use super::failure::Failure;
use super::interrupt;
use super::invocation::Invocation;
use super::output::Lines;
use crate::app::apply::{self, ApplyOptions, OnFailure};
use crate::app::event::{Event, EventSink, Tee};
use crate::app::exit::ExitCode;
use crate::app::plan::Planned;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::auth;
use crate::plan::{Plan, Write};
use crate::ui::diagnostic::text;
use crate::ui::progress::{Closing, Plain, Quiet, Tty, closing};

/// How to carry a plan out.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Rollout")]
pub struct RolloutArgs {
    /// Give up following after this long; default: twice the least time of the plan, at least 15m
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<SignedDuration>,
    /// Give up when no task turns healthy for this long
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub progress_deadline: SignedDuration,
    /// What to do when a rollout fails
    #[arg(long, value_name = "ACTION", value_enum, default_value_t)]
    pub on_failure: Failing,
    /// How to show progress
    #[arg(long, value_enum, default_value_t)]
    pub progress: Progress,
}

/// What to do when a rollout fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Failing {
    /// Leave it to failure_action of the file, and start no further wave
    #[default]
    Stop,
    /// Put the service back
    Rollback,
    /// Put back everything that this run changed
    RollbackStack,
    /// Go on with what does not depend on it
    Continue,
}

/// How to show progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// tty on a terminal, else plain
    #[default]
    Auto,
    /// Rows that are redrawn in place
    Tty,
    /// A line a change
    Plain,
    None,
}

impl Failing {
    fn option(self) -> OnFailure {
        match self {
            Self::Stop => OnFailure::Stop,
            Self::Rollback => OnFailure::Rollback,
            Self::RollbackStack => OnFailure::RollbackStack,
            Self::Continue => OnFailure::Continue,
        }
    }
}

/// Carries the plan out, shows how it goes, and says how it ended.
pub async fn carry_out(
    planned: &Planned,
    args: &RolloutArgs,
    detach: bool,
    with_registry_auth: bool,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    let options = ApplyOptions {
        detach,
        on_failure: args.on_failure.option(),
        progress_deadline: args.progress_deadline,
        timeout: args.timeout,
        auth: if with_registry_auth { credentials(&planned.plan, invocation).await } else { BTreeMap::new() },
    };
    let mut shown = display(args.progress, invocation);
    let mut told = Events { invocation };
    let (cancel, listener) = interrupt::listen(invocation);
    let outcome = {
        let mut sink = Tee(vec![shown.as_mut(), &mut told]);
        apply::apply(&planned.plan, &planned.reader.writer(), &options, &mut sink, cancel).await
    };
    listener.abort();
    drop(shown);
    invocation.changed(outcome.changed);
    let scrub = |text: &str| invocation.output.scrub(text);
    let render = |diagnostic: &Diagnostic| {
        let mut one = Diagnostics::default();
        one.push(diagnostic.clone());
        text(&one, &planned.sources, &invocation.settings.theme, &scrub)
    };
    let words = closing(&Closing {
        plan: &planned.plan,
        outcome: &outcome,
        release: None,
        render: &render,
        scrub: invocation.output.sweep(),
    });
    // A reader that left changes nothing about how the rollout ended.
    let _ = invocation.output.text(&words);
    let _ = invocation.tell_all(&outcome.diagnostics, &planned.sources);
    Ok(outcome.exit)
}

/// Credentials for the registries of the services that will be written. One that cannot be read is a warning: nodes may
/// have the image, or need no credentials.
async fn credentials(plan: &Plan, invocation: &Invocation) -> BTreeMap<String, SecretString> {
    let mut found = BTreeMap::new();
    let Some(folder) = &invocation.settings.address.config_dir else { return found };
    for change in &plan.changes {
        let (Write::CreateService { spec, .. }
        | Write::UpdateService { spec, .. }
        | Write::RecreateService { spec, .. }) = &change.write
        else {
            continue;
        };
        let Some(image) = spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str) else { continue };
        match auth::for_image(image, folder).await {
            Ok(Some(secret)) => {
                found.insert(change.key.clone(), secret);
            }
            Ok(None) => {}
            Err(error) => invocation.output.note(&format!("warning: {error}; `{}` goes without", change.key)),
        }
    }
    found
}

fn display(progress: Progress, invocation: &Invocation) -> Box<dyn EventSink> {
    let settings = &invocation.settings;
    let scrub = invocation.output.sweep();
    let rows = match progress {
        Progress::None => return Box::new(Quiet),
        _ if settings.json || settings.quiet => return Box::new(Quiet),
        Progress::Auto => settings.live,
        Progress::Tty => true,
        Progress::Plain => false,
    };
    if rows {
        let theme = &settings.error_theme;
        Box::new(Tty::new(ProgressDrawTarget::stderr(), theme.ascii, theme.color, scrub))
    } else {
        Box::new(Plain::new(Lines, TimeZone::system(), scrub))
    }
}

/// Events as lines of JSON, where somebody wants them.
struct Events<'a> {
    invocation: &'a Invocation,
}

impl EventSink for Events<'_> {
    fn emit(&mut self, at: Timestamp, event: &Event) {
        if self.invocation.output.wants_events() {
            // A reader that left is no reason to leave a rollout.
            let _ = self.invocation.output.event(&event.line(at));
        }
    }
}
