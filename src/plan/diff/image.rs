//! Which image a spec gets: as written, as a registry resolved it, or as it is live.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::swarm::{Desired, IMAGE_LABEL, LiveService, Lookup, Members, Snapshot};

/// `--resolve-image`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResolveImage {
    #[default]
    Always,
    Changed,
    Never,
}

/// What a registry said about an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedImage {
    /// `sha256:…`.
    pub digest: String,
    /// `(architecture, os)` as the registry gave them.
    pub platforms: Vec<(String, String)>,
}

/// The image that a service gets.
pub(super) struct Decision {
    pub image: String,
    /// For `Placement.Platforms`, when the image is not the live one.
    pub platforms: Vec<Value>,
    /// A registry was to be asked and gave no answer.
    pub unresolved: bool,
}

/// The images that a registry should be asked about before planning, as they stand in the specs.
pub fn images_to_resolve(desired: &Desired, snapshot: &Snapshot, resolve: ResolveImage) -> Vec<String> {
    let snapshot = Lookup::new(snapshot);
    let mut images: Vec<String> = desired
        .services
        .iter()
        .filter(|service| asks(resolve, &service.spec, snapshot.service(&service.name)))
        .map(|service| image_of(&service.spec).to_owned())
        .collect();
    images.sort();
    images.dedup();
    images
}

fn asks(resolve: ResolveImage, spec: &Value, live: Option<&LiveService>) -> bool {
    match resolve {
        ResolveImage::Always => true,
        ResolveImage::Never => false,
        ResolveImage::Changed => !live.is_some_and(|live| as_written(spec, live) && same_name(spec, live)),
    }
}

/// docker's test: the label of the live service says what the file says.
fn as_written(spec: &Value, live: &LiveService) -> bool {
    let label = spec.get("Labels").and_then(|l| l.get(IMAGE_LABEL)).and_then(Value::as_str);
    label.is_some() && live.label(IMAGE_LABEL) == label
}

/// The live image is the written one, pinned or not. Somebody's `docker service update --image` is not.
fn same_name(spec: &Value, live: &LiveService) -> bool {
    let (live, want) = (live.image(), image_of(spec));
    live == want || (!want.contains('@') && live.split('@').next() == Some(want))
}

pub(super) fn image_of(spec: &Value) -> &str {
    spec.member("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str).unwrap_or_default()
}

/// A live image that is the written one with a digest stays, unless a registry says that the tag has moved.
pub(super) fn decide(
    spec: &Value,
    live: Option<&LiveService>,
    resolve: ResolveImage,
    resolved: &BTreeMap<String, ResolvedImage>,
) -> Decision {
    let want = image_of(spec);
    let asked = asks(resolve, spec, live);
    let answer = if asked { resolved.get(want) } else { None };
    if let Some(answer) = answer {
        // A record may hold an image that no registry ever resolved.
        let final_form = want.contains('@') || answer.digest.is_empty();
        let image = if final_form { want.to_owned() } else { format!("{want}@{}", answer.digest) };
        return Decision { image, platforms: platforms(answer), unresolved: false };
    }
    let image = match live {
        Some(live) if same_name(spec, live) => live.image(),
        _ => want,
    };
    Decision { image: image.to_owned(), platforms: Vec::new(), unresolved: asked && !want.contains('@') }
}

/// As docker 28 fills them in: `arm` says too little to be matched with, so the architecture is left out.
fn platforms(answer: &ResolvedImage) -> Vec<Value> {
    let platform = |(architecture, os): &(String, String)| {
        let mut said = json!({});
        if !matches!(architecture.as_str(), "" | "arm") {
            said["Architecture"] = Value::from(architecture.as_str());
        }
        if !os.is_empty() {
            said["OS"] = Value::from(os.as_str());
        }
        said
    };
    answer.platforms.iter().map(platform).collect()
}
