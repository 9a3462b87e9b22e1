//! Everything that changes something.

use http::Method;
use serde_json::Value;

use super::client::{Answer, Load};
use super::target::Target;
use super::{EngineError, Guard, Reader};

/// A connection that may write. Only `app` makes one, and only to carry out a plan or a person's word.
#[derive(Clone, Debug)]
pub struct Writer {
    reader: Reader,
    guards: Vec<Guard>,
}

/// An id that the engine gave to a new object, and its warnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    pub id: String,
    pub warnings: Vec<String>,
}

impl Writer {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, guards: Vec::new() }
    }

    /// The same connection, which asks before each write whether it may; those whom it asked before are asked too.
    pub fn guarded(&self, guard: Guard) -> Self {
        let guards = self.guards.iter().cloned().chain([guard]).collect();
        Self { reader: self.reader.clone(), guards }
    }

    /// Whether a write would be sent now, as far as is known without asking.
    pub fn may_write(&self) -> Result<(), EngineError> {
        self.guards.iter().try_for_each(Guard::known)
    }

    /// Somebody is asked before each write: it holds a lease.
    pub fn is_guarded(&self) -> bool {
        !self.guards.is_empty()
    }

    async fn ask(&self) -> Result<(), EngineError> {
        for guard in &self.guards {
            guard.sure().await?;
        }
        Ok(())
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub async fn create_network(&self, body: &Value) -> Result<Created, EngineError> {
        self.create("/networks/create", body, None).await
    }

    /// `spec` with `Data` in it, base64.
    pub async fn create_config(&self, spec: &Value) -> Result<Created, EngineError> {
        self.create("/configs/create", spec, None).await
    }

    pub async fn create_secret(&self, spec: &Value) -> Result<Created, EngineError> {
        self.create("/secrets/create", spec, None).await
    }

    /// `auth` is the value of X-Registry-Auth.
    pub async fn create_service(&self, spec: &Value, auth: Option<&str>) -> Result<Created, EngineError> {
        self.create("/services/create", spec, auth).await
    }

    /// Refused with "update out of sequence" unless `version` is the newest. Without `auth` the stored one is kept.
    pub async fn update_service(
        &self,
        id: &str,
        version: u64,
        spec: &Value,
        auth: Option<&str>,
    ) -> Result<Vec<String>, EngineError> {
        let mut target = update(Target::of("/services", id), version);
        if auth.is_none() {
            target = target.with("registryAuthFrom", "spec");
        }
        let answer = self.post(&target, spec, auth).await?;
        Ok(if answer.body.is_empty() { Vec::new() } else { warnings(&answer.json()?) })
    }

    pub async fn update_config(&self, id: &str, version: u64, spec: &Value) -> Result<(), EngineError> {
        self.post(&update(Target::of("/configs", id), version), spec, None).await.map(drop)
    }

    pub async fn update_secret(&self, id: &str, version: u64, spec: &Value) -> Result<(), EngineError> {
        self.post(&update(Target::of("/secrets", id), version), spec, None).await.map(drop)
    }

    /// Removing what is gone already is success.
    pub async fn remove_service(&self, id: &str) -> Result<(), EngineError> {
        self.remove("/services", id).await
    }

    /// Refused while something uses it.
    pub async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        self.remove("/networks", id).await
    }

    /// Refused while a service uses it.
    pub async fn remove_config(&self, id: &str) -> Result<(), EngineError> {
        self.remove("/configs", id).await
    }

    /// Refused while a service uses it.
    pub async fn remove_secret(&self, id: &str) -> Result<(), EngineError> {
        self.remove("/secrets", id).await
    }

    async fn create(&self, path: &str, body: &Value, auth: Option<&str>) -> Result<Created, EngineError> {
        let answer = self.post(&Target::new(path), body, auth).await?.json()?;
        let id = ["ID", "Id"].into_iter().find_map(|key| answer.get(key)?.as_str()).unwrap_or_default();
        if id.is_empty() {
            return Err(EngineError::Nonsense { request: format!("POST {path}"), why: "it names no id".to_owned() });
        }
        Ok(Created { id: id.to_owned(), warnings: warnings(&answer) })
    }

    async fn post(&self, target: &Target, body: &Value, auth: Option<&str>) -> Result<Answer, EngineError> {
        self.ask().await?;
        self.reader.client().send(Method::POST, target, Load { body: Some(body), auth }).await
    }

    async fn remove(&self, kind: &str, id: &str) -> Result<(), EngineError> {
        self.ask().await?;
        match self.reader.client().send(Method::DELETE, &Target::of(kind, id), Load::default()).await {
            Err(e) if e.status() == Some(404) => Ok(()),
            other => other.map(drop),
        }
    }
}

fn update(target: Target, version: u64) -> Target {
    target.then("/update").with("version", &version.to_string())
}

/// `Warnings` of services, `Warning` of networks.
fn warnings(answer: &Value) -> Vec<String> {
    let many = answer.get("Warnings").and_then(Value::as_array).into_iter().flatten();
    let all = many.chain(answer.get("Warning")).filter_map(Value::as_str);
    all.filter(|text| !text.is_empty()).map(str::to_owned).collect()
}
