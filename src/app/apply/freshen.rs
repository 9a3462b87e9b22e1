//! The last look before the first write: would the same be done as was approved?

use super::run::{Halt, Run};
use crate::app::basis::Again;
use crate::app::event::Event;
use crate::app::looks::Looked;
use crate::diagnostic::{Diagnostics, Severity};
use crate::plan::{Approved, Freshness, Plan, freshness};

/// The plan made again, and what it was made from.
pub(super) struct Fresh {
    pub plan: Plan,
    pub seen: Looked,
}

/// Makes the plan again from what is live now, and compares it with the one that was approved.
pub(super) async fn freshen(again: &dyn Again, run: &mut Run<'_>) -> Result<Fresh, Halt> {
    run.tell(Event::Refresh { message: format!("checking that plan {} still fits", run.plan.short_id()) });
    let looks = &run.options.looks;
    let Looked { live, in_use } = looks.look(&run.plan.stack, again.wanted(), run.writer.reader()).await?;
    let plan = again.plan(&live);
    match freshness(&Approved::of(run.plan), &plan) {
        // What a dead apply wrote is live, and nobody has seen yet how it went.
        Freshness::Done if run.options.left_since.is_some() => {}
        Freshness::Done => return Err(Halt::Done),
        Freshness::Stale(stale) => return Err(Halt::Stale(stale)),
        Freshness::Fits { moved } => {
            for message in moved {
                run.tell(Event::Refresh { message });
            }
        }
    }
    if !plan.applyable() {
        let mut problems = Diagnostics::default();
        problems.extend(plan.preflight.into_iter().filter(|problem| problem.severity == Severity::Error));
        return Err(Halt::Preflight(problems));
    }
    Ok(Fresh { plan, seen: Looked { live, in_use } })
}
