//! What happens to the world in the course of a day.

use std::collections::BTreeMap;
use std::time::Duration;

use super::world::{SOURCES, Want, World, report};
use crate::app::exit::ExitCode;
use crate::watch::machine::{Ask, Event, Next, Report, Sync};

/// Something that is going to happen.
pub enum What {
    Push,
    /// A forge does not answer for a while.
    Forge(&'static str, bool),
    Engine(bool),
    Cut(usize, bool),
    Kill(usize),
    Start(usize),
    /// Somebody changes a stack by hand.
    Hand,
    /// Somebody asks the watcher that leads for something.
    Person,
    Asked(usize, String, Ask),
    Seek(usize),
    /// Who leads has had no sign of life taken for too long.
    Silent(usize),
    Poke(usize, u64, String),
    Save(usize, u64),
    Fetched {
        w: usize,
        life: u64,
        source: String,
        early: Option<(u64, BTreeMap<String, Want>)>,
    },
    /// The number is that of the look.
    Planned(usize, u64, String),
    Rolled(usize, u64, String),
    Touched {
        w: usize,
        life: u64,
        stack: String,
    },
}

const MINUTE: Duration = Duration::from_secs(60);
/// A leader that was silent for so long writes nothing more.
const TRUST: Duration = Duration::from_secs(15);
/// And after so long another one may lead.
const EXPIRY: Duration = Duration::from_secs(30);

impl World {
    pub fn plan_the_day(&mut self) {
        for w in 0..2 {
            self.later(Duration::ZERO, What::Start(w));
            self.later(Duration::from_secs(w as u64), What::Seek(w));
        }
        self.sometime(5, What::Push);
        self.sometime(20, What::Hand);
        self.sometime(15, What::Person);
        self.sometime(50, What::Engine(false));
        self.sometime(120, What::Forge("alpha", false));
        for w in 0..2 {
            self.sometime(70, What::Kill(w));
            self.sometime(90, What::Cut(w, true));
        }
    }

    /// Once in so many minutes.
    fn sometime(&mut self, minutes: u32, what: What) {
        if !self.calm {
            let wait = self.chance.until(MINUTE * minutes);
            self.later(wait, what);
        }
    }

    pub fn happen(&mut self, what: What) {
        let lives =
            |world: &Self, w: usize, life: u64| world.watchers[w].life == life && world.watchers[w].machine.is_some();
        match what {
            What::Fetched { w, life, source, early } if lives(self, w, life) => self.fetched(w, source, early),
            What::Planned(w, number, stack) => self.planned(w, number, stack),
            What::Rolled(w, number, stack) => self.rolled(w, number, stack),
            What::Touched { w, life, stack } if lives(self, w, life) => self.step(w, Event::Touched { stack }),
            What::Save(w, life) if lives(self, w, life) => self.save(w),
            What::Poke(w, life, source) if lives(self, w, life) => self.step(w, Event::Poked { source }),
            What::Fetched { .. } | What::Touched { .. } | What::Save(..) | What::Poke(..) => {}
            What::Start(w) if self.watchers[w].machine.is_some() => {}
            What::Start(w) => {
                let seed = self.chance.below(1000) as u64;
                for event in self.watchers[w].start(self.now, seed) {
                    self.step(w, event);
                }
            }
            What::Seek(w) => self.seek(w),
            What::Silent(w) => {
                if self.leader == Some(w) && !self.is_reachable(w) {
                    self.lose(w);
                }
            }
            What::Asked(w, stack, what) => self.step(w, Event::Asked { stack, what }),
            _ if self.calm => {}
            What::Push => self.push(),
            What::Hand => self.hand(),
            What::Person => self.person(),
            What::Forge(source, up) => {
                self.remotes.get_mut(source).unwrap().up = up;
                if up {
                    let next = *self.chance.pick(&SOURCES);
                    self.sometime(120, What::Forge(next, false));
                } else {
                    let wait = self.chance.seconds(5.0, 900.0);
                    self.later(wait, What::Forge(source, true));
                }
            }
            What::Engine(up) => {
                self.engine_up = up;
                if up {
                    (0..2).for_each(|w| self.hear_again(w));
                    self.sometime(50, What::Engine(false));
                } else {
                    (0..2).for_each(|w| self.fall_silent(w));
                    let wait = self.chance.seconds(2.0, 40.0);
                    self.later(wait, What::Engine(true));
                }
            }
            What::Cut(w, cut) => {
                self.watchers[w].cut = cut;
                if cut {
                    self.fall_silent(w);
                    let wait = self.chance.seconds(1.0, 120.0);
                    self.later(wait, What::Cut(w, false));
                } else {
                    self.hear_again(w);
                    self.sometime(90, What::Cut(w, true));
                }
            }
            What::Kill(w) => {
                if self.watchers[w].machine.is_some() {
                    self.counted.killed += 1;
                    let at_work = self.watchers[w].die();
                    self.abandon(at_work);
                    if self.leader.take_if(|leader| *leader == w).is_some() {
                        self.free = self.now + EXPIRY;
                    }
                    let wait = self.chance.seconds(1.0, 120.0);
                    self.later(wait, What::Start(w));
                }
                self.sometime(70, What::Kill(w));
            }
        }
    }

