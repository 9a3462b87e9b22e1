//! `stackup watch`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::environment as variable;
use super::failure::Failure;
use super::interrupt;
use super::invocation::Invocation;
use super::output::Output;
use crate::app::event::{Event, Level};
use crate::app::exit::ExitCode;
use crate::diagnostic::{Diagnostic, Diagnostics, Scrub, Severity, Sources, code};
use crate::ui::Theme;
use crate::ui::diagnostic::text;
use crate::ui::watch::line;
use crate::watch::settings::{self as file, Settings};
use crate::watch::{self, Start, Telling, as_line};

/// Follow folders and git repositories, and keep stacks equal to them
///
/// Each stack gets the plan that `plan` makes and the apply that `apply` does. What is followed, and what may be done without
/// a person, is in stackup.yaml (`stackup schema config`).
#[derive(Clone, Debug, clap::Args)]
pub struct WatchArgs {
    /// What is followed, and how
    #[arg(long, value_name = "FILE", default_value = "stackup.yaml")]
    pub config: PathBuf,
    /// Look at everything once, and end: 0, or 2 with changes that wait for a person
    #[arg(long)]
    pub once: bool,
    /// Ask the watcher of this file whether it is alive, at its `listen`, and end: 0, or 1. For health checks of containers
    #[arg(long, conflicts_with_all = ["once", "state"])]
    pub healthy: bool,
    /// Folder for copies of repositories and for what must survive a restart; default: `state:` of the file
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
}

pub async fn run(args: &WatchArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    if args.healthy {
        return health(&settings(&args.config, invocation)?).await;
    }
    Failure::unless_fit("`watch`")?;
    let settings = settings(&args.config, invocation)?;
    let state = state(args, &settings, invocation)?;
    let listener = interrupt::listen(invocation);
    let own = &invocation.settings;
    let console = Arc::new(Console {
        output: invocation.output.clone(),
        quiet: own.quiet,
        theme: own.theme,
        zone: TimeZone::system(),
    });
    let start = Start {
        path: args.config.clone(),
        settings,
        once: args.once,
        state,
        variables: own.variables.clone(),
        address: own.address.clone(),
        actor: own.actor.clone(),
        telling: console,
        stop: listener.cancel.clone(),
    };
    watch::run(start).await.map_err(|why| Failure::words(ExitCode::Error, why))
}

/// Silent where all is well: a health check's words are kept.
async fn health(settings: &Settings) -> Result<ExitCode, Failure> {
    let settings = settings.clone();
    let checked = tokio::task::spawn_blocking(move || watch::check_health(&settings)).await;
    let checked = checked.unwrap_or_else(|error| Err(error.to_string()));
    checked.map(|()| ExitCode::Ok).map_err(|why| Failure::words(ExitCode::Error, why))
}

fn settings(path: &Path, invocation: &Invocation) -> Result<Settings, Failure> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        let problem = Diagnostic::error(code::FILE_UNREADABLE, format!("`{shown}` cannot be read: {error}"));
        Failure::new(
            ExitCode::Invalid,
            problem.help("name it with --config FILE; `stackup schema config` says what it holds"),
        )
    })?;
    let mut sources = Sources::default();
    let (settings, diagnostics) = file::read(&shown, &bytes, &mut sources);
    match settings {
        Some(settings) => {
            invocation.warn(&diagnostics, &sources);
            Ok(settings)
        }
        None => Err(Failure { diagnostics, sources, ..Failure::said(ExitCode::Invalid) }),
    }
}

fn state(args: &WatchArgs, settings: &Settings, invocation: &Invocation) -> Result<PathBuf, Failure> {
    let base = args.config.parent().unwrap_or(Path::new(""));
    let variables = &invocation.settings.variables;
    let set = |variable: variable::Variable| variables.get(variable.name).filter(|value| !value.is_empty());
    let home = || set(variable::HOME).map(|home| Path::new(home).join(".local/state"));
    let named = args.state.clone().or_else(|| settings.state.as_ref().map(|path| base.join(path)));
    let usual = || set(variable::XDG_STATE_HOME).map(PathBuf::from).or_else(home).map(|path| path.join("stackup"));
    let path = named.or_else(usual).ok_or_else(|| {
        let words =
            "there is no folder for copies of repositories: give one with `state:` in the file, or --state FOLDER";
        Failure::words(ExitCode::Usage, words)
    })?;
    // Children run elsewhere.
    std::path::absolute(&path).map_err(|error| Failure::words(ExitCode::Error, format!("{}: {error}", path.display())))
}

/// A line a thing for people, and one of JSON for programs.
struct Console {
    output: Arc<Output>,
    quiet: bool,
    theme: Theme,
    zone: TimeZone,
}

impl Console {
    fn json(&self, stack: Option<&str>, at: Timestamp, event: &Event, scrub: Scrub) {
        if self.output.wants_events() {
            // A reader that left is no reason to leave a rollout.
            let _ = self.output.event(&as_line(stack, at, event, scrub));
        }
    }
}

impl Telling for Console {
    fn event(&self, stack: Option<&str>, at: Timestamp, event: &Event, scrub: Scrub) {
        self.json(stack, at, event, scrub);
        let wanted = !self.quiet || event.level() != Level::Info;
        if let Some(shown) = line(stack, at, event, &self.zone).filter(|_| wanted) {
            let _ = self.output.text(&scrub(&shown));
        }
    }

    fn problems(&self, stack: Option<&str>, diagnostics: &Diagnostics, sources: &Sources, scrub: Scrub) {
        for diagnostic in diagnostics {
            self.json(stack, Timestamp::now(), &Event::problem(diagnostic, sources, scrub), scrub);
        }
        let mut errors = Diagnostics::default();
        errors.extend(diagnostics.iter().filter(|d| d.severity == Severity::Error).cloned());
        if !errors.is_empty() {
            let _ = self.output.text(&text(&errors, sources, &self.theme, scrub));
        }
    }
}
