//! One watcher: a real machine, the memory that survives it, and what it is at.

use std::collections::BTreeMap;
use std::time::Duration;

use super::world::{SOURCES, Want};
use crate::watch::machine::{Event, Machine, Manner, Memory, Ticket};

/// A process that follows the sources, or the place of one.
pub struct Watcher {
    /// `None` while it is dead.
    pub machine: Option<Machine>,
    /// Counts its lives: what an earlier one began concerns nobody.
    pub life: u64,
    pub began: Duration,
    /// What is on its disk.
    pub memory: BTreeMap<String, Memory>,
    /// What it last fetched of each source.
    pub views: BTreeMap<String, (u64, BTreeMap<String, Want>)>,
    /// What it does now, by stack.
    pub at_work: BTreeMap<String, Work>,
    /// Its network is cut.
    pub cut: bool,
    /// It could not hear events since.
    pub deaf: bool,
    /// Another one led since it began, or since it led.
    pub behind: bool,
}

/// One look.
#[derive(Clone)]
pub struct Work {
    pub number: u64,
    pub ticket: Ticket,
    pub want: Want,
    /// Where it writes: what was live before.
    pub writes: Option<Option<String>>,
}

impl Watcher {
    pub fn dead() -> Self {
        Self {
            machine: None,
            life: 0,
            began: Duration::ZERO,
            memory: BTreeMap::new(),
            views: BTreeMap::new(),
            at_work: BTreeMap::new(),
            cut: false,
            deaf: false,
            behind: false,
        }
    }

    /// A new process.
    pub fn start(&mut self, at: Duration, seed: u64) -> Vec<Event> {
        self.life += 1;
        (self.began, self.deaf, self.behind) = (at, false, false);
        let manner = Manner { most: 4, seed: seed + self.life, ..Manner::default() };
        self.machine = Some(Machine::new(manner, self.memory.clone()));
        let sources: BTreeMap<String, Duration> =
            SOURCES.iter().map(|name| ((*name).to_owned(), Duration::from_secs(60))).collect();
        vec![Event::StandBy, Event::Configured { sources }]
    }

    /// SIGKILL: nothing is said, nothing is finished.
    pub fn die(&mut self) -> BTreeMap<String, Work> {
        self.machine = None;
        self.views.clear();
        std::mem::take(&mut self.at_work)
    }
}
