//! What can be told while something is done.

use serde::Serialize;
use serde_json::Value;

use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::{Fate, Ledger};
use crate::diagnostic::{Diagnostic, DiagnosticJson, Scrub, Severity, Sources};
use crate::rollout::{FailureGroup, Progress};

/// How loud an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Info,
    Warning,
    Error,
}

/// A task that reached another state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskEvent {
    pub id: String,
    /// `web.2`.
    pub name: String,
    pub node: Option<String>,
    pub state: &'static str,
    /// It ran for `monitor`.
    pub healthy: bool,
    /// It is older than the write, and stays as it is.
    pub kept: bool,
    /// Its state for people: `starting`, `healthy`, `running for 5s`.
    #[serde(skip)]
    pub words: String,
    /// It ended as it should not.
    pub failed: bool,
    pub exit_code: Option<i64>,
    /// Swarm's words.
    pub message: String,
}

/// Equal failures, with the log of one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceEvent {
    pub group: FailureGroup,
}

/// What a row is of; the type of its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    Stack,
    Service,
    Task,
    Release,
    Lock,
    Log,
    ServiceStatus,
    ServiceRemoved,
}

impl RowKind {
    pub const ALL: [Self; 8] = [
        Self::Stack,
        Self::Service,
        Self::Task,
        Self::Release,
        Self::Lock,
        Self::Log,
        Self::ServiceStatus,
        Self::ServiceRemoved,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::Service => "service",
            Self::Task => "task",
            Self::Release => "release",
            Self::Lock => "lock",
            Self::Log => "log",
            Self::ServiceStatus => "service_status",
            Self::ServiceRemoved => "service_removed",
        }
    }
}

/// Everything that can be told. Each has a type, a level, a sentence for people, and often an address.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Version {
        stackup: String,
        engine: Option<String>,
        api: Option<String>,
    },
    /// A diagnostic in its JSON form (`diagnostic::json`); `message` is its sentence.
    Diagnostic {
        level: Level,
        message: String,
        address: Option<String>,
        diagnostic: Value,
    },
    /// The live state is being read, or was.
    Refresh {
        message: String,
    },
    Drift {
        address: String,
        path: String,
        message: String,
        detail: Value,
    },
    PlannedChange {
        address: String,
        action: &'static str,
        message: String,
        change: Value,
    },
    Preflight {
        level: Level,
        address: Option<String>,
        message: String,
        diagnostic: Value,
    },
    /// The whole plan document.
    Plan {
        message: String,
        plan: Value,
    },
    Approval {
        approved: bool,
        message: String,
    },
    Lock {
        message: String,
        held: bool,
    },
    ApplyStart {
        address: String,
        action: &'static str,
        /// Tasks that must run in the end; `None` for what has no tasks.
        wanted: Option<u64>,
        message: String,
    },
    TaskState {
        address: String,
        task: TaskEvent,
    },
    Progress {
        address: String,
        /// `UpdateStatus.State`, `waiting`, or nothing.
        state: Option<String>,
        progress: Progress,
        /// Nothing changed; a sign of life.
        heartbeat: bool,
        message: String,
    },
    ApplyComplete {
        address: String,
        action: &'static str,
        seconds: f64,
        message: String,
    },
    ApplyFailed {
        address: String,
        /// A word of `rollout::Failure`, or `refused`, `lost`, `deadline`.
        reason: &'static str,
        /// The version before is live again.
        reverted: bool,
        message: String,
    },
    RollbackStart {
        address: String,
        message: String,
    },
    RollbackComplete {
        address: String,
        ok: bool,
        message: String,
    },
    Evidence {
        address: String,
        evidence: EvidenceEvent,
        message: String,
    },
    Ledger {
        ledger: Ledger,
        message: String,
    },
    /// A row of what somebody looks at: a service, a task, a release, a line of a log. `fields` is an object.
    Row {
        kind: RowKind,
        address: Option<String>,
        fields: Value,
        message: String,
    },
    /// Tasks of a removed stack that still stop.
    Stopping {
        stack: String,
        tasks: usize,
        message: String,
    },
    /// What was asked for is so already.
    Unchanged {
        fields: Value,
        message: String,
    },
    /// A source that `watch` follows was read, or could not be.
    Source {
        source: String,
        commit: Option<String>,
        /// Why it could not be read.
        problem: Option<String>,
        message: String,
    },
    /// How a stack that `watch` follows stands to its files now.
    Stack {
        stack: String,
        source: String,
        /// A word of the API: `synced`, `held`, …
        sync: &'static str,
        drift: bool,
        commit: Option<String>,
        plan_id: Option<String>,
        release: Option<u64>,
        message: String,
    },
    /// Always the last.
    Exit {
        code: ExitCode,
        changed: Changed,
        message: String,
    },
}

impl Event {
    /// What is live now.
    pub fn of_ledger(ledger: &Ledger) -> Self {
        let message = format!("{} of {} changes done", ledger.count(Fate::Done), ledger.0.len());
        Self::Ledger { ledger: ledger.clone(), message }
    }

