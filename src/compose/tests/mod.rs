//! The whole road, from bytes to a stack and back.

mod broken;
mod documents;
mod including;
mod limits;
mod merging;
mod mutations;
mod origins;
mod overridden;
mod random;
mod schemas;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Environment, FileError, Files, Input, Loaded, Options, load};
use crate::diagnostic::Sources;

/// Files in memory.
#[derive(Default)]
pub struct Memory(BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.into(), text.into());
        self
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        self.0.get(path).cloned().ok_or(FileError::Missing)
    }
}

/// Processor time of this thread: a machine that others use makes no file slow. Where the system does not tell it, time.
pub fn busy() -> Duration {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let Ok(stat) = std::fs::read_to_string("/proc/thread-self/stat") else { return BEGAN.elapsed() };
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    // In hundredths of a second, for the program and for what the system does for it.
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(10 * ticks)
}

/// Where the files of these tests stand.
pub const DIR: &str = "/stack";

pub fn options(environment: &[(&str, &str)]) -> Options {
    let environment: Environment = environment.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    Options { working_dir: DIR.into(), environment, home: Some("/home/user".into()), interpolate: true, contents: true }
}

pub fn read(texts: &[&str], environment: &[(&str, &str)], files: &Memory) -> (Loaded, Sources) {
    let inputs: Vec<Input> = texts
        .iter()
        .enumerate()
        .map(|(i, t)| Input { path: format!("{i}.yml"), bytes: t.as_bytes().to_vec() })
        .collect();
    let mut sources = Sources::default();
    let loaded = load(&inputs, &options(environment), files, &mut sources);
    (loaded, sources)
}

/// `SU0201 0.yml:5:9` for each problem, in the order of places.
pub fn shown(loaded: &Loaded, sources: &Sources) -> Vec<String> {
    let place = |d: &crate::diagnostic::Diagnostic| {
        let span = d.primary.as_ref()?.span;
        let at = sources.start(span)?;
        Some((sources.get(span.file)?.path.clone(), at.line, at.column))
    };
    let mut all: Vec<_> = loaded.diagnostics.iter().map(|d| (place(d), d.code.id)).collect();
    all.sort();
    all.into_iter()
        .map(|(at, code)| match at {
            Some((path, line, column)) => format!("{code} {path}:{line}:{column}"),
            None => code.to_string(),
        })
        .collect()
}

/// The stack as `config` prints it; panics with the problems where there is none.
pub fn config(texts: &[&str], environment: &[(&str, &str)], files: &Memory) -> String {
    let (loaded, sources) = read(texts, environment, files);
    match &loaded.stack {
        Some(stack) => super::emit(stack),
        None => panic!("{:#?}\n{:?}", shown(&loaded, &sources), loaded.diagnostics),
    }
}
