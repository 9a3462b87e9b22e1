//! Keys and credentials as files that nobody else can read, in a folder that goes away with the step.

use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::inputs::Inputs;
use crate::system::{file, private};

/// What was put down, until it is dropped.
#[derive(Debug, Default)]
pub struct Stage {
    folder: Option<PathBuf>,
    /// For the program `ssh`.
    pub ssh_options: Vec<String>,
    /// DOCKER_CERT_PATH
    pub certificates: Option<PathBuf>,
    /// DOCKER_CONFIG
    pub docker_config: Option<PathBuf>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // The last step of the action removes what is left.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

impl Stage {
    /// Everything that the inputs hold. `contexts` is the store that docker has on this machine. A sentence says what went wrong.
    pub fn set(inputs: &Inputs, folder: &Path, contexts: Option<&Path>) -> Result<Self, String> {
        let top = folder.join("private");
        let mut stage = Self::default();
        stage.folder = Some(top.clone());
        let failed =
            |error: std::io::Error| format!("keys and credentials cannot be put into `{}`: {error}", top.display());
        private::folder(&top).map_err(failed)?;
        stage.ssh(inputs, &top).map_err(failed)?;
        stage.tls(inputs, &top).map_err(failed)?;
        if let Some(auth) = &inputs.registry_auth {
            let config = registries(auth)?;
            let place = top.join("docker");
            private::folder(&place).map_err(failed)?;
            private_file(&place.join("config.json"), &config).map_err(failed)?;
            if let Some(contexts) = contexts.filter(|contexts| contexts.is_dir()) {
                file::link_folder(contexts, &place.join("contexts")).map_err(failed)?;
            }
            stage.docker_config = Some(place);
        }
        Ok(stage)
    }

    fn ssh(&mut self, inputs: &Inputs, top: &Path) -> std::io::Result<()> {
        let mut option = |words: &str| self.ssh_options.extend(["-o".to_owned(), words.to_owned()]);
        // A host whose key nobody knows is never spoken to.
        option("StrictHostKeyChecking=yes");
        if let Some(hosts) = &inputs.ssh_known_hosts {
            let file = top.join("known_hosts");
            private_file(&file, &format!("{hosts}\n"))?;
            option(&format!("UserKnownHostsFile=\"{}\"", file.display()));
            option("GlobalKnownHostsFile=/dev/null");
            option("UpdateHostKeys=no");
        }
        if let Some(key) = &inputs.ssh_key {
            let file = top.join("ssh_key");
            // Secrets that were pasted on Windows, and without their last newline, are keys nevertheless.
            private_file(&file, &format!("{}\n", key.expose_secret().replace("\r\n", "\n").trim_end()))?;
            option("IdentitiesOnly=yes");
            option("IdentityAgent=none");
            option("PasswordAuthentication=no");
            option("ForwardAgent=no");
            self.ssh_options.extend(["-F".to_owned(), "/dev/null".to_owned()]);
            self.ssh_options.extend(["-i".to_owned(), file.display().to_string()]);
        }
        Ok(())
    }

