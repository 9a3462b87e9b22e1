//! docker's contexts store: `contexts/meta/<sha256 of the name>/meta.json` and `contexts/tls/<same>/docker/*.pem`.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Endpoint, Host, TlsMaterial};
use crate::diagnostic::closest;
use crate::engine::EngineError;
use crate::system::local;

/// The folder name of a context.
pub(super) fn id(name: &str) -> String {
    Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The endpoint of a named context.
pub(super) fn load(config_dir: Option<&Path>, name: &str) -> Result<Endpoint, EngineError> {
    let Some(config_dir) = config_dir else { return Err(unknown(None, name)) };
    let store = config_dir.join("contexts");
    let path = store.join("meta").join(id(name)).join("meta.json");
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(unknown(Some(&store), name)),
        Err(e) => return Err(broken(name, &path, &e.to_string())),
    };
    let meta: Value = serde_json::from_slice(&text).map_err(|e| broken(name, &path, &e.to_string()))?;
    let docker = meta.pointer("/Endpoints/docker").ok_or_else(|| broken(name, &path, "it has no docker endpoint"))?;
    let skip_verify = docker.get("SkipTLSVerify").and_then(Value::as_bool).unwrap_or(false);

    let dir = store.join("tls").join(id(name)).join("docker");
    let file = |name: &str| Some(dir.join(name)).filter(|p| p.is_file());
    let material = TlsMaterial { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem"), skip_verify };
    let wanted = material != TlsMaterial::default();

    let text = docker.get("Host").and_then(Value::as_str).unwrap_or_default();
    let text = if text.is_empty() { format!("{}://", local::SCHEME) } else { text.to_owned() };
    let host = Host::parse(&text, wanted).map_err(|e| broken(name, &path, &e.to_string()))?;
    let tls = (wanted && matches!(host, Host::Tcp { .. })).then_some(material);
    Ok(Endpoint { host, tls })
}

fn broken(name: &str, path: &Path, why: &str) -> EngineError {
    EngineError::Address(format!("the docker context `{name}` ({}) cannot be used: {why}", path.display()))
}

fn unknown(store: Option<&Path>, name: &str) -> EngineError {
    let known = store.map(names).unwrap_or_else(|| vec!["default".to_owned()]);
    let list = known.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let hint = closest(name, known.iter().map(String::as_str)).map(|n| format!("; did you mean `{n}`?"));
    EngineError::Address(format!("there is no docker context `{name}`{} (known: {list})", hint.unwrap_or_default()))
}

/// Every context of the store and the default one, in order of name.
fn names(store: &Path) -> Vec<String> {
    let metas = std::fs::read_dir(store.join("meta")).into_iter().flatten().flatten();
    let mut names: Vec<String> = metas
        .filter_map(|entry| std::fs::read(entry.path().join("meta.json")).ok())
        .filter_map(|text| serde_json::from_slice::<Value>(&text).ok())
        .filter_map(|meta| meta.get("Name").and_then(Value::as_str).map(str::to_owned))
        .collect();
    names.push("default".to_owned());
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(host: &str, skip: bool, pems: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let meta = dir.path().join("contexts/meta").join(id("lab"));
        std::fs::create_dir_all(&meta).unwrap();
        let text = format!(r#"{{"Name":"lab","Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":{skip}}}}}}}"#);
        std::fs::write(meta.join("meta.json"), text).unwrap();
        let tls = dir.path().join("contexts/tls").join(id("lab")).join("docker");
        std::fs::create_dir_all(&tls).unwrap();
        for pem in pems {
            std::fs::write(tls.join(pem), "").unwrap();
        }
        dir
    }

    #[test]
    fn the_folder_is_the_digest_of_the_name() {
        assert_eq!(id("default"), "37a8eec1ce19687d132fe29051dca629d164e2c4958ba141d5f4133a33f0688f");
    }

    #[test]
    fn tls_follows_from_certificates_or_from_skipping() {
        let plain = load(Some(context("tcp://box", false, &[]).path()), "lab").unwrap();
        assert!(plain.tls.is_none());
        assert_eq!(plain.host.to_string(), "tcp://box:2375");

        let dir = context("tcp://box", false, &["ca.pem", "cert.pem", "key.pem"]);
        let full = load(Some(dir.path()), "lab").unwrap();
        assert_eq!(full.host.to_string(), "tcp://box:2376");
        assert!(full.tls.is_some_and(|t| t.ca.is_some() && t.cert.is_some() && t.key.is_some() && !t.skip_verify));

        let skipping = load(Some(context("tcp://box:9", true, &[]).path()), "lab").unwrap();
        assert!(skipping.tls.is_some_and(|t| t.ca.is_none() && t.skip_verify));
    }

    #[test]
    fn a_context_that_says_nonsense_is_named() {
        let foreign = format!("{}:////./pipe/x", local::FOREIGN.0);
        let said = load(Some(context(&foreign, false, &[]).path()), "lab").unwrap_err().to_string();
        assert!(said.contains("`lab`") && said.contains(local::FOREIGN.1), "{said}");
    }
}
