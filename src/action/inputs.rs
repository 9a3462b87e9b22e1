//! The inputs of `action.yml`, as `INPUT_*` variables: data, never part of a script.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use secrecy::SecretString;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Check,
    Plan,
    Apply,
    /// Compare with the comment, and nothing more.
    Verify,
    Drift,
}

/// What makes a plan an approved one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Its id stands in the comment of the merged pull request.
    Pr,
    /// It is the saved one.
    PlanFile,
    /// Any is.
    None,
}

/// How the comment is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentMode {
    Sticky,
    New,
    OnChange,
    Off,
}

/// What turns the step red beside an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailOn {
    Drift,
    Destructive,
    Preflight,
}

/// All inputs, judged.
#[derive(Debug)]
pub struct Inputs {
    pub command: Command,
    pub stack: Option<String>,
    pub files: Vec<String>,
    pub env_files: Vec<String>,
    pub label: String,
    pub host: Option<String>,
    pub context: Option<String>,
    pub ssh_key: Option<SecretString>,
    pub ssh_known_hosts: Option<String>,
    pub tls_ca: Option<String>,
    pub tls_cert: Option<String>,
    pub tls_key: Option<SecretString>,
    pub registry_auth: Option<SecretString>,
    pub approval: Approval,
    pub plan_file: Option<PathBuf>,
    pub comment: CommentMode,
    pub summary: bool,
    pub annotations: bool,
    pub sarif_file: Option<PathBuf>,
    pub prune: bool,
    pub on_failure: String,
    pub timeout: Option<String>,
    pub target: Vec<String>,
    pub resolve_image: String,
    pub fail_on: BTreeSet<FailOn>,
    pub token: Option<SecretString>,
}

/// Reads, and notes what is wrong.
struct Reader<'a> {
    environment: &'a BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Reader<'_> {
    fn text(&self, input: &str) -> Option<String> {
        let name = format!("INPUT_{}", input.replace('-', "_").to_uppercase());
        self.environment.get(&name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// One a line.
    fn list(&self, input: &str) -> Vec<String> {
        let text = self.text(input).unwrap_or_default();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn choice<T: Copy>(&mut self, input: &str, known: &[(&str, T)], default: T) -> T {
        let Some(word) = self.text(input) else { return default };
        known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value).unwrap_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            self.wrong.push(format!("input `{input}`: `{word}` is not one of {}", names.join(", ")));
            default
        })
    }

    fn flag(&mut self, input: &str, default: bool) -> bool {
        self.choice(input, &[("true", true), ("false", false)], default)
    }

    fn secret(&self, input: &str) -> Option<SecretString> {
        self.text(input).map(SecretString::from)
    }
}

impl Inputs {
    /// Everything that is wrong with them, a sentence each.
    pub fn read(environment: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let mut r = Reader { environment, wrong: Vec::new() };
        let commands = [
            ("check", Command::Check),
            ("plan", Command::Plan),
            ("apply", Command::Apply),
            ("verify", Command::Verify),
            ("drift", Command::Drift),
        ];
        let approvals = [("pr", Approval::Pr), ("plan-file", Approval::PlanFile), ("none", Approval::None)];
        let comments = [
            ("sticky", CommentMode::Sticky),
            ("new", CommentMode::New),
            ("on-change", CommentMode::OnChange),
            ("off", CommentMode::Off),
        ];
        let failures = ["stop", "rollback", "rollback-stack", "continue"].map(|word| (word, word));
        let resolves = ["always", "changed", "never"].map(|word| (word, word));
        let inputs = Self {
            command: r.choice("command", &commands, Command::Plan),
            stack: r.text("stack"),
            files: r.list("files"),
            env_files: r.list("env-file"),
            label: r.text("label").unwrap_or_default(),
            host: r.text("host"),
            context: r.text("context"),
            ssh_key: r.secret("ssh-key"),
            ssh_known_hosts: r.text("ssh-known-hosts"),
            tls_ca: r.text("tls-ca"),
            tls_cert: r.text("tls-cert"),
            tls_key: r.secret("tls-key"),
            registry_auth: r.secret("registry-auth"),
            approval: r.choice("approval", &approvals, Approval::Pr),
            plan_file: r.text("plan-file").map(PathBuf::from),
            comment: r.choice("comment", &comments, CommentMode::Sticky),
            summary: r.flag("summary", true),
            annotations: r.flag("annotations", true),
            sarif_file: r.text("sarif-file").map(PathBuf::from),
            prune: r.flag("prune", false),
            on_failure: r.choice("on-failure", &failures, "stop").to_owned(),
            timeout: r.text("timeout"),
            target: r.list("target"),
            resolve_image: r.choice("resolve-image", &resolves, "always").to_owned(),
            fail_on: fail_on(&mut r),
            token: r.secret("token"),
        };
        r.flag("upload-plan", true);
        let wrong = [r.wrong, inputs.contradictions()].concat();
        if wrong.is_empty() { Ok(inputs) } else { Err(wrong) }
    }

