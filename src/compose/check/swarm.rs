//! What swarm refuses of one service, though each value by itself can be read.

use std::collections::BTreeMap;

use crate::compose::model::{Bytes, Healthcheck, Nanos, Service, Stack};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, Spanned, code};

/// The least that swarm takes, where it is not 0.
const MEMORY: i64 = 4 << 20;
const NANO_CPUS: i64 = 1_000_000;
const HEALTH: i64 = 1_000_000;

pub fn check(stack: &Stack, diagnostics: &mut Diagnostics) {
    for (name, service) in &stack.services {
        let mut checker = Checker { name, service, diagnostics };
        checker.replicas_of_a_global_service();
        checker.update_of_a_job();
        checker.ingress_without_an_address();
        checker.targets();
        checker.resources();
        if let Some(health) = &service.healthcheck {
            checker.disabled_test(health);
            checker.times(health);
        }
    }
}

struct Checker<'a> {
    name: &'a str,
    service: &'a Service,
    diagnostics: &'a mut Diagnostics,
}

impl Checker<'_> {
    fn push(&mut self, problem: Diagnostic) {
        self.diagnostics.push(problem.about(format!("service/{}", self.name)));
    }

    fn mode(&self) -> &str {
        self.service.deploy.mode.as_ref().map_or("", |m| m.value.as_str())
    }

    fn replicas_of_a_global_service(&mut self) {
        let (Some(replicas), true) = (self.service.deploy.replicas, self.mode().starts_with("global")) else { return };
        let message = format!("`{}` is {}: one task on each node, not a number of replicas", self.name, self.mode());
        let mut problem = Diagnostic::error(code::CONFLICT, message).at(replicas.span);
        if let Some(word) = &self.service.deploy.mode {
            problem = problem.also(word.span, "the mode is set here");
        }
        self.push(problem.help("take `replicas` out, or write mode: replicated"));
    }

    fn update_of_a_job(&mut self) {
        let (Some(update), Some(mode)) = (&self.service.deploy.update_config, &self.service.deploy.mode) else {
            return;
        };
        if mode.value.ends_with("-job") {
            let message =
                format!("`{}` is a {}, which swarm does not update some tasks at a time", self.name, mode.value);
            let problem =
                Diagnostic::error(code::CONFLICT, message).at(update.span).also(mode.span, "the mode is set here");
            self.push(problem.help("take `update_config` out: a job that changed runs again as a whole"));
        }
    }

    /// `dnsrr` gives a service no address of its own, and that is what an ingress port leads to.
    fn ingress_without_an_address(&mut self) {
        let Some(mode) = self.service.deploy.endpoint_mode.as_ref().filter(|m| m.value.eq_ignore_ascii_case("dnsrr"))
        else {
            return;
        };
        let Some(port) = self.service.ports.iter().find(|p| p.value.mode != "host") else { return };
        let message =
            format!("port {} is published through the ingress network, and endpoint_mode is dnsrr", port.value.target);
        let problem = Diagnostic::error(code::CONFLICT, message).at(port.span).also(mode.span, "set here");
        self.push(problem.help(format!(
            "publish it on each node, {{target: {}, published: …, mode: host}}, or take `endpoint_mode` out",
            port.value.target
        )));
    }

    fn targets(&mut self) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let service = self.service;
        for mount in &service.mounts {
            let target = &mount.target;
            if let Some(first) = seen.insert(&target.value, target.span) {
                let message = format!("two volumes at `{}`", target.value);
                let problem = Diagnostic::error(code::DUPLICATE_ENTRY, message).at_with(target.span, "again here");
                self.push(problem.also(first, "first here").help("give one of them another target, or take it out"));
            }
        }
    }

    fn resources(&mut self) {
        let resources = &self.service.deploy.resources;
        let limits = resources.limits.as_ref().map(|l| (l.value.nano_cpus, l.value.memory));
        let reservations = resources.reservations.as_ref().map(|r| (r.value.nano_cpus, r.value.memory));
        for (cpus, memory) in limits.into_iter().chain(reservations) {
            if let Some(cpus) = cpus.filter(|c| 0 < c.value && c.value < NANO_CPUS) {
                self.little("a thousandth of a CPU", cpus.span, "write 0.001 or more, such as cpus: \"0.5\"");
            }
            if let Some(memory) = memory.filter(|Spanned { value: Bytes(b), .. }| 0 < *b && *b < MEMORY) {
                self.little("4 MB of memory", memory.span, "write 4m or more, such as memory: 64m");
            }
        }
    }

    fn disabled_test(&mut self, health: &Spanned<Healthcheck>) {
        let (Some(test), true) = (&health.test, health.disable.is_some_and(|d| d.value)) else { return };
        if test.value.first().is_some_and(|t| t != "NONE") {
            let off = health.disable.map_or(test.span, |d| d.span);
            let message = format!("the health check of `{}` has a test and is disabled", self.name);
            let problem = Diagnostic::error(code::CONFLICT, message).at(test.span).also(off, "disabled here");
            self.push(problem.help("take one of `test` and `disable` out"));
        }
    }

    fn times(&mut self, health: &Healthcheck) {
        let times = [health.interval, health.timeout, health.start_period, health.start_interval];
        for time in times.into_iter().flatten().filter(|Spanned { value: Nanos(n), .. }| *n != 0 && *n < HEALTH) {
            self.little("a millisecond for a health check", time.span, "write 1ms or more, such as 10s");
        }
    }

    fn little(&mut self, least: &str, at: Span, help: &str) {
        const LITTLE: Code = code::TOO_LITTLE;
        self.push(Diagnostic::error(LITTLE, format!("swarm takes no less than {least}")).at(at).help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::tests::{Memory, read, shown};

    #[test]
    fn what_swarm_refuses_is_found_where_it_is() {
        for (part, expected) in [
            ("deploy: {resources: {limits: {memory: 1m}}}", vec!["SU0245 0.yml:4:43"]),
            ("deploy: {resources: {limits: {memory: 4m}, reservations: {cpus: '0.0001'}}}", vec!["SU0245 0.yml:4:69"]),
            ("deploy: {resources: {limits: {memory: 0, cpus: '0'}}}", vec![]),
            ("deploy: {endpoint_mode: dnsrr}\n    ports: ['80:80']", vec!["SU0229 0.yml:5:13"]),
            ("deploy: {endpoint_mode: dnsrr}\n    ports: [{target: 80, mode: host}]", vec![]),
            ("deploy: {mode: global-job, update_config: {}}", vec!["SU0229 0.yml:4:47"]),
            ("deploy: {mode: global-job, rollback_config: {}}", vec![]),
            ("healthcheck: {test: a, interval: 1ns, timeout: 0s}", vec!["SU0245 0.yml:4:38"]),
            ("volumes: ['/a:/x', '/b:/y', '/c:/x:ro']", vec!["SU0230 0.yml:4:33"]),
        ] {
            let (loaded, sources) =
                read(&[&format!("services:\n  a:\n    image: i\n    {part}\n")], &[], &Memory::default());
            let errors: Vec<String> = shown(&loaded, &sources).into_iter().filter(|s| !s.starts_with("SU04")).collect();
            assert_eq!(errors, expected, "{part}");
        }
    }
}
