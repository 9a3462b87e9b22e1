//! One live service against what the files want of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::compare::{Part, adopt, compare};
use super::edit::{remove, set};
use super::fields::FieldInfo;
use super::image::{self, ResolveImage, ResolvedImage};
use super::names::Names;
use super::rule::Field;
use super::table::{FIELDS, SCALE};
use crate::plan::settled::networks;
use crate::plan::{Effect, FieldChange, Op};
use crate::swarm::{
    DesiredService, Finder, IMAGE_LABEL, Kind, LiveService, Members, Origins, ServiceMode, is_predefined, join,
};

/// What differs, and the spec to write.
pub(in crate::plan) struct ServiceDiff {
    /// By importance.
    pub fields: Vec<FieldChange>,
    /// The live spec with what differs in the wanted form; networks by name.
    pub spec: Arc<Value>,
    /// The task's spec changes in more than placement.
    pub task: bool,
    pub placement: bool,
    pub endpoint: bool,
    /// A registry was to be asked about the image and gave no answer.
    pub unresolved_image: bool,
}

/// Fields with rules of their own.
pub(super) const IMAGE: FieldInfo = field("/TaskTemplate/ContainerSpec/Image", "/image", Effect::ForcesRestart);
/// Written with the image, and never alone.
pub(super) const PLATFORMS: FieldInfo = field("/TaskTemplate/Placement/Platforms", "/image", Effect::ForcesRestart);
pub(super) const MODE: FieldInfo = field("/Mode", "/deploy/mode", Effect::ForcesRecreate);
pub(super) const FORCE_UPDATE: FieldInfo = field("/TaskTemplate/ForceUpdate", "/force_update", Effect::ForcesRestart);

const fn field(spec: &'static str, compose: &'static str, effect: Effect) -> FieldInfo {
    FieldInfo { kind: Kind::Service, spec, compose, effect }
}

/// Objects that mean something as a whole: where the files have none, none is left, for a part of one would not mean the
/// same (an absent `Parallelism` in an `UpdateConfig` is 0, all at once; without the object it is 1).
const WHOLES: &[&str] = &[
    "/UpdateConfig",
    "/RollbackConfig",
    "/TaskTemplate/RestartPolicy",
    "/TaskTemplate/LogDriver",
    "/TaskTemplate/ContainerSpec/Healthcheck",
];

/// Compares. `want` already names the versions of configs and secrets that it is to get.
pub(in crate::plan) fn diff_service(
    desired: &DesiredService,
    want: &Value,
    live: &LiveService,
    names: &Names,
    resolve: ResolveImage,
    resolved: &BTreeMap<String, ResolvedImage>,
    ignored: &dyn Fn(&str) -> bool,
) -> ServiceDiff {
    let mut spec = Value::clone(&live.spec);
    name_networks(&mut spec, want, names);
    name_credential_config(&mut spec, names);
    let before = Arc::new(spec);
    let mut diff = ServiceDiff {
        fields: Vec::new(),
        spec: before.clone(),
        task: false,
        placement: false,
        endpoint: false,
        unresolved_image: false,
    };
    diff.image(desired, want, live, resolve, resolved, ignored);
    let mut values = Values::new(&before, want);
    for field in FIELDS {
        diff.field(field, &mut values, names, &desired.origins, ignored);
    }
    diff.mode(desired, &mut values, live, names, ignored);
    for whole in WHOLES {
        diff.drop_whole(whole, want);
    }
    if !diff.endpoint {
        order_ports(&mut diff.spec, &live.ports);
    }
    diff
}

/// Both sides of a comparison: the live spec, networks by name, and the wanted one.
struct Values<'v> {
    want: &'v Value,
    live: Finder<'v, 'static>,
    wanted: Finder<'v, 'static>,
}

impl<'v> Values<'v> {
    fn new(live: &'v Value, want: &'v Value) -> Self {
        Self { want, live: Finder::new(live), wanted: Finder::new(want) }
    }
}

/// Puts ports into the order that running tasks have them in. Swarm takes no notice of another order until something else of the
/// service is written, and then restarts every task for it, again and again.
fn order_ports(spec: &mut Arc<Value>, published: &[Value]) {
    let Some(Value::Array(ports)) = spec.member("/EndpointSpec/Ports") else { return };
    let number = |port: &Value, key: &str| port.get(key).and_then(Value::as_u64).unwrap_or(0);
    let same = |a: &Value, b: &Value| {
        let word = |key: &str| a.get(key) == b.get(key);
        // One that swarm picked stands in what is published only.
        let picked = number(a, "PublishedPort");
        word("Protocol")
            && word("PublishMode")
            && number(a, "TargetPort") == number(b, "TargetPort")
            && (picked == 0 || picked == number(b, "PublishedPort"))
    };
    let place = |port: &Value| published.iter().position(|one| same(port, one));
    if ports.iter().all(|port| place(port).is_some())
        && !ports.is_sorted_by_key(place)
        && let Some(Value::Array(ports)) = Arc::make_mut(spec).member_mut("/EndpointSpec/Ports")
    {
        ports.sort_by_key(place);
    }
}

