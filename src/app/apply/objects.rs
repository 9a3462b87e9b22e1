//! Networks, configs and secrets: everything that services refer to.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::revive::{create_network, is_taken};
use super::run::{Halt, Run};
use super::service::remove_and_wait;
use super::unsure::{create_once, holds, through_election};
use crate::app::event::Event;
use crate::app::exit::Changed;
use crate::app::ledger::Fate;
use crate::compose::model::Content;
use crate::engine::{Created, EngineError, Wanted, Writer};
use crate::plan::{Change, DIGEST_LABEL, SecretKey, Stale, Write, keyed};
use crate::release;
use crate::swarm::{Kind, LiveConfig, LiveSecret};

/// Requests in flight.
pub(super) const IN_FLIGHT: usize = 4;
const ATTEMPTS: u32 = 5;

impl Run<'_> {
    fn indexes(&self, pick: impl Fn(&Change) -> bool) -> Vec<usize> {
        self.plan.changes.iter().enumerate().filter(|(_, c)| pick(c)).map(|(i, _)| i).collect()
    }

    pub(super) async fn networks(&mut self) -> Result<(), Halt> {
        let recreated = self.indexes(|c| matches!(c.write, Write::RecreateNetwork { .. }));
        if !recreated.is_empty() {
            self.clear_networks().await?;
        }
        let created = self.indexes(|c| matches!(c.write, Write::CreateNetwork { .. }));
        self.objects(recreated.into_iter().chain(created).collect()).await
    }

    /// A network goes only when no service uses it: those that are made again anyway are removed first.
    async fn clear_networks(&mut self) -> Result<(), Halt> {
        for i in self.indexes(|c| matches!(c.write, Write::RecreateService { .. })) {
            self.heed()?;
            let Some(Write::RecreateService { id, .. }) = self.plan.changes.get(i).map(|c| &c.write) else { continue };
            self.changed = Changed::Yes;
            self.set(i, Fate::Unknown, "removed, to be created again");
            if let Err(error) = remove_and_wait(self.writer, &self.plan.stack, id).await {
                self.refused(i, &error);
                return Err(Halt::Stopped);
            }
        }
        Ok(())
    }

    /// A secret whose content cannot be read back proves itself by a write that swarm takes only if it is equal; it
    /// comes before everything, so that "it differs" leaves nothing half done.
    pub(super) async fn secrets_unchanged_first(&mut self) -> Result<(), Halt> {
        let updates = self.indexes(|c| matches!(c.write, Write::UpdateSecret { .. } | Write::UpdateConfig { .. }));
        self.objects(updates).await
    }

    pub(super) async fn files(&mut self) -> Result<(), Halt> {
        let created = self.indexes(|c| matches!(c.write, Write::CreateConfig { .. } | Write::CreateSecret { .. }));
        self.find_key().await?;
        self.objects(created).await
    }

    /// New secrets carry the HMAC of their content, so that the next plan can tell whether it changed. What else could not
    /// be keyed will be in the next plan's id.
    async fn find_key(&mut self) -> Result<(), Halt> {
        let mut writes = self.plan.changes.iter().map(|c| &c.write);
        let secrets = writes.any(|w| matches!(w, Write::CreateSecret { content: Some(_), .. }));
        if (secrets || self.plan.decision.incomplete) && !self.stop {
            self.heed()?;
            self.key = Some(release::key::read_or_make(self.writer).await?);
        }
        Ok(())
    }

    async fn objects(&mut self, changes: Vec<usize>) -> Result<(), Halt> {
        self.heed()?;
        if changes.is_empty() || self.stop {
            return if self.stop { Err(Halt::Stopped) } else { Ok(()) };
        }
        let (plan, writer, versions, key) = (self.plan, self.writer, self.versions.clone(), self.key.clone());
        let asked = self.asked.clone();
        let write = |i: usize| {
            let change = plan.changes.get(i);
            let version = change.and_then(|c| c.id.as_ref()).and_then(|id| versions.get(id)).copied();
            let (key, asked) = (key.as_ref(), &asked);
            async move {
                Self::asks(asked, i);
                let began = Instant::now();
                let Some(change) = change else { return (i, began, Ok(None)) };
                (i, began, object(writer, &plan.stack, change, version, key).await)
            }
        };
        let mut results = stream::iter(changes).map(write).buffer_unordered(IN_FLIGHT);
        let mut failed = Vec::new();
        let mut done = Vec::new();
        while let Some((i, began, result)) = results.next().await {
            match result {
                Ok(id) => done.push((i, began.elapsed().as_secs_f64(), id)),
                Err(error) => failed.push((i, error)),
            }
        }
        drop(results);
        for (i, seconds, id) in done {
            let Some(change) = plan.changes.get(i) else { continue };
            self.changed = Changed::Yes;
            if let Some(id) = id {
                self.ids.insert(change.kind, &change.name, &id);
            }
            let word = match change.write {
                Write::RecreateNetwork { .. } => "created again",
                Write::UpdateConfig { .. } | Write::UpdateSecret { .. } => "updated",
                _ => "created",
            };
            self.set(i, Fate::Done, word);
            self.tell(Event::ApplyComplete {
                address: change.address(),
                action: change.action.as_str(),
                seconds,
                message: format!("{} {} {word}", change.kind.as_str(), change.key),
            });
        }
        let mut stale = Vec::new();
        for (i, error) in &failed {
            match (plan.changes.get(*i), error.to_string().contains("only updates to Labels are allowed")) {
                (Some(change), _) if error.is_out_of_sequence() => {
                    stale.push(Stale::new(change.address(), "was changed by somebody since it was planned"));
                }
                (Some(change), true) => stale.push(Stale::new(
                    change.address(),
                    "has other content than the live one: give it another `name:`, and swarm takes it as a new one",
                )),
                _ => self.refused(*i, error),
            }
        }
        if failed.is_empty() {
            Ok(())
        } else if stale.len() == failed.len() {
            Err(Halt::Stale(stale))
        } else {
            Err(Halt::Stopped)
        }
    }
}

