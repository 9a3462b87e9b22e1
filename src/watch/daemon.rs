//! The loop: what the machine decides is done here, and what comes of it goes back.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::announce::{Announcer, News, is_no_news};
use super::assignment::Assignment;
use super::board::{Board, SourceView, StackView};
use super::counts::Counts;
use super::fingerprint::Key;
use super::github::{Lent, Tokens};
use super::journal::{Journal, Recording};
use super::lead::{Candidate, Rank, Term};
use super::machine::{
    Effect, Event, Followed, Found, Machine, Manner, Next, Now, Report, StackState, Sync, Ticket, Trouble,
};
use super::memory::MemoryFile;
use super::readings::Readings;
use super::rest::Rests;
use super::settings::{Settings, Source};
use super::source::{View, need, open, unseal};
use super::telling::Telling;
use super::work::{AT_ONCE, Worker, blank};
use super::{announce, folders, reload, serve, swarm};
use crate::app::apply::{Cancel, Interrupt};
use crate::app::deliver::Actor;
use crate::app::event::Event as Told;
use crate::app::exit::ExitCode;
use crate::diagnostic::{code, nothing_to_hide};
use crate::engine::Address;
use crate::git::{self, Program};
use crate::system::private;

/// Where nothing else is said.
const POLL: Duration = Duration::from_secs(60);
/// What is known is written down within that time: a thousand stacks found as they should be are one write.
const SAVED_BY: Duration = Duration::from_secs(1);
/// For rollouts to report and give their locks back, once somebody asked to stop.
const PARTING: Duration = Duration::from_secs(20);
/// For the lead to be given back.
const FAREWELL: Duration = Duration::from_secs(3);
/// For forges to hear how it ended.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What a watch is begun with.
pub struct Start {
    /// stackup.yaml; relative paths in it start at its folder.
    pub path: PathBuf,
    pub settings: Settings,
    /// Look at everything once, and end.
    pub once: bool,
    /// A folder of ours.
    pub state: PathBuf,
    /// The process's environment, of which git is given a little.
    pub variables: BTreeMap<String, String>,
    pub address: Address,
    pub actor: Actor,
    pub telling: Arc<dyn Telling>,
    pub stop: Cancel,
}

/// What comes in beside time.
pub enum Message {
    Event(Event),
    View(String, Result<Arc<View>, Trouble>),
    /// A name of an object that changed in the swarm.
    Changed(String),
    Settings(Box<Settings>),
    /// This watcher leads from now on, and whether another one did before.
    Lead(Term, bool),
    /// It does not, or no more.
    StandBy(Rank),
}

/// Follows what the settings say until it is stopped or, with `once`, everything was looked at. Words for a person where
/// it cannot even begin.
pub async fn run(mut start: Start) -> Result<ExitCode, String> {
    let home = start.state.join("home");
    private::folders(&home).map_err(|error| format!("{} cannot be made: {error}", home.display()))?;
    let memory = MemoryFile::of(&start.state, &start.path);
    let manner = Manner { once: start.once, seed: u64::from(std::process::id()), ..Manner::default() };
    let machine = Machine::new(manner, memory.read()?);
    let journal = Arc::new(Journal::new(Timestamp::now().as_millisecond()));
    start.telling = Arc::new(Recording { to: start.telling.clone(), journal: journal.clone() });
    let board = Arc::new(Board::default());
    let worker = Arc::new(Worker {
        address: start.address.clone(),
        actor: start.actor.clone(),
        key: Key::keep(&start.state.join("key"))?,
        planning: Semaphore::new(AT_ONCE),
        connection: Mutex::default(),
        readings: Arc::new(Readings::default()),
        rests: Rests::default(),
        telling: start.telling.clone(),
        board: board.clone(),
    });
    let (send, receive) = unbounded_channel();
    let program = Program::new(start.variables.clone(), home);
    let base = base(&start.path);
    let counts = Arc::new(Counts::default());
    let (settings, served) = watch::channel(Arc::new(start.settings.clone()));
    announce::check(&start.settings, &base).await?;
    if start.settings.secrets.is_some() {
        unseal(&start.settings, &base).keys()?;
    }
    let mut helpers = Vec::new();
    if !start.once {
        serve::check(&start.settings, &base).await?;
        let listener = match start.settings.listen {
            Some(listen) => Some(serve::bind(listen).await?),
            None => None,
        };
        let (base, telling, send) = (base.clone(), start.telling.clone(), send.clone());
        let (board, counts) = (board.clone(), counts.clone());
        let parts = serve::Parts { settings: served, base, board, journal, counts, send, telling };
        let shared = Arc::new(serve::Shared::new(parts));
        helpers.push(tokio::spawn(serve::run(listener, start.settings.listen, shared)));
    }
    let tokens = Arc::new(Tokens::default());
    let daemon = Daemon {
        machine,
        term: None,
        began: Instant::now(),
        views: BTreeMap::new(),
        assignments: BTreeMap::new(),
        settings,
        base,
        announcer: Announcer::new(tokens.clone(), start.telling.clone(), counts.clone()),
        tokens,
        board,
        counts,
        program,
        worker,
        memory,
        unsaved: None,
        folders: folders::Folders::new(send.clone()),
        send,
        fetches: Vec::new(),
        start,
    };
    Ok(daemon.run(receive, helpers).await)
}

