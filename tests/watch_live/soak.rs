//! A day of two watchers, compressed: good and bad pushes, hands in the swarm, an engine that is switched off, networks that
//! are cut, and watchers that are killed. At the end live is what git says, and nothing was written twice.
//!
//! An hour of that day takes the 24th part of STACKUP_SOAK_SECONDS (default 180, so 7.5 s an hour): two pushes an hour, a
//! hand every four, a killed watcher every five, a cut network every six, and an engine without power every twelve.
//! Polls are cut short to a second; leases and locks expire as they always do.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::bench::Watcher;
use crate::lab::Lab;
use crate::support::proxy::{Fault, Proxy};
use crate::support::run::{Run, command, stackup, stackup_command, try_docker};

const STACKS: usize = 4;
/// A watcher has read everything once by then, and has rolled out a few times.
const WARM: Duration = Duration::from_secs(30);

struct Soak {
    lab: Lab,
    image: String,
    dir: TempDir,
    /// What each stack is to be, and whether it would run.
    wanted: Vec<(u32, bool)>,
    pushes: u32,
    hands: Vec<(Instant, String)>,
    chance: u64,
}

/// A watcher, its way to the engine, and what it weighed.
struct Side {
    name: &'static str,
    proxy: Proxy,
    cut: Arc<AtomicBool>,
    watcher: Option<Watcher>,
    began: Instant,
    /// Of each of its processes: MB once it was warm, and at the last look.
    weights: BTreeMap<u32, (f64, f64)>,
    said: String,
}

impl Soak {
    fn new() -> Option<Self> {
        let lab = Lab::named("soak", 1)?;
        let image = lab.image(&["soak:v1"]);
        let dir = tempfile::tempdir().unwrap();
        let soak =
            Self { lab, image, dir, wanted: vec![(0, true); STACKS], pushes: 0, hands: Vec::new(), chance: 4711 };
        soak.git(&["init", "-q", "--bare", "-b", "main", "hub.git"]);
        soak.git(&["clone", "-q", "hub.git", "work"]);
        Some(soak)
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn git(&self, arguments: &[&str]) {
        let names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        let mut git = command("git", "", self.path());
        let run = Run::of(git.args(arguments).envs(names.map(|name| (name, "ada@example.org"))).output().unwrap());
        run.exits(0);
    }

    fn below(&mut self, end: usize) -> usize {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.chance >> 33).unwrap() % end
    }

