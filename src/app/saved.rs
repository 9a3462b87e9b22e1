//! Plans in files: saved, found by their argument, and made again.

use std::path::Path;

use super::deny::Deny;
use super::load::{self, ReadFile, Request, Role};
use super::place::Place;
use super::plan::{LiveState, PlanRequest, Planned};
use super::unseal::Unseal;
use super::{name, private_file};
use crate::compose::Environment;
use crate::diagnostic::code;
use crate::engine::Address;
use crate::plan::document::Document;
use crate::plan::saved::{FileDigest, Inputs, Saved, SavedOptions, stale_sources};
use crate::plan::{Approved, SecretKey, Stale, hex, keyed};

/// What the argument of `apply` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    Stack,
    Plan,
    /// A saved plan's file, and a name that a stack could have.
    Either,
    /// Neither; a sentence.
    Neither(String),
}

/// Looks whether the argument is a file with a plan in it, by its first bytes.
pub fn recognise(argument: &str) -> Argument {
    let path = Path::new(argument);
    let is_plan = path.is_file() && private_file::is_ours(path).unwrap_or(false);
    match (is_plan, name::is_valid(argument)) {
        (true, true) => Argument::Either,
        (true, false) => Argument::Plan,
        (false, true) => Argument::Stack,
        (false, false) if path.is_file() => {
            Argument::Neither(format!("`{argument}` is not a saved plan, and no name for a stack"))
        }
        (false, false) if argument.ends_with(".stackup") || argument.contains('/') => {
            Argument::Neither(format!("there is no saved plan `{argument}`"))
        }
        // Said where all names are judged.
        (false, false) => Argument::Stack,
    }
}

/// The plan as a file. `env_files` as named on the command line.
pub fn save(
    path: &Path,
    planned: &Planned,
    document: Document,
    env_files: &[String],
    deny: &Deny,
) -> Result<(), String> {
    let folder = std::env::current_dir().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    let options = &planned.basis.options;
    let saved = Saved {
        document,
        approved: Approved::of(&planned.plan),
        inputs: Inputs {
            folder,
            files: options.source.files.iter().map(|file| file.path.clone()).collect(),
            env_files: env_files.to_vec(),
            digests: digests(&planned.read, &planned.working_dir, planned.live.key.as_ref()),
        },
        options: SavedOptions {
            deny_all: deny.all,
            deny: deny.codes.iter().map(|code| code.id.to_owned()).collect(),
            ..SavedOptions::of(options)
        },
        images: options.resolved.clone(),
    };
    let bytes = saved.pack().map_err(|error| error.to_string())?;
    private_file::write(path, &bytes)
}

/// A sentence's end says why there is none.
pub fn open(path: &Path) -> Result<Saved, String> {
    Saved::unpack(&private_file::read(path)?).map_err(|error| error.to_string())
}

/// What is asked to make the same plan again.
pub fn request(
    saved: &Saved,
    variables: &Environment,
    home: Option<String>,
    unseal: Unseal,
    address: Address,
) -> PlanRequest {
    let codes = code::all().filter(|code| saved.options.deny.iter().any(|id| id == code.id));
    PlanRequest {
        load: Request {
            files: saved.inputs.files.clone(),
            env_files: saved.inputs.env_files.clone(),
            variables: variables.clone(),
            home,
            contents: true,
            interpolate: true,
            place: Place::Disk,
            unseal,
        },
        argument: Some(saved.document.stack.clone()),
        variable: None,
        address,
        options: saved.options.plan_options(),
        deny: Deny { all: saved.options.deny_all, codes: codes.collect() },
        live: LiveState::Swarm,
        renew_credentials: saved.options.renew_credentials,
        images: Some(saved.images.clone()),
    }
}

/// The Compose files that are not as they were; needs no engine, so it comes first.
pub fn stale_files(saved: &Saved, request: &Request) -> Vec<Stale> {
    // Standard input is read once, with the plan.
    if request.files.iter().any(|path| path == "-") {
        return Vec::new();
    }
    let loaded = load::load(request);
    let why = format!("cannot be read; when the plan was made it was, in {}", saved.inputs.folder);
    let mut stale: Vec<Stale> = loaded.missing.iter().map(|path| Stale::new(path.clone(), why.clone())).collect();
    if stale.is_empty() {
        stale = stale_sources(&saved.inputs.digests, &digests(&loaded.read, &loaded.working_dir, None));
    }
    stale
}

/// Everything that was read and is not as it was.
pub fn stale_inputs(saved: &Saved, planned: &Planned) -> Vec<Stale> {
    let now = digests(&planned.read, &planned.working_dir, planned.live.key.as_ref());
    stale_sources(&saved.inputs.digests, &now)
}

/// Contents of configs and secrets are left out: they are part of the decision, by digest or HMAC.
fn digests(read: &[ReadFile], working_dir: &Path, key: Option<&SecretKey>) -> Vec<FileDigest> {
    let mut all: Vec<FileDigest> = read
        .iter()
        .filter(|file| file.role != Role::Content)
        .map(|file| FileDigest {
            // The same checkout may stand in another folder.
            path: Path::new(&file.path)
                .strip_prefix(working_dir)
                .map_or_else(|_| file.path.clone(), |path| path.to_string_lossy().into_owned()),
            sha256: (file.role == Role::Compose).then(|| hex(&file.sha256)),
            hmac: key.filter(|_| file.role == Role::Variables).map(|key| keyed(key, &file.sha256)),
        })
        .collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::saved::pack;

    #[test]
    fn an_argument_is_never_guessed() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path.to_string_lossy().into_owned()
        };
        let plan = pack("stackup-plan", serde_json::json!({})).unwrap();
        assert_eq!(recognise(&file("a.stackup", &plan)), Argument::Plan);
        assert_eq!(recognise("shop"), Argument::Stack);
        assert!(
            matches!(recognise(&file("b.yml", b"x: 1")), Argument::Neither(said) if said.contains("not a saved plan"))
        );
        assert!(matches!(recognise("gone.stackup"), Argument::Neither(said) if said.contains("no saved plan")));
    }
}
