//! Everything that changes something.

use serde_json::Value;

use super::{EngineError, Reader};

/// A connection that may write. Only `app` makes one, and only to carry out a plan or a person's word.
#[derive(Clone, Debug)]
pub struct Writer {
    reader: Reader,
}

/// An id that the engine gave to a new object, and its warnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    pub id: String,
    pub warnings: Vec<String>,
}

impl Writer {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader }
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub async fn create_network(&self, body: &Value) -> Result<Created, EngineError> {
        let _ = body;
        todo!("being built")
    }

    /// `spec` with `Data` in it, base64.
    pub async fn create_config(&self, spec: &Value) -> Result<Created, EngineError> {
        let _ = spec;
        todo!("being built")
    }

    pub async fn create_secret(&self, spec: &Value) -> Result<Created, EngineError> {
        let _ = spec;
        todo!("being built")
    }

    /// `auth` is the value of X-Registry-Auth.
    pub async fn create_service(&self, spec: &Value, auth: Option<&str>) -> Result<Created, EngineError> {
        let _ = (spec, auth);
        todo!("being built")
    }

    /// Refused with "update out of sequence" unless `version` is the newest.
    pub async fn update_service(
        &self,
        id: &str,
        version: u64,
        spec: &Value,
        auth: Option<&str>,
    ) -> Result<Vec<String>, EngineError> {
        let _ = (id, version, spec, auth);
        todo!("being built")
    }

    pub async fn update_config(&self, id: &str, version: u64, spec: &Value) -> Result<(), EngineError> {
        let _ = (id, version, spec);
        todo!("being built")
    }

    pub async fn update_secret(&self, id: &str, version: u64, spec: &Value) -> Result<(), EngineError> {
        let _ = (id, version, spec);
        todo!("being built")
    }

    /// Removing what is gone already is success.
    pub async fn remove_service(&self, id: &str) -> Result<(), EngineError> {
        let _ = id;
        todo!("being built")
    }

    pub async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        let _ = id;
        todo!("being built")
    }

    pub async fn remove_config(&self, id: &str) -> Result<(), EngineError> {
        let _ = id;
        todo!("being built")
    }

    pub async fn remove_secret(&self, id: &str) -> Result<(), EngineError> {
        let _ = id;
        todo!("being built")
    }
}
