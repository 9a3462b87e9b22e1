//! Files and a live swarm, or what was recorded of one, to a plan. Reads only: nothing here can write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::basis::{self, Again, Basis, Live, look};
use super::deny::Deny;
use super::images;
use super::load::{self, Loaded, ReadFile, Request};
use super::name::{self, NameError, StackName};
use super::reading::Reading;
use crate::compose;
use crate::diagnostic::{Diagnostic, Diagnostics, Scrub, Severity, Sources, closest, code};
use crate::engine::auth::Keyring;
use crate::engine::{self, Address, EngineError, Reader, Wanted};
use crate::plan::document::{Circumstances, Document};
use crate::plan::{self, Against, Plan, PlanOptions, Recorded, Redactor, ResolveImage, ResolvedImage};
use crate::release::model::Origin;
use crate::swarm::{Desired, Kind, Snapshot, convert};

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
    pub live: LiveState,
    /// Services that do not change get their registry's credentials anew.
    pub renew_credentials: bool,
    /// What registries said when the plan was made that is made again; `None`: they are asked.
    pub images: Option<BTreeMap<String, ResolvedImage>>,
}

/// What the files are compared with.
#[derive(Clone, Debug, Default)]
pub enum LiveState {
    /// The swarm behind the address.
    #[default]
    Swarm,
    /// The swarm behind a connection that is there already.
    Connected(Reader),
    /// What was read of it already.
    Read(Arc<Reading>),
    /// What was recorded of one, in the file of that name. No engine is spoken to.
    Recorded(Box<Recorded>, String),
    /// A swarm with nothing in it. No engine is spoken to.
    Nothing,
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
    /// Warnings of the rules in `compose::lint`: for people a count, for programs each.
    pub lints: Diagnostics,
    /// Knows what no output may show.
    pub redactor: Redactor,
    /// What the plan was made from; apply looks again and makes it anew.
    pub basis: Basis,
    pub live: Live,
    /// What the release of this plan will be called.
    pub origin: Origin,
    /// Every file that was read.
    pub read: Vec<ReadFile>,
    pub working_dir: PathBuf,
    /// `None` where no engine was spoken to.
    pub reader: Option<Reader>,
}

impl Planned {
    /// The plan made again; its prune leaves these alone.
    pub fn sparing(mut self, spared: BTreeSet<(Kind, String)>) -> Self {
        self.basis.spared = spared;
        self.plan = self.basis.plan(&self.live, &self.sources);
        self
    }

    /// The plan as every form shows it. All of it passes through `scrub`.
    pub fn document(&self, scrub: Scrub) -> Document {
        let circumstances = Circumstances {
            sources: &self.sources,
            warned: &[&self.diagnostics, &self.lints],
            named_by: Some(self.name.why.as_str()),
            created: Timestamp::now(),
            taken: self.live.snapshot.taken,
            scrub,
        };
        Document::new(&self.plan, &circumstances)
    }
}

impl Again for Planned {
    fn wanted(&self) -> &Wanted {
        &self.basis.wanted
    }

    fn plan(&self, live: &Live) -> Plan {
        self.basis.plan(live, &self.sources)
    }
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
    /// `--target`, `--exclude` or `--replace` names a service that is not there; a sentence.
    Unmatched(String),
    Engine {
        error: EngineError,
        diagnostics: Diagnostics,
        sources: Sources,
    },
    /// Nothing of ours: a task of the runtime ended early.
    Broken(String),
}

impl PlanError {
    /// Nothing is known but that the engine is not to be had.
    pub fn of_engine(error: EngineError) -> Self {
        Self::Engine { error, diagnostics: Diagnostics::default(), sources: Sources::default() }
    }
}

/// What the files say, checked.
struct Wish {
    desired: Desired,
    wanted: Wanted,
    name: StackName,
    diagnostics: Diagnostics,
    lints: Diagnostics,
}