/// Carries out one change of an object that is no service. Its id, where it is new.
async fn object(
    writer: &Writer,
    stack: &str,
    change: &Change,
    version: Option<u64>,
    key: Option<&SecretKey>,
) -> Result<Option<String>, EngineError> {
    match &change.write {
        Write::CreateNetwork { body } => create_network(writer, body).await.map(Some),
        Write::RecreateNetwork { id, body } => {
            remove_network(writer, id).await?;
            create_network(writer, body).await.map(Some)
        }
        Write::CreateConfig { spec, content } => {
            let spec = with_data(spec, Some(content));
            let find = || async {
                let live = writer.reader().config_named(&change.name).await?;
                let same = |c: &LiveConfig| c.data.as_deref() == Some(&*content.0) && has_labels(&c.spec, &spec);
                Ok(live.filter(same).map(|c| Created { id: c.id, warnings: Vec::new() }))
            };
            Ok(Some(create_once(|| writer.create_config(&spec), find).await?.id))
        }
        Write::CreateSecret { spec, content } => {
            let mut spec = with_data(spec, content.as_ref());
            if let (Some(key), Some(content), Some(Value::Object(labels))) = (key, content, spec.get_mut("Labels")) {
                labels.insert(DIGEST_LABEL.to_owned(), Value::from(keyed(key, &content.0)));
            }
            let find = || async {
                let live = writer.reader().snapshot(stack, &Wanted::default()).await?;
                // Only with its HMAC can its content be known again.
                let same = |s: &&LiveSecret| s.label(DIGEST_LABEL).is_some() && has_labels(&s.spec, &spec);
                let found = live.secret(&change.name).filter(same);
                Ok(found.map(|s| Created { id: s.id.clone(), warnings: Vec::new() }))
            };
            Ok(Some(create_once(|| writer.create_secret(&spec), find).await?.id))
        }
        Write::UpdateConfig { id, spec, content } => {
            guarded(writer, stack, change, id, version, &with_data(spec, Some(content))).await.map(|()| None)
        }
        Write::UpdateSecret { id, spec, content } => {
            guarded(writer, stack, change, id, version, &with_data(spec, content.as_ref())).await.map(|()| None)
        }
        _ => Ok(None),
    }
}

/// As they were to be made.
fn has_labels(live: &Value, spec: &Value) -> bool {
    holds(live.get("Labels").unwrap_or(&Value::Null), spec.get("Labels").unwrap_or(&Value::Null))
}

/// An update with the newest version, tried again when somebody was quicker and the spec is still the planned one.
async fn guarded(
    writer: &Writer,
    stack: &str,
    change: &Change,
    id: &str,
    version: Option<u64>,
    spec: &Value,
) -> Result<(), EngineError> {
    let mut version = version.or(change.preconditions.index).unwrap_or_default();
    for attempt in 0.. {
        let result = match change.kind {
            Kind::Secret => writer.update_secret(id, version, spec).await,
            _ => writer.update_config(id, version, spec).await,
        };
        match result {
            Err(error) if error.is_out_of_sequence() && attempt < ATTEMPTS => {
                let wanted = Wanted { configs: vec![change.name.clone()] };
                let snapshot = writer.reader().snapshot(stack, &wanted).await?;
                let config = snapshot.config(&change.name).map(|c| (c.version, &c.spec));
                let secret = snapshot.secret(&change.name).map(|s| (s.version, &s.spec));
                let live = if change.kind == Kind::Secret { secret } else { config };
                let same = |now: &Value| {
                    change.preconditions.spec_digest.as_ref().is_none_or(|d| *d == crate::plan::spec_digest(now))
                };
                match live {
                    Some((index, now)) if same(now) => version = index,
                    _ => return Err(error),
                }
            }
            other => return other,
        }
    }
    Ok(())
}

/// Removes a network; while tasks are still leaving it, tries again.
pub(super) async fn remove_network(writer: &Writer, id: &str) -> Result<(), EngineError> {
    // As long as the slowest task may take to stop.
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(120);
    loop {
        match through_election(|| writer.remove_network(id)).await {
            Err(error) if is_taken(&error) && tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            }
            other => return other,
        }
    }
}

/// The spec with its bytes, standard base64.
fn with_data(spec: &Value, content: Option<&Content>) -> Value {
    let mut spec = spec.clone();
    if let (Some(map), Some(content)) = (spec.as_object_mut(), content) {
        map.insert("Data".into(), Value::String(STANDARD.encode(&content.0)));
    }
    spec
}
