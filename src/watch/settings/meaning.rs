//! What the parts of the file say together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::place::{Step, place, shown};
use super::{Forge, Notify, Repository, Settings, Source, Stack, Webhooks};
use crate::compose::yaml::Node;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest, code};
use crate::git::{Address, Reference, Transport};

pub fn check(settings: &Settings, root: &Node, diagnostics: &mut Diagnostics) {
    let mut meaning = Meaning { settings, root, diagnostics };
    meaning.listening();
    meaning.sources();
    meaning.stacks();
    meaning.order();
    for (i, notify) in settings.notify.iter().enumerate() {
        meaning.notify(i, notify);
    }
}

struct Meaning<'a> {
    settings: &'a Settings,
    root: &'a Node,
    diagnostics: &'a mut Diagnostics,
}

impl Meaning<'_> {
    fn listening(&mut self) {
        if self.settings.page.as_ref().is_some_and(|url| !is_url(url)) {
            self.error(code::SETTINGS_VALUE, "this is no address of a page", &["page".into()], "write https://…");
        }
        match (&self.settings.listen, &self.settings.auth) {
            (Some(listen), None) if !listen.0.ip().is_loopback() => {
                let message = format!("`listen` is {}, and everybody who reaches it could read", listen.0);
                let help = "add auth: {token_file: …}, or listen on 127.0.0.1";
                self.error(code::SETTINGS_OPEN, message, &["listen".into()], help);
            }
            (None, _) if any(&self.settings.webhooks) => {
                let help = "add listen: ADDRESS:PORT, or take the webhooks out";
                self.warning("nothing listens, so no webhook can arrive", &["webhooks".into()], help);
            }
            _ => {}
        }
    }

    fn sources(&mut self) {
        for (name, source) in &self.settings.sources {
            let path = |key: &str| [Step::from("sources"), name.as_str().into(), key.into()];
            if let Source::Repository(repository) = source {
                let user =
                    repository.git.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
                if user.is_some_and(|(user, _)| user.contains(':')) {
                    let message = "an address with a password in it, which others may read here";
                    self.error(code::SETTINGS_OPEN, message, &path("git"), "put it into a file: token_file: …");
                } else {
                    self.repository(repository, &path);
                }
            }
            if self.settings.stacks.iter().all(|stack| stack.source() != name) {
                let at = [Step::from("sources"), name.as_str().into()];
                self.warning(format!("no stack comes from the source `{name}`"), &at, "use it, or take it out");
            }
        }
    }

    fn repository(&mut self, repository: &Repository, path: &dyn Fn(&str) -> [Step; 3]) {
        let address = match Address::parse(&repository.git) {
            Ok(address) => Some(address),
            // A path of this machine, from the folder of this file.
            Err(_) if is_relative_path(&repository.git) => None,
            Err(error) => return self.error(code::SETTINGS_VALUE, error.to_string(), &path("git"), error.help()),
        };
        let http = address.as_ref().is_some_and(|a| matches!(a.transport(), Transport::Http | Transport::Https));
        let ssh = address.as_ref().is_some_and(|a| a.transport() == Transport::Ssh);
        if repository.token_file.is_some() && !http {
            let help = "take it out, or follow an https:// address";
            self.error(code::SETTINGS_VALUE, "a token is for https", &path("token_file"), help);
        } else if let Some(address) = address.as_ref().filter(|a| a.transport() == Transport::Http && !a.is_loopback())
            && repository.token_file.is_some()
        {
            let message = format!("`{}` would send the token in clear", address.as_str());
            self.error(code::SETTINGS_OPEN, message, &path("git"), "use https://");
        }
        if let Some(app) = &repository.github_app {
            let in_clear = address.as_ref().is_some_and(|a| a.transport() == Transport::Http && !a.is_loopback());
            if !http || repository.token_file.is_some() {
                let help = "take out one of them, or follow an https:// address";
                let message = "`github_app` is for https, in place of a token";
                self.error(code::SETTINGS_VALUE, message, &path("github_app"), help);
            } else if in_clear {
                let message = "a token would go in clear";
                self.error(code::SETTINGS_OPEN, message, &path("git"), "use https://");
            }
            let [a, b, c] = path("github_app");
            self.api(app.api.as_deref(), &[a, b, c, "api".into()]);
        }
        for (key, given) in [("key_file", &repository.key_file), ("known_hosts", &repository.known_hosts)] {
            if given.is_some() && !ssh {
                let help = "take it out, or follow an ssh address";
                self.error(code::SETTINGS_VALUE, format!("`{key}` is for ssh"), &path(key), help);
            }
        }
        if repository.user.is_some() && repository.token_file.is_none() {
            let help = "give token_file: too, or write USER@HOST:PATH for ssh";
            self.error(code::SETTINGS_VALUE, "a user without a token", &path("user"), help);
        }
        if let Some(verify) = &repository.verify {
            let nobody = verify.allowed_signers.is_none() && verify.allowed_pgp.is_none();
            if nobody {
                let help = "name a file: allowed_signers: FILE for ssh, allowed_pgp: FILE for PGP";
                self.error(code::SETTINGS_VALUE, "`verify` names nobody who may sign", &path("verify"), help);
            } else if verify.revoked.is_some() && verify.allowed_signers.is_none() {
                let help = "take it out: a key of PGP is revoked in its own file, or taken out of it";
                self.error(code::SETTINGS_VALUE, "`revoked` is for ssh", &path("verify"), help);
            }
        }
        if let Some(reference) = &repository.reference {
            if repository.semver.is_some() {
                let help = "take one of them out";
                self.error(code::SETTINGS_VALUE, "both `ref` and `semver` say what is followed", &path("semver"), help);
            }
            if let Err(error) = Reference::parse(reference) {
                let help = "write a branch, a tag, a commit of 40 digits, or refs/…";
                self.error(code::SETTINGS_VALUE, error.to_string(), &path("ref"), help);
            }
        }
    }

    /// Stacks that wait for themselves, by way of others. Names of discovered ones are not known here.
    fn order(&mut self) {
        let named = self.settings.stacks.iter().filter_map(|stack| match stack {
            Stack::Named(named) => Some((named.name.as_str(), named.after.as_slice())),
            Stack::Discovered(_) => None,
        });
        let after: BTreeMap<&str, &[String]> = named.collect();
        let discovers = self.settings.stacks.iter().any(|stack| matches!(stack, Stack::Discovered(_)));
        for (i, stack) in self.settings.stacks.iter().enumerate() {
            let (name, waits) = match stack {
                Stack::Named(named) => (Some(named.name.as_str()), &named.after),
                Stack::Discovered(found) => (None, &found.after),
            };
            for (n, other) in waits.iter().enumerate() {
                let at = [Step::from("stacks"), i.into(), "after".into(), n.into()];
                if !discovers && !after.contains_key(other.as_str()) {
                    let help = match closest(other, after.keys().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "name one of the stacks of this file".to_owned(),
                    };
                    self.error(code::STACK_ORDER, format!("there is no stack `{other}` to wait for"), &at, help);
                } else if name.is_some_and(|name| leads_to(other, name, &after)) {
                    let message = format!("`{}` waits for itself, by way of `{other}`", name.unwrap_or_default());
                    self.error(code::STACK_ORDER, message, &at, "take one of them out");
                }
            }
        }
    }

    fn stacks(&mut self) {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for (i, stack) in self.settings.stacks.iter().enumerate() {
            let path = |key: &str| vec![Step::from("stacks"), i.into(), key.into()];
            if !self.settings.sources.contains_key(stack.source()) {
                let known = self.settings.sources.keys().map(String::as_str);
                let help = match closest(stack.source(), known.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write one of {}", known.collect::<Vec<_>>().join(", ")),
                };
                let message = format!("there is no source `{}`", stack.source());
                self.error(code::SETTINGS_SOURCE, message, &path("source"), help);
            }
            match stack {
                Stack::Named(named) => {
                    if let Some(first) = names.insert(&named.name, i) {
                        let message = format!("two stacks are called `{}`", named.name);
                        let first = place(self.root, &[Step::from("stacks"), first.into(), "name".into()]);
                        let problem = Diagnostic::error(code::SETTINGS_SOURCE, message)
                            .at_with(place(self.root, &path("name")), "again here")
                            .also(first, "first here");
                        self.diagnostics.push(problem.help("give one of them another name"));
                    }
                    let folder = named.path.as_deref().unwrap_or_default();
                    self.stays_inside("", folder, path("path"));
                    for (key, files) in [("compose", &named.compose), ("env_file", &named.env_file)] {
                        for (n, file) in files.iter().enumerate() {
                            let mut at = path(key);
                            at.push(n.into());
                            self.stays_inside(folder, file, at);
                        }
                    }
                }
                Stack::Discovered(found) => self.stays_inside("", &found.discover, path("discover")),
            }
        }
    }

    /// A source is all that a stack may read. `folder` is complained of by itself.
    fn stays_inside(&mut self, folder: &str, file: &str, at: Vec<Step>) {
        let path = Path::new(file);
        let mut depth = 0_i32;
        let leaves = Path::new(folder).join(path).components().any(|part| {
            match part {
                std::path::Component::ParentDir => depth -= 1,
                std::path::Component::Normal(_) => depth += 1,
                _ => {}
            }
            depth < 0
        });
        if path.is_absolute() || leaves {
            let message = format!("`{file}` leaves the source");
            self.error(code::SETTINGS_PATH, message, &at, "name a file of the source, from its top");
        }
    }

    fn notify(&mut self, i: usize, notify: &Notify) {
        let at = [Step::from("notify"), i.into()];
        let path = |key: &str| [Step::from("notify"), i.into(), key.into()];
        let forges = [
            ("github_status", &notify.github_status),
            ("gitlab_status", &notify.gitlab_status),
            ("gitea_status", &notify.gitea_status),
        ];
        let given = forges.iter().filter_map(|(key, forge)| Some((*key, forge.as_ref()?)));
        let forges: Vec<(&str, &Forge)> = given.collect();
        let receivers = forges.len() + usize::from(notify.webhook.is_some());
        if receivers != 1 {
            let message = format!("`{}` has {receivers} receivers", shown(&at));
            let help = "write one of github_status, gitlab_status, gitea_status and webhook in each entry";
            self.error(code::SETTINGS_VALUE, message, &at, help);
        }
        if notify.webhook.as_ref().is_some_and(|url| !is_url(url)) {
            self.error(code::SETTINGS_VALUE, "this is no address for a POST", &path("webhook"), "write https://…");
        }
        for (key, forge) in forges {
            let api = [Step::from("notify"), i.into(), key.into(), "api".into()];
            self.api(forge.api.as_deref(), &api);
            if let Some(app) = &forge.github_app {
                let at = [Step::from("notify"), i.into(), key.into(), "github_app".into()];
                if key != "github_status" || forge.token_file.is_some() {
                    let message = "`github_app` is for github_status, in place of a token";
                    self.error(code::SETTINGS_VALUE, message, &at, "take one of them out");
                }
                let [a, b, c, d] = at;
                self.api(app.api.as_deref(), &[a, b, c, d, "api".into()]);
            } else if forge.token_file.is_none() {
                let help = "add token_file: FILE, or for GitHub github_app: {…}";
                self.error(code::SETTINGS_VALUE, format!("`{key}` has no token"), &path(key), help);
            }
            if notify.on.is_some() {
                let help = "take it out: a status that were only sometimes told would say pending for ever";
                self.error(code::SETTINGS_VALUE, "`on` is for webhooks", &path("on"), help);
            }
        }
        if notify.secret_file.is_some() && notify.webhook.is_none() {
            let help = "take it out, or name a webhook";
            self.error(code::SETTINGS_VALUE, "`secret_file` signs what goes to a webhook", &path("secret_file"), help);
        }
        for (key, there) in [("template", notify.template.is_some()), ("content_type", notify.content_type.is_some())] {
            if there && notify.webhook.is_none() {
                let message = format!("`{key}` is for webhooks");
                self.error(code::SETTINGS_VALUE, message, &path(key), "take it out, or name a webhook");
            }
        }
        let kind = notify.content_type.as_deref();
        if kind.is_some_and(|kind| http::HeaderValue::from_str(kind).is_err() || !kind.contains('/')) {
            let help = "write one such as text/plain";
            self.error(code::SETTINGS_VALUE, "this is no type of a content", &path("content_type"), help);
        }
        if let Some(template) = &notify.template
            && notify.webhook.is_some()
            && kind.is_none_or(|kind| kind.starts_with("application/json"))
            && !template.makes_json()
        {
            let message = "`template` makes no JSON of a message with quotes in it";
            let help = "write {{json .message}}, without quotes around it, or say content_type: text/plain";
            self.error(code::SETTINGS_VALUE, message, &path("template"), help);
        }
        for (n, name) in notify.sources.iter().flatten().enumerate() {
            if !self.settings.sources.contains_key(name) {
                let at = [Step::from("notify"), i.into(), "sources".into(), n.into()];
                let help = match closest(name, self.settings.sources.keys().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name one of `sources`".to_owned(),
                };
                self.error(code::SETTINGS_SOURCE, format!("there is no source `{name}`"), &at, help);
            }
        }
    }

    fn api(&mut self, given: Option<&str>, at: &[Step]) {
        if given.is_some_and(|url| !is_url(url)) {
            self.error(code::SETTINGS_VALUE, "this is no address of an API", at, "write https://…");
        } else if let Some(url) = given.filter(|url| url.starts_with("http://") && !is_loopback(url)) {
            let message = format!("`{url}` would be sent the token in clear");
            self.error(code::SETTINGS_OPEN, message, at, "use https://");
        }
    }

    fn error(&mut self, code: Code, message: impl Into<String>, at: &[Step], help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, message).at(place(self.root, at)).help(help));
    }

    fn warning(&mut self, message: impl Into<String>, at: &[Step], help: &str) {
        self.diagnostics.push(Diagnostic::warning(code::SETTINGS_IDLE, message).at(place(self.root, at)).help(help));
    }
}

/// `from` waits, by however many others, for `to`.
fn leads_to(from: &str, to: &str, after: &BTreeMap<&str, &[String]>) -> bool {
    let (mut waiting, mut seen) = (vec![from], BTreeSet::new());
    while let Some(name) = waiting.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            waiting.extend(after.get(name).into_iter().flat_map(|all| all.iter().map(String::as_str)));
        }
    }
    false
}

/// `./ops.git`, `../ops.git`.
pub fn is_relative_path(text: &str) -> bool {
    text.starts_with("./") || text.starts_with("../")
}

fn is_url(text: &str) -> bool {
    let host = |uri: http::Uri| uri.host().is_some_and(|host| !host.is_empty());
    (text.starts_with("https://") || text.starts_with("http://")) && text.parse().is_ok_and(host)
}

/// Of this machine, so that nobody in between can read.
fn is_loopback(url: &str) -> bool {
    Address::parse(&format!("{}/x", url.trim_end_matches('/'))).is_ok_and(|address| address.is_loopback())
}

fn any(webhooks: &Webhooks) -> bool {
    let Webhooks { github, gitlab, gitea, generic } = webhooks;
    github.is_some() || gitlab.is_some() || gitea.is_some() || generic.is_some()
}
