//! Which swarm, which stack, which files: the wrong cluster is the commonest scare.

use super::layout::flow;
use super::view::PlanView;
use crate::ui::Tone;
use crate::ui::diagnostic::count;

pub fn header(view: &PlanView) -> String {
    let (plan, theme) = (view.plan, view.theme);
    let cluster = &plan.cluster;
    let size = format!("({}, {})", count(cluster.managers, "manager"), count(cluster.nodes, "node"));
    let why = view.named_by.map(|why| format!(" ({})", view.clean(why))).unwrap_or_default();
    let mut out = flow(
        &[
            theme.paint(Tone::Dim, concat!("stackup ", env!("CARGO_PKG_VERSION"))),
            format!("swarm {} @ {} {size}", short(&cluster.id), view.clean(&cluster.endpoint)),
            format!("stack {}{why}", theme.paint(Tone::Bold, &view.clean(&plan.stack))),
        ],
        theme.width,
    );
    out.push_str(&flow(&[compose(view), live(view)], theme.width));
    out
}

fn compose(view: &PlanView) -> String {
    let source = &view.plan.source;
    let commit = source.commit.as_ref().map(|commit| {
        let (state, tone) = if source.dirty { ("dirty", Tone::Warn) } else { ("clean", Tone::Plain) };
        format!(" @ {} ({})", view.clean(commit), view.theme.paint(tone, state))
    });
    format!("compose {}{}", files(view), commit.unwrap_or_default())
}

/// The files by name, as the person gave them.
pub fn files(view: &PlanView) -> String {
    let names: Vec<String> = view
        .plan
        .source
        .files
        .iter()
        .map(|file| if file.path == "-" { "standard input".to_owned() } else { view.clean(&file.path) })
        .collect();
    names.join(", ")
}

fn live(view: &PlanView) -> String {
    let base = &view.plan.base;
    let Some(release) = base.release else { return String::new() };
    let by = base.applied_by.as_ref().map(|who| format!(" by {}", view.clean(who))).unwrap_or_default();
    format!("live release #{release}{by}")
}

/// Enough of an id to tell one from another.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
