//! What a service names must be declared.

use std::collections::HashMap;

use crate::compose::context::suggest;
use crate::compose::layers::Layers;
use crate::compose::model::{FileReference, MountType, Service, Stack};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Span, Spanned, code};

pub fn check(stack: &Stack, left_out: &[String], layers: &Layers, diagnostics: &mut Diagnostics) {
    for service in stack.services.values() {
        let mut checker = Checker { stack, service, layers, diagnostics };
        checker.networks();
        checker.volumes();
        checker.files("secret", code::UNDECLARED_SECRET, &service.secrets);
        checker.files("config", code::UNDECLARED_CONFIG, &service.configs);
        checker.credential_spec();
        checker.depends_on(left_out);
    }
}

/// Their networks are of one node; no service of a swarm can join one that is made here.
const LOCAL_DRIVERS: &[&str] = &["bridge", "macvlan", "ipvlan", "host", "null", "none"];

struct Checker<'a> {
    stack: &'a Stack,
    service: &'a Service,
    layers: &'a Layers,
    diagnostics: &'a mut Diagnostics,
}

impl Checker<'_> {
    fn networks(&mut self) {
        let stack = self.stack;
        for (name, at) in self.service.networks.iter().flatten() {
            // `default` needs no declaration.
            if name != "default" && !stack.networks.contains_key(name) {
                let names = stack.networks.keys().map(String::as_str);
                self.undeclared(code::UNDECLARED_NETWORK, "network", name, at.span, names);
            }
            let driver = stack.networks.get(name).filter(|n| n.external.is_none()).and_then(|n| n.driver.as_ref());
            if let Some(driver) = driver.filter(|d| LOCAL_DRIVERS.contains(&d.value.as_str())) {
                let message =
                    format!("network `{name}` has the driver `{}`, whose networks are of one node", driver.value);
                let problem = Diagnostic::error(code::LOCAL_NETWORK, message)
                    .at(driver.span)
                    .also(at.span, "a service of the swarm joins it here")
                    .help("leave `driver` out (swarm makes an overlay network), or use `external: true` with `name: host`");
                self.push(problem);
            }
        }
    }

    fn volumes(&mut self) {
        let stack = self.stack;
        for mount in &self.service.mounts {
            let Some(source) = &mount.source else { continue };
            let by_group = mount.kind == MountType::Cluster && source.value.starts_with("group:");
            let named = matches!(mount.kind, MountType::Volume | MountType::Cluster) && !by_group;
            if named && !stack.volumes.contains_key(&source.value) {
                let names = stack.volumes.keys().map(String::as_str);
                self.undeclared(code::UNDECLARED_VOLUME, "volume", &source.value, source.span, names);
            }
        }
    }

    fn files(&mut self, kind: &str, code: Code, references: &[Spanned<FileReference>]) {
        let stack = self.stack;
        let declared = if kind == "secret" { &stack.secrets } else { &stack.configs };
        let mut targets: HashMap<&str, Span> = HashMap::new();
        for reference in references {
            let source = &reference.source;
            if !declared.contains_key(&source.value) {
                self.undeclared(code, kind, &source.value, source.span, declared.keys().map(String::as_str));
            }
            let target = reference.target.as_ref().map_or(&source.value, |t| &t.value).as_str();
            match targets.get(target) {
                Some(first) => {
                    let message = format!("two {kind}s of `{}` have the target `{target}`", self.service.name.value);
                    let problem = Diagnostic::error(code::DUPLICATE_ENTRY, message)
                        .at_with(reference.span, "again here")
                        .also(*first, "first here")
                        .help("give one of them another `target`");
                    self.push(problem);
                }
                None => {
                    targets.insert(target, reference.span);
                }
            }
        }
    }

    fn credential_spec(&mut self) {
        let stack = self.stack;
        if let Some(config) = self.service.credential_spec.as_ref().and_then(|c| c.config.as_ref())
            && !stack.configs.contains_key(&config.value)
        {
            let names = stack.configs.keys().map(String::as_str);
            self.undeclared(code::UNDECLARED_CONFIG, "config", &config.value, config.span, names);
        }
    }

    fn depends_on(&mut self, left_out: &[String]) {
        let stack = self.stack;
        for (name, dependency) in &self.service.depends_on {
            if stack.services.contains_key(name) || !dependency.required {
                continue;
            }
            if self.diagnostics.is_full(Severity::Error) {
                self.diagnostics.omit(1);
                continue;
            }
            let problem = if left_out.contains(name) {
                let message = format!("`{}` depends on `{name}`, whose profile is not active", self.service.name.value);
                Diagnostic::warning(code::INACTIVE_DEPENDENCY, message)
                    .at(dependency.span)
                    .help("name the profile in COMPOSE_PROFILES, or write required: false")
            } else {
                let names = stack.services.keys().map(String::as_str).filter(|n| *n != self.service.name.value);
                let help = suggest(name, names, "name a service of these files, or take it out");
                let message = format!("there is no service `{name}` to depend on");
                let problem = Diagnostic::error(code::UNKNOWN_DEPENDENCY, message).at(dependency.span).help(help);
                self.layers.explain_missing(problem, &["services", name])
            };
            self.push(problem);
        }
    }

    fn undeclared<'n>(
        &mut self,
        code: Code,
        kind: &str,
        name: &str,
        span: Span,
        names: impl Iterator<Item = &'n str> + Clone,
    ) {
        if self.diagnostics.is_full(Severity::Error) {
            return self.diagnostics.omit(1);
        }
        let declare = match name.contains(['/', ':']) {
            true if kind == "config" || kind == "secret" => {
                format!(
                    "a name stands here, not a path: at the top level {kind}s: {{NAME: {{file: …}}}}, here source: NAME, target: …"
                )
            }
            _ => format!("declare it at the top level: {kind}s: {{{name}: …}}"),
        };
        let help = suggest(name, names, declare);
        let problem = Diagnostic::error(code, format!("{kind} `{name}` is not declared")).at(span).help(help);
        self.push(self.layers.explain_missing(problem, &[&format!("{kind}s"), name]));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic.about(format!("service/{}", self.service.name.value)));
    }
}
