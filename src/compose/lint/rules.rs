//! All rules, and what they are given.

use super::{environment, health, image, mounts, resources, updates};
use crate::compose::model::{Service, Stack};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};

/// One service being looked at.
pub(super) struct Subject<'a> {
    pub stack: &'a Stack,
    pub service: &'a Service,
    sources: &'a Sources,
    found: Vec<Diagnostic>,
}

/// Warnings about a stack that is free of errors; services in the order of their names.
pub fn lint(stack: &Stack, sources: &Sources) -> Diagnostics {
    let mut all = Diagnostics::default();
    for service in stack.services.values() {
        let mut subject = Subject { stack, service, sources, found: Vec::new() };
        image::floating_tag(&mut subject);
        health::no_healthcheck(&mut subject);
        health::unchecked_dependency(&mut subject);
        environment::secret(&mut subject);
        mounts::relative_bind(&mut subject);
        mounts::moving_volume(&mut subject);
        mounts::relative_target(&mut subject);
        resources::limit_below_reservation(&mut subject);
        updates::no_failure_action(&mut subject);
        updates::start_first_host_port(&mut subject);
        all.extend(subject.found);
    }
    all
}

impl<'a> Subject<'a> {
    pub fn name(&self) -> &'a str {
        &self.service.name.value
    }

    pub fn say(&mut self, warning: Diagnostic) {
        self.found.push(warning.about(format!("service/{}", self.service.name.value)));
    }

    /// What stands in the file there, quotes and variables as written.
    pub fn written(&self, span: Span) -> &'a str {
        let text = self.sources.get(span.file).map_or("", |f| &f.text);
        text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// `replicated`, or as written.
    pub fn mode(&self) -> &'a str {
        self.service.deploy.mode.as_ref().map_or("replicated", |m| &m.value)
    }

    pub fn is_job(&self) -> bool {
        self.mode().ends_with("-job")
    }

    /// A constraint keeps its tasks on some nodes for a reason other than what they are made of.
    pub fn is_pinned(&self) -> bool {
        self.service.deploy.placement.constraints.iter().any(|c| {
            let key = c.value.split_once("==").map_or("", |(key, _)| key.trim());
            ["node.id", "node.hostname", "node.role", "node.ip"].contains(&key)
                || key.starts_with("node.labels.")
                || key.starts_with("engine.labels.")
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::compose::tests::{Memory, read, shown};
    use crate::compose::{Loaded, lint};

    /// `SU0402 0.yml:4:12` for each warning about these files.
    fn found(texts: &[&str]) -> Vec<String> {
        let files = Memory::default().with("/stack/web.env", "API_TOKEN=from-a-file\n");
        let (loaded, sources) = read(texts, &[("FROM_OUTSIDE", "x")], &files);
        let stack = loaded.stack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let diagnostics = lint(&stack, &sources);
        for d in &diagnostics {
            assert!(d.help.as_ref().is_some_and(|h| !h.is_empty()), "{} helps nobody", d.message);
            assert!(d.severity == crate::diagnostic::Severity::Warning && d.address.is_some(), "{d:?}");
        }
        shown(&Loaded { stack: None, diagnostics, layers: Default::default() }, &sources)
    }

    /// About which the rules have nothing to say.
    const FINE: &str = "image: a:1\nhealthcheck: {test: x}\ndeploy: {update_config: {failure_action: rollback}}";

    fn service(text: &str) -> String {
        format!("services:\n  a:\n    {}\n", text.replace('\n', "\n    "))
    }

    #[test]
    fn nothing_is_said_about_a_good_service() {
        assert_eq!(found(&[&service(FINE)]), [""; 0]);
    }

    #[test]
    fn rules_find_what_they_look_for_and_nothing_else() {
        let global = "deploy: {mode: global, update_config: {failure_action: pause}}";
        for (more, expected) in [
            ("image: a", vec!["SU0402 1.yml:3:12"]),
            ("image: a:latest", vec!["SU0402 1.yml:3:12"]),
            ("image: 'r.example:5000/a'", vec!["SU0402 1.yml:3:12"]),
            ("image: 'r.example:5000/a:2'", vec![]),
            ("image: a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", vec![]),
            ("environment: {DB_PASSWORD: hunter2x}", vec!["SU0407 1.yml:3:32"]),
            ("environment: [API_TOKEN=hunter2x]", vec!["SU0407 1.yml:3:19"]),
            ("environment: {DB_PASSWORD: '${FROM_OUTSIDE}', DB_PASSWORD_FILE: /run/secrets/x, TOKEN: ''}", vec![]),
            ("environment: {SECRET_KEY: /run/secrets/key, AUTH_TOKEN_TTL: '30', USE_TOKEN: 'true'}", vec![]),
            ("env_file: web.env", vec![]),
            ("volumes: ['./data:/data']", vec!["SU0403 1.yml:3:15"]),
            ("volumes: [{type: bind, source: data, target: /data}]", vec!["SU0403 1.yml:3:36"]),
            ("volumes: ['/data:/data', '~/x:/x']", vec![]),
            ("volumes: ['./data:/data']\ndeploy: {placement: {constraints: [node.hostname == n1]}}", vec![]),
            (
                "volumes: ['./data:/data']\ndeploy: {placement: {constraints: [node.hostname != n1]}}",
                vec!["SU0403 1.yml:3:15"],
            ),
            (
                "volumes: [{type: volume, target: data}, 'C:\\x:C:\\y']\ntmpfs: ['', '/run', 'tmp']",
                vec!["SU0410 1.yml:3:38", "SU0410 1.yml:4:13", "SU0410 1.yml:4:25"],
            ),
            ("deploy: {resources: {limits: {cpus: '1', memory: 1g}, reservations: {cpus: '1', memory: 1g}}}", vec![]),
            (
                "deploy: {resources: {limits: {cpus: '0.5', memory: 8m}, reservations: {cpus: '1', memory: 1g}}}",
                vec!["SU0406 1.yml:3:41", "SU0406 1.yml:3:56"],
            ),
            ("ports: [{target: 80, published: 80, mode: host}]", vec![]),
            (
                "ports: [{target: 80, published: 80, mode: host}]\ndeploy: {update_config: {order: start-first}}",
                vec!["SU0405 1.yml:4:37"],
            ),
            ("ports: [{target: 80, published: 80}]\ndeploy: {update_config: {order: start-first}}", vec![]),
            (global, vec![]),
        ] {
            assert_eq!(found(&[&service(FINE), &service(more)]), expected, "{more}");
        }
    }

    #[test]
    fn health_and_failure_are_asked_of_what_stays() {
        assert_eq!(found(&[&service("image: a:1")]), ["SU0401 0.yml:2:3", "SU0409 0.yml:2:3"]);
        let off = "image: a:1\nhealthcheck: {disable: true}\ndeploy: {update_config: {parallelism: 1}}";
        assert_eq!(found(&[&service(off)]), ["SU0409 0.yml:5:29"]);
        assert_eq!(found(&[&service("image: a:1\ndeploy: {mode: replicated-job}")]), [""; 0]);
        let waits = "services:\n  a: &fine {image: a:1, depends_on: {b: {condition: service_healthy}}, healthcheck: {test: x},\n    deploy: {update_config: {failure_action: pause}}}\n  b: {<<: *fine, depends_on: [], healthcheck: {disable: true}}\n";
        assert_eq!(found(&[waits]), ["SU0408 0.yml:2:38"]);
    }

    #[test]
    fn a_local_volume_is_lost_by_a_service_that_moves() {
        let file = |service: &str, volume: &str| {
            format!(
                "services:\n  a:\n    image: a:1\n    healthcheck: {{test: x}}\n    volumes: ['v:/v']\n    deploy: {{update_config: {{failure_action: pause}}{service}}}\nvolumes:\n  v: {volume}\n"
            )
        };
        for (service, volume, expected) in [
            ("", "", true),
            ("", "{driver: local}", true),
            ("", "{driver: nfs}", false),
            ("", "{driver_opts: {type: nfs, o: 'addr=10.0.0.1'}}", false),
            ("", "{external: true}", false),
            (", mode: global", "", false),
            (", placement: {constraints: [node.labels.db == yes]}", "", false),
            (", placement: {constraints: [node.platform.os == linux]}", "", true),
        ] {
            let expected = if expected { vec!["SU0404 0.yml:5:15"] } else { vec![] };
            assert_eq!(found(&[&file(service, volume)]), expected, "{service} {volume}");
        }
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let (loaded, sources) =
            read(&[&service("image: a\nenvironment: [API_TOKEN=hunter2x]")], &[], &Memory::default());
        assert!(!format!("{:?}", lint(&loaded.stack.unwrap(), &sources)).contains("hunter2x"));
    }
}
