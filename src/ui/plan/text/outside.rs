//! What somebody changed outside stackup, above the plan that deals with it.

use super::layout::margin;
use super::view::PlanView;
use crate::plan::document::Drift;
use crate::plan::drift::{Origin, What};
use crate::ui::Tone;
use crate::ui::drift::{dotted, values, when};
use crate::ui::wrap::wrap;

/// Only what this plan undoes or meets: what the files ask for anyway is in the plan.
pub fn outside(view: &PlanView) -> String {
    let shown: Vec<&Drift> =
        view.plan.drift.iter().filter(|d| matches!(d.origin, Some(Origin::Drift | Origin::Both))).collect();
    if shown.is_empty() {
        return String::new();
    }
    let since = view.plan.base.release.map(|n| format!(" since release #{n}")).unwrap_or_default();
    let mut out = format!("\n{}\n", view.theme.paint(Tone::Warn, &format!("Note: changed outside stackup{since}")));
    for one in shown {
        let when = Some(when(one)).filter(|w| !w.is_empty()).map(|w| format!("({w})")).unwrap_or_default();
        out.push_str(&margin(&format!("  {}", what(one, view)), &view.theme.paint(Tone::Dim, &when), view.theme.width));
        out.push_str(&format!("{}\n", wrap(&consequence(one), view.theme.width, "    ")));
    }
    out
}

fn what(one: &Drift, view: &PlanView) -> String {
    let address = view.clean(&one.address.replacen('/', " ", 1));
    match one.what {
        What::Removed => format!("- {address}   removed"),
        _ => format!("~ {address}   {}   {}", dotted(&one.path), values(one)),
    }
}

fn consequence(one: &Drift) -> String {
    let path = dotted(&one.path);
    let keep = format!("change the file, or x-stackup.ignore: [{path}]");
    match (one.what, one.origin) {
        (What::Removed, _) => "this plan creates it again".to_owned(),
        (_, Some(Origin::Both)) => {
            format!("the file changed it too, and this plan does what it says. Keep theirs? {keep}")
        }
        _ => format!("this plan sets it back. Keep it? {keep}"),
    }
}