/// A token for git, where the source is read with a GitHub App.
async fn lend(source: &str, settings: &Settings, base: &Path, tokens: &Tokens) -> Result<Option<Arc<Lent>>, String> {
    match need(source, settings, base)? {
        Some(need) => Lent::new(&tokens.get(&need).await?).map(Arc::new).map(Some),
        None => Ok(None),
    }
}

/// The folder that relative paths of stackup.yaml start at.
fn base(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.parent().map(PathBuf::from).unwrap_or_default()
}

struct Daemon {
    start: Start,
    /// Heard by the server too.
    settings: watch::Sender<Arc<Settings>>,
    base: PathBuf,
    announcer: Announcer,
    /// Of GitHub Apps.
    tokens: Arc<Tokens>,
    board: Arc<Board>,
    counts: Arc<Counts>,
    machine: Machine,
    /// While it leads.
    term: Option<Term>,
    began: Instant,
    /// What each source last looked like.
    views: BTreeMap<String, Arc<View>>,
    /// Which of its stacks come from it, and not from another one.
    assignments: BTreeMap<String, BTreeMap<String, Arc<Assignment>>>,
    program: Program,
    worker: Arc<Worker>,
    memory: MemoryFile,
    /// When what is known is written down, if anything of it changed.
    unsaved: Option<Instant>,
    folders: folders::Folders,
    send: UnboundedSender<Message>,
    fetches: Vec<JoinHandle<()>>,
}

impl Daemon {
    async fn run(mut self, mut receive: UnboundedReceiver<Message>, mut helpers: Vec<JoinHandle<()>>) -> ExitCode {
        let candidate = (!self.start.once).then(|| {
            let (worker, settings) = (self.worker.clone(), self.settings.subscribe());
            let (base, send, stop) = (self.base.clone(), self.send.clone(), self.start.stop.clone());
            tokio::spawn(Candidate { worker, settings, base, send, stop }.run())
        });
        match self.start.once {
            true => self.term = Some(Term::alone(self.start.stop.clone())),
            false => self.step(Event::StandBy),
        }
        if !self.start.once {
            helpers.push(tokio::spawn(swarm::listen(self.worker.clone(), self.send.clone())));
            helpers.push(tokio::spawn(reload::watch(
                self.start.path.clone(),
                self.base.clone(),
                self.start.telling.clone(),
                self.send.clone(),
            )));
        }
        self.configure();
        let mut stop = self.start.stop.clone();
        // Asked to stop; and from then on, until when it is waited for those who are at work.
        let (mut stopping, mut parting) = (false, None::<Instant>);
        let mut hears = true;
        loop {
            let is_over = match stopping {
                true => !self.machine.is_busy() || parting.is_some_and(|end| Instant::now() >= end),
                false => self.start.once && self.machine.is_finished(),
            };
            if is_over {
                break;
            }
            self.save(Instant::now());
            let wakes = self.machine.wakes().map(|up| self.began + up);
            let until = [wakes, parting, self.unsaved].into_iter().flatten().min();
            tokio::select! {
                message = receive.recv() => {
                    if let Some(message) = message {
                        self.take(message);
                    }
                }
                changed = stop.changed(), if hears => {
                    hears = changed.is_ok();
                    let asked = *stop.borrow_and_update();
                    if asked != Interrupt::None && !std::mem::replace(&mut stopping, true) {
                        self.step(Event::Stop);
                        self.part();
                    }
                    if matches!(asked, Interrupt::Detach(_)) && parting.is_none() {
                        parting = Some(Instant::now() + PARTING);
                    }
                }
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => self.step(Event::Tick),
            }
            self.fetches.retain(|fetch| !fetch.is_finished());
        }
        helpers.iter().for_each(JoinHandle::abort);
        self.save(Instant::now() + SAVED_BY);
        let exit = self.end(stopping);
        self.term = None;
        if let Some(mut candidate) = candidate
            && tokio::time::timeout(FAREWELL, &mut candidate).await.is_err()
        {
            candidate.abort();
        }
        self.announcer.close(LAST_WORDS).await;
        exit
    }