/// Reads files and engine side by side, asks registries, and compares.
pub async fn plan(request: PlanRequest) -> Result<Planned, PlanError> {
    // Finding the engine takes a few round trips; reading files needs none of them.
    let connecting = matches!(request.live, LiveState::Swarm).then(|| {
        let address = request.address.clone();
        Connecting(tokio::spawn(async move { engine::connect(&address).await }))
    });
    let reading = request.load.clone();
    let mut loaded = tokio::task::spawn_blocking(move || load::load(&reading)).await.map_err(broken)?;
    let Wish { desired, wanted, name, mut diagnostics, lints } = wish(&mut loaded, &request)?;
    let Loaded { sources, layers, source, working_dir, read, .. } = loaded;

    let mut basis = Basis {
        desired,
        options: PlanOptions { source, ..request.options },
        unresolved: BTreeMap::new(),
        deny: request.deny,
        spared: BTreeSet::new(),
        wanted,
        layers,
    };
    let connected = match (connecting, &request.live) {
        (Some(connecting), _) => Some(connecting.done().await?),
        (None, LiveState::Connected(reader)) => Some(Ok(reader.clone())),
        (None, LiveState::Read(reading)) => Some(Ok(reading.reader().clone())),
        (None, _) => None,
    };
    let (reader, live, against) = match (connected, request.live) {
        (Some(connected), state) => {
            let live = async {
                let reader = connected?;
                let live = match state {
                    LiveState::Read(reading) => reading.look(&basis.desired.stack, &basis.wanted).await?,
                    _ => look(&basis.desired.stack, &basis.wanted, &reader).await?,
                };
                Ok((reader, live))
            };
            match live.await {
                Ok((reader, live)) => (Some(reader), live, Against::Swarm),
                Err(error) => return Err(PlanError::Engine { error, diagnostics, sources }),
            }
        }
        (None, LiveState::Recorded(recorded, file)) => {
            let taken = recorded.snapshot.taken.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            let (snapshot, blanks) = recorded.recall(&basis.desired);
            diagnostics.extend(blanks);
            (None, Live { snapshot, ..Live::default() }, Against::Snapshot { file, taken })
        }
        (None, _) => {
            let snapshot = Snapshot { stack: basis.desired.stack.clone(), ..Snapshot::default() };
            (None, Live { snapshot, ..Live::default() }, Against::Nothing)
        }
    };
    unmatched(&basis, &live)?;
    diagnostics.extend(live.snapshot.damaged.iter().map(engine::diagnose_damaged));

    let questions = plan::images_to_resolve(&basis.desired, &live.snapshot, basis.options.resolve);
    let keyring = Arc::new(Keyring::new(request.address.config_dir.as_deref()));
    match (&reader, request.images) {
        // What was resolved stays; of the others only those that are nowhere matter.
        (Some(reader), Some(known)) => {
            let open = questions.into_iter().filter(|image| !known.contains_key(image)).collect();
            let answers = images::resolve(reader, open, &keyring).await;
            (basis.options.resolved, basis.unresolved) = (known, answers.unresolved);
            basis.options.absent = answers.absent;
        }
        (None, Some(known)) => basis.options.resolved = known,
        (Some(reader), None) => {
            let answers = images::resolve(reader, questions, &keyring).await;
            (basis.options.resolved, basis.unresolved) = (answers.resolved, answers.unresolved);
            basis.options.absent = answers.absent;
        }
        (None, None) => {
            let why = "no registry is asked where no engine is (`--live`)";
            basis.unresolved = questions.into_iter().map(|image| (image, why.to_owned())).collect();
        }
    }
    if request.renew_credentials {
        for image in plan::images_to_resolve(&basis.desired, &live.snapshot, ResolveImage::Always) {
            match keyring.get(&image).await {
                Ok(Some(_)) => drop(basis.options.renewed.insert(image)),
                Ok(None) => {}
                Err(why) => diagnostics.push(Diagnostic::warning(code::NO_CREDENTIALS, why)),
            }
        }
    }
    let redactor = basis.redactor(&live);
    let mut plan = basis.plan(&live, &sources);
    plan.exact &= against == Against::Swarm;
    plan.against = against;
    let origin = Origin::Apply;
    Ok(Planned { plan, name, sources, diagnostics, lints, redactor, basis, live, origin, read, working_dir, reader })
}

/// The checked stack as specs.
#[allow(clippy::result_large_err, reason = "made once, and it ends the command")]
fn wish(loaded: &mut Loaded, request: &PlanRequest) -> Result<Wish, PlanError> {
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let Some(stack) = loaded.stack.take().filter(|_| !diagnostics.has_errors()) else {
        return Err(PlanError::Files { diagnostics, sources: std::mem::take(&mut loaded.sources) });
    };
    let (argument, variable) = (request.argument.as_deref(), request.variable.as_deref());
    let name = name::choose(argument, Some(&stack), variable, &loaded.working_dir).map_err(PlanError::Name)?;
    let mut desired = convert::convert(&stack, &name.name, &mut diagnostics);
    loaded.mark(&stack, &mut desired);
    diagnostics.extend(compose::lint(&stack, &loaded.sources));
    loaded.layers.label(&mut diagnostics);
    loaded.secrets.clean(&mut diagnostics);
    let judged = request.deny.apply(compose::silence(diagnostics, &loaded.sources, false));
    let (lints, diagnostics) = set_apart(judged);
    if diagnostics.has_errors() {
        return Err(PlanError::Files { diagnostics, sources: std::mem::take(&mut loaded.sources) });
    }
    let wanted = basis::wanted(&desired, &stack);
    Ok(Wish { desired, wanted, name, diagnostics, lints })
}

/// A slip of the fingers in a flag must not look like a stack without changes.
#[allow(clippy::result_large_err, reason = "made once, and it ends the command")]
fn unmatched(basis: &Basis, live: &Live) -> Result<(), PlanError> {
    if !basis.options.picks() {
        return Ok(());
    }
    let stack = &basis.desired.stack;
    let live: Vec<&str> = live.snapshot.own_services().map(|one| crate::swarm::unscoped(stack, &one.name)).collect();
    let wanted: Vec<&str> = basis.desired.services.iter().map(|one| one.key.as_str()).collect();
    let Some((flag, name)) = basis.options.unmatched(&wanted, &live) else { return Ok(()) };
    let near = closest(name, wanted).map(|near| format!(": did you mean `{near}`?"));
    Err(PlanError::Unmatched(format!("no service of {stack} matches `{flag} {name}`{}", near.unwrap_or_default())))
}

/// A connection in the making; nobody waits for it once it is dropped.
struct Connecting(JoinHandle<Result<Reader, EngineError>>);

impl Connecting {
    async fn done(mut self) -> Result<Result<Reader, EngineError>, PlanError> {
        (&mut self.0).await.map_err(broken)
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Advice, and all else.
fn set_apart(diagnostics: Diagnostics) -> (Diagnostics, Diagnostics) {
    let (mut lints, mut others) = (Diagnostics::default(), Diagnostics::default());
    for diagnostic in diagnostics {
        let is_lint = diagnostic.severity == Severity::Warning && code::LINT.contains(&diagnostic.code);
        if is_lint { lints.push(diagnostic) } else { others.push(diagnostic) }
    }
    (lints, others)
}

fn broken(error: tokio::task::JoinError) -> PlanError {
    PlanError::Broken(error.to_string())
}
