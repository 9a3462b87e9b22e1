//! Fields by the section that they stand in: `environment` with its variables, `ports` with its entries.

use serde_json::Value;

use crate::plan::document::{Change, Field};
use crate::plan::{Action, Effect};

/// One line of a change, and the lines beneath it.
pub struct Group<'a> {
    /// `image`, `environment`, `update_config.parallelism`.
    pub name: String,
    /// `false`: the one field is the line itself.
    pub nested: bool,
    pub fields: Vec<Entry<'a>>,
}

/// A field in its section.
pub struct Entry<'a> {
    /// `LOG_LEVEL`; empty for entries that have only a number.
    pub name: String,
    pub field: &'a Field,
}

impl Group<'_> {
    /// The strongest effect in it.
    pub fn effect(&self) -> Effect {
        self.fields.iter().map(|entry| entry.field.effect).max().unwrap_or(Effect::None)
    }
}

/// Sections whose entries people name.
const MAPS: &[&str] = &[
    "/deploy/labels",
    "/deploy/placement/constraints",
    "/logging/options",
    "/environment",
    "/labels",
    "/sysctls",
    "/ulimits",
    "/extra_hosts",
    "/configs",
    "/secrets",
    "/networks",
    "/ports",
    "/volumes",
    "/driver_opts",
];

/// In the plan's order; the fields of one section stand together at the place of its first.
pub fn groups(fields: &[Field]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for field in fields {
        let section = MAPS.iter().find_map(|section| {
            let entry = field.path.strip_prefix(section)?.strip_prefix('/')?;
            Some((*section, entry))
        });
        let Some((section, entry)) = section else {
            let entry = Entry { name: String::new(), field };
            groups.push(Group { name: dotted(&field.path), nested: false, fields: vec![entry] });
            continue;
        };
        let name = dotted(section);
        let numbered = entry.bytes().all(|b| b.is_ascii_digit());
        let entry = Entry { name: if numbered { String::new() } else { unescape(entry) }, field };
        match groups.iter_mut().find(|group| group.nested && group.name == name) {
            Some(group) => group.fields.push(entry),
            None => groups.push(Group { name, nested: true, fields: vec![entry] }),
        }
    }
    groups
}

/// A new service is on the default network unless its file says otherwise.
pub fn goes_without_saying(group: &Group, change: &Change) -> bool {
    let default = |entry: &Entry| {
        let aliases = entry.field.after().and_then(|value| value.get("aliases")).and_then(Value::as_array);
        entry.name == "default" && aliases.is_none_or(|list| list.iter().all(|alias| *alias == change.key()))
    };
    change.action == Action::Create && group.name == "networks" && group.fields.iter().all(default)
}

/// `/deploy/update_config/delay` as `update_config.delay`. Labels keep their `deploy.`: containers have labels too.
fn dotted(path: &str) -> String {
    let path = match path.strip_prefix("/deploy/") {
        Some(rest) if !rest.starts_with("labels") => rest,
        _ => path.trim_start_matches('/'),
    };
    unescape(&path.replace('/', "."))
}

/// JSON pointers write `/` as `~1`.
fn unescape(text: &str) -> String {
    text.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Op;
    use crate::plan::drift::Origin;

    fn field(path: &str, effect: Effect) -> Field {
        Field {
            path: path.to_owned(),
            op: Op::Replace,
            before: Value::Null,
            after: Value::Null,
            effect,
            origin: Origin::Yours,
            sensitive: false,
            unknown: false,
            span: None,
        }
    }

    #[test]
    fn sections_stand_together() {
        let fields = [
            field("/environment/A", Effect::ForcesRestart),
            field("/deploy/update_config/delay", Effect::None),
            field("/environment/B", Effect::None),
            field("/ports/0", Effect::None),
            field("/deploy/labels/a~1b", Effect::None),
        ];
        let shown: Vec<(String, Effect, Vec<String>)> = groups(&fields)
            .into_iter()
            .map(|group| {
                let effect = group.effect();
                (group.name, effect, group.fields.into_iter().map(|entry| entry.name).collect())
            })
            .collect();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            shown,
            [
                ("environment".to_owned(), Effect::ForcesRestart, words(&["A", "B"])),
                ("update_config.delay".to_owned(), Effect::None, words(&[""])),
                ("ports".to_owned(), Effect::None, words(&[""])),
                ("deploy.labels".to_owned(), Effect::None, words(&["a/b"])),
            ]
        );
    }
}
