//! Flags, environment and contexts to one endpoint: -H, --context, DOCKER_HOST, DOCKER_CONTEXT, `currentContext`, default.

use std::path::{Path, PathBuf};

use super::{Host, context};
use crate::engine::EngineError;
use crate::system::local;

const DEFAULT_CONTEXT: &str = "default";

/// Where the engine is and how to get in: flags, environment and the contexts store, resolved by `cli`.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// `-H`/`--host`.
    pub host: Option<String>,
    /// `--context`.
    pub context: Option<String>,
    /// DOCKER_HOST.
    pub env_host: Option<String>,
    /// DOCKER_CONTEXT.
    pub env_context: Option<String>,
    /// DOCKER_TLS is set and not empty: TLS with whatever certificate the engine shows.
    pub tls: bool,
    /// DOCKER_TLS_VERIFY is set and not empty: TLS, and the engine's certificate is checked.
    pub tls_verify: bool,
    /// DOCKER_CERT_PATH.
    pub cert_path: Option<PathBuf>,
    /// DOCKER_CONFIG, or `~/.docker`: `config.json` and the contexts store.
    pub config_dir: Option<PathBuf>,
    /// DOCKER_API_VERSION.
    pub api_version: Option<String>,
    /// Options for the program `ssh`, where somebody gives key and host keys instead of the user's configuration.
    pub ssh_options: Vec<String>,
}

/// One engine, and what its TLS needs.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Endpoint {
    pub host: Host,
    /// Only for tcp.
    pub tls: Option<TlsMaterial>,
}

/// PEM files, not read yet. What is `None` is not there: the system's roots, or no client certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct TlsMaterial {
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// Take any certificate: the context or DOCKER_TLS says so.
    pub skip_verify: bool,
}

/// Where docker's engine listens on this machine.
fn default_host() -> String {
    format!("{}://{}", local::SCHEME, local::DEFAULT)
}

/// The endpoint that docker would speak to.
pub(in crate::engine) fn resolve(address: &Address) -> Result<Endpoint, EngineError> {
    let given = |value: &Option<String>| value.as_deref().map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned);
    let (host, named) = (given(&address.host), given(&address.context));
    let env_host = given(&address.env_host);
    if host.is_some() && named.is_some() {
        return Err(EngineError::Address("-H and --context name two engines: give one of them".to_owned()));
    }
    let context = match named {
        Some(name) => name,
        None if host.is_some() || env_host.is_some() => DEFAULT_CONTEXT.to_owned(),
        None => match given(&address.env_context) {
            Some(name) => name,
            None => current_context(address.config_dir.as_deref())?.unwrap_or_else(|| DEFAULT_CONTEXT.to_owned()),
        },
    };
    // The default context is no file: it is what flags and environment say.
    if context != DEFAULT_CONTEXT {
        return context::load(address.config_dir.as_deref(), &context).map(|found| found.with_ssh(address));
    }
    let text = host.or(env_host).unwrap_or_else(default_host);
    let wanted = address.tls || address.tls_verify;
    let host = Host::parse(&text, wanted)?;
    let tls = (wanted && matches!(host, Host::Tcp { .. })).then(|| environment_tls(address)).transpose()?;
    Ok(Endpoint { host, tls }.with_ssh(address))
}

impl Endpoint {
    fn with_ssh(mut self, address: &Address) -> Self {
        if let Host::Ssh(ssh) = &mut self.host {
            ssh.options.clone_from(&address.ssh_options);
        }
        self
    }
}

/// Certificates of DOCKER_CERT_PATH or the configuration folder. The CA must be there if it is to be checked with; the
/// client's pair may be missing.
fn environment_tls(address: &Address) -> Result<TlsMaterial, EngineError> {
    let dir = address.cert_path.as_ref().or(address.config_dir.as_ref());
    let file = |name: &str| dir.map(|dir| dir.join(name)).filter(|p| p.is_file());
    let ca = match (dir, file("ca.pem")) {
        _ if !address.tls_verify => None,
        (_, Some(ca)) => Some(ca),
        (None, None) => {
            return Err(EngineError::Address(
                "DOCKER_TLS_VERIFY is set and there is no folder with certificates: set DOCKER_CERT_PATH".to_owned(),
            ));
        }
        (Some(dir), None) => {
            let path = dir.join("ca.pem");
            return Err(EngineError::Address(format!(
                "DOCKER_TLS_VERIFY is set and `{}` is not there",
                path.display()
            )));
        }
    };
    Ok(TlsMaterial { ca, cert: file("cert.pem"), key: file("key.pem"), skip_verify: !address.tls_verify })
}

