//! One step.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::effect::{Effect, Order, Ticket};
use super::event::{Ask, Event, Found, Next, Report, Trouble};
use super::pace::{DEBOUNCE, GAP, HOOKS, Now, RESYNC, backoff, spread};
use super::source::SourceState;
use super::stack::{Last, StackState, Sync};
use super::state::{Machine, REMEMBERED};

impl Machine {
    /// Takes in what happened, and says what is to be done.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Configured { sources } => self.configured(sources, now, &mut effects),
            Event::Poked { source } => self.poked(&source, now),
            Event::Fetched { source, result: Ok(found) } => self.found(&source, found, now, &mut effects),
            Event::Fetched { source, result: Err(trouble) } => self.trouble(&source, trouble, now, &mut effects),
            Event::Touched { stack } => self.touched(&stack, now),
            Event::Unseen => {
                let all: Vec<String> = self.stacks.keys().cloned().collect();
                all.iter().for_each(|stack| self.touched(stack, now));
            }
            Event::Applying { stack, plan_id, commit } => {
                if let Some(known) = self.stacks.get_mut(&stack).filter(|_| !self.stands_by) {
                    (known.sync, known.plan_id) = (Sync::Applying, Some(plan_id));
                    known.message = "rolling out".to_owned();
                    known.commit = commit.or(known.commit.take());
                    effects.push(Effect::Tell { stack });
                }
            }
            Event::Settled { stack, report } => self.settled(&stack, report, now, &mut effects),
            Event::Lead { behind } => self.lead(behind, now),
            Event::StandBy => self.stand_by(),
            Event::Asked { stack, what } => self.asked(&stack, what, now, &mut effects),
            Event::Tick => {}
            Event::Stop => self.stopping = true,
        }
        self.begin(now, &mut effects);
        for effect in &effects {
            if let Effect::Tell { stack } = effect
                && let Some(stack) = self.stacks.get_mut(stack)
            {
                stack.memory.told = Some(stack.sync);
            }
        }
        effects
    }

    fn lead(&mut self, behind: bool, now: Now) {
        self.stands_by = false;
        // Who led may have seen, and begun, what is newer than all that is known here: nothing is taken back to that.
        for source in self.sources.values_mut().filter(|source| behind || source.tried) {
            if source.fetching {
                (source.again, source.old) = (true, true);
            } else {
                source.due = Some(now.up);
            }
        }
        for stack in self.stacks.values_mut() {
            stack.wanted = None;
            if behind {
                stack.memory.told = Some(Sync::Unknown);
            }
        }
    }

    /// What was known of stacks is so no more: another one changes them.
    fn stand_by(&mut self) {
        self.stands_by = true;
        for stack in self.stacks.values_mut() {
            (stack.sync, stack.drift, stack.plan_id, stack.seen) = (Sync::Unknown, false, None, None);
            (stack.failures, stack.order) = (0, None);
            stack.message.clear();
        }
    }

    fn configured(&mut self, sources: BTreeMap<String, Duration>, now: Now, effects: &mut Vec<Effect>) {
        self.sources.retain(|name, _| sources.contains_key(name));
        for (name, poll) in sources {
            let source = self.sources.entry(name).or_default();
            (source.poll, source.due, source.failures) = (poll, Some(now.up), 0);
            source.again = source.fetching;
        }
        let is_left = |(_, stack): &(&String, &StackState)| !self.sources.contains_key(&stack.source);
        let left: Vec<String> = self.stacks.iter().filter(is_left).map(|(name, _)| name.clone()).collect();
        self.leave(&left, effects);
    }

    fn poked(&mut self, name: &str, now: Now) {
        let Some(source) = self.sources.get_mut(name) else { return };
        if source.fetching {
            source.again = true;
            return;
        }
        // However often somebody pokes, it is one fetch a second.
        let earliest = source.began.map_or(now.up, |began| (began + GAP).max(now.up));
        source.sooner(earliest + HOOKS);
    }

    fn found(&mut self, name: &str, found: Found, now: Now, effects: &mut Vec<Effect>) {
        let (once, seed) = (self.manner.once, self.manner.seed);
        // A source that was taken out while it was fetched.
        let Some(source) = self.sources.get_mut(name) else { return };
        if std::mem::take(&mut source.old) {
            after_fetch(source, now);
            return;
        }
        let news = source.revision.as_ref() != Some(&found.revision) || source.trouble != found.trouble;
        after_fetch(source, now);
        source.failures = 0;
        source.trouble = found.trouble;
        source.commit.clone_from(&found.commit);
        source.revision = Some(found.revision.clone());
        if !once {
            source.sooner(now.up + spread(name, source.poll, source.round, seed));
        }
        if news {
            effects.push(Effect::TellSource { source: name.to_owned() });
        }
        for followed in &found.stacks {
            let fresh = !self.stacks.contains_key(&followed.name);
            let memory = self.memories.get(&followed.name).filter(|_| fresh).cloned();
            let stack = self.stacks.entry(followed.name.clone()).or_default();
            if let Some(memory) = memory {
                stack.memory = memory;
            }
            stack.gone = false;
            stack.source = name.to_owned();
            stack.after.clone_from(&followed.after);
            let other = stack.wanted.as_ref() != Some(&found.revision);
            stack.wanted = Some(found.revision.clone());
            let stale = stack.looked.is_none_or(|looked| now.up.saturating_sub(looked) >= RESYNC);
            if other {
                // What failed before has nothing to do with what is new.
                stack.failures = 0;
                stack.due = Some(now.up);
            } else if stale {
                stack.sooner(now.up);
            }
        }
        let here: BTreeSet<&str> = found.stacks.iter().map(|followed| followed.name.as_str()).collect();
        let lost = |(stack, state): &(&String, &StackState)| state.source == name && !here.contains(stack.as_str());
        let lost: Vec<String> = self.stacks.iter().filter(lost).map(|(stack, _)| stack.clone()).collect();
        self.leave(&lost, effects);
    }

    fn trouble(&mut self, name: &str, trouble: Trouble, now: Now, effects: &mut Vec<Effect>) {
        let (once, seed) = (self.manner.once, self.manner.seed);
        let Some(source) = self.sources.get_mut(name) else { return };
        source.old = false;
        after_fetch(source, now);
        source.failures = source.failures.saturating_add(1);
        if !once {
            // A poke brings it forward; nothing else does.
            source.due = Some(now.up + backoff(name, source.failures, seed));
        }
        if source.trouble.as_ref() != Some(&trouble) {
            source.trouble = Some(trouble);
            effects.push(Effect::TellSource { source: name.to_owned() });
        }
        // What was fetched before is still there, and is still looked after.
        let known = self.stacks.values_mut().filter(|stack| stack.source == name && stack.wanted.is_some());
        for stack in known {
            if stack.looked.is_some_and(|looked| now.up.saturating_sub(looked) >= RESYNC) {
                stack.sooner(now.up);
            }
        }
    }

    fn touched(&mut self, name: &str, now: Now) {
        let Some(stack) = self.stacks.get_mut(name) else { return };
        if stack.running {
            stack.again = true;
        } else if stack.wanted.is_some() {
            // From the first of several on, so that one that never rests is looked at too.
            stack.sooner(now.up + DEBOUNCE);
        }
    }

    fn settled(&mut self, name: &str, report: Report, now: Now, effects: &mut Vec<Effect>) {
        let (once, seed) = (self.manner.once, self.manner.seed);
        let Some(stack) = self.stacks.get_mut(name) else { return };
        stack.running = false;
        stack.looked = Some(now.up);
        if stack.gone {
            self.remove(name);
            effects.push(Effect::Forget { stack: name.to_owned() });
            return;
        }
        // It began when this one led. Whoever leads now looks for himself.
        if self.stands_by {
            return;
        }
        let rolled = report.rolled.is_some();
        let before = (stack.shown(), stack.drift, stack.message.clone(), stack.plan_id.clone(), stack.commit.clone());
        (stack.sync, stack.drift, stack.exit) = (report.sync, report.drift, report.exit);
        stack.message.clone_from(&report.message);
        stack.plan_id.clone_from(&report.plan_id);
        stack.commit = report.commit;
        stack.release = report.release.or(stack.release);
        let memory = &mut stack.memory;
        if report.sync == Sync::Synced {
            (memory.synced, memory.approved, memory.tried) = (Some(report.revision.clone()), None, None);
        }
        if rolled {
            (memory.rolled, memory.approved) = (report.rolled, None);
            memory.tried = report.tried;
            let (at, result) = (Some(now.at), report.exit.name().to_owned());
            memory.last = Last { result, at, plan_id: report.plan_id, message: report.message };
        }
        match report.next {
            Next::Rest => stack.failures = 0,
            Next::Retry if !once => {
                stack.failures = stack.failures.saturating_add(1);
                stack.sooner(now.up + backoff(name, stack.failures, seed));
            }
            Next::At(at) if !once => {
                let wait = at.duration_since(now.at).unsigned_abs().max(GAP);
                let wait = if at > now.at { wait } else { GAP };
                stack.sooner(now.up + wait);
            }
            Next::Retry | Next::At(_) => {}
        }
        stack.seen = Some(report.revision);
        if stack.seen != stack.wanted {
            stack.due = Some(now.up);
        } else if stack.again && !once {
            stack.sooner(now.up + DEBOUNCE);
        }
        stack.again = false;
        let after = (stack.shown(), stack.drift, stack.message.clone(), stack.plan_id.clone(), stack.commit.clone());
        if before != after || rolled {
            effects.push(Effect::Tell { stack: name.to_owned() });
        }
    }

    fn asked(&mut self, name: &str, what: Ask, now: Now, effects: &mut Vec<Effect>) {
        let Some(stack) = self.stacks.get_mut(name) else { return };
        match what {
            Ask::Sync => {
                stack.memory.tried = None;
                stack.order = Some(Order::Again);
                stack.failures = 0;
                stack.due = Some(now.up);
                stack.again = stack.running;
                let source = stack.source.clone();
                self.poked(&source, now);
            }
            Ask::Rollback(to) => {
                stack.order = Some(Order::Rollback(to));
                stack.due = Some(now.up);
                stack.again = stack.running;
            }
            Ask::Suspend => stack.memory.suspended = true,
            Ask::Resume => {
                stack.memory.suspended = false;
                stack.due = Some(now.up);
            }
            Ask::Approve(plan) => {
                stack.memory.approved = Some(plan);
                stack.due = Some(now.up);
                stack.again = stack.running;
            }
        }
        effects.push(Effect::Tell { stack: name.to_owned() });
    }

    /// Begins what is due.
    fn begin(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.stepped = now.up;
        if self.stopping {
            return;
        }
        self.fetch(now, effects);
        if !self.stands_by {
            self.look(now, effects);
        }
    }

    fn fetch(&mut self, now: Now, effects: &mut Vec<Effect>) {
        for (name, source) in &mut self.sources {
            if !source.fetching && source.due.is_some_and(|due| due <= now.up) {
                (source.fetching, source.due, source.began) = (true, None, Some(now.up));
                source.round = source.round.wrapping_add(1);
                effects.push(Effect::Fetch { source: name.clone() });
            }
        }
    }

    fn look(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let mut free = self.manner.most.saturating_sub(self.stacks.values().filter(|s| s.running).count());
        if free == 0 {
            return;
        }
        let due = self.stacks.iter().filter(|(_, s)| !s.running && s.due.is_some_and(|due| due <= now.up));
        let mut due: Vec<(Duration, String)> = due.filter_map(|(n, s)| Some((s.due?, n.clone()))).collect();
        due.sort_unstable();
        for (_, name) in due {
            if free == 0 {
                return;
            }
            let Some(stack) = self.stacks.get(&name) else { continue };
            // What a person asks for waits for nothing.
            let goes_back = matches!(stack.order, Some(Order::Rollback(_)));
            if stack.memory.suspended && !goes_back {
                continue;
            }
            let Some(revision) = stack.wanted.clone() else { continue };
            if let Some(other) = self.blocked_by(stack).filter(|_| !goes_back) {
                let message = format!("waits for `{other}`");
                self.wait(&name, message, effects);
                continue;
            }
            let Some(stack) = self.stacks.get_mut(&name) else { continue };
            (stack.running, stack.due) = (true, None);
            stack.looking = Some(revision.clone());
            free -= 1;
            let order = stack.order.take();
            let (source, memory) = (stack.source.clone(), stack.memory.clone());
            effects.push(Effect::Look(Ticket {
                stack: name,
                source,
                revision,
                approved: memory.approved,
                tried: memory.tried,
                synced: memory.synced,
                rolled: memory.rolled,
                order,
            }));
        }
    }

    /// Another one comes first. One that was synced stays so: only what is new waits.
    fn wait(&mut self, name: &str, message: String, effects: &mut Vec<Effect>) {
        let Some(stack) = self.stacks.get_mut(name) else { return };
        if stack.message != message && stack.seen != stack.wanted {
            (stack.sync, stack.message) = (Sync::OutOfSync, message);
            effects.push(Effect::Tell { stack: name.to_owned() });
        }
    }

    /// Should it come back, it is known.
    fn remove(&mut self, name: &str) {
        if let Some(stack) = self.stacks.remove(name) {
            self.memories.insert(name.to_owned(), stack.memory);
            self.forget();
        }
    }

    /// Of more than are kept in mind what was rolled out longest ago. What a person suspended goes last.
    fn forget(&mut self) {
        let gone = || self.memories.iter().filter(|(name, _)| !self.stacks.contains_key(*name));
        if gone().count() > REMEMBERED {
            let oldest = gone().min_by_key(|(_, memory)| (memory.suspended, memory.rolled));
            if let Some(name) = oldest.map(|(name, _)| name.clone()) {
                self.memories.remove(&name);
            }
        }
    }

    fn leave(&mut self, names: &[String], effects: &mut Vec<Effect>) {
        for name in names {
            match self.stacks.get_mut(name) {
                // A rollout is never broken off in its middle.
                Some(stack) if stack.running => stack.gone = true,
                _ => {
                    self.remove(name);
                    effects.push(Effect::Forget { stack: name.clone() });
                }
            }
        }
    }
}

fn after_fetch(source: &mut SourceState, now: Now) {
    (source.fetching, source.tried) = (false, true);
    source.due = std::mem::take(&mut source.again).then_some(now.up + HOOKS);
}
