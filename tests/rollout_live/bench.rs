//! Stacks, specs and plans by hand.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use stackup::app::apply::{ApplyOptions, Interrupt, Outcome, apply};
use stackup::app::basis::{Again, Live};
use stackup::app::event::Recorder;
use stackup::compose::model::DependsOnCondition;
use stackup::diagnostic::Diagnostics;
use stackup::engine::{Address, Reader, Wanted, connect};
use stackup::plan::{Action, Change, Expect, Footing, Impact, Operation, Plan, Preconditions, Write, spec_digest};
use stackup::swarm::{Kind, Snapshot};
use tokio::sync::watch;

/// Stays until it is asked to go.
pub const STAYS: &str = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

/// A stack of a test on the swarm of `STACKUP_TEST_HOST`.
pub struct Bench {
    pub reader: Reader,
    pub stack: String,
    pub image: String,
    forgotten: Cell<bool>,
}

/// A test that fails leaves nothing behind: a crash loop would slow down all others.
impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() || self.forgotten.get() {
            return;
        }
        let (reader, stack) = (self.reader.clone(), self.stack.clone());
        let remove = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(remove(&reader, &stack));
            std::io::Result::Ok(())
        };
        // Whether that works decides nothing any more.
        drop(std::thread::spawn(remove).join());
    }
}

/// A plan that no files stand behind. Its writes replace whole specs, so what they do depends on what is live.
pub struct ByHand {
    plan: Plan,
    wanted: Wanted,
}

impl ByHand {
    pub fn new(plan: &Plan) -> Self {
        Self { plan: plan.clone(), wanted: Wanted::default() }
    }

    /// As its changes say that it was seen.
    fn seen(&self) -> Plan {
        self.standing_on(|change| {
            let known = &change.preconditions;
            known.present.then(|| (change.id.clone().unwrap_or_default(), known.spec_digest.clone()))
        })
    }

    /// `live` gives id and spec digest of what is there.
    fn standing_on(&self, live: impl Fn(&Change) -> Option<(String, Option<String>)>) -> Plan {
        let mut plan = self.plan.clone();
        (plan.ground, plan.decision) = Default::default();
        for change in &plan.changes {
            let found = live(change);
            let expect = if found.is_some() { Expect::Present } else { Expect::Absent };
            let (id, spec_digest) = found.unzip();
            let spec_digest = spec_digest.flatten().filter(|_| change.preconditions.spec_digest.is_some());
            let digest = format!("{} {spec_digest:?}", change.address());
            let (kind, name) = (change.kind, change.name.clone());
            plan.ground.0.push(Footing { kind, name, expect, id, index: None, spec_digest, labelled: false });
            let (address, keyless_digest) = (change.address(), digest.clone());
            plan.decision.operations.push(Operation { address, digest, keyless_digest, sealed: Vec::new() });
        }
        plan
    }
}

impl Again for ByHand {
    fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    fn plan(&self, live: &Live) -> Plan {
        let live = &live.snapshot;
        let mut plan = self.standing_on(|change| {
            let name = change.name.as_str();
            match change.kind {
                Kind::Network => live.network(name).map(|n| (n.id.clone(), None)),
                Kind::Config => live.config(name).map(|c| (c.id.clone(), Some(spec_digest(&c.spec)))),
                Kind::Secret => live.secret(name).map(|s| (s.id.clone(), Some(spec_digest(&s.spec)))),
                Kind::Service => live.service(name).map(|s| (s.id.clone(), Some(spec_digest(&s.spec)))),
            }
        });
        plan.cluster = live.cluster.clone();
        plan
    }
}

/// Everything of a stack goes, as `docker stack rm` would do it. What is already going is not waited for.
async fn remove(reader: &Reader, stack: &str) {
    let writer = reader.writer();
    let Ok(snapshot) = reader.snapshot(stack, &Wanted::default()).await else { return };
    for service in snapshot.own_services() {
        let _ = writer.remove_service(&service.id).await;
    }
    for config in snapshot.own_configs() {
        let _ = writer.remove_config(&config.id).await;
    }
    for network in snapshot.own_networks() {
        let _ = writer.remove_network(&network.id).await;
    }
}

impl Bench {
    /// `None`, with a notice, where no swarm is given.
    pub async fn new(stack: &str) -> Option<Self> {
        let Ok(host) = std::env::var("STACKUP_TEST_HOST") else {
            println!("not tested: STACKUP_TEST_HOST names no engine");
            return None;
        };
        let image = std::env::var("STACKUP_TEST_IMAGE").unwrap_or_else(|_| "10.99.0.1:5000/t:1".to_owned());
        let reader = connect(&Address { host: Some(host), ..Address::default() }).await.unwrap();
        let bench =
            Self { reader, stack: format!("live-{stack}-{}", std::process::id()), image, forgotten: Cell::new(false) };
        bench.remove().await;
        Some(bench)
    }

    pub async fn snapshot(&self) -> Snapshot {
        self.reader.snapshot(&self.stack, &Wanted::default()).await.unwrap()
    }

    /// Everything of this stack goes.
    pub async fn remove(&self) {
        remove(&self.reader, &self.stack).await;
    }

    /// The engine is no more.
    pub fn forget(&self) {
        self.forgotten.set(true);
    }

