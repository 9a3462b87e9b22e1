//! From the command line to an exit code.

use clap::Parser;

use super::args::{Args, Command};
use super::environment::Environment;
use super::failure::Failure;
use super::invocation::Invocation;
use super::output::Output;
use super::settings::{Settings, Streams};
use super::{
    action, adopt, apply, check, completions, config, deploy, drift, explain, graph, history, interrupt, lock, logs,
    looking, ls, man, plan, ps, rm, rollback, scale, schema, services, show, snapshot, status, watch,
};
use crate::app::exit::ExitCode;
use crate::engine::{Reader, connect};
use crate::ui::Tone;
use crate::ui::diagnostic::{summary, text};

/// Runs the program.
pub fn main() -> std::process::ExitCode {
    crate::system::terminal::prepare();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let settings = Settings::resolve(&args.global, &Environment::of_process(), Streams::of_process());
    let output = match Output::open(&settings) {
        Ok(output) => output,
        Err(error) => return unwritable(&settings, &error),
    };
    // To the end of the program: signals may come at any moment.
    let invocation: &'static Invocation = Box::leak(Box::new(Invocation::new(settings, output)));
    let (exit, _) = carry(args.command, invocation);
    std::process::ExitCode::from(exit.number())
}

/// From a command to its last event; words that belong to no diagnostic come back too.
pub fn carry(command: Command, invocation: &'static Invocation) -> (ExitCode, Option<String>) {
    let (exit, words) = match run(command, invocation) {
        Ok(exit) => (exit, None),
        Err(failure) => {
            say(&failure, invocation);
            (failure.exit, failure.words)
        }
    };
    invocation.end(exit);
    (exit, words)
}

/// `--help` and `--version` are no errors; everything else is exit 64, not clap's 2.
fn usage(error: &clap::Error) -> std::process::ExitCode {
    // A reader that left (`stackup --help | head`) is no error either.
    let _ = error.print();
    let exit = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Ok };
    std::process::ExitCode::from(exit.number())
}

fn run(command: Command, invocation: &'static Invocation) -> Result<ExitCode, Failure> {
    let wait = Waiting(invocation);
    match command {
        Command::Plan(args) => wait.on(plan::run(&args, invocation)),
        Command::Apply(args) => wait.on(apply::run(&args, invocation)),
        Command::Deploy(args) => wait.on(deploy::run(&args, invocation)),
        Command::Show(args) => show::run(&args, invocation),
        Command::Snapshot(args) => wait.on(snapshot::run(&args, invocation)),
        Command::Drift(args) => wait.on(async { drift::run(&args, &reader(invocation).await?, invocation).await }),
        Command::History(args) => wait.on(async { history::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Rollback(args) => wait.on(async { rollback::run(&args, reader(invocation).await?, invocation).await }),
        Command::Adopt(args) => wait.on(async { adopt::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Lock(args) => wait.on(async { lock::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Watch(args) => wait.on(watch::run(&args, invocation)),
        Command::Check(args) => check::run(&args, invocation),
        Command::Config(args) => config::run(&args, invocation),
        Command::Graph(args) => graph::run(&args, invocation),
        Command::Ls(args) => wait.on(async { ls::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Ps(args) => wait.on(async { ps::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Services(args) => {
            wait.on(async { services::run(&args, &reader(invocation).await?, invocation).await })
        }
        Command::Status(args) => wait.on(async { status::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Logs(args) => wait.on(async { logs::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Rm(args) => wait.on(async { rm::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Scale(args) => wait.on(async { scale::run(&args, &reader(invocation).await?, invocation).await }),
        Command::Explain(args) => explain::run(&args, invocation),
        Command::Schema(args) => schema::run(&args, invocation),
        Command::Completions(args) => completions::run(&args, invocation),
        Command::Man(args) => man::run(&args, invocation),
        Command::Action(args) => action::run(args, invocation),
    }
}

/// The engine that flags and environment name.
async fn reader(invocation: &Invocation) -> Result<Reader, Failure> {
    connect(&invocation.settings.address).await.map_err(looking::engine)
}

/// Waits for what talks to an engine. The pure commands start no runtime.
struct Waiting(&'static Invocation);

impl Waiting {
    fn on<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        match runtime {
            Ok(runtime) => {
                runtime.spawn(interrupt::end_unheard(self.0));
                let done = runtime.block_on(work);
                // Requests that nobody waits for any more must not hold up the end.
                runtime.shutdown_background();
                done
            }
            Err(error) => Err(Failure::words(ExitCode::Error, format!("no threads to work with: {error}"))),
        }
    }
}

fn say(failure: &Failure, invocation: &Invocation) {
    let theme = invocation.settings.error_theme;
    if let Some(words) = &failure.words {
        invocation.output.note(&format!("{} {words}", theme.paint(Tone::Bad, "error:")));
    }
    let scrub = |text: &str| invocation.output.scrub(text);
    invocation.output.note(&text(&failure.diagnostics, &failure.sources, &theme, &scrub));
    if let Some(counts) = summary(&failure.diagnostics).filter(|_| failure.diagnostics.len() > 1) {
        invocation.output.note(&format!("\n{counts}"));
    }
    // Whoever has gone misses it.
    let _ = invocation.tell_all(&failure.diagnostics, &failure.sources);
}

fn unwritable(settings: &Settings, error: &std::io::Error) -> std::process::ExitCode {
    let path = settings.json_into.as_deref().unwrap_or(std::path::Path::new("-"));
    let words = format!("error: {} cannot be written: {error}", path.display());
    super::output::last_words(&words);
    std::process::ExitCode::from(ExitCode::Usage.number())
}
