//! What `apply` and `deploy` share: how a plan is carried out, followed and reported.

use std::collections::BTreeMap;

use clap::ValueEnum;
use indicatif::ProgressDrawTarget;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::json;

use super::failure::Failure;
use super::interrupt;
use super::invocation::Invocation;
use super::lock;
use super::output::Lines;
use crate::app::apply::{ApplyOptions, Cancel, OnFailure, Outcome, unsettled};
use crate::app::credentials::of_plan;
use crate::app::deliver::{Delivered, Locking, deliver};
use crate::app::event::{Event, EventSink, RowKind, Tee};
use crate::app::exit::ExitCode;
use crate::app::looks::Looks;
use crate::app::plan::Planned;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::Plan;
use crate::release::lease::Held;
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
    /// Wait this long for another apply to the same stack; default: not at all
    #[arg(long, value_name = "DURATION", default_value = "0s", hide_default_value = true)]
    pub lock_timeout: SignedDuration,
    /// Do not take the lock of the stack: nothing keeps another apply away
    #[arg(long, conflicts_with = "lock_timeout")]
    pub no_lock: bool,
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

/// Carries out a plan that was shown. `approve` asks about one that would do something.
pub async fn finish(
    planned: &Planned,
    args: &RolloutArgs,
    detach: bool,
    with_registry_auth: bool,
    approve: impl FnOnce(&Plan) -> Result<(), Failure>,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    if !planned.plan.applyable() {
        return Ok(ExitCode::Preflight);
    }
    if is_done(planned) {
        return settle(planned, args, detach, invocation).await;
    }
    if !planned.plan.is_empty() {
        approve(&planned.plan)?;
    }
    carry_out(planned, args, detach, with_registry_auth, invocation).await
}

/// There is nothing to do, and nobody died over it before: no lock is taken and nothing written.
fn is_done(planned: &Planned) -> bool {
    let left = planned.live.known.lock.as_ref().is_some_and(Held::is_left);
    planned.plan.is_empty() && !left
}

/// Carries the plan out, shows how it goes, and says how it ended.
async fn carry_out(
    planned: &Planned,
    args: &RolloutArgs,
    detach: bool,
    with_registry_auth: bool,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    let Some(reader) = &planned.reader else {
        return Err(Failure::words(ExitCode::Preflight, "no engine was spoken to, so there is nothing to apply to"));
    };
    let options = ApplyOptions {
        auth: if with_registry_auth { credentials(&planned.plan, invocation).await } else { BTreeMap::new() },
        ..options(args, detach)
    };
    let locking = match args.no_lock {
        true => Locking::Without,
        false => Locking::Take(std::time::Duration::try_from(args.lock_timeout).unwrap_or_default()),
    };
    let delivered = {
        let mut audience = Audience::gather(args, invocation);
        let (mut sink, cancel) = audience.sink();
        deliver(planned, reader, &options, locking, &invocation.settings.actor, &mut sink, cancel).await
    };
    let Delivered { outcome, release, previous } = match delivered {
        Ok(delivered) => delivered,
        Err(not_started) => return Err(lock::not_started(not_started, &planned.plan.stack)),
    };
    Ok(conclude(planned, &planned.plan, &outcome, (release, previous), invocation))
}

/// Nothing is to be written. What does not run as planned is followed to its end: "no changes" is no success then.
async fn settle(
    planned: &Planned,
    args: &RolloutArgs,
    detach: bool,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    let Some((reader, unsettled)) = planned.reader.as_ref().zip(unsettled(planned)).filter(|_| !detach) else {
        return Ok(ExitCode::Ok);
    };
    let outcome = {
        let mut audience = Audience::gather(args, invocation);
        let (mut sink, cancel) = audience.sink();
        unsettled.follow(planned, &reader.writer(), &options(args, detach), &mut sink, cancel).await
    };
    let previous = planned.live.known.history.newest().map(|e| e.number);
    Ok(conclude(planned, unsettled.plan(), &outcome, (None, previous), invocation))
}

fn options(args: &RolloutArgs, detach: bool) -> ApplyOptions {
    ApplyOptions {
        detach,
        on_failure: args.on_failure.option(),
        progress_deadline: args.progress_deadline,
        timeout: args.timeout,
        auth: BTreeMap::new(),
        left_since: None,
        hand_over: false,
        looks: Looks::Own,
    }
}

/// Who is told while it goes on, and who may ask to stop.
struct Audience<'a> {
    shown: Box<dyn EventSink>,
    told: Events<'a>,
    listener: interrupt::Listener,
}

impl<'a> Audience<'a> {
    fn gather(args: &RolloutArgs, invocation: &'a Invocation) -> Self {
        let listener = interrupt::listen(invocation);
        Self { shown: display(args.progress, invocation), told: Events { invocation }, listener }
    }

    fn sink(&mut self) -> (Tee<'_>, Cancel) {
        (Tee(vec![self.shown.as_mut(), &mut self.told]), self.listener.cancel.clone())
    }
}

/// The last words, and the exit code. `releases` are the one that was recorded and the one before.
fn conclude(
    planned: &Planned,
    plan: &Plan,
    outcome: &Outcome,
    releases: (Option<u64>, Option<u64>),
    invocation: &Invocation,
) -> ExitCode {
    invocation.changed(outcome.changed);
    let scrub = |text: &str| invocation.output.scrub(text);
    let render = |diagnostic: &Diagnostic| {
        let mut one = Diagnostics::default();
        one.push(diagnostic.clone());
        text(&one, &planned.sources, &invocation.settings.theme, &scrub)
    };
    let (release, previous) = releases;
    if let Some(number) = release {
        let fields = json!({"stack": plan.stack, "release": {"release": number, "previous": previous}});
        let message = format!("release #{number} of {} is recorded", plan.stack);
        let _ = invocation.tell(&Event::Row { kind: RowKind::Release, address: None, fields, message });
    }
    let scrub = invocation.output.sweep();
    let words = closing(&Closing { plan, outcome, release, previous, render: &render, scrub });
    // A reader that left changes nothing about how the rollout ended.
    let _ = invocation.output.text(&words);
    if outcome.exit == ExitCode::Ok {
        invocation.warn(&outcome.diagnostics, &planned.sources);
    } else {
        let _ = invocation.tell_all(&outcome.diagnostics, &planned.sources);
    }
    outcome.exit
}

/// Credentials for the registries of the services that will be written.
async fn credentials(plan: &Plan, invocation: &Invocation) -> BTreeMap<String, SecretString> {
    let (found, warnings) = of_plan(plan, invocation.settings.address.config_dir.as_deref()).await;
    for warning in warnings {
        invocation.output.note(&format!("warning: {warning}\n"));
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