    fn push(&mut self, stacks: &[usize], good: bool) {
        for stack in stacks {
            self.pushes += 1;
            self.wanted[*stack] = (self.pushes, good);
            let end = if good { "while true; do sleep 1; done" } else { "exit 3" };
            let text = format!(
                "services:\n  web:\n    image: {}\n    command: [sh, -c, \"{end}\"]\n    stop_grace_period: 1s\n    \
                 deploy:\n      labels: {{soak: \"{}-{good}\"}}\n      update_config: {{monitor: 1s}}\n      \
                 restart_policy: {{max_attempts: 2, delay: 0s}}\n",
                self.image, self.pushes
            );
            let folder = self.path().join(format!("work/stacks/soak{stack}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("compose.yaml"), text).unwrap();
        }
        self.git(&["-C", "work", "add", "-A"]);
        self.git(&["-C", "work", "commit", "-q", "-m", "Change it"]);
        self.git(&["-C", "work", "push", "-q", "origin", "HEAD:main"]);
    }

    /// Somebody sets a variable.
    fn hand(&mut self) {
        let name = format!("soak{}_web", self.below(STACKS));
        let variable = format!("HAND={}", self.hands.len());
        let update = ["service", "update", "--detach", "--env-add", &variable, &name];
        if try_docker(self.lab.host(), &update).is_ok() {
            self.hands.push((Instant::now(), name));
        }
    }

    fn side(&self, name: &'static str) -> Side {
        let engine = Path::new(self.lab.host().strip_prefix("unix://").unwrap());
        let cut = Arc::new(AtomicBool::new(false));
        let fault = Fault::Cut { when: cut.clone() };
        let proxy = Proxy::start(&self.path().join(format!("{name}.sock")), engine, fault).unwrap();
        let text = format!(
            "state: state-{name}\npoll: 1s\nsources: {{ops: {{git: ./hub.git, ref: main}}}}\n\
             stacks: [{{discover: \"stacks/*/compose.yaml\", source: ops, self_heal: true}}]\n"
        );
        std::fs::write(self.path().join(format!("{name}.yaml")), text).unwrap();
        Side { name, proxy, cut, watcher: None, began: Instant::now(), weights: BTreeMap::new(), said: String::new() }
    }

    /// From a fresh clone, as somebody else would see it.
    fn differs(&self) -> Vec<String> {
        let _ = std::fs::remove_dir_all(self.path().join("fresh"));
        self.git(&["clone", "-q", "hub.git", "fresh"]);
        let differs = (0..STACKS).filter_map(|stack| {
            let (file, name) = (format!("fresh/stacks/soak{stack}/compose.yaml"), format!("soak{stack}"));
            let plan = ["plan", "--expect-no-changes", "-c", &file, &name];
            let run = stackup(self.lab.host(), self.path(), &plan);
            (run.code != 0).then(|| format!("soak{stack}: {}{}", run.stdout, run.stderr))
        });
        differs.collect()
    }

    /// No good version is written twice in a row, by whomever, unless somebody had a hand in it.
    fn assert_nothing_twice(&self, sides: &[Side]) -> usize {
        let mut writes: BTreeMap<String, Vec<(Instant, Option<String>)>> = BTreeMap::new();
        for seen in sides.iter().flat_map(|side| side.proxy.writes()) {
            let taken = matches!(seen.status, Some(200 | 201)) && seen.path.contains("/services/");
            if let (true, Some(name), Some(mark)) = (taken, seen.name, seen.mark) {
                writes.entry(name).or_default().push((seen.at, Some(mark)));
            }
        }
        for (at, name) in &self.hands {
            writes.entry(name.clone()).or_default().push((*at, None));
        }
        for (name, writes) in &mut writes {
            writes.sort();
            for pair in writes.windows(2) {
                let twice = pair[0].1.as_ref().is_some_and(|mark| mark.ends_with("-true")) && pair[0].1 == pair[1].1;
                assert!(!twice, "{name} was written twice: {writes:?}");
            }
        }
        writes.values().flatten().filter(|(_, mark)| mark.is_some()).count()
    }
}

impl Side {
    fn start(&mut self, soak: &Soak) {
        let mut watch = stackup_command(&self.proxy.host(), soak.path());
        watch.args(["watch", "--json", "--config", &format!("{}.yaml", self.name)]);
        (self.watcher, self.began) = (Some(Watcher::of(watch)), Instant::now());
    }

    fn kill(&mut self) {
        if let Some(mut watcher) = self.watcher.take() {
            watcher.kill();
            self.said.push_str(&watcher.said());
        }
    }

    fn weigh(&mut self) {
        let Some(watcher) = self.watcher.as_ref().filter(|_| self.began.elapsed() > WARM) else { return };
        let status = std::fs::read_to_string(format!("/proc/{}/status", watcher.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let Some(kb) = line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()) else { return };
        let weight = self.weights.entry(watcher.id()).or_insert((kb / 1024.0, 0.0));
        weight.1 = kb / 1024.0;
    }
}

#[test]
#[ignore = "three minutes at least: a day of two watchers"]
#[allow(clippy::print_stdout, reason = "what it measured")]
fn after_a_day_of_everything_live_is_what_git_says() {
    let seconds = std::env::var("STACKUP_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(180);
    let hour = Duration::from_secs(seconds) / 24;
    let Some(mut soak) = Soak::new() else { return };
    let mut sides = [soak.side("one"), soak.side("other")];
    let all: Vec<usize> = (0..STACKS).collect();
    soak.push(&all, true);
    sides.iter_mut().for_each(|side| side.start(&soak));
    let start = Instant::now();
    let (mut kills, mut cuts, mut outages) = (0, 0, 0);
    for half in 0..48 {
        let end = start + hour * (half + 1) / 2;
        let stack = soak.below(STACKS);
        let good = soak.below(4) > 0;
        soak.push(&[stack], good);
        let which = soak.below(2);
        if half % 8 == 3 {
            soak.hand();
        }
        if half % 10 == 5 {
            sides[which].kill();
            kills += 1;
        }
        if half % 12 == 7 {
            sides[which].cut.store(true, Ordering::SeqCst);
            cuts += 1;
        }
        if half % 24 == 15 {
            soak.lab.kill(1);
            outages += 1;
        }
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(500).min(end.saturating_duration_since(Instant::now())));
            sides.iter_mut().for_each(Side::weigh);
        }
        if half % 24 == 15 {
            soak.lab.start(1);
        }
        for side in &mut sides {
            side.cut.store(false, Ordering::SeqCst);
            if side.watcher.is_none() {
                side.start(&soak);
            }
        }
    }
    // The last commits are good ones, and nothing happens any more.
    soak.push(&all, true);
    let (evening, mut differs) = (Instant::now() + Duration::from_secs(180), soak.differs());
    while !differs.is_empty() && Instant::now() < evening {
        std::thread::sleep(Duration::from_secs(2));
        sides.iter_mut().for_each(Side::weigh);
        differs = soak.differs();
    }
    let took = start.elapsed().as_secs();
    sides.iter_mut().for_each(Side::kill);
    if !differs.is_empty() {
        for side in &sides {
            println!("--- {}\n{}", side.name, side.said);
        }
        panic!("live is not what git says: {differs:#?}");
    }
    let writes = soak.assert_nothing_twice(&sides);
    println!(
        "{took} s: {} pushes, {} hands, {kills} kills, {cuts} cuts, {outages} outages; {writes} writes of services",
        soak.pushes,
        soak.hands.len()
    );
    for side in &sides {
        for (first, last) in side.weights.values() {
            println!("{}: {first:.1} MB when warm, {last:.1} MB at the end of its life", side.name);
            assert!(*last < first + 15.0 && *last < 100.0, "{} grew from {first} to {last} MB", side.name);
        }
    }
}
