//! `ps`: the tasks of a stack, newest first in each slot.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::ports::task_ports;
use super::row::{Field, Row};
use super::{ago_between, ellipsis, natural_cmp, pretty, short_image};
use crate::app::event::RowKind;
use crate::swarm::{LiveService, Node, Task};

/// One task, every cell as docker shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    pub id: String,
    /// `web.1`, or `web.<node id>` for a task without a slot.
    pub name: String,
    /// An earlier task of the slot above it.
    pub earlier: bool,
    /// It is shown beneath that one.
    pub indent: bool,
    pub image: String,
    pub node: String,
    pub desired: String,
    /// `Running 2 hours ago`.
    pub current: String,
    /// In quotes, where there is one.
    pub error: String,
    pub ports: String,
}

/// How tasks are shown.
#[derive(Clone, Copy, Debug)]
pub struct TaskView {
    /// Ids in place of the names of services and nodes.
    pub no_resolve: bool,
    /// Whole ids, image names and errors.
    pub no_trunc: bool,
    /// Earlier tasks of a slot get ` \_ ` before their name: for tables.
    pub indent: bool,
    pub now: Timestamp,
}

impl Row for TaskRow {
    const FIELDS: &'static [Field] = &[
        Field { name: "ID", head: "ID" },
        Field { name: "Name", head: "NAME" },
        Field { name: "Image", head: "IMAGE" },
        Field { name: "Node", head: "NODE" },
        Field { name: "DesiredState", head: "DESIRED STATE" },
        Field { name: "CurrentState", head: "CURRENT STATE" },
        Field { name: "Error", head: "ERROR" },
        Field { name: "Ports", head: "PORTS" },
    ];
    const KIND: RowKind = RowKind::Task;
    const RAW: bool = true;

    fn values(&self) -> Vec<String> {
        let mut values = self.plain();
        if let (true, Some(name)) = (self.indent, values.get_mut(1)) {
            name.insert_str(0, " \\_ ");
        }
        values
    }

    fn plain(&self) -> Vec<String> {
        let all =
            [&self.id, &self.name, &self.image, &self.node, &self.desired, &self.current, &self.error, &self.ports];
        all.into_iter().cloned().collect()
    }
}

/// `web.1`; a task without a slot is named after its node.
pub fn task_name(service: &str, task: &Task) -> String {
    match task.slot {
        Some(slot) if slot > 0 => format!("{service}.{slot}"),
        _ => format!("{service}.{}", task.node.as_deref().unwrap_or_default()),
    }
}

/// A node's name: the one it was given, else its host's.
pub fn node_name(node: &Node) -> &str {
    let given = node.raw.pointer("/Spec/Name").and_then(Value::as_str).filter(|name| !name.is_empty());
    given.unwrap_or(&node.hostname)
}

/// Rows by name; in one slot the newest first.
pub fn task_rows(tasks: &[Task], services: &[LiveService], nodes: &[Node], view: TaskView) -> Vec<TaskRow> {
    let services: HashMap<&str, &str> = services.iter().map(|s| (s.id.as_str(), s.name.as_str())).collect();
    let nodes: HashMap<&str, &str> = nodes.iter().map(|n| (n.id.as_str(), node_name(n))).collect();
    let resolve = |names: &HashMap<&str, &str>, id: &str| {
        let known = if view.no_resolve { None } else { names.get(id) };
        known.map_or(id, |name| name).to_owned()
    };
    let mut named: Vec<(String, &Task)> =
        tasks.iter().map(|t| (task_name(&resolve(&services, &t.service), t), t)).collect();
    named.sort_by(|(a, x), (b, y)| natural_cmp(a, b).then_with(|| y.created.cmp(&x.created)));

    let mut rows: Vec<TaskRow> = Vec::with_capacity(named.len());
    for (name, task) in named {
        let earlier = rows.last().is_some_and(|row| row.name == name);
        let node = resolve(&nodes, task.node.as_deref().unwrap_or_default());
        rows.push(TaskRow {
            id: if view.no_trunc { task.id.clone() } else { task.id.chars().take(12).collect() },
            name,
            earlier,
            indent: earlier && view.indent,
            image: image(task, view.no_trunc),
            node,
            desired: pretty(task.desired.as_str()),
            current: current(task, view.now),
            error: error(&task.error, view.no_trunc),
            ports: task_ports(&task.ports),
        });
    }
    rows
}

