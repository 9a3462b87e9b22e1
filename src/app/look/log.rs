//! Lines of service logs: whose they are, and which of them are asked for.

use std::collections::BTreeMap;

use super::{node_name, task_name};
use crate::diagnostic::closest;
use crate::swarm::{LiveService, Node, Task, scoped, unscoped};

/// What swarm writes before each line when asked for details.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub node: String,
    pub service: String,
    pub task: String,
    /// What the log driver adds (`labels`, `env`): `a=1,b=2`.
    pub others: String,
}

impl Details {
    /// Splits `details text`, where there are details.
    pub fn split(line: &str) -> (Self, &str) {
        let (head, text) = line.split_once(' ').unwrap_or((line, ""));
        let mut found = Self::default();
        let mut others = Vec::new();
        for pair in head.split(',') {
            match pair.split_once('=') {
                Some(("com.docker.swarm.node.id", id)) => found.node = id.to_owned(),
                Some(("com.docker.swarm.service.id", id)) => found.service = id.to_owned(),
                Some(("com.docker.swarm.task.id", id)) => found.task = id.to_owned(),
                _ => others.push(pair),
            }
        }
        if found.task.is_empty() {
            return (Self::default(), line);
        }
        found.others = others.join(",");
        (found, text)
    }
}

/// Names for the prefixes of log lines.
#[derive(Clone, Debug, Default)]
pub struct Named(BTreeMap<String, String>);

impl Named {
    /// `web.1@node-2` for each task; ids where `resolve` is off.
    pub fn of(tasks: &[Task], services: &[LiveService], nodes: &[Node], stack: &str, resolve: bool) -> Self {
        let name = |task: &Task| {
            let service = services.iter().find(|s| resolve && s.id == task.service);
            let service = service.map_or(task.service.as_str(), |s| unscoped(stack, &s.name));
            let id = task.node.as_deref().unwrap_or_default();
            let node = nodes.iter().find(|n| resolve && n.id == id).map_or(id, node_name);
            // The node tells tasks without a slot apart already.
            match task.slot {
                None if resolve => format!("{service}@{node}"),
                _ => format!("{}@{node}", task_name(service, task)),
            }
        };
        Self(tasks.iter().map(|t| (t.id.clone(), name(t))).collect())
    }

    pub fn get(&self, task: &str) -> Option<&str> {
        self.0.get(task).map(String::as_str)
    }

    /// Characters of the longest name among `tasks`.
    pub fn width<'a>(&self, tasks: impl Iterator<Item = &'a str>) -> usize {
        tasks.filter_map(|t| self.get(t)).map(|name| name.chars().count()).max().unwrap_or_default()
    }
}

/// What a person means by the second word of `logs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// A service, short or whole, or its id.
    Service(String),
    /// Tasks of one service.
    Tasks { service: String, tasks: Vec<String> },
}

/// A target, or the nearest name that there is.
pub type Resolved = Result<LogTarget, Option<String>>;

/// `web`, `shop_web`, a service id, `web.1` (all tasks of the slot), or a task id or its start (4 characters at least).
pub fn choose(word: &str, stack: &str, services: &[LiveService], tasks: &[Task]) -> Resolved {
    let whole = scoped(stack, word);
    if let Some(service) = services.iter().find(|s| s.name == word || s.name == whole || s.id == word) {
        return Ok(LogTarget::Service(service.id.clone()));
    }
    let of = |service: &LiveService| {
        let named = |t: &&Task| {
            let full = task_name(&service.name, t);
            t.service == service.id && (full == word || full == whole || format!("{full}.{}", t.id) == word)
        };
        tasks.iter().filter(named).map(|t| t.id.clone()).collect::<Vec<_>>()
    };
    for service in services {
        let found = of(service);
        if !found.is_empty() {
            return Ok(LogTarget::Tasks { service: service.id.clone(), tasks: found });
        }
    }
    let mut by_id = tasks.iter().filter(|t| word.len() >= 4 && t.id.starts_with(word));
    if let (Some(task), None) = (by_id.next(), by_id.next()) {
        return Ok(LogTarget::Tasks { service: task.service.clone(), tasks: vec![task.id.clone()] });
    }
    let names = services.iter().flat_map(|s| [unscoped(stack, &s.name), s.name.as_str()]);
    Err(closest(word, names).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{node, service, task};
    use super::*;

    const HEAD: &str = "com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s,com.docker.swarm.task.id=t";

    #[test]
    fn details_come_off() {
        let line = format!("{HEAD} hello  world");
        let (details, text) = Details::split(&line);
        assert_eq!((details.task.as_str(), details.node.as_str(), text), ("t", "n1", "hello  world"));
        let line = format!("a=1,{HEAD},b=2 ");
        let (details, text) = Details::split(&line);
        assert_eq!((details.others.as_str(), text), ("a=1,b=2", ""));
        assert_eq!(Details::split("no details here").1, "no details here");
    }

    #[test]
    fn finds_what_is_meant() {
        let services = [service("s_web"), service("s_db")];
        let tasks = [task("t1aa", "id-s_web", 1, "n1"), task("t2bb", "id-s_web", 2, "n1")];
        let of = |word| choose(word, "s", &services, &tasks);
        let web = Ok(LogTarget::Service("id-s_web".into()));
        for word in ["web", "s_web", "id-s_web"] {
            assert_eq!(of(word), web, "{word}");
        }
        let one = Ok(LogTarget::Tasks { service: "id-s_web".into(), tasks: vec!["t2bb".into()] });
        for word in ["web.2", "s_web.2", "t2bb", "s_web.2.t2bb"] {
            assert_eq!(of(word), one, "{word}");
        }
        assert_eq!(of("wbe"), Err(Some("web".into())));
        assert_eq!(of("nothing"), Err(None));
    }

    #[test]
    fn names_tasks() {
        let named = Named::of(&[task("t", "id-s_web", 3, "n1")], &[service("s_web")], &[node("n1")], "s", true);
        assert_eq!((named.get("t"), named.width(["t"].into_iter())), (Some("web.3@host-n1"), 13));
        let ids = Named::of(&[task("t", "id-s_web", 3, "n1")], &[service("s_web")], &[node("n1")], "s", false);
        assert_eq!(ids.get("t"), Some("id-s_web.3@n1"));
    }
}
