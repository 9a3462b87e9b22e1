//! Credentials for registries, as `docker login` left them.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use docker_credential::{CredentialRetrievalError as Failure, DockerCredential};
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::Mutex;

use super::EngineError;

/// Under this name docker keeps what belongs to the registry of images without a host.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// Everything that `docker login` left, looked up once a registry: helpers are programs, and a stack may have a thousand
/// images of one registry.
pub struct Keyring {
    /// `None` has nothing.
    folder: Option<PathBuf>,
    known: Mutex<HashMap<String, Result<Option<SecretString>, String>>>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Keyring {
    /// `folder` holds `config.json`.
    pub fn new(folder: Option<&Path>) -> Self {
        Self { folder: folder.map(Path::to_owned), known: Mutex::default() }
    }

    /// X-Registry-Auth for an image's registry; `None` where nobody has logged in. The error is a sentence.
    pub async fn get(&self, image: &str) -> Result<Option<SecretString>, String> {
        let Some(folder) = &self.folder else { return Ok(None) };
        // Held meanwhile: whoever asks for the same registry waits for one look.
        let mut known = self.known.lock().await;
        if let Some(found) = known.get(registry(image)) {
            return found.clone();
        }
        let found = for_image(image, folder).await.map_err(|error| error.to_string());
        known.insert(registry(image).to_owned(), found.clone());
        found
    }
}

/// X-Registry-Auth for an image's registry, from `config.json` in `config_dir` and the helpers that it names. `None`
/// where nobody has logged in.
pub async fn for_image(image: &str, config_dir: &Path) -> Result<Option<SecretString>, EngineError> {
    let server = registry(image).to_owned();
    let path = config_dir.join("config.json");
    // Helpers are programs, and some ask a person.
    let looked = tokio::task::spawn_blocking(move || match std::fs::read(&path) {
        Ok(config) => look_up(config, &server),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(EngineError::Local(format!("`{}` cannot be read: {e}", path.display()))),
    });
    looked.await.map_err(|_| EngineError::Local("looking for registry credentials broke off".to_owned()))?
}

fn look_up(config: Vec<u8>, server: &str) -> Result<Option<SecretString>, EngineError> {
    let failed = |why: &str| Err(EngineError::Local(format!("the credentials for `{server}` cannot be used: {why}")));
    match docker_credential::get_credential_from_reader(Cursor::new(config), server) {
        Ok(credential) => Ok(Some(header(credential, server))),
        Err(Failure::NoCredentialConfigured | Failure::ConfigNotFound) => Ok(None),
        Err(Failure::HelperFailure { stdout, stderr, .. })
            if format!("{stdout}{stderr}").contains("credentials not found") =>
        {
            Ok(None)
        }
        // stdout may hold the secret.
        Err(Failure::HelperFailure { helper, stderr, .. }) => {
            failed(&format!("{helper} failed: {}", stderr.trim().lines().next().unwrap_or("without a word")))
        }
        Err(Failure::HelperCommunicationError) => failed("the credential helper of config.json cannot be started"),
        Err(Failure::MalformedHelperResponse) => failed("the credential helper's answer makes no sense"),
        Err(Failure::CredentialDecodingError) => failed("their `auth` in config.json is no base64 of user:password"),
        Err(Failure::CredentialMismatchError) => failed("their `auth` and `username` in config.json differ"),
        Err(Failure::ConfigReadError) => failed("config.json is not valid JSON"),
    }
}

fn header(credential: DockerCredential, server: &str) -> SecretString {
    let json = match credential {
        DockerCredential::IdentityToken(token) => json!({ "identitytoken": token, "serveraddress": server }),
        DockerCredential::UsernamePassword(user, password) => {
            json!({ "username": user, "password": password, "serveraddress": server })
        }
    };
    SecretString::from(URL_SAFE.encode(json.to_string()))
}

/// What a person types after `docker login`; empty for Docker Hub.
pub fn login(image: &str) -> &str {
    Some(registry(image)).filter(|registry| *registry != DOCKER_HUB).unwrap_or_default()
}

/// The key of an image's registry in `config.json`.
fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some(("docker.io" | "index.docker.io", _)) => DOCKER_HUB,
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => DOCKER_HUB,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::Value;

    use super::*;

    fn looked_up(config: &str, image: &str) -> Option<Value> {
        let header = look_up(config.as_bytes().to_vec(), registry(image)).unwrap()?;
        Some(serde_json::from_slice(&URL_SAFE.decode(header.expose_secret()).unwrap()).unwrap())
    }

    #[test]
    fn each_image_has_its_registry() {
        let cases = [
            ("nginx", DOCKER_HUB),
            ("library/nginx:1", DOCKER_HUB),
            ("docker.io/acme/web", DOCKER_HUB),
            ("localhost/web", "localhost"),
            ("box:5000/web:1@sha256:00", "box:5000"),
            ("ghcr.io/acme/web", "ghcr.io"),
        ];
        for (image, key) in cases {
            assert_eq!(registry(image), key, "{image}");
        }
    }

    #[test]
    fn finds_what_login_left() {
        // "me:pa?ss>" needs the URL-safe alphabet on its way out.
        let config = r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "bWU6cGE/c3M+"},
            "ghcr.io": {"identitytoken": "tok"}, "empty.io": {}}}"#;
        let hub = looked_up(config, "acme/web").unwrap();
        assert_eq!(hub, json!({"username": "me", "password": "pa?ss>", "serveraddress": DOCKER_HUB}));
        assert_eq!(looked_up(config, "ghcr.io/a/b").unwrap()["identitytoken"], json!("tok"));
        assert_eq!(looked_up(config, "empty.io/a"), None);
        assert_eq!(looked_up("{}", "quay.io/a"), None);
    }

    #[test]
    fn says_why_and_never_shows_the_secret() {
        let config = r#"{"auths": {"a.io": {"auth": "%%hidden%%"}}, "credHelpers": {"b.io": "no-such-helper"}}"#;
        for (image, words) in [("a.io/x", "no base64"), ("b.io/x", "cannot be started")] {
            let said = look_up(config.as_bytes().to_vec(), registry(image)).unwrap_err().to_string();
            assert!(said.contains(words) && !said.contains("hidden"), "{said}");
        }
        let found = look_up(br#"{"auths": {"a.io": {"auth": "bWU6cGFzcw=="}}}"#.to_vec(), "a.io").unwrap();
        assert!(!format!("{found:?}").contains("bWU6"), "{found:?}");
    }

    #[tokio::test]
    async fn a_registry_is_looked_up_once() {
        let dir = tempfile::tempdir().unwrap();
        let write = |text: &str| std::fs::write(dir.path().join("config.json"), text).unwrap();
        write(r#"{"auths": {"a.io": {"auth": "bWU6cGFzcw=="}}, "credHelpers": {"b.io": "no-such-helper"}}"#);
        let keyring = Keyring::new(Some(dir.path()));
        assert!(keyring.get("a.io/x").await.unwrap().is_some() && keyring.get("c.io/x").await.unwrap().is_none());
        assert!(keyring.get("b.io/x").await.unwrap_err().contains("cannot be started"));
        write("{}");
        assert!(keyring.get("a.io/other:2").await.unwrap().is_some());
        assert!(Keyring::new(None).get("a.io/x").await.unwrap().is_none());
        assert!(!format!("{keyring:?}").contains("bWU6"), "{keyring:?}");
    }

    #[tokio::test]
    async fn no_config_is_no_credentials() {
        let dir = tempfile::tempdir().unwrap();
        assert!(for_image("nginx", dir.path()).await.unwrap().is_none());
    }
}
