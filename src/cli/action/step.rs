//! The command that the inputs ask for, run as a person would run it.

use std::path::PathBuf;

use clap::Parser;

use crate::action::inputs::{Approval, Command, FailOn, Inputs};
use crate::action::report::Report;
use crate::action::runner::Runner;
use crate::action::stage::Stage;
use crate::action::sticky::Found;
use crate::action::trigger::Trigger;
use crate::action::{files, line, outputs};
use crate::app::exit::ExitCode;
use crate::cli::args::Args;
use crate::cli::environment::Environment;
use crate::cli::invocation::Invocation;
use crate::cli::main::carry;
use crate::cli::output::Output;
use crate::cli::settings::{Settings, Streams};

/// One step of a job.
pub struct Step {
    pub inputs: Inputs,
    pub runner: Runner,
    pub trigger: Trigger,
    /// For what later steps read.
    pub folder: PathBuf,
    pub stage: Stage,
    /// Without what is ours alone.
    pub environment: Environment,
    /// What may be done of what was asked for.
    pub command: Command,
}

/// How a command ended.
pub struct Ran {
    pub exit: ExitCode,
    /// Words that belong to no diagnostic.
    pub words: Option<String>,
    pub report: Report,
}

/// What became of the step.
#[derive(Debug)]
pub struct Done {
    pub report: Report,
    pub exit: ExitCode,
    pub result: &'static str,
    pub reason: String,
    /// Objects that are planned otherwise than was reviewed.
    pub moved: Vec<String>,
    /// The comment that was compared with.
    pub comment: Option<Found>,
    pub plan_file: Option<PathBuf>,
}

impl Done {
    /// Nothing was tried.
    pub fn refused(why: String) -> Self {
        Self { exit: ExitCode::Declined, result: "failed", reason: why, ..Self::empty() }
    }

    fn empty() -> Self {
        Self {
            report: Report::default(),
            exit: ExitCode::Ok,
            result: "",
            reason: String::new(),
            moved: Vec::new(),
            comment: None,
            plan_file: None,
        }
    }

    /// `done` is the word for a good end.
    pub fn of(ran: Ran, done: &'static str) -> Self {
        let reason = match ran.exit {
            ExitCode::Ok | ExitCode::Changes => None,
            _ => ran.words.or_else(|| ran.report.reason()),
        };
        let result = outputs::result(ran.exit, done);
        Self { exit: ran.exit, result, reason: reason.unwrap_or_default(), report: ran.report, ..Self::empty() }
    }
}

impl Step {
    pub fn work(&self) -> Done {
        match (self.command, self.inputs.approval) {
            (Command::Check, _) => Done::of(self.run(line::check(&self.inputs), "check"), "checked"),
            (Command::Plan, _) => self.plan(),
            (Command::Drift, _) => self.drift(),
            (Command::Verify, _) => self.verify(),
            (Command::Apply, Approval::Pr) => self.apply_reviewed(),
            (Command::Apply, Approval::PlanFile) => {
                let file = self.inputs.plan_file.clone().unwrap_or_default();
                Self::applied(self.run(line::apply_file(&self.inputs, &file), "apply"))
            }
            (Command::Apply, Approval::None) => Self::applied(self.run(line::apply(&self.inputs, None), "apply")),
        }
    }

    fn plan(&self) -> Done {
        let file = self.folder.join("plan.stackup");
        let ran = self.run(line::plan(&self.inputs, Some(&file), false), "plan");
        let empty = ran.report.plan.as_ref().is_none_or(|plan| plan.is_empty());
        let mut done = Done::of(ran, if empty { "no-changes" } else { "planned" });
        done.plan_file = Some(file).filter(|file| file.is_file());
        done.exit = self.judged(&done);
        done
    }

    fn drift(&self) -> Done {
        let ran = self.run(line::drift(&self.inputs), "drift");
        let drifted = ran.exit == ExitCode::Changes;
        let mut done = Done::of(ran, if drifted { "drifted" } else { "no-changes" });
        if drifted && !self.inputs.fail_on.contains(&FailOn::Drift) {
            done.exit = ExitCode::Ok;
        }
        done
    }

    /// `fail-on` says which plans turn the step red.
    fn judged(&self, done: &Done) -> ExitCode {
        let Some(plan) = &done.report.plan else { return done.exit };
        let on = |what| self.inputs.fail_on.contains(&what);
        match done.exit {
            ExitCode::Preflight if !on(FailOn::Preflight) => ExitCode::Ok,
            ExitCode::Ok if on(FailOn::Destructive) && plan.is_destructive() => ExitCode::Changes,
            ExitCode::Ok if on(FailOn::Drift) && !plan.drift.is_empty() => ExitCode::Changes,
            exit => exit,
        }
    }

    pub fn applied(ran: Ran) -> Done {
        let empty = ran.report.plan.as_ref().is_some_and(|plan| plan.is_empty());
        let done = if empty && !ran.report.changed { "no-changes" } else { "applied" };
        Done::of(ran, done)
    }

    /// Runs `stackup WORDS`; its events go into a file of that name.
    pub fn run(&self, words: Vec<String>, name: &str) -> Ran {
        let events = self.folder.join(format!("{name}.ndjson"));
        let failed = |words: String| Ran { exit: ExitCode::Usage, words: Some(words), report: Report::default() };
        let args = match Args::try_parse_from([line::global(&self.inputs, &events), words].concat()) {
            Ok(args) => args,
            Err(error) => {
                let text = error.to_string();
                let first = text.lines().next().unwrap_or_default();
                return failed(first.strip_prefix("error: ").unwrap_or(first).to_owned());
            }
        };
        let settings = self.settings(&args);
        let output = match Output::open(&settings) {
            Ok(output) => output,
            Err(error) => return failed(format!("`{}` cannot be written: {error}", events.display())),
        };
        // To the end of the program: signals may come at any moment.
        let invocation: &'static Invocation = Box::leak(Box::new(Invocation::new(settings, output)));
        let (exit, words) = carry(args.command, invocation);
        let words = words.map(|words| invocation.output.scrub(&words));
        Ran { exit, words, report: Report::read(&files::read(&events)) }
    }

    pub fn settings(&self, args: &Args) -> Settings {
        let mut settings = Settings::resolve(&args.global, &self.environment, Streams::of_process());
        settings.address.ssh_options.clone_from(&self.stage.ssh_options);
        // Whatever else the machine says: nobody sits at a runner.
        settings.ci = true;
        (settings.interactive, settings.live) = (false, false);
        settings
    }
}