    fn tls(&mut self, inputs: &Inputs, top: &Path) -> std::io::Result<()> {
        let Some(ca) = &inputs.tls_ca else { return Ok(()) };
        let place = top.join("tls");
        private::folder(&place)?;
        private_file(&place.join("ca.pem"), &format!("{ca}\n"))?;
        if let Some((cert, key)) = inputs.tls_cert.as_ref().zip(inputs.tls_key.as_ref()) {
            private_file(&place.join("cert.pem"), &format!("{cert}\n"))?;
            private_file(&place.join("key.pem"), &format!("{}\n", key.expose_secret()))?;
        }
        self.certificates = Some(place);
        Ok(())
    }
}

fn private_file(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = private::options().create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// docker's config.json from `registry user password` lines, or from one that is given as JSON.
fn registries(auth: &SecretString) -> Result<String, String> {
    let text = auth.expose_secret();
    if text.starts_with('{') {
        let given: Value = serde_json::from_str(text)
            .map_err(|error| format!("input `registry-auth` begins like JSON and is none: line {}", error.line()))?;
        // Anything else in there could name programs to run.
        return Ok(json!({"auths": given.get("auths").cloned().unwrap_or(json!({}))}).to_string());
    }
    let mut auths = serde_json::Map::new();
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut words = line.trim().splitn(3, char::is_whitespace);
        let (Some(registry), Some(user), Some(password)) = (words.next(), words.next(), words.next()) else {
            return Err(format!("input `registry-auth`, line {}: write `registry user password`", n + 1));
        };
        let hub = matches!(registry, "docker.io" | "index.docker.io" | "hub.docker.com");
        let registry = if hub { "https://index.docker.io/v1/" } else { registry };
        let auth = STANDARD.encode(format!("{user}:{}", password.trim()));
        auths.insert(registry.to_owned(), json!({"auth": auth}));
    }
    Ok(json!({"auths": auths}).to_string())
}

/// What the runner must never print: each secret whole, and the passwords in `registry-auth` by themselves.
pub fn masks(inputs: &Inputs) -> Vec<String> {
    let secrets = [&inputs.ssh_key, &inputs.tls_key, &inputs.registry_auth, &inputs.token];
    let mut all: Vec<String> = secrets
        .into_iter()
        .flatten()
        .flat_map(|secret| secret.expose_secret().lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    if let Some(auth) = &inputs.registry_auth {
        let passwords =
            auth.expose_secret().lines().filter_map(|line| line.split_whitespace().nth(2).map(str::to_owned));
        all.extend(passwords.collect::<Vec<_>>());
    }
    // A brace or a dash alone would blacken the log.
    all.retain(|line| line.trim().len() >= 4 && !line.starts_with("-----"));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::testing::is_private;

    fn inputs(pairs: &[(&str, &str)]) -> Inputs {
        Inputs::read(&pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()).unwrap()
    }

    const ALL: [(&str, &str); 7] = [
        ("INPUT_SSH_KEY", "-----BEGIN KEY-----\r\nabcd\r\n-----END KEY-----"),
        ("INPUT_SSH_KNOWN_HOSTS", "h ssh-ed25519 AAAA"),
        ("INPUT_TLS_CA", "ca"),
        ("INPUT_TLS_CERT", "cert"),
        ("INPUT_TLS_KEY", "tls key"),
        ("INPUT_REGISTRY_AUTH", "ghcr.io ben pa ss\ndocker.io ana hunter2"),
        ("INPUT_TOKEN", "ghs_token"),
    ];

    #[test]
    fn files_are_private_and_go_away() {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::set(&inputs(&ALL), folder.path(), None).unwrap();
        let top = folder.path().join("private");
        for name in ["ssh_key", "known_hosts", "tls/ca.pem", "tls/cert.pem", "tls/key.pem", "docker/config.json"] {
            assert!(is_private(&top.join(name)), "{name}");
        }
        assert_eq!(
            std::fs::read_to_string(top.join("ssh_key")).unwrap(),
            "-----BEGIN KEY-----\nabcd\n-----END KEY-----\n"
        );
        let line = stage.ssh_options.join(" ");
        assert!(line.contains("StrictHostKeyChecking=yes") && line.contains("IdentitiesOnly=yes"), "{line}");
        let config: Value = serde_json::from_slice(&std::fs::read(top.join("docker/config.json")).unwrap()).unwrap();
        assert_eq!(config["auths"]["ghcr.io"]["auth"], STANDARD.encode("ben:pa ss"));
        assert_eq!(config["auths"]["https://index.docker.io/v1/"]["auth"], STANDARD.encode("ana:hunter2"));
        drop(stage);
        assert!(!top.exists());
    }

    #[test]
    fn json_brings_no_programs_and_a_bad_line_no_secret() {
        let given =
            SecretString::from("{\"auths\":{\"a\":{}},\"credsStore\":\"evil\",\"credHelpers\":{\"a\":\"evil\"}}");
        assert_eq!(registries(&given).unwrap(), r#"{"auths":{"a":{}}}"#);
        for bad in ["ghcr.io hunter2", "{hunter2"] {
            let why = registries(&SecretString::from(bad)).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn every_secret_is_masked() {
        let masks = masks(&inputs(&ALL));
        for secret in ["abcd", "tls key", "hunter2", "ghs_token"] {
            assert!(masks.iter().any(|mask| mask == secret), "{secret}: {masks:?}");
        }
        assert!(!masks.iter().any(|mask| mask.starts_with("-----")));
    }
}
