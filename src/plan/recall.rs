//! A recorded snapshot holds no sensitive value. What is left out of it counts as unchanged, and is said.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::digest::sha256;
use super::redact::MASK;
use super::version::{Family, references};
use crate::compose::model::Content;
use crate::diagnostic::code::CONTENT_UNKNOWN;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::swarm::{Desired, Kind, LiveConfig, LiveService, Snapshot};

/// A snapshot as it was recorded.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    pub snapshot: Snapshot,
    /// Hex SHA-256 of configs whose content is not text, by id.
    pub digests: BTreeMap<String, String>,
}

impl Recorded {
    /// The snapshot with the wanted values where it has blanks that they fit, and notes that say so.
    pub fn recall(self, desired: &Desired) -> (Snapshot, Diagnostics) {
        let Self { mut snapshot, digests } = self;
        let mut notes = Diagnostics::default();
        let mut live: BTreeMap<String, &mut LiveService> =
            snapshot.services.iter_mut().rev().map(|live| (live.name.clone(), live)).collect();
        for service in &desired.services {
            let Some(live) = live.get_mut(&service.name) else { continue };
            if fill(live.spec_mut(), &service.spec) {
                note(&mut notes, &format!("service/{}", service.key), "sensitive values", service.origins.nearest(""));
            }
        }
        let used: BTreeSet<(Kind, String)> = snapshot.own_services().flat_map(|s| references(&s.spec)).collect();
        let names: Vec<String> = snapshot.configs.iter().map(|live| live.name.clone()).collect();
        let family = Family::new(names.iter().map(String::as_str).zip(0..));
        for config in &desired.configs {
            let mut versions: Vec<usize> = family.versions(&config.name);
            // Only one of them can be what the files want: the one in use, else the newest.
            versions.sort_by_key(|at| {
                let live = snapshot.configs.get(*at);
                let used = live.is_some_and(|live| used.contains(&(Kind::Config, live.name.clone())));
                (!used, Reverse(live.map(|live| live.version)), *at)
            });
            let mut guess = |at: usize| {
                let live = snapshot.configs.get_mut(at);
                live.is_some_and(|live| remember(live, &config.content, digests.get(&live.id)))
            };
            if versions.into_iter().any(&mut guess) {
                note(&mut notes, &format!("config/{}", config.key), "the content", config.origins.nearest(""));
            }
        }
        (snapshot, notes)
    }
}

fn note(notes: &mut Diagnostics, address: &str, what: &str, span: Option<crate::diagnostic::Span>) {
    let note = Diagnostic::note(CONTENT_UNKNOWN, format!("{what} of `{address}` cannot be compared"))
        .help("a snapshot holds nothing that is sensitive; what it leaves out counts as unchanged")
        .about(address);
    notes.push(match span {
        Some(span) => note.at(span),
        None => note,
    });
}

/// Puts the wanted content where nothing speaks against it. `true` where that is a guess.
fn remember(live: &mut LiveConfig, wanted: &Content, digest: Option<&String>) -> bool {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).ok();
    let (same, guess) = match (&live.data, digest) {
        (None, Some(digest)) => (*digest == sha256(&wanted.0), false),
        (None, None) => (true, true),
        (Some(bytes), _) => match (text(bytes), text(&wanted.0)) {
            (Some(pattern), Some(wanted)) => (pattern.contains(MASK) && fits(&pattern, &wanted), true),
            _ => (false, false),
        },
    };
    if same {
        live.data = Some(wanted.0.clone());
    }
    same && guess
}

/// Fills blanks of `live` from `wanted`. `true` where it did.
fn fill(live: &mut Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::String(text), Value::String(wanted)) => {
            let fills = text.contains(MASK) && *text != *wanted && fits(text, wanted);
            if fills {
                text.clone_from(wanted);
            }
            fills
        }
        // In lists of words the order may be another one.
        (Value::Array(live), Value::Array(wanted)) => {
            let mut filled = false;
            for (at, item) in live.iter_mut().enumerate() {
                filled |= match item {
                    Value::String(_) => wanted.iter().any(|wanted| fill(item, wanted)),
                    _ => wanted.get(at).is_some_and(|wanted| fill(item, wanted)),
                };
            }
            filled
        }
        (Value::Object(live), Value::Object(wanted)) => {
            let mut filled = false;
            for (key, item) in live.iter_mut() {
                filled |= wanted.get(key).is_some_and(|wanted| fill(item, wanted));
            }
            filled
        }
        _ => false,
    }
}

/// `text` is `pattern` with something in its blanks.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split(MASK);
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        // The part before was not the last: it may stand anywhere.
        if let Some(middle) = last.replace(part) {
            match rest.split_once(middle) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::fixture::{desired, snapshot, wanted};
    use crate::plan::{PlanOptions, build};

    #[test]
    fn blanks() {
        for (pattern, text, is) in [
            ("A=(sensitive)", "A=x", true),
            ("A=(sensitive)", "B=x", false),
            ("a(sensitive)b(sensitive)c", "a1b2c", true),
            ("a(sensitive)b(sensitive)c", "a1c2c", false),
            ("plain", "plain", true),
            ("plain", "plainer", false),
        ] {
            assert_eq!(fits(pattern, text), is, "{pattern} {text}");
        }
    }

    #[test]
    fn what_a_snapshot_leaves_out_is_no_change_and_what_it_holds_is_one() {
        let env = |lines: Value| vec![wanted("web", &[("/TaskTemplate/ContainerSpec/Env", lines)])];
        let recorded = |lines: Value| Recorded { snapshot: snapshot(&env(lines)), ..Recorded::default() };
        let wish = desired(env(json!(["LEVEL=info", "DB_PASSWORD=hunter2x"])));
        let (live, notes) = recorded(json!(["DB_PASSWORD=(sensitive)", "LEVEL=info"])).recall(&wish);
        assert_eq!(notes.len(), 1);
        assert!(build(&wish, &live, &PlanOptions::default()).is_empty());
        let (live, notes) = recorded(json!(["LEVEL=debug", "DB_PASSWORD=hunter2x"])).recall(&wish);
        assert_eq!(notes.len(), 0);
        assert_eq!(build(&wish, &live, &PlanOptions::default()).changes.len(), 1);
    }
}
