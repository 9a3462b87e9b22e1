//! The forms that docker takes after `-H`.

use std::path::PathBuf;

use crate::engine::EngineError;
use crate::system::local;

/// A place where an engine can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Host {
    /// A unix socket, or a named pipe of Windows.
    Local(PathBuf),
    Tcp {
        host: String,
        port: u16,
    },
    Ssh(SshHost),
}

/// `ssh://[user@]host[:port][/path/of/the/socket/over/there]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct SshHost {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
    /// The engine's socket on that machine, when it is not docker's default.
    pub socket: Option<String>,
    /// Options for the program `ssh`; none: the user's own configuration.
    pub options: Vec<String>,
}

impl Host {
    /// Without TLS the default port is 2375, with it 2376.
    pub fn parse(text: &str, tls: bool) -> Result<Self, EngineError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("tcp", text));
        match scheme {
            local::SCHEME => {
                let path = if rest.is_empty() { local::DEFAULT } else { rest };
                Ok(Self::Local(PathBuf::from(path)))
            }
            "tcp" => {
                let (host, port) = authority(text, rest.trim_end_matches('/'))?;
                let host = if host.is_empty() { "localhost".to_owned() } else { host };
                Ok(Self::Tcp { host, port: port.unwrap_or(if tls { 2376 } else { 2375 }) })
            }
            "ssh" => ssh(text, rest).map(Self::Ssh),
            foreign if foreign == local::FOREIGN.0 => {
                Err(EngineError::Address(format!("`{text}` {}", local::FOREIGN.1)))
            }
            "fd" => Err(EngineError::Address(format!("`{text}` is a form for the engine itself, not for a client"))),
            other => Err(bad(text, &format!("`{other}` is not one of {}, tcp and ssh", local::SCHEME))),
        }
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}://{}", local::SCHEME, path.display()),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
            Self::Ssh(ssh) => {
                f.write_str("ssh://")?;
                if let Some(user) = &ssh.user {
                    write!(f, "{user}@")?;
                }
                if ssh.host.contains(':') {
                    write!(f, "[{}]", ssh.host)?
                } else {
                    f.write_str(&ssh.host)?
                }
                if let Some(port) = ssh.port {
                    write!(f, ":{port}")?;
                }
                f.write_str(ssh.socket.as_deref().unwrap_or_default())
            }
        }
    }
}

fn bad(text: &str, why: &str) -> EngineError {
    EngineError::Address(format!("`{text}` is no address of an engine: {why}"))
}

/// `host`, `host:port`, `[::1]:port`.
fn authority(text: &str, rest: &str) -> Result<(String, Option<u16>), EngineError> {
    if rest.contains(['/', '?', '#', '@']) || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(bad(text, "after the host and port nothing else may follow"));
    }
    let (host, port) = match rest.strip_prefix('[') {
        Some(v6) => {
            let (host, after) = v6.split_once(']').ok_or_else(|| bad(text, "the `[` is never closed"))?;
            (host, after.strip_prefix(':').or(if after.is_empty() { None } else { Some(after) }))
        }
        None => match rest.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err(bad(text, "write an IPv6 address in brackets")),
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let port = port
        .map(|p| p.parse::<u16>().ok().filter(|p| *p > 0).ok_or_else(|| bad(text, &format!("`{p}` is no port"))))
        .transpose()?;
    Ok((host.to_owned(), port))
}

fn ssh(text: &str, rest: &str) -> Result<SshHost, EngineError> {
    let (place, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (user, place) = match place.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, place),
    };
    if user.is_some_and(|u| u.contains(':')) {
        return Err(EngineError::Address("an ssh:// address may hold no password: use a key, or an agent".to_owned()));
    }
    let (host, port) = authority(text, place)?;
    if host.is_empty() || user == Some("") {
        return Err(bad(text, "it must be ssh://[user@]host[:port]"));
    }
    // ssh would take it for an option.
    if host.starts_with('-') || user.is_some_and(|u| u.starts_with('-')) {
        return Err(bad(text, "a host or user may not start with `-`"));
    }
    let socket = (!path.is_empty() && path != "/").then(|| path.to_owned());
    Ok(SshHost { user: user.map(str::to_owned), host, port, socket, options: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_docker_takes() {
        let cases = [
            ("tcp://10.0.0.5", false, "tcp://10.0.0.5:2375"),
            ("tcp://10.0.0.5", true, "tcp://10.0.0.5:2376"),
            ("tcp://:2399/", false, "tcp://localhost:2399"),
            ("box:1234", false, "tcp://box:1234"),
            ("tcp://[::1]:99", false, "tcp://[::1]:99"),
            ("tcp://[::1]", true, "tcp://[::1]:2376"),
            ("ssh://me@box:2222", false, "ssh://me@box:2222"),
            ("ssh://box/run/user/1000/docker.sock", false, "ssh://box/run/user/1000/docker.sock"),
        ];
        let (own, default) = (format!("{}:///run/d.sock", local::SCHEME), format!("{}://", local::SCHEME));
        let whole = format!("{default}{}", local::DEFAULT);
        let cases = [(own.as_str(), false, own.as_str()), (&default, false, &whole), (&whole, true, &whole)]
            .into_iter()
            .chain(cases);
        for (text, tls, shown) in cases {
            assert_eq!(Host::parse(text, tls).map(|h| h.to_string()).unwrap(), shown, "{text}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        let foreign = format!("{}:////./pipe/docker_engine", local::FOREIGN.0);
        let cases = [
            (foreign.as_str(), local::FOREIGN.1),
            ("ssh://-oProxyCommand=x", "start with `-`"),
            ("ssh://-l@box", "start with `-`"),
            ("ssh://me:pw@box", "no password"),
            ("ssh://", "ssh://[user@]host"),
            ("tcp://::1:99", "in brackets"),
            ("tcp://box:0", "no port"),
            ("tcp://box:x", "no port"),
            ("tcp://box/base", "nothing else"),
            ("ftp://box", "not one of"),
        ];
        for (text, words) in cases {
            let said = Host::parse(text, false).unwrap_err().to_string();
            assert!(said.contains(words), "{text}: {said}");
            assert!(!said.contains("me:pw"), "{said}");
        }
    }
}
