//! One rollout: what is live before, what is asked for, and what docker and stackup are to make of it.

/// Stays until it is asked to go; the image's own command.
pub const STAYS: &str = "[/start]";
pub const CRASHES: &str = "[sh, -c, \"echo cannot go on; exit 7\"]";

/// A busy machine takes its time to see that a task ended: what crashes has not held for this long.
pub const LONG: &str = "15s";

/// The service `web` of one version.
#[derive(Clone)]
pub struct Web {
    version: &'static str,
    replicas: u64,
    command: &'static str,
    service: String,
    deploy: String,
    update: String,
    restart: &'static str,
    monitor: &'static str,
    more: String,
}

/// Two tasks that stay, which count as up after three seconds.
pub fn web(version: &'static str) -> Web {
    Web {
        version,
        replicas: 2,
        command: STAYS,
        service: String::new(),
        deploy: String::new(),
        update: "failure_action: pause".to_owned(),
        restart: "delay: 2s",
        monitor: "3s",
        more: String::new(),
    }
}

impl Web {
    pub fn command(self, command: &'static str) -> Self {
        Self { command, ..self }
    }

    pub fn crashes(self) -> Self {
        self.monitor(LONG).command(CRASHES)
    }

    pub fn replicas(self, replicas: u64) -> Self {
        Self { replicas, ..self }
    }

    /// A line of the service.
    pub fn with(mut self, line: &str) -> Self {
        self.service += &format!("    {line}\n");
        self
    }

    /// A line under `deploy:`.
    pub fn deploy(mut self, line: &str) -> Self {
        self.deploy += &format!("      {line}\n");
        self
    }

    /// More of `update_config`; a later `failure_action` wins.
    pub fn update(self, update: &str) -> Self {
        Self { update: update.to_owned(), ..self }
    }

    /// How long a task must run to count.
    pub fn monitor(self, monitor: &'static str) -> Self {
        Self { monitor, ..self }
    }

    pub fn restart(self, restart: &'static str) -> Self {
        Self { restart, ..self }
    }

    /// A health check that is asked every second.
    pub fn probed(self, test: &str) -> Self {
        self.with(&format!("healthcheck: {{test: [CMD, {test}], interval: 1s, timeout: 2s, retries: 2}}"))
    }

    /// Other parts of the file.
    pub fn and(mut self, more: &str) -> Self {
        self.more += more;
        self
    }

    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Replicas.
    pub fn count(&self) -> usize {
        self.replicas as usize
    }

    /// The Compose file. `IMAGE`, `PORT` and `STACK` stand for what each run has of its own.
    pub fn file(&self) -> String {
        let Self { version, replicas, command, service, deploy, update, restart, monitor, more } = self;
        let job = deploy.contains("-job");
        let replicas =
            if deploy.contains("mode: global") { String::new() } else { format!("      replicas: {replicas}\n") };
        let update =
            if job { String::new() } else { format!("      update_config: {{monitor: {monitor}, {update}}}\n") };
        let image = if service.contains("image:") { "" } else { "    image: IMAGE\n" };
        format!(
            "services:\n  web:\n{image}    command: {command}\n    environment: {{VERSION: {version}}}\n    \
             stop_grace_period: 1s\n{service}    deploy:\n{replicas}      restart_policy: {{{restart}}}\n{update}{deploy}{more}"
        )
    }
}

/// Where a row can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Anywhere,
    /// With node 3 drained.
    OneDrained,
    /// With all nodes drained.
    AllDrained,
    /// With the power of node 3 cut.
    OneDown,
}

/// How many tasks of the planned version are to be there in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Running(usize),
    Done(usize),
    /// One on each node that takes tasks.
    EachNode,
    DoneOnEachNode,
}

pub struct Row {
    /// Short and unlike all others; names the stacks too.
    pub name: &'static str,
    pub about: &'static str,
    /// Live before, and well; nothing for a first deploy.
    pub before: Option<Web>,
    /// Deployed after that, and left paused.
    pub over: Option<Web>,
    pub after: Web,
    /// Options of `stackup apply` beside `-y`.
    pub options: &'static [&'static str],
    pub wanted: Wanted,
    /// Exit code that stackup must have.
    pub exit: i32,
    pub place: Place,
    /// In `make test` too.
    pub core: bool,
    /// docker waits for ever.
    pub endless: bool,
}

/// A first deploy.
pub fn create(name: &'static str, about: &'static str, exit: i32, after: Web) -> Row {
    let wanted = Wanted::Running(after.replicas as usize);
    Row {
        name,
        about,
        before: None,
        over: None,
        after,
        options: &[],
        wanted,
        exit,
        place: Place::Anywhere,
        core: false,
        endless: false,
    }
}

/// A change of what is live and well.
pub fn update(name: &'static str, about: &'static str, exit: i32, before: Web, after: Web) -> Row {
    Row { before: Some(before), ..create(name, about, exit, after) }
}

impl Row {
    pub fn over(self, paused: Web) -> Self {
        Self { over: Some(paused), ..self }
    }

    pub fn options(self, options: &'static [&'static str]) -> Self {
        Self { options, ..self }
    }

    pub fn wants(self, wanted: Wanted) -> Self {
        Self { wanted, ..self }
    }

    pub fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    pub fn core(self) -> Self {
        Self { core: true, ..self }
    }
}
