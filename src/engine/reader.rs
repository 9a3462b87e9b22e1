//! Everything that only looks.

use serde_json::Value;

use super::{EngineError, Writer};
use crate::swarm::{Cluster, LiveService, Node, Snapshot, Task};

/// A connection that cannot change anything. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    // being built
}

/// What a snapshot must hold beside the objects with the stack's label.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Names of configs that are not ours, or that have a `name:`.
    pub configs: Vec<String>,
}

/// What to read of a log.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    pub follow: bool,
    pub timestamps: bool,
    pub details: bool,
    /// As docker takes it: a time, a Unix time, or a duration such as `10m`.
    pub since: Option<String>,
    /// Number of lines from the end; `None` is all.
    pub tail: Option<u64>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub stderr: bool,
    pub text: String,
}

impl Reader {
    /// Which swarm this is. Fails with words for a person where the node is no manager, in no swarm, or locked.
    pub async fn cluster(&self) -> Result<Cluster, EngineError> {
        todo!("being built")
    }

    /// A handful of parallel requests, whatever the number of services.
    pub async fn snapshot(&self, stack: &str, wanted: &Wanted) -> Result<Snapshot, EngineError> {
        let _ = (stack, wanted);
        todo!("being built")
    }

    /// Services that carry the stack's label (all services for `None`), with `ServiceStatus`.
    pub async fn services(&self, stack: Option<&str>) -> Result<Vec<LiveService>, EngineError> {
        let _ = stack;
        todo!("being built")
    }

    /// `None` where there is no such service.
    pub async fn service(&self, id_or_name: &str) -> Result<Option<LiveService>, EngineError> {
        let _ = id_or_name;
        todo!("being built")
    }

    /// Tasks of a stack's services; `up_to_date` keeps those that swarm itself calls up to date with their service's spec.
    pub async fn tasks(&self, stack: &str, up_to_date: bool) -> Result<Vec<Task>, EngineError> {
        let _ = (stack, up_to_date);
        todo!("being built")
    }

    pub async fn nodes(&self) -> Result<Vec<Node>, EngineError> {
        todo!("being built")
    }

    /// Last lines of one task.
    pub async fn task_log(&self, task: &str, query: &LogQuery) -> Result<Vec<LogLine>, EngineError> {
        let _ = (task, query);
        todo!("being built")
    }

    /// A service's log, line by line until it ends (never, when following). With details, each line starts with them.
    pub async fn service_log(
        &self,
        service: &str,
        query: &LogQuery,
        line: &mut (dyn FnMut(LogLine) + Send),
    ) -> Result<(), EngineError> {
        let _ = (service, query, line);
        todo!("being built")
    }

    /// What a registry says about an image: `Descriptor.digest` and `Platforms`. `auth` is base64url JSON.
    pub async fn distribution(&self, image: &str, auth: Option<&str>) -> Result<Value, EngineError> {
        let _ = (image, auth);
        todo!("being built")
    }

    /// The same connection, allowed to write.
    pub fn writer(&self) -> Writer {
        Writer::new(self.clone())
    }
}
