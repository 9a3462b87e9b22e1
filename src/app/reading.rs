//! One reading of the swarm, for looks at many stacks.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::base;
use super::basis::{Live, look, patience};
use crate::engine::{self, EngineError, Reader, Wanted};
use crate::plan::Ground;
use crate::release::{history, is_part, key, lease};
use crate::swarm::{Kind, NAMESPACE_LABEL};

/// Everything in a swarm as it was after the reading began: looks that were asked for before that may share it.
#[derive(Debug)]
pub struct Reading {
    reader: Reader,
    swarm: engine::Reading,
}

/// What is live of a stack and beneath it, by ids and versions: while it is the same, so is a plan that has nothing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark([u8; 32]);

impl Reading {
    pub async fn take(reader: Reader) -> Result<Self, EngineError> {
        let swarm = reader.reading(|name| !is_part(name)).await?;
        Ok(Self { reader, swarm })
    }

    /// One for tests: a swarm in which there is this.
    #[cfg(test)]
    pub fn made(seen: crate::swarm::Snapshot) -> Self {
        Self { reader: Reader::nowhere(), swarm: engine::Reading::made(seen) }
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// How long to wait for nodes that nobody has heard of. `None` where there are none.
    pub fn patience(&self) -> Option<Duration> {
        patience(self.swarm.nodes())
    }

    /// What one stack needs of it. The engine is asked for what was too much to keep.
    pub async fn look(&self, stack: &str, wanted: &Wanted) -> Result<Live, EngineError> {
        let find = |name: &str| self.swarm.config(name);
        let names = history::names(stack);
        let heads = || self.swarm.configs(&names).filter(|config| !is_part(&config.name));
        let snapshot = self.swarm.snapshot(stack, wanted).filter(|_| heads().all(|head| head.data.is_some()));
        let Some(snapshot) = snapshot else { return look(stack, wanted, &self.reader).await };
        let lock = lease::among(stack, self.swarm.taken(), find);
        let known = base::with_record(&self.reader, stack, history::of(stack, heads()), lock).await?;
        Ok(Live { snapshot, key: key::among(find), known })
    }

    /// `None` where somebody holds the stack: that may change with time alone. `ground` is that of the stack's last plan:
    /// it names what the plan relies on and what is not the stack's own.
    pub fn mark(&self, stack: &str, ground: &Ground) -> Option<Mark> {
        let find = |name: &str| self.swarm.config(name);
        if lease::among(stack, self.swarm.taken(), find).is_some() {
            return None;
        }
        let mut digest = Sha256::new();
        let mut put = |text: String| digest.update(text.as_bytes());
        let cluster = self.swarm.cluster();
        put(format!("{} {} {}\n", cluster.id, cluster.engine_version, cluster.api_version));
        let named = |kind: Kind, name: &str| ground.find(kind, name).is_some();
        let counts = |kind: Kind, name: &str, label: Option<&str>| label == Some(stack) || named(kind, name);
        // A name is given to one service: nobody else's can have come to stand where one of these is.
        for one in self.swarm.services_of(stack) {
            put(format!("s {} {} {:?} {:?}\n", one.id, one.version, one.running, one.wanted));
        }
        for one in self.swarm.networks() {
            if counts(Kind::Network, &one.name, one.labels.get(NAMESPACE_LABEL).map(String::as_str)) {
                put(format!("n {}\n", one.id));
            }
        }
        for one in self.swarm.secrets() {
            if counts(Kind::Secret, &one.name, one.label(NAMESPACE_LABEL)) {
                put(format!("x {} {}\n", one.id, one.version));
            }
        }
        let own = self.swarm.configs_of(stack);
        let others = ground.0.iter().filter(|footing| footing.kind == Kind::Config);
        let others = others.filter_map(|footing| find(&footing.name));
        let ours = find(key::NAME).into_iter();
        let releases = history::names(stack);
        for one in own.chain(others).chain(ours).chain(self.swarm.configs(&releases)) {
            put(format!("c {} {}\n", one.id, one.version));
        }
        Some(Mark(digest.finalize().into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::{Expect, Footing};
    use crate::swarm::{LiveConfig, LiveNetwork, LiveService, Snapshot};

    fn config(name: &str, stack: &str, version: u64) -> LiveConfig {
        let spec = json!({"Name": name, "Labels": {NAMESPACE_LABEL: stack}});
        let (id, name) = (format!("id-{name}"), name.to_owned());
        LiveConfig { id, name, version, spec, data: Some(Vec::new().into()), created: None, updated: None }
    }

    fn service(name: &str, stack: &str) -> LiveService {
        LiveService {
            id: format!("id-{name}"),
            name: name.to_owned(),
            version: 1,
            spec: json!({"Name": name, "Labels": {NAMESPACE_LABEL: stack}}).into(),
            update: None,
            created: None,
            updated: None,
            running: Some(0),
            wanted: Some(1),
            completed: None,
            ports: Vec::new(),
            job_iteration: None,
        }
    }

    fn network(name: &str, id: &str, stack: &str) -> LiveNetwork {
        let labels = [(NAMESPACE_LABEL.to_owned(), stack.to_owned())].into();
        let (id, name, driver, scope) = (id.to_owned(), name.to_owned(), "overlay".to_owned(), "swarm".to_owned());
        LiveNetwork { id, name, driver, scope, ingress: false, labels, raw: json!({}) }
    }

    fn swarm() -> Snapshot {
        Snapshot {
            services: vec![service("shop_web", "shop"), service("blog_web", "blog")].into(),
            networks: vec![network("shop_net", "n1", "shop"), network("public", "n2", "")].into(),
            configs: vec![config("shop_conf", "shop", 1), config("shared", "", 1), config("blog_conf", "blog", 1)],
            ..Snapshot::default()
        }
    }

    #[test]
    fn whatever_a_plan_stands_on_leaves_a_mark_and_what_others_do_leaves_none() {
        let footing = |kind: Kind, name: &str| Footing {
            kind,
            name: name.to_owned(),
            expect: Expect::Present,
            id: None,
            index: None,
            spec_digest: None,
            labelled: false,
        };
        let ground = Ground(vec![footing(Kind::Config, "shared"), footing(Kind::Network, "public")]);
        let mark = |seen: Snapshot| Reading::made(seen).mark("shop", &ground);
        let now = mark(swarm());
        assert!(now.is_some());
        assert_eq!(mark(swarm()), now);
        let ours: [fn(&mut Snapshot); 12] = [
            |seen| seen.services[0].version += 1,
            |seen| seen.services[0].running = Some(1),
            |seen| drop(seen.services.remove(0)),
            |seen| seen.services.push(service("shop_db", "shop")),
            |seen| seen.networks[0].id.push('x'),
            // An object of somebody else's that the files name.
            |seen| seen.networks[1].id.push('x'),
            |seen| seen.configs[1].version += 1,
            |seen| drop(seen.configs.remove(1)),
            |seen| seen.configs[0].version += 1,
            |seen| seen.configs.push(config(key::NAME, "", 1)),
            |seen| seen.configs.push(config(&format!("{}1", history::names("shop")), "", 1)),
            |seen| seen.cluster.engine_version.push('x'),
        ];
        for (number, change) in ours.iter().enumerate() {
            let mut seen = swarm();
            change(&mut seen);
            assert_ne!(mark(seen), now, "{number}");
        }
        let mut seen = swarm();
        seen.services[1].version += 1;
        seen.configs[2].version += 1;
        seen.configs.push(config(&format!("{}1", history::names("blog")), "", 1));
        assert_eq!(mark(seen), now);
    }
}
