//! Events as lines of NDJSON. Unknown keys are to be ignored by readers; `v` changes only when that is not enough.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Event, EvidenceEvent};
use crate::app::exit::Changed;
use crate::rollout::Progress;

impl Event {
    /// `{"v":1,"ts":…,"level":…,"type":…,"msg":…,"address":…,…}`.
    pub fn line(&self, at: Timestamp) -> Value {
        let mut line = Map::new();
        line.insert("v".into(), json!(1));
        line.insert("ts".into(), json!(at.round(jiff::Unit::Millisecond).unwrap_or(at).to_string()));
        line.insert("level".into(), json!(self.level()));
        line.insert("type".into(), json!(self.kind()));
        line.insert("msg".into(), json!(self.message()));
        if let Some(address) = self.address() {
            line.insert("address".into(), json!(address));
        }
        if let Value::Object(more) = self.details() {
            line.extend(more);
        }
        Value::Object(line)
    }

    fn details(&self) -> Value {
        match self {
            Self::Version { stackup, engine, api } => json!({"stackup": stackup, "engine": engine, "api": api}),
            Self::Diagnostic { diagnostic, .. } | Self::Preflight { diagnostic, .. } => {
                json!({"diagnostic": diagnostic})
            }
            Self::Refresh { .. } => json!({}),
            Self::Drift { path, detail, .. } => json!({"path": path, "drift": detail}),
            Self::PlannedChange { action, change, .. } => json!({"action": action, "change": change}),
            Self::Plan { plan, .. } => json!({"plan": plan}),
            Self::Approval { approved, .. } => json!({"approved": approved}),
            Self::Lock { held, .. } => json!({"held": held}),
            Self::ApplyStart { action, wanted, .. } => json!({"action": action, "wanted": wanted}),
            Self::TaskState { task, .. } => json!({"task": task}),
            Self::Progress { state, progress, heartbeat, .. } => {
                json!({"state": state, "progress": counts(progress), "heartbeat": heartbeat})
            }
            Self::ApplyComplete { action, seconds, .. } => json!({"action": action, "seconds": seconds}),
            Self::ApplyFailed { reason, reverted, .. } => json!({"reason": reason, "reverted": reverted}),
            Self::RollbackStart { .. } => json!({}),
            Self::RollbackComplete { ok, .. } => json!({"ok": ok}),
            Self::Evidence { evidence, .. } => json!({"evidence": group(evidence)}),
            Self::Ledger { ledger, .. } => json!({"ledger": ledger}),
            Self::Row { fields, .. } | Self::Unchanged { fields, .. } => fields.clone(),
            Self::Stopping { stack, tasks, .. } => json!({"stack": stack, "tasks": tasks}),
            Self::Source { source, commit, problem, .. } => {
                json!({"source": source, "commit": commit, "problem": problem})
            }
            Self::Stack { stack, source, sync, drift, commit, plan_id, release, .. } => {
                json!({"stack": stack, "source": source, "sync": sync, "drift": drift, "commit": commit,
                       "plan_id": plan_id, "release": release})
            }
            Self::Exit { code, changed, .. } => {
                let changed = match changed {
                    Changed::No => json!(false),
                    Changed::Yes => json!(true),
                    Changed::Unknown => json!("unknown"),
                };
                json!({"exit": {"code": code.number(), "name": code.name()}, "changed": changed})
            }
        }
    }
}

fn counts(p: &Progress) -> Value {
    json!({"wanted": p.wanted, "running": p.running, "healthy": p.healthy, "old": p.old, "failures": p.failures,
           "seconds": p.elapsed.as_secs_f64()})
}

fn group(evidence: &EvidenceEvent) -> Value {
    let group = &evidence.group;
    let f = &group.example;
    json!({"task": f.task, "name": f.name, "node": f.node, "state": f.state.as_str(), "exit_code": f.exit_code,
           "error": f.error, "message": f.message, "at": f.at.map(|t| t.to_string()),
           "ran_seconds": f.ran.map(|d| d.as_secs_f64()), "names": group.names, "tasks": group.tasks, "log": f.log,
           "unhealthy": f.unhealthy, "out_of_memory": f.container.as_ref().map(|c| c.out_of_memory),
           "probe": f.container.as_ref().map(|c| &c.probe)})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::exit::ExitCode;

    #[test]
    fn a_line_has_its_head_first_and_in_order() {
        let event = Event::Exit { code: ExitCode::RolledBack, changed: Changed::Yes, message: "m".into() };
        let at = "2026-11-20T12:00:00.1239Z".parse().unwrap();
        assert_eq!(
            event.line(at).to_string(),
            r#"{"v":1,"ts":"2026-11-20T12:00:00.124Z","level":"error","type":"exit","msg":"m","exit":{"code":7,"name":"rolled-back"},"changed":true}"#
        );
    }
}