/// `currentContext` of config.json; no file is no context.
fn current_context(config_dir: Option<&Path>) -> Result<Option<String>, EngineError> {
    let Some(path) = config_dir.map(|dir| dir.join("config.json")) else { return Ok(None) };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(EngineError::Address(format!("`{}` cannot be read: {e}", path.display()))),
    };
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let config: serde_json::Value = serde_json::from_slice(&text)
        .map_err(|e| EngineError::Address(format!("`{}` is not valid JSON: {e}", path.display())))?;
    let name = config.get("currentContext").and_then(|v| v.as_str()).filter(|n| !n.is_empty());
    Ok(name.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// A configuration folder with the contexts `blue` and `green`, and `green` as the current one.
    fn store() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.json"), r#"{"currentContext":"green"}"#).unwrap();
        for name in ["blue", "green"] {
            let meta = dir.path().join("contexts/meta").join(context::id(name));
            std::fs::create_dir_all(&meta).unwrap();
            let text = format!(r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"tcp://{name}:2375"}}}}}}"#);
            std::fs::write(meta.join("meta.json"), text).unwrap();
        }
        dir
    }

    #[test]
    fn takes_the_engine_that_docker_would_take() {
        let dir = store();
        let base = Address { config_dir: Some(dir.path().to_owned()), ..Address::default() };
        let full = Address { env_host: some("tcp://env:1"), env_context: some("blue"), ..base.clone() };
        let cases = [
            (Address { host: some("tcp://flag:1"), ..full.clone() }, "tcp://flag:1"),
            (Address { context: some("green"), ..full.clone() }, "tcp://green:2375"),
            (Address { context: some("default"), ..full.clone() }, "tcp://env:1"),
            (full.clone(), "tcp://env:1"),
            (Address { env_host: some(""), ..full.clone() }, "tcp://blue:2375"),
            (Address { env_host: None, env_context: some("default"), ..full }, &default_host()),
            (base, "tcp://green:2375"),
            (Address::default(), &default_host()),
        ];
        for (address, shown) in cases {
            assert_eq!(resolve(&address).unwrap().host.to_string(), shown, "{address:?}");
        }
    }

    #[test]
    fn two_engines_at_once_are_refused() {
        let address = Address { host: some("tcp://a:1"), context: some("blue"), ..Address::default() };
        assert!(resolve(&address).unwrap_err().to_string().contains("give one of them"));
    }

    #[test]
    fn an_unknown_context_names_the_known_ones() {
        let dir = store();
        let config_dir = Some(dir.path().to_owned());
        let said =
            resolve(&Address { context: some("bleu"), config_dir, ..Address::default() }).unwrap_err().to_string();
        assert!(said.contains("did you mean `blue`"), "{said}");
        assert!(said.contains("`default`, `green`"), "{said}");
    }

    #[test]
    fn tls_needs_a_ca_and_may_do_without_a_client_certificate() {
        let dir = tempfile::tempdir().unwrap();
        let address = Address {
            host: some("tcp://box"),
            tls_verify: true,
            cert_path: Some(dir.path().to_owned()),
            ..Address::default()
        };
        assert!(resolve(&address).unwrap_err().to_string().contains("ca.pem"));
        std::fs::write(dir.path().join("ca.pem"), "").unwrap();
        let endpoint = resolve(&address).unwrap();
        assert_eq!(endpoint.host.to_string(), "tcp://box:2376");
        assert_eq!(endpoint.tls.unwrap().cert, None);
    }

    #[test]
    fn tls_that_is_not_verified_needs_no_file() {
        let address = Address { host: some("tcp://box"), tls: true, ..Address::default() };
        let endpoint = resolve(&address).unwrap();
        assert_eq!(endpoint.host.to_string(), "tcp://box:2376");
        assert_eq!(endpoint.tls, Some(TlsMaterial { skip_verify: true, ..TlsMaterial::default() }));
        // What is to be verified is verified, whatever else is set.
        assert!(resolve(&Address { tls_verify: true, ..address }).is_err());
    }
}
