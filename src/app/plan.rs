//! Files and a live swarm to a plan. Reads only: nothing here can write.

use super::deny::Deny;
use super::images::{self, Answers};
use super::load::{self, Loaded, Request};
use super::name::{self, NameError, StackName};
use crate::compose;
use crate::compose::model::Stack;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, code};
use crate::engine::{self, Address, EngineError, Reader, Wanted};
use crate::plan::{self, Plan, PlanOptions, Redactor, SecretKey};
use crate::release;
use crate::swarm::{Desired, Snapshot, convert};

/// What to plan.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    pub load: Request,
    /// The stack as named on the command line.
    pub argument: Option<String>,
    /// STACKUP_STACK.
    pub variable: Option<String>,
    pub address: Address,
    /// Without `resolved` and `source`: those are filled in here.
    pub options: PlanOptions,
    pub deny: Deny,
}

/// A plan and what belongs to it.
#[derive(Debug)]
pub struct Planned {
    pub plan: Plan,
    pub name: StackName,
    /// The texts that the plan's spans point into.
    pub sources: Sources,
    /// Warnings of the files and of the swarm.
    pub diagnostics: Diagnostics,
    /// Warnings of the rules in `compose::lint`, which `check` shows.
    pub lints: usize,
    /// Knows what no output may show.
    pub redactor: Redactor,
    /// What the plan was made from; apply compares with it.
    pub snapshot: Snapshot,
    pub desired: Desired,
    pub reader: Reader,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum PlanError {
    /// The files are wrong: `diagnostics` has errors.
    Files {
        diagnostics: Diagnostics,
        sources: Sources,
    },
    Name(NameError),
    Engine {
        error: EngineError,
        diagnostics: Diagnostics,
        sources: Sources,
    },
    /// Nothing of ours: a task of the runtime ended early.
    Broken(String),
}

/// Reads files and engine side by side, asks registries, and compares.
pub async fn plan(request: PlanRequest) -> Result<Planned, PlanError> {
    // Finding the engine takes a few round trips; reading files needs none of them.
    let address = request.address.clone();
    let connecting = tokio::spawn(async move { engine::connect(&address).await });
    let reading = request.load.clone();
    let loaded = tokio::task::spawn_blocking(move || load::load(&reading)).await.map_err(broken)?;

    let Loaded { stack, mut diagnostics, sources, source, working_dir } = loaded;
    let Some(stack) = stack.filter(|_| !diagnostics.has_errors()) else {
        connecting.abort();
        return Err(PlanError::Files { diagnostics, sources });
    };
    let name = name::choose(request.argument.as_deref(), Some(&stack), request.variable.as_deref(), &working_dir)
        .map_err(PlanError::Name)?;
    let desired = convert::convert(&stack, &name.name, &mut diagnostics);
    diagnostics.extend(compose::lint(&stack, &sources));
    let judged = request.deny.apply(compose::silence(diagnostics, &sources, false));
    let (lints, mut diagnostics) = set_apart(judged);
    if diagnostics.has_errors() {
        connecting.abort();
        return Err(PlanError::Files { diagnostics, sources });
    }

    let connected = connecting.await.map_err(broken)?;
    let live = async {
        let reader = connected?;
        let wanted = wanted(&desired, &stack);
        let (snapshot, key) = tokio::try_join!(reader.snapshot(&name.name, &wanted), key(&reader, &desired))?;
        Ok((reader, snapshot, key))
    };
    let (reader, snapshot, key) = match live.await {
        Ok(live) => live,
        Err(error) => return Err(PlanError::Engine { error, diagnostics, sources }),
    };
    diagnostics.extend(snapshot.damaged.iter().map(engine::diagnose_damaged));

    let mut options = request.options;
    options.source = source;
    options.secret_key = key;
    let questions = plan::images_to_resolve(&desired, &snapshot, options.resolve);
    let answers = images::resolve(&reader, questions, request.address.config_dir.as_deref()).await;
    options.resolved = answers.resolved.clone();

    let redactor = Redactor::from(&desired, &snapshot);
    let mut plan = plan::build(&desired, &snapshot, &options);
    say_why(&mut plan.diagnostics, &answers);
    judge(&mut plan, &sources, &request.deny);
    Ok(Planned { plan, name, sources, diagnostics, lints, redactor, snapshot, desired, reader })
}

/// Counts the warnings that only `check` shows, and takes them out.
fn set_apart(diagnostics: Diagnostics) -> (usize, Diagnostics) {
    let is_lint = |d: &Diagnostic| d.severity == Severity::Warning && code::LINT.contains(&d.code);
    let (lints, others): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(is_lint);
    let mut kept = Diagnostics::default();
    kept.extend(others);
    (lints.len(), kept)
}

/// Comments silence what the plan warns of; what is denied makes apply refuse.
fn judge(plan: &mut Plan, sources: &Sources, deny: &Deny) {
    plan.preflight = deny.apply(compose::silence(std::mem::take(&mut plan.preflight), sources, false));
    let told = deny.apply(compose::silence(std::mem::take(&mut plan.diagnostics), sources, false));
    let (denied, others): (Vec<_>, Vec<_>) = told.into_iter().partition(|d| d.severity == Severity::Error);
    plan.preflight.extend(denied);
    plan.diagnostics.extend(others);
}

/// The key that secrets are compared under, where there are any.
async fn key(reader: &Reader, desired: &Desired) -> Result<Option<SecretKey>, EngineError> {
    if desired.secrets.iter().any(|s| s.content.is_some()) { release::key::read(reader).await } else { Ok(None) }
}

/// Configs that are looked up by a name that does not begin with the stack's.
fn wanted(desired: &Desired, stack: &Stack) -> Wanted {
    let named = desired
        .configs
        .iter()
        .filter(|config| stack.configs.get(&config.key).is_some_and(|written| written.name.is_some()));
    let external = desired.external.iter().filter(|object| object.kind == crate::swarm::Kind::Config);
    Wanted {
        configs: named.map(|config| config.name.clone()).chain(external.map(|object| object.name.clone())).collect(),
    }
}

/// The plan knows which images are unresolved; the registries' words say why.
fn say_why(diagnostics: &mut Diagnostics, answers: &Answers) {
    let told = std::mem::take(diagnostics).into_iter().map(|mut diagnostic| {
        if diagnostic.code == code::IMAGE_UNRESOLVED {
            let why = answers.unresolved.iter().find(|(image, _)| diagnostic.message.contains(&format!("`{image}`")));
            if let Some((_, why)) = why {
                diagnostic.message = format!("{}: {why}", diagnostic.message);
            }
        }
        diagnostic
    });
    diagnostics.extend(told.collect::<Vec<_>>());
}

fn broken(error: tokio::task::JoinError) -> PlanError {
    PlanError::Broken(error.to_string())
}
