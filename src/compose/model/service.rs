//! `services.NAME`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Deploy, Extensions, FileReference, Healthcheck, Labels, Logging, Mount, Nanos, Port, ServiceNetwork, Text,
};
use crate::diagnostic::{Span, Spanned};

/// One service.
#[derive(Clone, Debug)]
pub struct Service {
    /// The key, and where the service starts.
    pub name: Text,
    pub image: Option<Text>,
    pub command: Option<Spanned<Vec<String>>>,
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// `None` as value: the bare name is sent (no value anywhere).
    pub environment: BTreeMap<String, Spanned<Option<String>>>,
    /// As listed, for `config`; their content is already in `environment`.
    pub env_file: Vec<Text>,
    /// Container labels.
    pub labels: Labels,
    pub hostname: Option<Text>,
    pub domainname: Option<Text>,
    pub user: Option<Text>,
    pub group_add: Vec<Text>,
    pub working_dir: Option<Text>,
    pub tty: Option<Spanned<bool>>,
    pub stdin_open: Option<Spanned<bool>>,
    pub read_only: Option<Spanned<bool>>,
    pub init: Option<Spanned<bool>>,
    pub isolation: Option<Text>,
    pub stop_signal: Option<Text>,
    pub stop_grace_period: Option<Spanned<Nanos>>,
    /// `host:ip`… as written, brackets stripped: (`name`, `address`).
    pub extra_hosts: Vec<Spanned<(String, String)>>,
    pub dns: Vec<Text>,
    pub dns_search: Vec<Text>,
    pub cap_add: Vec<Text>,
    pub cap_drop: Vec<Text>,
    pub sysctls: BTreeMap<String, Text>,
    pub ulimits: BTreeMap<String, Spanned<Ulimit>>,
    pub oom_score_adj: Option<Spanned<i64>>,
    pub credential_spec: Option<Spanned<CredentialSpec>>,
    pub healthcheck: Option<Spanned<Healthcheck>>,
    pub logging: Option<Spanned<Logging>>,
    pub ports: Vec<Spanned<Port>>,
    /// Long-form mounts of `volumes:` and of service-level `tmpfs:`.
    pub mounts: Vec<Spanned<Mount>>,
    /// `None`: nothing was written, so the service joins `default`.
    pub networks: Option<BTreeMap<String, Spanned<ServiceNetwork>>>,
    pub secrets: Vec<Spanned<FileReference>>,
    pub configs: Vec<Spanned<FileReference>>,
    pub depends_on: BTreeMap<String, Spanned<DependsOn>>,
    /// The legacy `restart:`.
    pub restart: Option<Text>,
    pub deploy: Deploy,
    pub extensions: Extensions,
    /// Keys that swarm cannot hold and that were said to be ignored, for `config`.
    pub ignored: BTreeMap<String, Spanned<serde_json::Value>>,
}

impl Service {
    /// A service about which nothing but its name is said.
    pub fn new(name: Text) -> Self {
        Self {
            name,
            image: None,
            command: None,
            entrypoint: None,
            environment: BTreeMap::new(),
            env_file: Vec::new(),
            labels: Labels::new(),
            hostname: None,
            domainname: None,
            user: None,
            group_add: Vec::new(),
            working_dir: None,
            tty: None,
            stdin_open: None,
            read_only: None,
            init: None,
            isolation: None,
            stop_signal: None,
            stop_grace_period: None,
            extra_hosts: Vec::new(),
            dns: Vec::new(),
            dns_search: Vec::new(),
            cap_add: Vec::new(),
            cap_drop: Vec::new(),
            sysctls: BTreeMap::new(),
            ulimits: BTreeMap::new(),
            oom_score_adj: None,
            credential_spec: None,
            healthcheck: None,
            logging: None,
            ports: Vec::new(),
            mounts: Vec::new(),
            networks: None,
            secrets: Vec::new(),
            configs: Vec::new(),
            depends_on: BTreeMap::new(),
            restart: None,
            deploy: Deploy::default(),
            extensions: Extensions::new(),
            ignored: BTreeMap::new(),
        }
    }

    pub fn span(&self) -> Span {
        self.name.span
    }
}

/// `ulimits.NAME`; a single number is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ulimit {
    pub soft: i64,
    pub hard: i64,
}

/// `credential_spec`: at most one is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialSpec {
    pub config: Option<Text>,
    pub file: Option<Text>,
    pub registry: Option<Text>,
}

/// `depends_on.NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DependsOn {
    pub condition: DependsOnCondition,
    /// `false`: the service need not exist.
    pub required: bool,
}

/// What a dependent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DependsOnCondition {
    #[serde(rename = "service_started")]
    Started,
    #[serde(rename = "service_healthy")]
    Healthy,
    #[serde(rename = "service_completed_successfully")]
    CompletedSuccessfully,
}

impl DependsOnCondition {
    pub const ALL: [Self; 3] = [Self::Started, Self::Healthy, Self::CompletedSuccessfully];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "service_started",
            Self::Healthy => "service_healthy",
            Self::CompletedSuccessfully => "service_completed_successfully",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.as_str() == word)
    }
}
