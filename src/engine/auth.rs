//! Credentials for registries, as `docker login` left them.

use std::io::Cursor;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use docker_credential::{CredentialRetrievalError as Failure, DockerCredential};
use secrecy::SecretString;
use serde_json::json;

use super::EngineError;

/// Under this name docker keeps what belongs to the registry of images without a host.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

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
    async fn no_config_is_no_credentials() {
        let dir = tempfile::tempdir().unwrap();
        assert!(for_image("nginx", dir.path()).await.unwrap().is_none());
    }
}
