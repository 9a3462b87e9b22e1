//! What fits, and where it goes.

use super::view::PlanView;
use crate::plan::Verdict;
use crate::plan::document::Placement;
use crate::ui::plan::words;

/// Services told one by one; the others are counted.
const TOLD: usize = 10;

/// A line for each service whose tasks all find a node.
pub fn fitting(view: &PlanView) -> Vec<String> {
    if view.compact {
        return Vec::new();
    }
    let fits: Vec<&Placement> =
        view.plan.placement.iter().filter(|p| p.verdict == Verdict::Fits && p.tasks > 0).collect();
    let all = if fits.len() > TOLD + 1 { TOLD } else { fits.len() };
    let mut lines: Vec<String> =
        fits.iter().take(all).map(|placement| view.clean(&words::fitting(placement))).collect();
    if fits.len() > all {
        lines.push(format!("{} more services fit", fits.len() - all));
    }
    lines
}
