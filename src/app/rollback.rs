//! Going back to a release: its record is planned for like any file, and reviewed like any change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::base::{self, Known};
use super::basis::{Basis, look};
use super::deny::Deny;
use super::name::{StackName, Why};
use super::plan::Planned;
use crate::compose::Layers;
use crate::diagnostic::{Diagnostics, Sources};
use crate::engine::{EngineError, Reader, Wanted};
use crate::plan::record::{pinned_images, wish};
use crate::plan::{PlanOptions, ResolveImage, Source};
use crate::release::history::{self, Entry, Unreadable};
use crate::release::model::Origin;
use crate::swarm::{Kind, Recorded};

/// Why there is nothing to go back to.
#[derive(Debug)]
pub enum NoWayBack {
    /// No release of the stack is recorded.
    Unrecorded,
    /// The numbers that are kept, newest first.
    NoSuch {
        number: u64,
        kept: Vec<u64>,
    },
    /// None before the live one had succeeded.
    NoneBefore,
    Unreadable(Unreadable),
    Engine(EngineError),
}

impl From<EngineError> for NoWayBack {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// Plans for a release: `to`, or the last before the live one that had succeeded.
pub async fn plan(
    reader: Reader,
    stack: &str,
    to: Option<u64>,
    mut options: PlanOptions,
) -> Result<Planned, NoWayBack> {
    let known = base::known(&reader, stack).await?;
    let entry = choose(&known, to)?;
    let number = entry.number;
    let record = history::read(&reader, stack, entry).await.map_err(NoWayBack::Unreadable)?;
    let head = entry.head.as_ref().ok();
    options.source = Source {
        release: Some(number),
        commit: head.and_then(|h| h.commit.clone()),
        dirty: head.is_some_and(|h| h.dirty),
        ..Source::default()
    };
    Ok(towards(reader, stack, record.stack, Some(number), options).await?)
}

/// Plans for a record. `release` is its number, where it has one.
pub async fn towards(
    reader: Reader,
    stack: &str,
    record: Recorded,
    release: Option<u64>,
    mut options: PlanOptions,
) -> Result<Planned, EngineError> {
    let desired = wish(&record);
    let external = desired.external.iter().filter(|e| e.kind == Kind::Config).map(|e| e.name.clone());
    let configs = external.chain(desired.configs.iter().map(|c| c.name.clone())).collect();
    let wanted = Wanted { configs };
    let live = look(stack, &wanted, &reader).await?;
    (options.resolve, options.resolved) = (ResolveImage::Always, pinned_images(&record));
    let basis = Basis {
        desired,
        options,
        unresolved: BTreeMap::new(),
        deny: Deny::default(),
        spared: BTreeSet::new(),
        wanted,
        layers: Layers::default(),
    };
    let sources = Sources::default();
    Ok(Planned {
        plan: basis.plan(&live, &sources),
        name: StackName { name: stack.to_owned(), why: Why::Argument },
        sources,
        diagnostics: Diagnostics::default(),
        lints: Diagnostics::default(),
        redactor: basis.redactor(&live),
        basis,
        live,
        origin: release.map_or(Origin::Apply, Origin::Rollback),
        read: Vec::new(),
        working_dir: PathBuf::new(),
        reader: Some(reader),
    })
}

fn choose(known: &Known, to: Option<u64>) -> Result<&Entry, NoWayBack> {
    let history = &known.history;
    if history.entries.is_empty() {
        return Err(NoWayBack::Unrecorded);
    }
    match to {
        Some(number) => history
            .get(number)
            .ok_or_else(|| NoWayBack::NoSuch { number, kept: history.entries.iter().map(|e| e.number).collect() }),
        None => history.before_live().ok_or(NoWayBack::NoneBefore),
    }
}