impl ServiceDiff {
    fn image(
        &mut self,
        desired: &DesiredService,
        want: &Value,
        live: &LiveService,
        resolve: ResolveImage,
        resolved: &BTreeMap<String, ResolvedImage>,
        ignored: &dyn Fn(&str) -> bool,
    ) {
        if ignored("/image") {
            return;
        }
        let decision = image::decide(want, Some(live), resolve, resolved);
        self.unresolved_image = decision.unresolved;
        if decision.image == live.image() {
            return;
        }
        let (before, after) = (Value::from(live.image()), Value::from(decision.image.clone()));
        let span = desired.origins.nearest("/image");
        let field = FieldChange::new(IMAGE.compose, Op::Replace, Some(before), Some(after), IMAGE.effect, span);
        self.fields.push(FieldChange { unknown: decision.unresolved, ..field });
        set(Arc::make_mut(&mut self.spec), IMAGE.spec, Value::from(decision.image));
        if decision.platforms.is_empty() {
            remove(Arc::make_mut(&mut self.spec), PLATFORMS.spec, want);
        } else {
            set(Arc::make_mut(&mut self.spec), PLATFORMS.spec, Value::Array(decision.platforms));
        }
        self.task = true;
    }

    fn field(
        &mut self,
        field: &'static Field,
        values: &mut Values,
        names: &Names,
        origins: &Origins,
        ignored: &dyn Fn(&str) -> bool,
    ) {
        let want = values.want;
        let (live, wanted) = (values.live.member(field.spec), values.wanted.member(field.spec));
        // Most fields of most services: nothing has to be copied to see it.
        if live == wanted || ignored(field.compose) {
            return;
        }
        let (live, mut wanted) = (live.cloned().unwrap_or_default(), wanted.cloned().unwrap_or_default());
        adopt(field, &live, &mut wanted, ignored);
        let Some(outcome) = compare(field, &live, &wanted, names) else { return };
        match outcome.value {
            Some(value) => self.write(field.spec, value, want),
            None => remove(Arc::make_mut(&mut self.spec), field.spec, want),
        }
        self.task |= field.spec.starts_with("/TaskTemplate") && field.effect != Effect::Replacement;
        self.placement |= field.effect == Effect::Replacement;
        self.endpoint |= field.spec.starts_with("/EndpointSpec");
        let image_changes = self.fields.first().is_some_and(|f| f.path == "/image");
        let image_label = join("/deploy/labels", IMAGE_LABEL);
        for Part { path, op, before, after } in outcome.parts {
            if image_changes && path == image_label {
                continue; // the same thing twice
            }
            let span = origins.nearest(&path);
            let effect = field.effect;
            self.fields.push(FieldChange::new(path, op, before, after, effect, span));
        }
    }

    /// Sets `value`; where an object around it is missing the wanted one is taken whole, with what it means.
    fn write(&mut self, pointer: &str, value: Value, want: &Value) {
        let parents = pointer.match_indices('/').skip(1).map(|(end, _)| pointer.split_at(end).0);
        for parent in parents {
            let missing = self.spec.member(parent).is_none_or(Value::is_null);
            if let (true, Some(whole)) = (missing, want.member(parent)) {
                set(Arc::make_mut(&mut self.spec), parent, whole.clone());
                break;
            }
        }
        set(Arc::make_mut(&mut self.spec), pointer, value);
    }

    fn mode(
        &mut self,
        desired: &DesiredService,
        values: &mut Values,
        live: &LiveService,
        names: &Names,
        ignored: &dyn Fn(&str) -> bool,
    ) {
        let want = values.want;
        let (have, wanted) = (live.mode(), ServiceMode::of(want));
        if have.as_str() == wanted.as_str() {
            let before = self.fields.len();
            for field in SCALE.iter().filter(|f| want.member(f.spec.rsplit_once('/').map_or("", |p| p.0)).is_some()) {
                self.field(field, values, names, &desired.origins, ignored);
            }
            // A job says its number twice.
            let mut seen = false;
            let mut at = 0;
            self.fields.retain(|f| {
                at += 1;
                at <= before || f.path != "/deploy/replicas" || !std::mem::replace(&mut seen, true)
            });
            return;
        }
        let (before, after) = (Value::from(have.as_str()), Value::from(wanted.as_str()));
        let span = desired.origins.nearest("/deploy/mode");
        self.fields.push(FieldChange::new(MODE.compose, Op::Replace, Some(before), Some(after), MODE.effect, span));
        set(
            Arc::make_mut(&mut self.spec),
            MODE.spec,
            want.get("Mode").cloned().unwrap_or_else(|| json!({"Replicated": {}})),
        );
    }

