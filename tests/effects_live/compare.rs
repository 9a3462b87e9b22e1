//! One row: what was said, what was seen, and what of it does not agree.

use serde_json::Value;

use crate::bench::Seen;
use crate::course::Kind;
use crate::cover::{at, leaves};
use crate::file::Named;
use crate::found::Found;
use crate::row::Must;
use crate::told::Told;

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Line {
    pub name: String,
    pub predicted: String,
    pub observed: String,
    pub wrong: Vec<String>,
}

pub fn compare(row: &Named, plan: &Value, before: &Seen, after: &Seen) -> Line {
    let told = Told::read(plan, &row.key, row.row.mode);
    let name = row.service();
    let mut wrong = Vec::new();
    let (Some(was), Some(is)) = (before.services.get(&name), after.services.get(&name)) else {
        return line(row, &told, "no service", vec!["there is no such service".to_owned()]);
    };
    let found = Found::between(was, is, row.row.mode);
    if was.running() == 0 && !row.row.mode.is_job() && row.row.field != "deploy.replicas" {
        wrong.push(format!("no task of it ran before: {:?}", was.tasks));
    }
    if told.refused.is_some() {
        let kept = found.course.keeps_all() && plan["refused_by_engine"] == true;
        let what = if kept { "refused by the engine" } else { "taken by the engine" };
        wrong.extend((!kept).then(|| format!("the plan refuses it, and swarm did `{}`", found.course)));
        return line(row, &told, what, wrong);
    }
    if told.course != found.course {
        wrong.push(format!("the plan says `{}`, and swarm did `{}`", told.course, found.course));
    }
    if told.effect_is_untrue_of(found.course, found.kept) {
        wrong.push(format!("not what `{}` does: {:?}", told.effect, told.fields));
    }
    wrong.extend(row.row.must.and_then(|must| unmet(must, &found)));
    let dropped = told.left_out || before.unchanged_by_hand.contains(&name);
    let unwritten = matches!(row.row.must, Some(Must::NotWrite)) || dropped;
    let stays = |cover: &&&'static str| !unwritten && !changes(cover, row, before, after);
    wrong.extend(row.row.covers.iter().filter(stays).map(|cover| format!("{cover} is stored as before")));
    let mut observed = found.course.to_string();
    if dropped {
        observed += "; the engine does not know the field";
    }
    if !found.remark.is_empty() {
        observed += "; ";
        observed += found.remark;
    }
    line(row, &told, &observed, wrong)
}

fn line(row: &Named, told: &Told, observed: &str, wrong: Vec<String>) -> Line {
    let predicted = match told.effect.as_str() {
        _ if told.refused.is_some() => format!("refused ({})", told.refused.as_deref().unwrap_or_default()),
        "" => told.course.to_string(),
        effect => format!("{}: {}", effect.replace('_', " "), told.course),
    };
    Line { name: row.row.name(), predicted, observed: observed.to_owned(), wrong }
}

fn unmet(must: Must, found: &Found) -> Option<String> {
    let met = match must {
        Must::Keep => found.course.keeps_all(),
        Must::Replace => found.kept == 0 && found.course.replaced > 0,
        Must::NotWrite => found.course.kind == Kind::NotWritten,
    };
    (!met).then(|| format!("it must {must:?}, and swarm did `{}`", found.course))
}

/// What the row is about is stored otherwise than before.
fn changes(cover: &str, row: &Named, before: &Seen, after: &Seen) -> bool {
    let Some((kind, _)) = cover.split_once(":/") else {
        let spec = |seen: &Seen| leaves(&seen.services[&row.service()].spec);
        let (was, is) = (spec(before), spec(after));
        return at(&was, cover) != at(&is, cover);
    };
    let objects = |seen: &Seen| -> Vec<(String, Value)> {
        let own = |name: &str| name.starts_with(kind) && name.contains(&row.key);
        seen.objects.iter().filter(|(name, _)| own(name)).map(|(name, spec)| (name.clone(), spec.clone())).collect()
    };
    objects(before) != objects(after)
}