fn image(task: &Task, whole: bool) -> String {
    let image = task.spec.pointer("/ContainerSpec/Image").and_then(Value::as_str).unwrap_or_default();
    if whole { image.to_owned() } else { short_image(image) }
}

fn current(task: &Task, now: Timestamp) -> String {
    let state = pretty(task.state.as_str());
    ago_between(task.since, now).map_or_else(|| state.clone(), |ago| format!("{state} {ago}"))
}

/// docker shows 30 bytes of an error.
const SHORT_ERROR: usize = 30;

fn error(error: &str, whole: bool) -> String {
    // A container's words must not move the cursor or break the row.
    let error: String = error.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match (error.is_empty(), whole) {
        (true, _) => String::new(),
        (false, true) => format!("\"{error}\""),
        (false, false) => format!("\"{}\"", ellipsis(&error, SHORT_ERROR)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, node, service, task};
    use super::*;
    use crate::swarm::TaskState;

    fn view() -> TaskView {
        TaskView { no_resolve: false, no_trunc: false, indent: true, now: at(0) }
    }

    fn rows(tasks: &[Task], view: TaskView) -> Vec<TaskRow> {
        task_rows(tasks, &[service("s_web")], &[node("n1")], view)
    }

    #[test]
    fn the_newest_of_a_slot_stands_first() {
        let mut old = task("old", "id-s_web", 1, "n1");
        (old.created, old.state, old.desired) = (Some(at(60)), TaskState::Failed, TaskState::Shutdown);
        old.error = "task: non-zero exit (3), and much more".into();
        let ten = task("ten", "id-s_web", 10, "n1");
        let two = task("two", "id-s_web", 2, "");
        let shown = rows(&[ten, old, two, task("new", "id-s_web", 1, "n1")], view());
        let names: Vec<_> = shown.iter().map(|r| r.values().swap_remove(1)).collect();
        assert_eq!(names, ["s_web.1", " \\_ s_web.1", "s_web.2", "s_web.10"]);
        let old = &shown[1];
        assert_eq!((old.node.as_str(), old.image.as_str()), ("host-n1", "acme/web:1"));
        assert_eq!((old.desired.as_str(), old.current.as_str()), ("Shutdown", "Failed 5 seconds ago"));
        assert_eq!(old.error, "\"task: non-zero exit (3), and …\"");
        assert_eq!(shown[2].node, "");
    }

    #[test]
    fn views_differ() {
        let mut one = task("abcdefghijklmnop", "id-s_web", 0, "n1");
        one.error = "a\nb".into();
        let whole = TaskView { no_resolve: true, no_trunc: true, indent: false, ..view() };
        let row = &rows(&[one.clone()], whole)[0];
        assert_eq!((row.id.as_str(), row.name.as_str()), ("abcdefghijklmnop", "id-s_web.n1"));
        assert_eq!((row.node.as_str(), row.image.as_str()), ("n1", "acme/web:1@sha256:aa"));
        assert_eq!(row.error, "\"a b\"");
        assert_eq!(rows(&[one], view())[0].id, "abcdefghijkl");
    }

    #[test]
    fn earlier_tasks_are_indented_in_tables_only() {
        let both = [task("a", "id-s_web", 1, "n1"), task("b", "id-s_web", 1, "n1")];
        let plain = rows(&both, TaskView { indent: false, ..view() });
        assert_eq!(plain[1].values()[1], "s_web.1");
        assert_eq!(rows(&both, view())[1].plain()[1], "s_web.1");
        assert!(plain[1].earlier && !plain[0].earlier);
    }
}
