//! Which version of the API to speak.

use super::EngineError;
use super::client::Client;
use super::target::Target;

/// The newest version that stackup knows.
const NEWEST: Version = Version(1, 55);
/// The oldest one whose answers hold all that stackup needs: jobs and `ServiceStatus`.
const OLDEST: Version = Version(1, 41);

/// `1.41`. Ordered as versions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Asks the engine and settles on a version; `asked` is DOCKER_API_VERSION.
pub(super) async fn agree(client: Client, asked: Option<&str>) -> Result<Client, EngineError> {
    let asked = asked.map(|text| text.trim().trim_start_matches('v')).filter(|text| !text.is_empty());
    let ping = client.get(&Target::new("/_ping")).await?;
    let theirs = ping.headers.get("Api-Version").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let version = choose(theirs, asked, client.endpoint())?;
    Ok(client.speaking(version.to_string()))
}

fn choose(theirs: &str, asked: Option<&str>, endpoint: &str) -> Result<Version, EngineError> {
    let Some(newest) = Version::parse(theirs) else {
        let why = "it names no API version: is there a Docker engine at this address?".to_owned();
        return Err(EngineError::Nonsense { request: "GET /_ping".to_owned(), why });
    };
    let refused = |ours: String| {
        Err(EngineError::Version { endpoint: endpoint.to_owned(), theirs: format!("up to {newest}"), ours })
    };
    if newest < OLDEST {
        return refused(format!("{OLDEST} or newer (Docker 20.10)"));
    }
    let Some(text) = asked else { return Ok(newest.min(NEWEST)) };
    match Version::parse(text) {
        Some(version) if version > newest => refused(format!("{version}, as DOCKER_API_VERSION says")),
        Some(version) if (OLDEST..=NEWEST).contains(&version) => Ok(version),
        _ => Err(EngineError::Address(format!(
            "DOCKER_API_VERSION is `{text}`; stackup speaks {OLDEST} to {NEWEST}: unset it, and the newest that both know is taken"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_the_newest_that_both_know() {
        let cases =
            [("1.41", None, "1.41"), ("1.51", None, "1.51"), ("1.99", None, "1.55"), ("1.51", Some("1.44"), "1.44")];
        for (theirs, asked, chosen) in cases {
            assert_eq!(choose(theirs, asked, "x").unwrap().to_string(), chosen, "{theirs} {asked:?}");
        }
    }

    #[test]
    fn refuses_by_name_what_it_cannot_speak() {
        let cases = [
            ("1.40", None, "up to 1.40; stackup needs 1.41"),
            ("1.41", Some("1.44"), "needs 1.44, as DOCKER_API_VERSION says"),
            ("1.51", Some("1.24"), "stackup speaks 1.41 to 1.55"),
            ("1.51", Some("new"), "DOCKER_API_VERSION is `new`"),
            ("", None, "is there a Docker engine"),
        ];
        for (theirs, asked, words) in cases {
            let said = choose(theirs, asked, "x").unwrap_err().to_string();
            assert!(said.contains(words), "{theirs} {asked:?}: {said}");
        }
    }
}
