//! Live rows on a terminal: one a service, and one a task for those in flight.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::Scrub;
use super::rows::{bare, short};
use crate::app::event::{Event, EventSink, RowKind, TaskEvent};
use crate::rollout::Progress;
use crate::ui::diagnostic::count;
use crate::ui::theme::visible;

/// With more tasks than this in flight, the rows of services must do.
const TASK_ROWS: usize = 20;

/// Rows that are redrawn in place.
pub struct Tty {
    all: MultiProgress,
    services: BTreeMap<String, ProgressBar>,
    tasks: BTreeMap<String, (String, ProgressBar)>,
    ascii: bool,
    colour: bool,
    scrub: Scrub,
}

impl Tty {
    /// `target` is where to draw, usually standard error.
    pub fn new(target: ProgressDrawTarget, ascii: bool, colour: bool, scrub: Scrub) -> Self {
        let all = MultiProgress::with_draw_target(target);
        Self { all, services: BTreeMap::new(), tasks: BTreeMap::new(), ascii, colour, scrub }
    }

    /// Writes a line above the rows.
    fn above(&self, text: &str) {
        // A terminal that went away is no reason to leave a rollout unwatched.
        let _ = self.all.println(self.clean(text));
    }

    /// Foreign words: swept, and without characters that act on the terminal.
    fn clean(&self, text: &str) -> String {
        visible(&(self.scrub)(text)).into_owned()
    }

    fn style(&self) -> ProgressStyle {
        let bar = if self.colour { "{bar:10.cyan/dim}" } else { "{bar:10}" };
        let template = format!("  {{spinner}} {{prefix:<20}} [{bar}] {{pos}}/{{len}} {{msg}}  {{elapsed}}");
        let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let ticks = if self.ascii { "|/-\\*" } else { "⠋⠙⠸⠴⠦⠇*" };
        style.progress_chars("#>.").tick_chars(ticks)
    }

    fn start(&mut self, address: &str, wanted: Option<u64>, message: &str) {
        let bar = self.all.add(ProgressBar::new(wanted.unwrap_or_default()));
        bar.set_style(self.style());
        bar.set_prefix(address.replacen('/', " ", 1));
        bar.set_message(self.clean(bare(message, short(address))));
        bar.enable_steady_tick(Duration::from_millis(200));
        self.services.insert(address.to_owned(), bar);
    }

    fn task(&mut self, address: &str, task: &TaskEvent) {
        if task.kept && !task.failed {
            return;
        }
        let over = task.healthy || task.failed || matches!(task.state, "complete" | "shutdown" | "remove" | "orphaned");
        if over {
            if let Some((_, bar)) = self.tasks.remove(&task.id) {
                bar.finish_and_clear();
                self.all.remove(&bar);
            }
            if task.failed {
                self.above(&format!("    {}", task.sentence()));
            }
            return;
        }
        if !self.tasks.contains_key(&task.id) {
            let Some(service) = self.services.get(address).filter(|_| self.tasks.len() < TASK_ROWS) else { return };
            let bar = self.all.insert_after(service, ProgressBar::no_length());
            let style = ProgressStyle::with_template("      {msg}  {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            self.tasks.insert(task.id.clone(), (address.to_owned(), bar));
        }
        if let Some((_, bar)) = self.tasks.get(&task.id) {
            bar.set_message(self.clean(&row(task)));
            bar.tick();
        }
    }

    fn end(&mut self, address: &str, ok: bool, message: &str, action: &str) {
        let done: Vec<_> = self.tasks.iter().filter(|(_, (a, _))| a == address).map(|(id, _)| id.clone()).collect();
        for id in done {
            if let Some((_, bar)) = self.tasks.remove(&id) {
                bar.finish_and_clear();
            }
        }
        if let Some(bar) = self.services.remove(address) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        let mark = if ok { "v" } else { "x" };
        let text = bare(message, short(address));
        self.above(&format!("  {mark} {:<22} {action:<8} {text}", address.replacen('/', " ", 1)));
    }
}

/// `done  2 running, 1 old left, 1 failure`; the bar before it counts those that ran for `monitor`.
fn counts(state: Option<&str>, progress: &Progress) -> String {
    let mut words = vec![format!("{} running", progress.running)];
    if progress.old > 0 {
        words.push(format!("{} old left", progress.old));
    }
    if progress.failures > 0 {
        words.push(count(progress.failures, "failure"));
    }
    words.extend(state.filter(|s| !matches!(*s, "updating" | "completed")).map(|s| s.replace('_', " ")));
    format!("done  {}", words.join(", "))
}

/// `web.1  node-2  starting`, with the reason where one waits.
fn row(task: &TaskEvent) -> String {
    let node = task.node.as_deref().unwrap_or("-");
    let why = if task.state == "pending" && task.message.contains("no suitable node") {
        format!("  {}", task.message)
    } else {
        String::new()
    };
    format!("{:<12} {node:<12} {}{why}", task.name, task.words)
}

impl EventSink for Tty {
    fn emit(&mut self, _: Timestamp, event: &Event) {
        match event {
            Event::ApplyStart { address, wanted, message, .. } => self.start(address, *wanted, message),
            Event::TaskState { address, task } => self.task(address, task),
            Event::Progress { address, state, progress, .. } => {
                if let Some(bar) = self.services.get(address) {
                    bar.set_length(progress.wanted);
                    bar.set_position(progress.healthy.min(progress.wanted));
                    bar.set_message(self.clean(&counts(state.as_deref(), progress)));
                }
            }
            Event::ApplyComplete { address, message, action, .. } => self.end(address, true, message, action),
            Event::ApplyFailed { address, message, .. } => self.end(address, false, message, ""),
            Event::RollbackStart { address, message } => {
                self.start(address, None, message);
            }
            Event::RollbackComplete { address, ok, message } => self.end(address, *ok, message, "rollback"),
            Event::Row { kind: RowKind::Log, address: Some(address), message, .. } => {
                self.above(&format!("    {:<12} | {message}", short(address)));
            }
            Event::Refresh { message } | Event::Lock { message, .. } => self.above(message),
            _ => {}
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // What is still going is told by the ledger.
        let _ = self.all.clear();
    }
}