    /// Nothing is lost with a fetch that is broken off.
    fn part(&mut self) {
        self.fetches.drain(..).for_each(|fetch| fetch.abort());
        let fetching: Vec<String> = self.machine.sources.keys().cloned().collect();
        for source in fetching {
            let trouble = Trouble {
                exit: ExitCode::Ok,
                code: code::SOURCE_FAILED.id,
                message: "stopped".to_owned(),
                help: String::new(),
            };
            if self.machine.is_fetching(&source) {
                let now = self.now();
                self.machine.step(Event::Fetched { source, result: Err(trouble) }, now);
            }
        }
    }

    fn end(&self, stopped: bool) -> ExitCode {
        if self.start.once && !stopped {
            return self.machine.exit();
        }
        let left = self.machine.stacks.values().any(|stack| stack.sync == Sync::Applying);
        match *self.start.stop.borrow() {
            Interrupt::Detach(code) if left => code,
            Interrupt::Finish if left => ExitCode::Interrupted,
            _ => ExitCode::Ok,
        }
    }

    fn now(&self) -> Now {
        Now { up: self.began.elapsed(), at: Timestamp::now() }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Event(event) => self.step(event),
            Message::View(source, Ok(view)) => self.viewed(source, view),
            Message::View(source, Err(trouble)) => self.step(Event::Fetched { source, result: Err(trouble) }),
            Message::Changed(object) => {
                let of =
                    |stack: &&String| object.strip_prefix(stack.as_str()).is_some_and(|rest| rest.starts_with('_'));
                let stacks: Vec<String> = self.machine.stacks.keys().filter(of).cloned().collect();
                stacks.into_iter().for_each(|stack| self.step(Event::Touched { stack }));
            }
            Message::Settings(settings) => {
                self.settings.send_replace(Arc::new(*settings));
                self.configure();
            }
            Message::Lead(term, behind) => {
                self.term = Some(term);
                self.rank(Rank::Leads);
                self.step(Event::Lead { behind });
            }
            Message::StandBy(rank) => {
                self.term = None;
                self.rank(rank);
                self.board.set_ready(false);
                self.step(Event::StandBy);
                for (name, stack) in &self.machine.stacks {
                    self.board.set_stack(StackView::new(name, stack));
                    self.board.set_plan(name, None);
                    // Whoever leads knows what is new of it.
                    self.board.set_releases(name, Vec::new());
                    self.board.forget_evidence(name);
                }
            }
        }
    }

    fn rank(&self, rank: Rank) {
        let message = format!("this watcher {}", rank.words());
        self.board.set_rank(rank);
        self.say(None, &Told::Refresh { message });
    }

    /// Makes the machine follow what the settings say.
    fn configure(&mut self) {
        let settings = self.settings.borrow().clone();
        let default = settings.poll.map_or(POLL, |poll| poll.0);
        let poll = |source: &Source| match source {
            Source::Repository(repository) => repository.poll.map_or(default, |poll| poll.0),
            Source::Folder(_) => default,
        };
        let sources: BTreeMap<String, Duration> =
            settings.sources.iter().map(|(name, source)| (name.clone(), poll(source))).collect();
        self.views.retain(|name, _| sources.contains_key(name));
        self.assignments.retain(|name, _| sources.contains_key(name));
        if !self.start.once {
            let folders = settings.sources.iter().filter_map(|(name, source)| match source {
                Source::Folder(folder) => Some((name.clone(), self.base.join(&folder.path))),
                Source::Repository(_) => None,
            });
            self.folders.follow(folders.collect());
        }
        self.announcer.follow(&settings, &self.base);
        self.step(Event::Configured { sources });
    }

    fn viewed(&mut self, source: String, view: Arc<View>) {
        // Another source may have a stack of this name already: the one that has it keeps it.
        let elsewhere = |name: &str| {
            self.machine.stacks.get(name).map(|stack| stack.source.clone()).filter(|other| *other != source)
        };
        let mut problems = view.problems.clone();
        let mut stacks = BTreeMap::new();
        for assignment in &view.stacks {
            match elsewhere(&assignment.name) {
                Some(other) => problems.push(format!("`{}` comes from the source `{other}` already", assignment.name)),
                None => drop(stacks.insert(assignment.name.clone(), assignment.clone())),
            }
        }
        let trouble = (!problems.is_empty()).then(|| Trouble {
            exit: ExitCode::Invalid,
            code: code::STACK_AMBIGUOUS.id,
            message: problems.join("; "),
            help: "give each stack a name of its own: `name:` in its file, or another folder".to_owned(),
        });
        let followed = stacks.values().map(|a| Followed { name: a.name.clone(), after: a.after.clone() }).collect();
        let known = self.machine.sources.get(&source).and_then(|s| s.revision.clone());
        if known.as_ref() != Some(&view.revision) {
            self.say(None, &Told::Refresh { message: format!("{source}: {}", view.message) });
        }
        self.assignments.insert(source.clone(), stacks);
        let found = Found { revision: view.revision.clone(), commit: view.commit.clone(), stacks: followed, trouble };
        self.views.insert(source.clone(), view);
        self.step(Event::Fetched { source: source.clone(), result: Ok(found) });
        for (name, stack) in self.machine.stacks.iter().filter(|(_, stack)| stack.source == source) {
            self.board.set_stack(StackView::new(name, stack));
        }
    }

    fn step(&mut self, event: Event) {
        let now = self.now();
        let (mut rolled, mut known) = (None, None);
        // What was done, or asked for by a person, is known after a crash too; that a stack is as it should be, is found again.
        let mut by = Instant::now();
        match &event {
            Event::Applying { .. } | Event::Asked { .. } => {}
            Event::Settled { report, .. } if report.rolled.is_some() => {}
            _ => by += SAVED_BY,
        }
        if let Event::Settled { stack, report } = &event {
            let before = self.machine.stacks.get(stack);
            rolled = report.rolled.is_some().then(|| stack.clone());
            known = before.is_some_and(|before| is_no_news(before, report)).then(|| stack.clone());
        }
        let fetched = matches!(event, Event::Configured { .. } | Event::Fetched { .. });
        let effects = self.machine.step(event, now);
        if fetched {
            let views = self.machine.sources.iter().map(|(name, source)| (name.clone(), SourceView::new(source)));
            self.board.set_sources(views.collect());
        }
        for effect in effects {
            match effect {
                Effect::Fetch { source } => self.fetch(source),
                Effect::Look(ticket) => self.look(ticket),
                Effect::Tell { stack } => {
                    self.unsaved = Some(self.unsaved.map_or(by, |due| due.min(by)));
                    self.tell(&stack);
                    if known.as_ref() != Some(&stack) {
                        self.announce(&stack, rolled.as_ref() == Some(&stack));
                    }
                }
                Effect::TellSource { source } => self.tell_source(&source),
                Effect::Forget { stack } => {
                    self.board.forget(&stack);
                    self.counts.forget(&stack);
                    self.worker.rests.forget(&stack);
                    let message = format!("{stack} is followed no more; it stays as it is");
                    self.say(Some(&stack), &Told::Refresh { message });
                }
            }
        }
        if !self.board.is_ready() {
            self.board.set_ready(self.machine.is_ready() && self.machine.stacks.values().all(is_known));
        }
    }

    /// Writes down what is known, where that is due by `now`.
    fn save(&mut self, now: Instant) {
        if self.unsaved.take_if(|due| *due <= now).is_none() {
            return;
        }
        if let Err(why) = self.memory.write(self.machine.memories()) {
            self.say(None, &Told::Refresh { message: format!("what is known does not survive a restart: {why}") });
        }
    }

    fn fetch(&mut self, source: String) {
        let (settings, base) = (self.settings.borrow().clone(), self.base.clone());
        let (state, counts) = (self.start.state.clone(), self.counts.clone());
        let (program, send) = (self.program.clone(), self.send.clone());
        let (tokens, known) = (self.tokens.clone(), self.views.get(&source).cloned());
        self.fetches.push(tokio::spawn(async move {
            let began = Instant::now();
            let read = async {
                // Opened each time: what was missing may be there now.
                match lend(&source, &settings, &base, &tokens).await {
                    Ok(token) => match open(&source, &settings, &base, &state, &program, token) {
                        Ok(follow) => follow.read(known).await,
                        Err(error) => Err(super::source::failed(&error)),
                    },
                    Err(why) => Err(super::source::unreadable(&why)),
                }
            };
            // One that broke off is tried again like any other that failed.
            let broken = |_| Err(super::source::unreadable("stackup broke off"));
            let view = AssertUnwindSafe(read).catch_unwind().await.unwrap_or_else(broken);
            // It may have been taken back; the next fetch gets another one.
            if let (Err(_), Ok(Some(need))) = (&view, need(&source, &settings, &base)) {
                tokens.forget(&need).await;
            }
            counts.fetched(&source, view.is_ok(), began.elapsed());
            // A loop that has ended hears nothing more.
            let _ = send.send(Message::View(source, view));
        }));
    }

    fn look(&self, ticket: Ticket) {
        let assignment = self.assignments.get(&ticket.source).and_then(|stacks| stacks.get(&ticket.stack)).cloned();
        let (worker, send, counts) = (self.worker.clone(), self.send.clone(), self.counts.clone());
        // Held until the report is written: the lead is not given away before.
        let term = self.term.clone();
        tokio::spawn(async move {
            let (stack, began) = (ticket.stack.clone(), Instant::now());
            let lost = lost(&ticket);
            let report = match assignment.zip(term) {
                Some((assignment, term)) => {
                    let (events, name) = (send.clone(), stack.clone());
                    let look = tokio::spawn(async move {
                        let begins = move |plan_id: String, commit: Option<String>| {
                            let event = Event::Applying { stack: name.clone(), plan_id, commit };
                            let _ = events.send(Message::Event(event));
                        };
                        worker.look(&ticket, &assignment, &term, &begins).await
                    });
                    // One that broke off holds up no other.
                    look.await.unwrap_or(lost)
                }
                None => lost,
            };
            counts.looked(&stack, report.sync.as_str(), began.elapsed());
            let _ = send.send(Message::Event(Event::Settled { stack, report }));
        });
    }

    /// To forges and webhooks. `rolled`: a rollout has just come to its end.
    fn announce(&self, name: &str, rolled: bool) {
        // Whoever leads tells.
        let Some(stack) = self.machine.stacks.get(name).filter(|_| self.term.is_some()) else { return };
        let address = self.address(&stack.source);
        self.announcer.announce(&News::new(name, stack, rolled, Timestamp::now()), address.as_ref());
    }

    fn tell(&self, name: &str) {
        let Some(stack) = self.machine.stacks.get(name) else { return };
        self.board.set_stack(StackView::new(name, stack));
        let event = Told::Stack {
            stack: name.to_owned(),
            source: stack.source.clone(),
            sync: stack.shown().as_str(),
            drift: stack.drift,
            commit: stack.commit.clone(),
            plan_id: stack.plan_id.clone(),
            release: stack.release,
            message: stack.message.clone(),
        };
        self.say(Some(name), &event);
    }

    /// Of a source that is a repository.
    fn address(&self, source: &str) -> Option<git::Address> {
        let settings = self.settings.borrow();
        let Some(Source::Repository(repository)) = settings.sources.get(source) else { return None };
        git::Address::parse(&repository.located(&self.base)).ok()
    }

    fn tell_source(&self, name: &str) {
        let Some(source) = self.machine.sources.get(name) else { return };
        let message = match &source.trouble {
            Some(trouble) => format!("{name}: {} ({}): {}", trouble.message, trouble.code, trouble.help),
            None => format!("{name} is at {}", source.commit.as_deref().unwrap_or("its newest")),
        };
        let problem = source.trouble.as_ref().map(|trouble| trouble.message.clone());
        let (source, commit) = (name.to_owned(), source.commit.clone());
        self.say(None, &Told::Source { source, commit, problem, message });
    }

    /// Nothing that comes this way holds a value of a file: those were swept when they were made.
    fn say(&self, stack: Option<&str>, event: &Told) {
        self.start.telling.event(stack, Timestamp::now(), event, &nothing_to_hide);
    }
}

/// It was looked at, or is not going to be.
fn is_known(stack: &StackState) -> bool {
    stack.sync != Sync::Unknown || stack.memory.suspended
}

fn lost(ticket: &Ticket) -> Report {
    let report = blank(ticket, "stackup broke off".to_owned());
    Report { sync: Sync::Failed, exit: ExitCode::Error, next: Next::Retry, ..report }
}
