//! What a plan is made from, but for the swarm: enough to make the same plan again from another look.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::base::{self, Known};
use super::deny::Deny;
use crate::compose::{self, Layers, model::Stack};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, code};
use crate::engine::{EngineError, Reader, Wanted};
use crate::plan::{self, Plan, PlanOptions, Redactor, SecretKey, Standing};
use crate::release;
use crate::swarm::{Desired, Kind, Node, NodeState, Snapshot};

/// Files, options and what registries said.
#[derive(Clone, Debug)]
pub struct Basis {
    pub desired: Desired,
    /// With what registries said; the swarm's key is filled in by [`Basis::plan`].
    pub options: PlanOptions,
    /// Why a registry said nothing, a sentence by image.
    pub unresolved: BTreeMap<String, String>,
    pub deny: Deny,
    /// What no prune may touch.
    pub spared: BTreeSet<(Kind, String)>,
    pub wanted: Wanted,
    /// What the files said before others overrode it.
    pub layers: Layers,
}

/// One look at the swarm.
#[derive(Clone, Debug, Default)]
pub struct Live {
    pub snapshot: Snapshot,
    /// The key that secrets are compared under, where there is one.
    pub key: Option<SecretKey>,
    /// The releases before.
    pub known: Known,
}

/// Makes a plan again, from another look.
pub trait Again: Sync {
    fn wanted(&self) -> &Wanted;

    fn plan(&self, live: &Live) -> Plan;
}

impl Basis {
    /// Compares. Comments in the files silence what it warns of, and what is denied makes apply refuse.
    pub fn plan(&self, live: &Live, sources: &Sources) -> Plan {
        let known = &live.known;
        let base = known.base(&live.snapshot);
        let options = PlanOptions {
            secret_key: live.key.clone(),
            recorded: known.recorded.clone().filter(|_| base.standing == Standing::Recorded),
            base,
            kept: known.kept().into_iter().chain(self.spared.iter().cloned()).collect(),
            ..self.options.clone()
        };
        let mut plan = plan::build(&self.desired, &live.snapshot, &options);
        // Doing anything records a release, and the oldest is forgotten: what only that one needed goes along. Left to the
        // next plan it would never come to an end.
        if let Some(kept) = known.kept_then().filter(|_| options.prune && !plan.is_empty()) {
            plan = plan::build(&self.desired, &live.snapshot, &PlanOptions { kept, ..options });
        }
        plan.diagnostics.extend(known.notes(&plan.base));
        self.say_why(&mut plan.diagnostics);
        self.layers.label(&mut plan.diagnostics);
        self.layers.label(&mut plan.preflight);
        plan.preflight = self.judge(std::mem::take(&mut plan.preflight), sources);
        let told = self.judge(std::mem::take(&mut plan.diagnostics), sources);
        let (denied, others): (Vec<_>, Vec<_>) = told.into_iter().partition(|d| d.severity == Severity::Error);
        plan.preflight.extend(denied);
        plan.diagnostics.extend(others);
        plan
    }

    /// Hides what the files, the swarm and the last release hold.
    pub fn redactor(&self, live: &Live) -> Redactor {
        let redactor = Redactor::from(&self.desired, &live.snapshot);
        live.known.recorded.iter().fold(redactor, Redactor::and_recorded)
    }

    /// Swarm names of services that `--target` or `--exclude` leave out.
    pub fn left_out(&self) -> BTreeSet<String> {
        let services = self.desired.services.iter().filter(|s| !self.options.selects(&s.key));
        services.map(|s| s.name.clone()).collect()
    }

    fn judge(&self, diagnostics: Diagnostics, sources: &Sources) -> Diagnostics {
        self.deny.apply(compose::silence(diagnostics, sources, false))
    }

    /// The plan knows which images are unresolved; the registries' words say why.
    fn say_why(&self, diagnostics: &mut Diagnostics) {
        let told = std::mem::take(diagnostics).into_iter().map(|mut diagnostic: Diagnostic| {
            if diagnostic.code == code::IMAGE_UNRESOLVED {
                let why = diagnostic.message.split('`').nth(1).and_then(|image| self.unresolved.get(image));
                if let Some(why) = why {
                    diagnostic.message = format!("{}: {why}", diagnostic.message);
                }
            }
            diagnostic
        });
        diagnostics.extend(told.collect::<Vec<_>>());
    }
}

/// After an election the new leader has heard of no node yet; they call within seconds. One that died with the old leader
/// never does, and is not waited for as long as others are there.
const SOME: Duration = Duration::from_secs(10);
const ANY: Duration = Duration::from_secs(30);

/// How long to wait for nodes that nobody has heard of; `None` where there are none.
pub fn patience(nodes: &[Node]) -> Option<Duration> {
    let any = |state: NodeState| nodes.iter().any(|node| node.state == state);
    any(NodeState::Unknown).then_some(if any(NodeState::Ready) { SOME } else { ANY })
}

/// What is live, when it is known which nodes there are.
pub async fn snapshot(stack: &str, wanted: &Wanted, reader: &Reader) -> Result<Snapshot, EngineError> {
    let began = Instant::now();
    loop {
        let snapshot = reader.snapshot(stack, wanted).await?;
        if patience(&snapshot.nodes).is_none_or(|patience| began.elapsed() >= patience) {
            return Ok(snapshot);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// One look at the swarm, as far as the stack needs it.
pub async fn look(stack: &str, wanted: &Wanted, reader: &Reader) -> Result<Live, EngineError> {
    let (snapshot, key, known) =
        tokio::try_join!(snapshot(stack, wanted, reader), release::key::read(reader), base::known(reader, stack))?;
    Ok(Live { snapshot, key, known })
}

/// Configs that are looked up by a name that does not begin with the stack's.
pub fn wanted(desired: &Desired, stack: &Stack) -> Wanted {
    let named = desired
        .configs
        .iter()
        .filter(|config| stack.configs.get(&config.key).is_some_and(|written| written.name.is_some()));
    let external = desired.external.iter().filter(|object| object.kind == Kind::Config);
    Wanted {
        configs: named.map(|config| config.name.clone()).chain(external.map(|object| object.name.clone())).collect(),
    }
}
