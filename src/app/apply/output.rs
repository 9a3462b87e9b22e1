//! What a job printed: a migration that went well has something to say, too.

use super::run::Run;
use crate::app::event::{Event, RowKind};
use crate::engine::LogQuery;
use crate::swarm::TaskState;
use serde_json::json;

/// Tasks whose output is shown, and lines of each.
const TASKS: usize = 3;
const LINES: u64 = 50;

impl Run<'_> {
    /// Shows what the tasks of a job printed that has done its work. A log that cannot be had is no failure of the job.
    pub(super) async fn show_output(&mut self, i: usize) {
        let Some(flight) = self.flight(i) else { return };
        let (expectation, id) = (flight.rollout.expectation(), flight.rollout.accepted().id.clone());
        if !expectation.is_job() && !expectation.one_shot() {
            return;
        }
        let Some(change) = self.plan.changes.get(flight.change) else { return };
        let (address, key) = (change.address(), change.key.clone());
        let reader = self.writer.reader().clone();
        let Ok(tasks) = reader.tasks(&self.plan.stack, true).await else { return };
        let mut done: Vec<_> =
            tasks.into_iter().filter(|t| t.service == id && t.state == TaskState::Complete).collect();
        done.sort_by_key(|t| (std::cmp::Reverse(t.job_iteration), t.slot, t.created));
        let run = done.first().and_then(|t| t.job_iteration);
        for task in done.into_iter().filter(|t| t.job_iteration == run).take(TASKS) {
            let query = LogQuery { tail: Some(LINES), ..LogQuery::default() };
            let lines = tokio::time::timeout(super::follow::LOG_WITHIN, reader.task_log(&task.id, &query)).await;
            for line in lines.into_iter().flatten().flatten() {
                let text = line.text.trim_end();
                let stream = if line.stderr { "stderr" } else { "stdout" };
                let log = json!({"task": task.id, "service": id, "node": task.node, "name": key, "stream": stream,
                                 "time": null, "text": text});
                let (fields, address) = (json!({ "log": log }), Some(address.clone()));
                self.tell(Event::Row { kind: RowKind::Log, address, fields, message: text.to_owned() });
            }
        }
    }
}