    fn contradictions(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut say = |when: bool, words: &str| wrong.extend(when.then(|| words.to_owned()));
        say(self.host.is_some() && self.context.is_some(), "inputs `host` and `context` name two engines: give one");
        say(
            self.ssh_key.is_some() && self.ssh_known_hosts.is_none(),
            "input `ssh-known-hosts` is missing: with `ssh-key` the host's key must be known (`ssh-keyscan HOST` on a \
             machine that you trust, compared with the host's own, into a variable of the repository)",
        );
        say(
            self.tls_key.is_some() != self.tls_cert.is_some(),
            "inputs `tls-cert` and `tls-key` belong together: give both or none",
        );
        say(
            self.tls_cert.is_some() && self.tls_ca.is_none(),
            "input `tls-ca` is missing: without it nobody knows whether the engine is the right one",
        );
        let from_file = self.approval == Approval::PlanFile;
        say(
            self.command == Command::Apply && from_file && self.plan_file.is_none(),
            "input `plan-file` is missing: `approval: plan-file` applies a saved plan",
        );
        say(
            self.plan_file.is_some() && !(self.command == Command::Apply && from_file),
            "input `plan-file` is for `command: apply` with `approval: plan-file`",
        );
        wrong
    }
}

fn fail_on(r: &mut Reader) -> BTreeSet<FailOn> {
    let text = r.text("fail-on").unwrap_or_else(|| "preflight".to_owned());
    let mut all = BTreeSet::new();
    for word in text.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty()) {
        match word {
            "never" => {}
            "drift" => drop(all.insert(FailOn::Drift)),
            "destructive" => drop(all.insert(FailOn::Destructive)),
            "preflight" => drop(all.insert(FailOn::Preflight)),
            _ => r.wrong.push(format!("input `fail-on`: `{word}` is not one of never, drift, destructive, preflight")),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Inputs, Vec<String>> {
        Inputs::read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_empty_has_its_default() {
        let inputs = read(&[("INPUT_COMMAND", ""), ("INPUT_FILES", "a b.yml\n\n c.yml\n")]).unwrap();
        assert_eq!((inputs.command, inputs.approval), (Command::Plan, Approval::Pr));
        assert_eq!(inputs.files, ["a b.yml", "c.yml"]);
        assert_eq!(inputs.fail_on, BTreeSet::from([FailOn::Preflight]));
        assert_eq!(read(&[("INPUT_FAIL_ON", "never")]).unwrap().fail_on, BTreeSet::new());
        assert_eq!(read(&[("INPUT_FAIL_ON", "drift, destructive")]).unwrap().fail_on.len(), 2);
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_no_secret_with_it() {
        let wrong = read(&[
            ("INPUT_COMMAND", "destroy"),
            ("INPUT_PRUNE", "yes"),
            ("INPUT_SSH_KEY", "hunter2"),
            ("INPUT_TLS_KEY", "hunter3"),
            ("INPUT_FAIL_ON", "always"),
            ("INPUT_PLAN_FILE", "x.stackup"),
            ("INPUT_HOST", "a"),
            ("INPUT_CONTEXT", "b"),
        ])
        .unwrap_err()
        .join("\n");
        for part in
            ["`destroy` is not one of check, plan", "`yes`", "ssh-known-hosts", "tls-cert", "`always`", "two engines"]
        {
            assert!(wrong.contains(part), "{part}: {wrong}");
        }
        assert!(wrong.contains("`plan-file` is for") && !wrong.contains("hunter"), "{wrong}");
    }

    #[test]
    fn debug_shows_no_secret() {
        let inputs =
            read(&[("INPUT_TOKEN", "hunter2"), ("INPUT_SSH_KEY", "hunter3"), ("INPUT_SSH_KNOWN_HOSTS", "h k")]);
        assert!(!format!("{inputs:?}").contains("hunter"));
    }
}