    /// A problem. What is shown of it passes through `scrub`.
    pub fn problem(diagnostic: &Diagnostic, sources: &Sources, scrub: Scrub) -> Self {
        Self::Diagnostic {
            level: match diagnostic.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
                Severity::Note => Level::Info,
            },
            message: diagnostic.message.clone(),
            address: diagnostic.address.clone(),
            diagnostic: serde_json::to_value(DiagnosticJson::new(diagnostic, sources, scrub)).unwrap_or_default(),
        }
    }

    /// As in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Version { .. } => "version",
            Self::Diagnostic { .. } => "diagnostic",
            Self::Refresh { .. } => "refresh",
            Self::Drift { .. } => "drift",
            Self::PlannedChange { .. } => "planned_change",
            Self::Preflight { .. } => "preflight",
            Self::Plan { .. } => "plan",
            Self::Approval { .. } => "approval",
            Self::Lock { .. } => "lock",
            Self::ApplyStart { .. } => "apply_start",
            Self::TaskState { .. } => "task_state",
            Self::Progress { .. } => "progress",
            Self::ApplyComplete { .. } => "apply_complete",
            Self::ApplyFailed { .. } => "apply_failed",
            Self::RollbackStart { .. } => "rollback_start",
            Self::RollbackComplete { .. } => "rollback_complete",
            Self::Evidence { .. } => "evidence",
            Self::Ledger { .. } => "ledger",
            Self::Row { kind, .. } => kind.as_str(),
            Self::Stopping { .. } => "stopping",
            Self::Unchanged { .. } => "unchanged",
            Self::Source { .. } => "source",
            Self::Stack { .. } => "sync",
            Self::Exit { .. } => "exit",
        }
    }

    pub fn level(&self) -> Level {
        match self {
            Self::Diagnostic { level, .. } | Self::Preflight { level, .. } => *level,
            Self::TaskState { task, .. } if task.failed => Level::Warning,
            Self::ApplyFailed { .. } | Self::Evidence { .. } | Self::RollbackComplete { ok: false, .. } => Level::Error,
            Self::RollbackStart { .. } => Level::Warning,
            Self::Source { problem: Some(_), .. } => Level::Error,
            Self::Stack { sync: "failed" | "quarantined", .. } => Level::Error,
            Self::Stack { sync: "held" | "out-of-sync", .. } => Level::Warning,
            Self::Exit { code, .. } if !matches!(code, ExitCode::Ok | ExitCode::Changes) => Level::Error,
            _ => Level::Info,
        }
    }

    /// A sentence for a person.
    pub fn message(&self) -> String {
        match self {
            Self::Version { stackup, engine, .. } => match engine {
                Some(engine) => format!("stackup {stackup}, engine {engine}"),
                None => format!("stackup {stackup}"),
            },
            Self::Diagnostic { message, .. }
            | Self::Refresh { message }
            | Self::Drift { message, .. }
            | Self::PlannedChange { message, .. }
            | Self::Preflight { message, .. }
            | Self::Plan { message, .. }
            | Self::Approval { message, .. }
            | Self::Lock { message, .. }
            | Self::ApplyStart { message, .. }
            | Self::Progress { message, .. }
            | Self::ApplyComplete { message, .. }
            | Self::ApplyFailed { message, .. }
            | Self::RollbackStart { message, .. }
            | Self::RollbackComplete { message, .. }
            | Self::Evidence { message, .. }
            | Self::Ledger { message, .. }
            | Self::Row { message, .. }
            | Self::Stopping { message, .. }
            | Self::Unchanged { message, .. }
            | Self::Source { message, .. }
            | Self::Stack { message, .. }
            | Self::Exit { message, .. } => message.clone(),
            Self::TaskState { task, .. } => task.sentence(),
        }
    }

    /// `service/web`, where it is about one object.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Drift { address, .. }
            | Self::PlannedChange { address, .. }
            | Self::ApplyStart { address, .. }
            | Self::TaskState { address, .. }
            | Self::Progress { address, .. }
            | Self::ApplyComplete { address, .. }
            | Self::ApplyFailed { address, .. }
            | Self::RollbackStart { address, .. }
            | Self::RollbackComplete { address, .. }
            | Self::Evidence { address, .. } => Some(address),
            Self::Diagnostic { address, .. } | Self::Preflight { address, .. } | Self::Row { address, .. } => {
                address.as_deref()
            }
            _ => None,
        }
    }
}

impl TaskEvent {
    /// `web.1 node-2 running`.
    pub fn sentence(&self) -> String {
        let mut words = vec![self.name.clone()];
        words.extend(self.node.clone());
        words.push(self.words.clone());
        if let Some(code) = self.exit_code.filter(|_| self.failed) {
            words.push(format!("(exit {code})"));
        }
        if self.failed && self.exit_code.is_none() && !self.message.is_empty() {
            words.push(format!("({})", self.message));
        }
        words.join(" ")
    }
}
