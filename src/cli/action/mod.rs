//! `stackup action`: what `action.yml` runs in a job. For people there are the other commands.

mod decide;
mod keep;
mod shown;
mod step;
mod told;

use super::environment::Environment;
use super::failure::Failure;
use super::invocation::Invocation;
use crate::action::gate::{Checkout, Gate, gate};
use crate::action::inputs::{Command, Inputs};
use crate::action::runner::Runner;
use crate::action::stage::{Stage, masks};
use crate::action::trigger::Trigger;
use crate::action::{annotate, files};
use crate::app::exit::ExitCode;
use crate::diagnostic::Severity;
use crate::git;
use crate::ui::diagnostic::escape_data;

use step::{Done, Step};

/// Be a step of a GitHub workflow; action.yml runs it
///
/// Reads INPUT_* and the runner's variables, does what they say, and leaves comment, summary, annotations and outputs.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct ActionArgs {}

pub fn run(_: ActionArgs, outer: &'static Invocation) -> Result<ExitCode, Failure> {
    Failure::unless_fit("a step of a workflow")?;
    let environment = Environment::of_process();
    let runner = Runner::read(environment.variables());
    let inputs = Inputs::read(environment.variables())
        .map_err(|wrong| Failure::words(ExitCode::Usage, wrong.join("\nerror: ")))?;
    for mask in masks(&inputs) {
        outer.output.raw(&format!("::add-mask::{}\n", escape_data(&mask)))?;
    }
    let Some(folder) = runner.folder.clone() else {
        let words = "STACKUP_ACTION_DIR is not set: this command is a step of action.yml; people use the others";
        return Err(Failure::words(ExitCode::Usage, words));
    };
    let payload = runner.event_path.as_deref().map(files::read).unwrap_or_default();
    let trigger = Trigger::read(&runner.event_name, &serde_json::from_str(&payload).unwrap_or_default());
    let head = git::describe(&["./."]).map(|state| state.commit);
    let checkout = Checkout { head: head.as_deref(), sha: &runner.sha };
    let may = gate(inputs.command, inputs.approval, &trigger, &runner.actor, checkout);
    let command = if matches!(may, Gate::CheckOnly(_)) { Command::Check } else { inputs.command };
    if let Some(words) = unknown_host(&inputs, command, runner.self_hosted) {
        return Err(Failure::words(ExitCode::Usage, words));
    }
    let contexts = super::settings::docker_folder(&environment).map(|folder| folder.join("contexts"));
    let stage =
        Stage::set(&inputs, &folder, contexts.as_deref()).map_err(|why| Failure::words(ExitCode::Error, why))?;
    let environment = environment.for_step(stage.certificates.as_deref(), stage.docker_config.as_deref());
    let step = Step { inputs, runner, trigger, folder, stage, environment, command };
    let (note, done) = match may {
        Gate::Refuse(why) => (None, Done::refused(why)),
        Gate::CheckOnly(why) => (Some(why), quietly(outer, || step.work())?),
        Gate::Go => (None, quietly(outer, || step.work())?),
    };
    if let Some(why) = note {
        say(outer, Severity::Note, &why);
    }
    shown::show(&step, done, outer)
}

/// Runs `work` while the runner takes nothing that is printed for a command: images' logs and files are other people's words.
fn quietly<T>(outer: &Invocation, work: impl FnOnce() -> T) -> Result<T, Failure> {
    let token = files::token("stackup").map_err(|why| Failure::words(ExitCode::Error, why))?;
    outer.output.raw(&format!("::stop-commands::{token}\n"))?;
    let done = work();
    // A log that nobody reads any more changes nothing about the rest.
    let _ = outer.output.raw(&format!("::{token}::\n"));
    Ok(done)
}

/// One annotation without a place.
fn say(outer: &Invocation, severity: Severity, words: &str) {
    let one = annotate::Annotation { severity, place: None, title: "stackup".to_owned(), message: words.to_owned() };
    let _ = outer.output.raw(&annotate::commands(vec![one], &std::collections::BTreeSet::new()));
}

/// A machine that is new with every job knows no host; asking the host itself for its key would prove nothing.
fn unknown_host(inputs: &Inputs, command: Command, self_hosted: bool) -> Option<String> {
    let ssh = inputs.host.as_deref().is_some_and(|host| host.starts_with("ssh://"));
    (ssh && command != Command::Check && inputs.ssh_known_hosts.is_none() && !self_hosted).then(|| {
        "input `ssh-known-hosts` is missing: `ssh-keyscan HOST` on a machine that you trust, compared with the host's own, \
         into a variable of the repository"
            .to_owned()
    })
}
