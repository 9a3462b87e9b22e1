//! Stacks that were found as their files say: while nothing of them moves, nobody has to look closer.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::machine::{Report, Sync, Ticket};
use crate::app::reading::{Mark, Reading};
use crate::plan::Ground;

/// What the last look at each stack found, where it found nothing to do.
#[derive(Debug, Default)]
pub struct Rests(Mutex<BTreeMap<String, Rest>>);

#[derive(Debug)]
struct Rest {
    source: String,
    revision: String,
    /// What the plan relied on.
    ground: Ground,
    mark: Mark,
    report: Report,
}

impl Rests {
    fn rests(&self) -> MutexGuard<'_, BTreeMap<String, Rest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The report of the last look, where the same files would find the same.
    pub fn still(&self, ticket: &Ticket, reading: &Reading) -> Option<Report> {
        let rests = self.rests();
        let rest = rests.get(&ticket.stack)?;
        let same = rest.source == ticket.source && rest.revision == ticket.revision;
        let plain = ticket.order.is_none() && ticket.tried.is_none() && ticket.approved.is_none();
        let rests = same && plain && reading.mark(&ticket.stack, &rest.ground) == Some(rest.mark);
        rests.then(|| rest.report.clone())
    }

    /// A look is over. `ground` and `mark` are those of a plan with nothing in it.
    pub fn looked(&self, ticket: &Ticket, report: &Report, found: Option<(Ground, Mark)>) {
        let Some((ground, mark)) = found.filter(|_| report.sync == Sync::Synced && report.rolled.is_none()) else {
            return self.forget(&ticket.stack);
        };
        let (source, revision) = (ticket.source.clone(), ticket.revision.clone());
        let rest = Rest { source, revision, ground, mark, report: report.clone() };
        self.rests().insert(ticket.stack.clone(), rest);
    }

    pub fn forget(&self, stack: &str) {
        self.rests().remove(stack);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::exit::ExitCode;
    use crate::swarm::Snapshot;
    use crate::watch::machine::{Order, Tried};
    use crate::watch::work::blank;

    fn ticket() -> Ticket {
        Ticket {
            stack: "shop".into(),
            source: "ops".into(),
            revision: "a".into(),
            approved: None,
            tried: None,
            synced: None,
            rolled: None,
            order: None,
        }
    }

    #[test]
    fn what_was_as_it_should_be_is_not_looked_at_closer_until_something_is_other() {
        let reading = Reading::made(Snapshot::default());
        let found = || reading.mark("shop", &Ground::default()).map(|mark| (Ground::default(), mark));
        let rests = Rests::default();
        assert_eq!(rests.still(&ticket(), &reading), None);
        let synced = Report { sync: Sync::Synced, ..blank(&ticket(), "as its files say".into()) };
        rests.looked(&ticket(), &synced, found());
        assert_eq!(rests.still(&ticket(), &reading), Some(synced.clone()));
        // Other files, or a person who asks.
        for ticket in [
            Ticket { revision: "b".into(), ..ticket() },
            Ticket { source: "other".into(), ..ticket() },
            Ticket { order: Some(Order::Again), ..ticket() },
            Ticket { tried: Some(Tried::default()), ..ticket() },
            Ticket { approved: Some("p".into()), ..ticket() },
        ] {
            assert_eq!(rests.still(&ticket, &reading), None, "{ticket:?}");
        }
        let mut seen = Snapshot::default();
        seen.cluster.id.push('x');
        assert_eq!(rests.still(&ticket(), &Reading::made(seen)), None);
        // What was not as it should be, or was changed just now.
        for report in [
            Report { sync: Sync::Failed, exit: ExitCode::Error, ..synced.clone() },
            Report { rolled: Some(jiff::Timestamp::UNIX_EPOCH), ..synced },
        ] {
            rests.looked(&ticket(), &report, found());
            assert_eq!(rests.still(&ticket(), &reading), None, "{report:?}");
        }
    }
}
