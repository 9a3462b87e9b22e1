//! What registries say about images, asked through the engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::engine::{EngineError, Reader, auth};
use crate::plan::ResolvedImage;

/// Questions in flight at once.
const AT_ONCE: usize = 8;
/// A registry that takes longer counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers, and why there is none, by image as asked.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub resolved: BTreeMap<String, ResolvedImage>,
    /// A sentence for a person.
    pub unresolved: BTreeMap<String, String>,
}

/// Asks about each image once. `config_dir` is where `docker login` left its credentials.
pub async fn resolve(reader: &Reader, images: Vec<String>, config_dir: Option<&Path>) -> Answers {
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut questions = JoinSet::new();
    for image in images {
        let (reader, gate, config_dir) = (reader.clone(), gate.clone(), config_dir.map(Path::to_owned));
        questions.spawn(async move {
            // The gate is never closed.
            let _turn = gate.acquire_owned().await;
            let answer = tokio::time::timeout(PATIENCE, ask(&reader, &image, config_dir.as_deref())).await;
            let answer = answer.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())));
            (image, answer)
        });
    }
    let mut answers = Answers::default();
    while let Some(answer) = questions.join_next().await {
        match answer {
            Ok((image, Ok(resolved))) => {
                answers.resolved.insert(image, resolved);
            }
            Ok((image, Err(why))) => {
                answers.unresolved.insert(image, why);
            }
            // A question that broke off leaves its image unresolved, which the plan says by itself.
            Err(_) => {}
        }
    }
    answers
}

async fn ask(reader: &Reader, image: &str, config_dir: Option<&Path>) -> Result<ResolvedImage, String> {
    let credentials = match config_dir {
        Some(folder) => auth::for_image(image, folder).await.map_err(|error| error.to_string())?,
        None => None,
    };
    let header = credentials.as_ref().map(|secret| secret.expose_secret());
    match reader.distribution(image, header).await {
        Ok(answer) => decode(&answer).ok_or_else(|| "the registry's answer has no digest".to_owned()),
        Err(EngineError::Refused(refusal)) => Err(refusal.message),
        Err(error) => Err(error.to_string()),
    }
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
}
