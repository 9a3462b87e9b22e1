//! The id of a decision, and of each of its operations.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest::{canonical, keyed, sha256};
use super::redact::Redactor;
use super::{Change, SecretKey, Write};
use crate::swarm::{Cluster, Desired, Kind};

/// What is decided, as digests. In it: which swarm, which stack, what is written to what, in which order and with what
/// effect. Not in it: when, by whom, from where, at which index. Of a value that no output may show there is its HMAC under
/// the swarm's key, and nothing as long as the swarm has no key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// `p-` and 32 hex digits.
    pub id: String,
    /// The same without any HMAC. What was approved before the swarm had a key is known by it.
    pub keyless_id: String,
    /// Something that is decided could not be keyed: the swarm has no key yet.
    pub incomplete: bool,
    /// One of each change, in the order of execution.
    pub operations: Vec<Operation>,
}

/// What is done to one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// `service/web`.
    pub address: String,
    pub digest: String,
    /// The same without any HMAC.
    pub keyless_digest: String,
    /// HMACs of what is hidden, by what is hidden. Empty without a key.
    pub sealed: Vec<Sealed>,
}

/// A value that no output may show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// `/environment/DB_PASSWORD`, `/content`.
    pub path: String,
    /// Hex HMAC-SHA-256 under the swarm's key.
    pub hmac: String,
}

impl Decision {
    /// Both decide the same. Where one of them had no key, what it could not see is not compared.
    pub fn is(&self, other: &Self) -> bool {
        if self.incomplete || other.incomplete { self.keyless_id == other.keyless_id } else { self.id == other.id }
    }
}

impl Operation {
    /// Both do the same; as [`Decision::is`].
    pub fn is(&self, other: &Self, keyed: bool) -> bool {
        if keyed { self.digest == other.digest } else { self.keyless_digest == other.keyless_digest }
    }
}

/// Decides, and hides from then on what no output may show.
pub(super) fn decide(
    cluster: &Cluster,
    desired: &Desired,
    changes: &mut [Change],
    redactor: &Redactor,
    key: Option<&SecretKey>,
) -> Decision {
    let mut decision = Decision::default();
    let head = format!("stackup plan 2\n{}\n{}\n", cluster.id, desired.stack);
    let mut whole = Text { open: head.clone(), keyless: head };
    for change in changes {
        let mut writing = Writing { redactor, key, text: Text::default(), sealed: Vec::new(), incomplete: false };
        writing.change(change, desired);
        change.content_diff = change.content_diff.take().map(|diff| redactor.scrub(&diff).into_owned());
        decision.incomplete |= writing.incomplete;
        let operation = Operation {
            address: change.address(),
            digest: sha256(writing.text.open.as_bytes()),
            keyless_digest: sha256(writing.text.keyless.as_bytes()),
            sealed: writing.sealed,
        };
        whole.open.push_str(&operation.digest);
        whole.keyless.push_str(&operation.keyless_digest);
        decision.operations.push(operation);
    }
    let id = |text: &str| format!("p-{}", sha256(text.as_bytes()).get(..32).unwrap_or_default());
    (decision.id, decision.keyless_id) = (id(&whole.open), id(&whole.keyless));
    if decision.operations.iter().all(|operation| operation.sealed.is_empty()) {
        decision.id.clone_from(&decision.keyless_id);
    }
    decision
}

/// A text with HMACs in it, and the same without.
#[derive(Default)]
struct Text {
    open: String,
    keyless: String,
}

impl Text {
    fn push(&mut self, text: &str) {
        self.open.push_str(text);
        self.keyless.push_str(text);
    }
}

/// One operation being written down.
struct Writing<'a> {
    redactor: &'a Redactor,
    key: Option<&'a SecretKey>,
    text: Text,
    sealed: Vec<Sealed>,
    incomplete: bool,
}

impl Writing<'_> {
    fn change(&mut self, change: &mut Change, desired: &Desired) {
        let head = format!("{} {} {} {}\n", change.address(), change.name, change.action.as_str(), change.wave);
        self.text.push(&head);
        for (key, condition) in &change.after {
            self.text.push(&format!("after {key} {condition:?}\n"));
        }
        match &change.write {
            Write::CreateConfig { content, .. } | Write::UpdateConfig { content, .. }
                if desired.sensitive_names.contains(&change.key) =>
            {
                self.seal("/content", &content.0);
            }
            Write::CreateConfig { content, .. } | Write::UpdateConfig { content, .. } => {
                self.text.push(&format!("/content {}\n", sha256(&content.0)));
            }
            Write::CreateSecret { content: Some(content), .. } => self.seal("/content", &content.0),
            Write::CreateNetwork { body } | Write::RecreateNetwork { body, .. } => {
                let shown = self.redactor.scrub_value(body);
                self.value(&shown);
                self.text.push("\n");
                if shown != *body {
                    self.seal("/", text(body).as_bytes());
                }
            }
            _ => {}
        }
        for field in &mut change.fields {
            let hidden = self.redactor.field(field);
            self.text.push(&format!("{} {:?} {} ", field.path, field.op, field.effect.as_str()));
            match &field.after {
                Some(Value::String(image)) if field.path == "/image" && desired.volatile_tags.contains(&change.key) => {
                    self.value(&Value::from(untagged(image)));
                }
                Some(value) => self.value(value),
                None => self.text.push("-"),
            }
            self.text.push("\n");
            let is_content = change.kind != Kind::Service && field.path == "/content";
            if let Some(hidden) = hidden.filter(|_| !is_content) {
                self.seal(&field.path, text(&hidden).as_bytes());
            }
        }
    }

    fn value(&mut self, value: &Value) {
        self.text.push(&text(value));
    }

    /// Puts the HMAC of `bytes` where the value itself may not stand.
    fn seal(&mut self, path: &str, bytes: &[u8]) {
        let Some(key) = self.key else {
            self.incomplete = true;
            return;
        };
        let hmac = keyed(key, bytes);
        self.text.open.push_str(&format!("{path} {hmac}\n"));
        self.sealed.push(Sealed { path: path.to_owned(), hmac });
    }
}

/// `name@digest` of `name:tag@digest`. Without a digest only the tag says which image it is, so it stays.
fn untagged(image: &str) -> String {
    let Some((tagged, digest)) = image.split_once('@') else { return image.to_owned() };
    let name = match tagged.rsplit_once(':') {
        // Otherwise a registry's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => tagged,
    };
    format!("{name}@{digest}")
}

fn text(value: &Value) -> String {
    let mut text = String::new();
    canonical(value, &mut text);
    text
}