    fn push(&mut self) {
        let source = *self.chance.pick(&SOURCES);
        let name = match self.chance.below(20) {
            // One that was never there before, and may be gone with the next push.
            0 => format!("{source}-new{}", self.versions),
            n => format!("{source}-{}", n % 5),
        };
        let gone: Vec<String> =
            self.remotes[source].stacks.keys().filter(|name| name.contains("-new")).cloned().collect();
        if let Some(gone) = gone.first().filter(|_| self.chance.in_a_hundred(30)) {
            self.remotes.get_mut(source).unwrap().stacks.remove(gone);
        }
        self.write_stack(source, &name, 25);
        // Half of them are told.
        for w in 0..2 {
            if self.chance.in_a_hundred(50) {
                let life = self.watchers[w].life;
                self.later(Duration::from_millis(200), What::Poke(w, life, source.to_owned()));
            }
        }
        self.sometime(5, What::Push);
    }

    fn hand(&mut self) {
        let stacks: Vec<String> = self.swarm.keys().cloned().collect();
        if self.engine_up && !stacks.is_empty() {
            let stack = self.chance.pick(&stacks).clone();
            self.versions += 1;
            let live = self.swarm.get_mut(&stack).unwrap();
            live.spec = Some(format!("hand{}", self.versions));
            live.good.clone_from(&live.spec);
            live.failed.clear();
            self.touched(&stack);
        }
        self.sometime(20, What::Hand);
    }

    fn person(&mut self) {
        if let Some(w) = self.leader {
            let stacks: Vec<String> =
                self.watchers[w].machine.iter().flat_map(|machine| machine.stacks.keys().cloned()).collect();
            if !stacks.is_empty() {
                let stack = self.chance.pick(&stacks).clone();
                if self.chance.in_a_hundred(50) {
                    self.swarm.entry(stack.clone()).or_default().failed.clear();
                    self.step(w, Event::Asked { stack, what: Ask::Sync });
                } else {
                    self.step(w, Event::Asked { stack: stack.clone(), what: Ask::Suspend });
                    let wait = self.chance.seconds(60.0, 1800.0);
                    self.later(wait, What::Asked(w, stack, Ask::Resume));
                }
            }
        }
        self.sometime(15, What::Person);
    }

    fn fall_silent(&mut self, w: usize) {
        self.watchers[w].deaf = true;
        self.later(TRUST, What::Silent(w));
    }

    fn hear_again(&mut self, w: usize) {
        if self.is_reachable(w) && std::mem::take(&mut self.watchers[w].deaf) {
            self.step(w, Event::Unseen);
        }
    }

    fn seek(&mut self, w: usize) {
        let lives = self.watchers[w].machine.is_some();
        if lives && self.is_reachable(w) {
            match self.leader {
                None if self.now >= self.free => {
                    self.leader = Some(w);
                    let behind = self.watchers[w].behind;
                    self.step(w, Event::Lead { behind });
                }
                Some(other) if other != w => self.watchers[w].behind = true,
                _ => {}
            }
        }
        self.later(Duration::from_secs(5), What::Seek(w));
    }

    /// Nothing new is planned, and what is followed is left to swarm.
    fn lose(&mut self, w: usize) {
        self.leader = None;
        self.free = self.now + EXPIRY - TRUST;
        self.watchers[w].behind = true;
        self.step(w, Event::StandBy);
        let at_work = std::mem::take(&mut self.watchers[w].at_work);
        for (stack, work) in &at_work {
            let report = report(&work.ticket, Sync::OutOfSync);
            let report = Report { exit: ExitCode::Interrupted, next: Next::Rest, ..report };
            self.step(w, Event::Settled { stack: stack.clone(), report });
        }
        self.abandon(at_work);
    }

    /// The last things happen: all is mended, what was suspended goes on, and the last commits are good ones.
    pub fn calm_down(&mut self) {
        self.calm = true;
        self.engine_up = true;
        for w in 0..2 {
            self.watchers[w].cut = false;
            if self.watchers[w].machine.is_none() {
                self.happen(What::Start(w));
            }
            self.hear_again(w);
            let stacks: Vec<String> = self.watchers[w].machine.iter().flat_map(|m| m.stacks.keys().cloned()).collect();
            for stack in stacks {
                self.step(w, Event::Asked { stack, what: Ask::Resume });
            }
        }
        for source in SOURCES {
            self.remotes.get_mut(source).unwrap().up = true;
            let stacks: Vec<String> = self.remotes[source].stacks.keys().cloned().collect();
            for stack in stacks {
                self.write_stack(source, &stack, 0);
            }
        }
    }
}
