//! Addresses of repositories: those that are asked, and those that are none.
//!
//! git runs commands for some forms (`ext::`, `--upload-pack=`), so an address is understood before git sees it.

use super::GitError;

/// How a repository is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Ssh,
    Https,
    Http,
    /// A repository on this machine.
    File,
}

impl Transport {
    /// As in GIT_ALLOW_PROTOCOL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ssh => "ssh",
            Self::Https => "https",
            Self::Http => "http",
            Self::File => "file",
        }
    }
}

/// An address that may be handed to git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    text: String,
    transport: Transport,
    host: Option<String>,
}

impl Address {
    /// Understands an address; anything that is not plainly one of the four forms is refused.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let refused =
            |why: &str| Err(GitError::Address(format!("`{}` is no address of a repository: {why}", safe(text))));
        if text.is_empty() {
            return refused("it is empty");
        }
        if text.starts_with('-') {
            return refused("it begins with `-`, and git would take it for an option");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return refused("it has a space or a control character in it");
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let transport = match scheme {
                "ssh" => Transport::Ssh,
                "https" => Transport::Https,
                "http" => Transport::Http,
                "file" => Transport::File,
                _ => return refused("only ssh, https, http and file are spoken"),
            };
            if transport == Transport::File {
                return if rest.starts_with('/') {
                    Ok(Self::on_this_machine(text))
                } else {
                    refused("file:// has no host")
                };
            }
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
            if user.is_some_and(|user| user.contains(':')) {
                return refused("it has a password in it, which others may read: use token_file");
            }
            if user.is_some() && transport != Transport::Ssh {
                return refused("it has a user in it: use `user:`");
            }
            if host.is_empty() || path.is_empty() {
                return refused("it names no host or no path");
            }
            if host.starts_with('-') || path.starts_with('-') || user.is_some_and(|user| user.starts_with('-')) {
                return refused("a part of it begins with `-`");
            }
            let host = Some(host.to_owned());
            return Ok(Self { text: text.to_owned(), transport, host });
        }
        let before_slash = text.split('/').next().unwrap_or_default();
        if before_slash.contains("::") {
            return refused("`NAME::` runs a program");
        }
        if let Some((at, path)) = text.split_once(':').filter(|(at, _)| !at.contains('/')) {
            let (user, host) = at.rsplit_once('@').map_or((None, at), |(user, host)| (Some(user), host));
            let option = |part: &str| part.is_empty() || part.starts_with('-');
            if option(host) || option(path) || user.is_some_and(option) {
                return refused("a part of it is empty or begins with `-`");
            }
            let host = Some(host.to_owned());
            return Ok(Self { text: text.to_owned(), transport: Transport::Ssh, host });
        }
        if text.starts_with('/') {
            return Ok(Self::on_this_machine(text));
        }
        refused("it is none of ssh, https, http, and an absolute path")
    }

    fn on_this_machine(text: &str) -> Self {
        Self { text: text.to_owned(), transport: Transport::File, host: None }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// With its port, where there is one; `None` for this machine.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Who is asked, and as whom: `git@example.org:22`; nothing for this machine.
    pub(super) fn authority(&self) -> &str {
        match self.text.split_once("://") {
            _ if self.transport == Transport::File => "",
            Some((_, rest)) => rest.split('/').next().unwrap_or_default(),
            None => self.text.split(':').next().unwrap_or_default(),
        }
    }

    /// Where it is on this machine.
    pub(super) fn local(&self) -> Option<&str> {
        let path = self.text.strip_prefix("file://").unwrap_or(&self.text);
        (self.transport == Transport::File).then_some(path)
    }

    /// Speaks to this machine only.
    pub fn is_loopback(&self) -> bool {
        let Some(host) = self.host() else { return true };
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// What the repository is called where it lies: `ops/shop` of `git@example.org:ops/shop.git`.
    pub fn path(&self) -> &str {
        let path = match (self.local(), self.text.split_once("://")) {
            (Some(path), _) => path,
            (None, Some((_, rest))) => rest.split_once('/').map_or("", |(_, path)| path),
            (None, None) => self.text.split_once(':').map_or("", |(_, path)| path),
        };
        let path = path.trim_matches('/');
        path.strip_suffix(".git").unwrap_or(path)
    }
}

/// For a message: no password, nothing that moves a cursor.
fn safe(text: &str) -> String {
    let text: String = text.chars().take(200).map(|c| if c.is_control() { '?' } else { c }).collect();
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://…@{rest}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_forms() {
        for (text, transport, host, path) in [
            ("https://git.example.org/ops/shop.git", Transport::Https, Some("git.example.org"), "ops/shop"),
            ("http://127.0.0.1:8080/ops.git", Transport::Http, Some("127.0.0.1:8080"), "ops"),
            ("ssh://git@example.org:2222/ops/shop.git", Transport::Ssh, Some("example.org:2222"), "ops/shop"),
            ("git@example.org:ops/shop.git", Transport::Ssh, Some("example.org"), "ops/shop"),
            ("example.org:shop", Transport::Ssh, Some("example.org"), "shop"),
            ("file:///srv/git/ops.git", Transport::File, None, "srv/git/ops"),
            ("/srv/git/ops.git", Transport::File, None, "srv/git/ops"),
            ("ssh://git@[::1]/ops.git", Transport::Ssh, Some("[::1]"), "ops"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.transport(), address.host(), address.path()), (transport, host, path), "{text}");
        }
    }

    #[test]
    fn what_would_run_something_is_no_address() {
        for text in [
            "",
            "--upload-pack=touch /tmp/x",
            "--upload-pack=touch",
            "-oProxyCommand=x",
            "ext::sh -c x",
            "ext::sh",
            "fd::3",
            "a::b/c",
            "ssh://-oProxyCommand=x/y",
            "ssh://git@-oProxyCommand=x/y",
            "ssh://host/-x",
            "-oProxyCommand=x:y",
            "git@-oProxyCommand=x:y",
            "git@host:-x",
            "git@host:",
            "git://example.org/x",
            "ftp://example.org/x",
            "https://user:hunter2@example.org/x",
            "https://user@example.org/x",
            "https://example.org",
            "https:///x",
            "file://host/x",
            "relative/path",
            "https://example.org/a\nb",
            "https://example.org/a b",
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(matches!(error, GitError::Address(_)), "{text}: {error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn this_machine() {
        for (text, is) in [
            ("http://127.0.0.1:80/x", true),
            ("http://[::1]:80/x", true),
            ("http://localhost/x", true),
            ("/x", true),
            ("http://127.0.0.1.example.org/x", false),
            ("http://example.org/x", false),
        ] {
            assert_eq!(Address::parse(text).unwrap().is_loopback(), is, "{text}");
        }
    }
}