    pub fn name(&self, key: &str) -> String {
        format!("{}_{key}", self.stack)
    }

    fn labels(&self) -> Value {
        json!({"com.docker.stack.namespace": self.stack})
    }

    /// A replicated service with a monitor of three seconds (a busy machine is slow to see that a task ended) that runs `command` in a shell.
    pub fn spec(&self, key: &str, command: &str, replicas: u64) -> Value {
        json!({
            "Name": self.name(key),
            "Labels": self.labels(),
            "TaskTemplate": {
                "ContainerSpec": {"Image": self.image, "Labels": self.labels(),
                                  "Command": ["/bin/sh", "-c", command], "StopGracePeriod": 2_000_000_000u64},
                "RestartPolicy": {"Condition": "any", "Delay": 300_000_000u64},
                "Placement": {},
            },
            "Mode": {"Replicated": {"Replicas": replicas}},
            "UpdateConfig": {"Parallelism": 1, "Monitor": 3_000_000_000u64, "FailureAction": "pause"},
        })
    }

    pub fn create(&self, key: &str, spec: Value) -> Change {
        self.change(Kind::Service, key, Action::Create, None, Write::CreateService { spec })
    }

    /// The live service `key`, with something changed.
    pub async fn update(&self, key: &str, action: Action, edit: impl Fn(&mut Value)) -> Change {
        let live = self.reader.service(&self.name(key)).await.unwrap().unwrap();
        let mut spec = live.spec.as_ref().clone();
        edit(&mut spec);
        let digest = Some(spec_digest(&live.spec));
        let write = Write::UpdateService { id: live.id.clone(), spec, before: Some(live.spec) };
        let mut change = self.change(Kind::Service, key, action, Some(live.id), write);
        change.preconditions.spec_digest = digest;
        change
    }

    pub fn network(&self, key: &str) -> Change {
        let body =
            json!({"Name": self.name(key), "Driver": "overlay", "Labels": self.labels(), "CheckDuplicate": true});
        self.change(Kind::Network, key, Action::Create, None, Write::CreateNetwork { body })
    }

    pub fn config(&self, key: &str, text: &str) -> Change {
        let spec = json!({"Name": self.name(key), "Labels": self.labels()});
        let content = stackup::compose::model::Content(text.as_bytes().into());
        self.change(Kind::Config, key, Action::Create, None, Write::CreateConfig { spec, content })
    }

    pub fn change(&self, kind: Kind, key: &str, action: Action, id: Option<String>, write: Write) -> Change {
        Change {
            kind,
            key: key.to_owned(),
            name: self.name(key),
            preconditions: Preconditions { present: id.is_some(), index: None, spec_digest: None, update_state: None },
            id,
            action,
            wave: u32::from(kind == Kind::Service),
            after: BTreeMap::new(),
            reasons: Vec::new(),
            fields: Vec::new(),
            content_diff: None,
            impact: Impact::default(),
            rollout: None,
            health: None,
            span: None,
            write,
        }
    }

    pub async fn plan(&self, changes: Vec<Change>) -> Plan {
        let plan = Plan {
            id: "p-0".to_owned(),
            decision: Default::default(),
            ground: Default::default(),
            against: Default::default(),
            stack: self.stack.clone(),
            cluster: self.reader.cluster().await.unwrap(),
            source: Default::default(),
            base: Default::default(),
            exact: true,
            targeted: false,
            summary: Default::default(),
            changes,
            orphans: Vec::new(),
            drift: Vec::new(),
            placement: Vec::new(),
            preflight: Diagnostics::default(),
            diagnostics: Diagnostics::default(),
        };
        ByHand::new(&plan).seen()
    }

    pub async fn apply(&self, changes: Vec<Change>) -> (Outcome, Recorder) {
        self.apply_with(changes, &ApplyOptions::default()).await
    }

    pub async fn apply_with(&self, changes: Vec<Change>, options: &ApplyOptions) -> (Outcome, Recorder) {
        let plan = self.plan(changes).await;
        let (_keep, cancel) = watch::channel(Interrupt::None);
        let mut events = Recorder::default();
        let outcome = apply(&plan, &ByHand::new(&plan), &self.reader.writer(), options, &mut events, cancel).await;
        for (at, event) in &events.0 {
            println!("{}", event.line(*at));
        }
        println!("{:?} {:?}\n{:#?}", outcome.exit, outcome.changed, outcome.ledger);
        (outcome, events)
    }

    /// Tasks of a service that do run.
    pub async fn running(&self, key: &str) -> Vec<stackup::swarm::Task> {
        use stackup::swarm::TaskState::Running;
        let Some(service) = self.reader.service(&self.name(key)).await.unwrap() else { return Vec::new() };
        let tasks = self.reader.tasks(&self.stack, true).await.unwrap();
        tasks.into_iter().filter(|t| t.service == service.id && t.state == Running && t.desired == Running).collect()
    }
}

pub fn after(mut change: Change, key: &str, condition: DependsOnCondition, wave: u32) -> Change {
    change.after.insert(key.to_owned(), condition);
    change.wave = wave;
    change
}

pub fn command(spec: &mut Value, command: &str) {
    spec["TaskTemplate"]["ContainerSpec"]["Command"] = json!(["/bin/sh", "-c", command]);
}
