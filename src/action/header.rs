//! The hidden first line of a comment: which plan was shown. A claim and no more: what is applied is planned afresh.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::inputs::Inputs;
use super::objects::Objects;

const OPEN: &str = "<!-- stackup v1 ";
const CLOSE: &str = " -->";

/// Earlier plans that a comment remembers.
const REMEMBERED: usize = 10;

/// What the comment is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Of swarm, stack and label.
    pub key: String,
    /// Whole id.
    pub plan: String,
    /// The commit that was planned.
    pub sha: String,
    #[serde(default)]
    pub run: String,
    #[serde(default)]
    pub number: String,
    /// Digits of what the step was asked for: tells whose comment this is where nothing can be planned.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Objects>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Earlier>,
}

/// A plan that the comment showed before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    pub plan: String,
    pub sha: String,
    pub run: String,
    pub number: String,
}

/// One comment for each swarm, stack and label.
pub fn key(swarm: &str, stack: &str, label: &str) -> String {
    digits(&format!("{swarm}\0{stack}\0{label}"))
}

/// The same for each push of one pull request, and another for another step of its workflow.
pub fn step(inputs: &Inputs, folder: &str) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
    let asked = serde_json::json!([
        folder,
        or_none(&inputs.stack),
        inputs.files,
        or_none(&inputs.host),
        or_none(&inputs.context),
        inputs.label
    ]);
    digits(&asked.to_string())
}

fn digits(text: &str) -> String {
    Sha256::digest(text).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

impl Header {
    /// One line. Nothing in it ends the HTML comment.
    pub fn line(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace("--", "-\\u002d");
        format!("{OPEN}{json}{CLOSE}")
    }

    /// From the first line of a comment.
    pub fn parse(body: &str) -> Option<Self> {
        let line = body.lines().next()?.trim_end();
        serde_json::from_str(line.strip_prefix(OPEN)?.strip_suffix(CLOSE)?).ok()
    }

    /// What the comment showed before goes on the list, newest first.
    pub fn after(mut self, before: Option<Header>) -> Self {
        let Some(before) = before else { return self };
        let same = before.plan == self.plan && before.sha == self.sha;
        let newest = Earlier { plan: before.plan, sha: before.sha, run: before.run, number: before.number };
        self.before = if same { Vec::new() } else { vec![newest] };
        self.before.extend(before.before);
        self.before.truncate(REMEMBERED);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_whatever_is_in_it() {
        let hostile = "-->\n<script>--".to_owned();
        let header = Header {
            key: key("c", "s", ""),
            plan: "p-1".into(),
            objects: Some(Objects::from([(hostile.clone(), "1".into())])),
            sha: hostile,
            ..Header::default()
        };
        let line = header.line();
        assert_eq!(line.matches("--").count(), 2, "{line}");
        assert_eq!(line.lines().count(), 1);
        assert_eq!(Header::parse(&format!("{line}\r\n\r\nmore")), Some(header));
    }

    #[test]
    fn a_step_is_known_by_what_it_was_asked_for() {
        let of = |pairs: &[(&str, &str)], folder: &str| {
            let given = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            step(&Inputs::read(&given).unwrap(), folder)
        };
        let all = [
            of(&[("INPUT_STACK", "a")], "web"),
            of(&[("INPUT_STACK", "b")], "web"),
            of(&[("INPUT_STACK", "a"), ("INPUT_LABEL", "prod")], "web"),
            of(&[("INPUT_STACK", "a"), ("INPUT_HOST", "ssh://prod")], "web"),
            of(&[("INPUT_FILES", "a")], "web"),
            of(&[("INPUT_STACK", "a")], "api"),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{all:?}");
        assert_eq!(of(&[("INPUT_STACK", "a"), ("INPUT_FAIL_ON", "never")], "web"), all[0]);
    }

    #[test]
    fn is_the_first_line_or_none() {
        let line = Header::default().line();
        assert_eq!(Header::parse(&format!("hello\n{line}")), None);
        assert_eq!(Header::parse("<!-- stackup v1 {} -->"), None);
        assert_eq!(Header::parse("<!-- stackup v2 {\"key\":\"\",\"plan\":\"\",\"sha\":\"\"} -->"), None);
    }

    #[test]
    fn keys_tell_label_and_stack_apart() {
        assert_ne!(key("c", "a", "b"), key("c", "ab", ""));
        assert_eq!(key("c", "a", "b").len(), 24);
    }

    #[test]
    fn earlier_plans_are_remembered_newest_first() {
        let mut header: Option<Header> = None;
        for n in 0..15 {
            let next = Header { plan: format!("p-{n}"), ..Header::default() };
            header = Some(next.clone().after(header));
            header = Some(next.after(header));
        }
        let plans: Vec<String> = header.unwrap().before.into_iter().map(|one| one.plan).collect();
        assert_eq!(plans.len(), 10);
        assert_eq!(plans.first().map(String::as_str), Some("p-13"));
    }
}