    fn drop_whole(&mut self, whole: &str, want: &Value) {
        let changed = |spec: &str| spec.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/'));
        let fields = FIELDS.iter().filter(|f| changed(f.spec));
        let touched = fields.clone().any(|f| self.fields.iter().any(|c| covers(f.compose, &c.path)));
        if !touched || want.member(whole).is_some_and(|w| !w.is_null()) {
            return;
        }
        for field in fields {
            remove(Arc::make_mut(&mut self.spec), field.spec, want);
        }
        if whole.ends_with("ateConfig") || whole.ends_with("backConfig") {
            // Only something unknown can have kept it.
            if self.spec.member(whole).is_some() {
                set(Arc::make_mut(&mut self.spec), &format!("{whole}/Parallelism"), json!(1));
            }
        }
    }

    /// One more `ForceUpdate`: every task is replaced.
    pub fn force(&mut self) -> (u64, u64) {
        let before = self.spec.member(FORCE_UPDATE.spec).and_then(Value::as_u64).unwrap_or(0);
        set(Arc::make_mut(&mut self.spec), FORCE_UPDATE.spec, json!(before + 1));
        self.task = true;
        (before, before + 1)
    }
}

fn covers(compose: &str, path: &str) -> bool {
    path.strip_prefix(compose).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Ids become names. The host's own networks are in no list: an id that nothing knows is one of those that are wanted.
fn name_networks(spec: &mut Value, want: &Value, names: &Names) {
    let have: Vec<String> = networks(spec).map(|id| names.network(id).to_owned()).collect();
    let wanted = networks(want).map(str::to_owned);
    let mut predefined = wanted.filter(|target| is_predefined(target) && !have.contains(target));
    let Some(Value::Array(list)) = spec.member_mut("/TaskTemplate/Networks") else { return };
    for network in list {
        let Some(Value::String(target)) = network.get_mut("Target") else { continue };
        let is_predefined = is_predefined(target);
        if names.knows_network(target) {
            *target = names.network(target).to_owned();
        } else if let (false, Some(name)) = (is_predefined, predefined.next()) {
            *target = name;
        }
    }
}

fn name_credential_config(spec: &mut Value, names: &Names) {
    let pointer = "/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Config";
    if let Some(Value::String(id)) = spec.member_mut(pointer) {
        *id = names.config(id).to_owned();
    }
}

/// A service that is not there yet: everything that it says, and the spec with its image resolved.
pub(in crate::plan) fn describe(
    desired: &DesiredService,
    want: Value,
    names: &Names,
    resolve: ResolveImage,
    resolved: &BTreeMap<String, ResolvedImage>,
) -> ServiceDiff {
    let decision = image::decide(&want, None, resolve, resolved);
    let mut diff = ServiceDiff {
        fields: Vec::new(),
        spec: Arc::default(),
        task: false,
        placement: false,
        endpoint: false,
        unresolved_image: decision.unresolved,
    };
    let (image, span) = (Value::from(decision.image.clone()), desired.origins.nearest("/image"));
    let field = FieldChange::new("/image", Op::Add, None, Some(image), Effect::None, span);
    diff.fields.push(FieldChange { unknown: decision.unresolved, ..field });
    let nothing = Value::Null;
    let mut values = Values::new(&nothing, &want);
    for field in FIELDS.iter().chain(SCALE) {
        diff.field(field, &mut values, names, &desired.origins, &|_| false);
    }
    let mode = ServiceMode::of(&want).as_str();
    if mode != "replicated" {
        let (path, span) = ("/deploy/mode".to_owned(), desired.origins.nearest("/deploy/mode"));
        let after = Some(Value::from(mode));
        let effect = Effect::None;
        diff.fields.push(FieldChange::new(path, Op::Add, None, after, effect, span));
    }
    diff.fields.dedup_by(|a, b| a.path == b.path);
    // What every service of a stack has says nothing about this one, and nothing that is created has an effect.
    let given = ["/deploy/labels", "/labels"].map(|section| join(section, crate::swarm::NAMESPACE_LABEL));
    diff.fields.retain(|f| !given.contains(&f.path));
    for field in &mut diff.fields {
        (field.effect, field.op, field.before) = (Effect::None, Op::Add, None);
    }
    let mut spec = want;
    set(&mut spec, IMAGE.spec, Value::from(decision.image));
    if !decision.platforms.is_empty() {
        set(&mut spec, PLATFORMS.spec, Value::Array(decision.platforms));
    }
    diff.spec = Arc::new(spec);
    diff
}
