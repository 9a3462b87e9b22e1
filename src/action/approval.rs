//! Whether the plan that was reviewed is the one that would be carried out now.

use super::objects::moved;
use super::sticky::Found;
use crate::plan::document::Document;
use crate::ui::drift::{dotted, values};

/// What the comment says about a fresh plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The same id.
    Approved,
    /// Nothing is to be done: what was approved is live already, or never was anything.
    Nothing,
    /// Another plan than the reviewed one; what moved, a line each.
    Moved(Vec<String>),
    /// Nobody reviewed a plan; why that is said.
    Unreviewed(String),
}

/// `found` is what the newest comment of ours holds; `missing` says why there is none.
pub fn decide(fresh: &Document, found: Option<&Found>, missing: &str) -> Decision {
    if fresh.is_empty() && fresh.failures() == 0 {
        return Decision::Nothing;
    }
    let Some(found) = found else { return Decision::Unreviewed(missing.to_owned()) };
    // The whole id: a few digits are for people.
    if found.header.plan == fresh.plan_id {
        return Decision::Approved;
    }
    let mut lines = match &found.header.objects {
        Some(reviewed) => moved(reviewed, fresh),
        None => vec!["the reviewed plan had too many objects to tell which of them moved".to_owned()],
    };
    for one in &fresh.drift {
        lines.push(format!("changed outside stackup: {} {} {}", one.address, dotted(&one.path), values(one)));
    }
    Decision::Moved(lines)
}

#[cfg(test)]
mod tests {
    use super::super::header::Header;
    use super::*;
    use crate::plan::document::sample::{document, everything, nothing};

    fn found(plan: &str) -> Found {
        let header = Header { plan: plan.to_owned(), ..Header::default() };
        Found { id: 1, node: String::new(), url: String::new(), body: String::new(), header }
    }

    #[test]
    fn only_the_whole_id_approves() {
        let plan = document(&everything());
        let id = plan.plan_id.clone();
        assert_eq!(decide(&plan, Some(&found(&id)), ""), Decision::Approved);
        for other in [plan.short_id(), id[..20].to_owned(), String::new(), id.to_uppercase()] {
            assert!(matches!(decide(&plan, Some(&found(&other)), ""), Decision::Moved(_)), "{other}");
        }
        assert_eq!(decide(&plan, None, "why"), Decision::Unreviewed("why".to_owned()));
    }

    #[test]
    fn nothing_to_do_needs_nobody() {
        assert_eq!(decide(&document(&nothing()), None, "why"), Decision::Nothing);
        assert_eq!(decide(&document(&nothing()), Some(&found("p-1")), ""), Decision::Nothing);
    }
}
