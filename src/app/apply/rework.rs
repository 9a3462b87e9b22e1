//! Services that somebody changed between the last look and the write: what is to be done is worked out again.

use super::run::{Halt, Run};
use crate::app::event::Event;
use crate::app::looks::Looked;
use crate::plan::{Approved, Change, Stale, freshness_of};

/// How often somebody else may be quicker.
pub(super) const ATTEMPTS: u32 = 5;

impl Run<'_> {
    /// Plans these again from what is live now. Those to which the same is done as was approved may be written once more;
    /// the others are stale.
    pub(super) async fn rework(&mut self, changed: Vec<usize>, attempt: u32) -> Result<(Vec<usize>, Vec<Stale>), Halt> {
        let (mut again, mut stale) = (Vec::new(), Vec::new());
        if changed.is_empty() {
            return Ok((again, stale));
        }
        let looks = &self.options.looks;
        let Looked { live, in_use: _in_use } =
            looks.look(&self.plan.stack, self.again.wanted(), self.writer.reader()).await?;
        let fresh = self.again.plan(&live);
        let approved = Approved::of(self.plan);
        for i in changed {
            let Some(address) = self.plan.changes.get(i).map(Change::address) else { continue };
            if let Some(why) = freshness_of(&approved, &fresh, &address) {
                stale.push(why);
                continue;
            }
            let found = fresh.changes.iter().find(|change| change.address() == address);
            let version = found.and_then(|c| live.snapshot.service(&c.name)).map(|s| (s.id.clone(), s.version));
            match (found, version) {
                (Some(change), Some((id, version))) if attempt < ATTEMPTS => {
                    let message = format!("{address} was changed since, and what is done to it is the same");
                    self.tell(Event::Refresh { message });
                    self.versions.insert(id, version);
                    self.reworked.insert(i, change.clone());
                    again.push(i);
                }
                _ => stale.push(Stale::new(address, "is being written by somebody else again and again")),
            }
        }
        Ok((again, stale))
    }
}
