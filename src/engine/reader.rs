//! Everything that only looks.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::client::{Client, Load};
use super::logs::{self, LogLine, LogQuery};
use super::snapshot::{self, Wanted};
use super::target::Target;
use super::{EngineError, Reading, Writer, decode};
use crate::swarm::{Cluster, Kind, LiveConfig, LiveService, NAMESPACE_LABEL, Node, Snapshot, Task};

/// A connection that cannot change anything. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    client: Client,
}

impl Reader {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// One for tests that ask nobody.
    #[cfg(test)]
    pub fn nowhere() -> Self {
        let host = super::address::Host::Local("/nowhere".into());
        Self::new(Client::new(&super::address::Endpoint { host, tls: None }).unwrap())
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The address spoken to, without credentials.
    pub fn endpoint(&self) -> &str {
        self.client.endpoint()
    }

    /// The version on the wire, such as `1.41`.
    pub fn api_version(&self) -> &str {
        self.client.version()
    }

    /// Which swarm this is. Fails with words for a person where the node is no manager, in no swarm, or locked.
    pub async fn cluster(&self) -> Result<Cluster, EngineError> {
        let info = self.client.get(&Target::new("/info")).await?.json()?;
        decode::cluster(&info, self.endpoint(), self.api_version()).map_err(EngineError::Refused)
    }

    /// The engine's own clock.
    pub async fn clock(&self) -> Result<Option<Timestamp>, EngineError> {
        Ok(decode::clock(&self.client.get(&Target::new("/info")).await?.json()?))
    }

    /// A handful of parallel requests, whatever the number of services.
    pub async fn snapshot(&self, stack: &str, wanted: &Wanted) -> Result<Snapshot, EngineError> {
        snapshot::take(&self.client, stack, wanted).await
    }

    /// The whole swarm at once, for looks at many stacks. Contents are kept of configs whose name `holds` something.
    pub async fn reading(&self, holds: fn(&str) -> bool) -> Result<Reading, EngineError> {
        Reading::take(&self.client, holds).await
    }

    /// Services that carry the stack's label (all services for `None`), with `ServiceStatus`.
    pub async fn services(&self, stack: Option<&str>) -> Result<Vec<LiveService>, EngineError> {
        let mut target = Target::new("/services").with("status", "true");
        if let Some(stack) = stack {
            target = target.filtered(&json!({ "label": [of_stack(stack)] }));
        }
        let items = self.client.get(&target).await?.list()?;
        Ok(decode::log_damage(decode::each(items, Some(Kind::Service), decode::service)))
    }

    /// `None` where there is no such service. Without `ServiceStatus`.
    pub async fn service(&self, id_or_name: &str) -> Result<Option<LiveService>, EngineError> {
        self.one("/services", id_or_name, decode::service).await
    }

    /// A config of exactly this name, with its data.
    pub async fn config(&self, name: &str) -> Result<Option<LiveConfig>, EngineError> {
        let target = Target::new("/configs").filtered(&json!({ "name": [name] }));
        let items = self.client.get(&target).await?.list()?;
        let configs = decode::log_damage(decode::each(items, Some(Kind::Config), decode::config));
        Ok(configs.into_iter().find(|c| c.name == name))
    }

    /// A config by its whole name, with its data, and nothing else on the wire.
    pub async fn config_named(&self, name: &str) -> Result<Option<LiveConfig>, EngineError> {
        // The engine takes the beginning of an id for a name, too.
        Ok(self.one("/configs", name, decode::config).await?.filter(|c| c.name == name))
    }

    /// A config by its whole id, with its data.
    pub async fn config_of_id(&self, id: &str) -> Result<Option<LiveConfig>, EngineError> {
        Ok(self.one("/configs", id, decode::config).await?.filter(|c| c.id == id))
    }

    async fn one<T>(
        &self,
        kind: &str,
        id: &str,
        decode: impl Fn(Value) -> Result<T, String>,
    ) -> Result<Option<T>, EngineError> {
        let target = Target::of(kind, id);
        let Some(answer) = self.client.find(&target).await? else { return Ok(None) };
        let nonsense = |why| EngineError::Nonsense { request: format!("GET {}", target.path), why };
        decode(answer.json()?).map(Some).map_err(nonsense)
    }

    /// Configs that carry all of these labels (`key`, or `key=value`), with their data.
    pub async fn configs_labelled(&self, labels: &[&str]) -> Result<Vec<LiveConfig>, EngineError> {
        let items = self.client.get(&Target::new("/configs").filtered(&json!({ "label": labels }))).await?.list()?;
        Ok(decode::log_damage(decode::each(items, Some(Kind::Config), decode::config)))
    }

    /// Tasks of a stack's services; `up_to_date` keeps those that swarm itself calls up to date with their service's spec.
    pub async fn tasks(&self, stack: &str, up_to_date: bool) -> Result<Vec<Task>, EngineError> {
        let mut filters = json!({ "label": [of_stack(stack)] });
        if up_to_date {
            filters["_up-to-date"] = json!(["true"]);
        }
        Ok(decode::log_damage(self.client.get(&Target::new("/tasks").filtered(&filters)).await?.tasks()?))
    }

    pub async fn nodes(&self) -> Result<Vec<Node>, EngineError> {
        let items = self.client.get(&Target::new("/nodes")).await?.list()?;
        Ok(decode::log_damage(decode::each(items, None, decode::node)))
    }

    /// Last lines of one task. `follow` is not for this one and left out.
    pub async fn task_log(&self, task: &str, query: &LogQuery) -> Result<Vec<LogLine>, EngineError> {
        let mut lines = Vec::new();
        let query = LogQuery { follow: false, ..query.clone() };
        logs::read(&self.client, logs::Of::Task(task), &query, &mut |line| lines.push(line)).await?;
        Ok(lines)
    }

    /// A service's log, line by line until it ends (never, when following). With details, each line has them before
    /// its text; with timestamps, the time comes before those.
    pub async fn service_log(
        &self,
        service: &str,
        query: &LogQuery,
        line: &mut (dyn FnMut(LogLine) + Send),
    ) -> Result<(), EngineError> {
        logs::read(&self.client, logs::Of::Service(service), query, line).await
    }

    /// A container of the engine that we speak to, as `GET /containers/ID/json` gives it; those of other nodes it does not
    /// know.
    pub async fn container(&self, id: &str) -> Result<Option<Value>, EngineError> {
        let target = Target::new("/containers").then(&format!("/{id}")).then("/json");
        self.client.find(&target).await?.map(|answer| answer.json()).transpose()
    }

    /// The engine that we speak to has an image of that name.
    pub async fn has_image(&self, image: &str) -> Result<bool, EngineError> {
        Ok(self.client.find(&Target::of_image("/images", image, "/json")).await?.is_some())
    }

    /// What a registry says about an image: `Descriptor.digest` and `Platforms`. `auth` is base64url JSON.
    pub async fn distribution(&self, image: &str, auth: Option<&str>) -> Result<Value, EngineError> {
        let target = Target::of_image("/distribution", image, "/json");
        self.client.send(http::Method::GET, &target, Load { auth, ..Load::default() }).await?.json()
    }

    /// The same connection, allowed to write.
    pub fn writer(&self) -> Writer {
        Writer::new(self.clone())
    }
}

/// The label that a stack's objects carry, as filters write it.
pub(super) fn of_stack(stack: &str) -> String {
    format!("{NAMESPACE_LABEL}={stack}")
}
