//! Which swarm, which stack, which files: the wrong cluster is the commonest scare.

use jiff::Timestamp;

use super::layout::flow;
use super::view::PlanView;
use crate::app::look::ago_between;
use crate::plan::{Against, Standing};
use crate::swarm::short_id;
use crate::ui::Tone;
use crate::ui::diagnostic::count;
use crate::ui::plan::words;

pub fn header(view: &PlanView) -> String {
    let (plan, theme) = (view.plan, view.theme);
    let cluster = &plan.cluster;
    let size = format!("({}, {})", count(cluster.managers, "manager"), count(cluster.nodes, "node"));
    let named = || format!("swarm {} @ {} {size}", view.clean(short_id(&cluster.id)), view.clean(&cluster.endpoint));
    let swarm = match &plan.against {
        Against::Swarm => named(),
        Against::Snapshot { file, taken } => {
            let taken = taken.as_ref().map(|at| format!(", taken {}", view.clean(at))).unwrap_or_default();
            let warning = theme.paint(Tone::Warn, "NOT THE LIVE SWARM:");
            format!("{warning} snapshot {}{taken}, of {}", view.clean(file), named())
        }
        Against::Nothing => theme
            .paint(Tone::Warn, "NOT A LIVE SWARM: compared with nothing (--live empty); where tasks fit is not known"),
    };
    let why = plan.named_by.as_ref().map(|why| format!(" ({})", view.clean(why))).unwrap_or_default();
    let mut out = flow(
        &[
            theme.paint(Tone::Dim, &format!("stackup {}", view.clean(&plan.stackup_version))),
            swarm,
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
    let word = if source.release.is_some() { "from" } else { "compose" };
    format!("{word} {}{}", words::sources(source).join(", "), commit.unwrap_or_default())
}

fn live(view: &PlanView) -> String {
    let base = &view.plan.base;
    let Some(release) = base.release else {
        let exists = view.plan.summary.tasks_desired > 0;
        return if exists { "live no release recorded: treating live as base".to_owned() } else { String::new() };
    };
    let time = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    let ago = time(&view.plan.taken).and_then(|now| ago_between(time(&base.at), now));
    let ago = ago.map(|ago| format!(", {ago}")).unwrap_or_default();
    let by = base.applied_by.as_ref().map(|who| format!(" by {}", view.clean(who))).unwrap_or_default();
    let commit = base.commit.as_ref().map(|commit| format!(" ({})", view.clean(commit))).unwrap_or_default();
    let since = if base.standing == Standing::OtherTool { ", then another tool" } else { "" };
    format!("live release #{release}{ago}{by}{commit}{since}")
}
