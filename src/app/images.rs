//! What registries say about images, asked through the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::engine::auth::{Keyring, login};
use crate::engine::{EngineError, Reader, Refusal};
use crate::plan::ResolvedImage;

/// Questions in flight at once.
const AT_ONCE: usize = 8;
/// A registry that takes longer counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before a registry that is busy is asked again.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// Answers, and why there is none, by image as asked.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub resolved: BTreeMap<String, ResolvedImage>,
    /// A sentence for a person.
    pub unresolved: BTreeMap<String, String>,
    /// Of the unresolved ones those that the registry does not have, and the engine that was asked has neither.
    pub absent: BTreeSet<String>,
}

/// Asks about each image once; a registry that is busy is asked again.
pub async fn resolve(reader: &Reader, images: Vec<String>, keyring: &Arc<Keyring>) -> Answers {
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut questions = JoinSet::new();
    for image in images {
        let (reader, gate, keyring) = (reader.clone(), gate.clone(), keyring.clone());
        questions.spawn(async move {
            // The gate is never closed.
            let _turn = gate.acquire_owned().await;
            let answer = ask(&reader, &image, &keyring).await;
            (image, answer)
        });
    }
    let mut answers = Answers::default();
    while let Some(answer) = questions.join_next().await {
        match answer {
            Ok((image, Ok(resolved))) => {
                answers.resolved.insert(image, resolved);
            }
            Ok((image, Err(silence))) => {
                if silence.absent {
                    answers.absent.insert(image.clone());
                }
                answers.unresolved.insert(image, silence.why);
            }
            // A question that broke off leaves its image unresolved, which the plan says by itself.
            Err(_) => {}
        }
    }
    answers
}

/// Why there is no digest.
#[derive(Debug, PartialEq, Eq)]
struct Silence {
    why: String,
    /// There is no such image.
    absent: bool,
    /// It may know in a moment.
    busy: bool,
}

impl Silence {
    fn of(why: impl Into<String>) -> Self {
        Self { why: why.into(), absent: false, busy: false }
    }
}

async fn ask(reader: &Reader, image: &str, keyring: &Keyring) -> Result<ResolvedImage, Silence> {
    let credentials = keyring.get(image).await.map_err(Silence::of)?;
    let header = credentials.as_ref().map(|secret| secret.expose_secret());
    let late = || Silence::of(format!("no answer within {} s", PATIENCE.as_secs()));
    let once = async || match tokio::time::timeout(PATIENCE, reader.distribution(image, header)).await {
        Ok(Ok(answer)) => decode(&answer).ok_or_else(|| Silence::of("the registry's answer has no digest")),
        Ok(Err(EngineError::Refused(refusal))) => Err(read(&refusal, image, credentials.is_some())),
        Ok(Err(error)) => Err(Silence::of(error.to_string())),
        Err(_) => Err(late()),
    };
    let mut answer = once().await;
    for wait in AGAIN {
        if !matches!(&answer, Err(silence) if silence.busy) {
            break;
        }
        tokio::time::sleep(wait).await;
        answer = once().await;
    }
    match answer {
        // Somebody may have loaded it by hand.
        Err(silence) if silence.absent => {
            let here = reader.has_image(image).await.unwrap_or(true);
            Err(Silence { absent: !here, ..silence })
        }
        other => other,
    }
}

/// What a registry meant, in the engine's words for it: the engine passes on 401, 404 and 429, and makes 500 of the rest.
fn read(refusal: &Refusal, image: &str, with_credentials: bool) -> Silence {
    let words = refusal.message.as_str();
    let says = |part: &str| words.contains(part);
    let registry =
        Some(login(image)).filter(|host| !host.is_empty()).map(|host| format!(" {host}")).unwrap_or_default();
    let denied =
        matches!(refusal.status, 401 | 403) || ["no basic auth", "unauthorized", "denied"].into_iter().any(says);
    if denied && with_credentials {
        return Silence::of(format!("the registry refuses your credentials ({words}); docker login{registry}"));
    }
    if denied {
        return Silence::of(format!("the registry wants credentials ({words}); docker login{registry}"));
    }
    if refusal.status == 404 || says("manifest unknown") || says("name unknown") {
        return Silence { absent: true, ..Silence::of(format!("the registry has no such image ({words})")) };
    }
    if refusal.status == 429 || says("toomanyrequests") {
        return Silence { busy: true, ..Silence::of(format!("the registry has had too many requests ({words})")) };
    }
    if says("unexpected HTTP status: 5") {
        return Silence { busy: true, ..Silence::of(format!("the registry is out of order ({words})")) };
    }
    Silence::of(words)
}

fn decode(answer: &Value) -> Option<ResolvedImage> {
    let digest = answer.pointer("/Descriptor/digest")?.as_str().filter(|digest| !digest.is_empty())?.to_owned();
    let text = |platform: &Value, key: &str| platform.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let platforms = answer.get("Platforms").and_then(Value::as_array).into_iter().flatten();
    let platforms = platforms.map(|one| (text(one, "architecture"), text(one, "os"))).collect();
    Some(ResolvedImage { digest, platforms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_digest_and_platforms() {
        let answer = serde_json::json!({
            "Descriptor": {"digest": "sha256:aa"},
            "Platforms": [{"architecture": "amd64", "os": "linux"}, {"os": "windows"}],
        });
        let platform = |architecture: &str, os: &str| (architecture.to_owned(), os.to_owned());
        assert_eq!(
            decode(&answer),
            Some(ResolvedImage {
                digest: "sha256:aa".to_owned(),
                platforms: vec![platform("amd64", "linux"), platform("", "windows")],
            })
        );
        assert_eq!(decode(&serde_json::json!({"Descriptor": {"digest": ""}})), None);
    }

    #[test]
    fn each_way_to_say_no_is_understood() {
        // The engine's own words: 20.10.24 before a real registry and before one that answers what it is told to.
        for (status, words, with, why, absent, busy) in [
            (
                500,
                "Head \"http://r/v2/web/manifests/v1\": no basic auth credentials",
                false,
                "wants credentials",
                false,
                false,
            ),
            (401, "unauthorized: authentication required", true, "refuses your credentials", false, false),
            (
                401,
                "pull access denied for web, repository does not exist or may require 'docker login'",
                false,
                "docker login r.io",
                false,
                false,
            ),
            (404, "manifest unknown: manifest unknown", false, "has no such image", true, false),
            (429, "toomanyrequests: slow down", true, "too many requests", false, true),
            (500, "received unexpected HTTP status: 503 Service Unavailable", false, "out of order", false, true),
            (
                500,
                "Get \"http://r/v2/\": dial tcp 10.0.0.1:1: connect: connection refused",
                false,
                "connection refused",
                false,
                false,
            ),
        ] {
            let refusal = Refusal { status, message: words.to_owned(), request: String::new() };
            let silence = read(&refusal, "r.io/web:v1", with);
            assert!(silence.why.contains(why) && silence.why.contains(words), "{silence:?}");
            assert_eq!((silence.absent, silence.busy), (absent, busy), "{words}");
        }
    }
}
