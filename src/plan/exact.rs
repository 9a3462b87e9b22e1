//! Going back to a record: this very version of a config or a secret, and no other.

use super::Write;
use super::content::{DIGEST_LABEL, change, relabel_config, relabel_secret, with_name};
use super::digest::sha256;
use super::draft::Draft;
use super::version::versioned;
use crate::compose::model::Content;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{CONTENT_UNKNOWN, RECORD_INCOMPLETE};
use crate::swarm::{DesiredConfig, DesiredSecret, Kind};

/// The recorded config is there, or is made again from the record.
pub(super) fn exact_config(desired: &DesiredConfig, draft: &mut Draft) {
    let sensitive = draft.desired.sensitive_names.contains(&desired.key);
    let live = draft.snapshot.own_config(&desired.name);
    let same = live.is_some_and(|c| sensitive || c.data.as_deref() == Some(&*desired.content.0));
    if let Some(live) = live.filter(|_| same) {
        draft.versions.choose(Kind::Config, &desired.name, &desired.name);
        let change = relabel_config(live, desired, live.data.as_deref().map(|data| Content(data.into())));
        draft.changes.extend(change);
        return;
    }
    if sensitive {
        let problem = Diagnostic::error(RECORD_INCOMPLETE, format!("config `{}` is gone, and no release holds its content", desired.name))
            .help("its content is called sensitive, so it is in no record: put the file back as it was and `stackup apply` it");
        draft.refuse(problem.about(format!("config/{}", desired.key)), None);
        return;
    }
    let name = match live {
        None => desired.name.clone(),
        Some(_) => versioned(&desired.name, &sha256(&desired.content.0), |name| draft.snapshot.config(name).is_some()),
    };
    let write = Write::CreateConfig { spec: with_name(&desired.spec, &name), content: desired.content.clone() };
    let change = change(Kind::Config, &desired.key, &name, Vec::new(), write, &desired.origins);
    draft.names.version(Kind::Config, &name, &desired.key);
    draft.versions.choose(Kind::Config, &desired.name, &name);
    draft.changes.push(change);
}

/// The recorded secret is there, or nobody can have it back.
pub(super) fn exact_secret(desired: &DesiredSecret, draft: &mut Draft) {
    let about = format!("secret/{}", desired.key);
    let Some(live) = draft.snapshot.own_secret(&desired.name) else {
        let problem = Diagnostic::error(RECORD_INCOMPLETE, format!("secret `{}` is gone", desired.name)).help(
            "swarm gives no content of a secret back, so no record holds it: put the file back as it was and `stackup apply` it",
        );
        draft.refuse(problem.about(about), None);
        return;
    };
    let recorded = desired.spec.get("Labels").and_then(|l| l.get(DIGEST_LABEL)).and_then(|d| d.as_str());
    match (recorded, live.label(DIGEST_LABEL)) {
        (Some(then), Some(now)) if then != now => {
            let message = format!("secret `{}` was made anew with other content since that release", desired.name);
            let problem = Diagnostic::error(RECORD_INCOMPLETE, message)
                .help("put the file back as it was and `stackup apply` it");
            draft.refuse(problem.about(about), None);
        }
        (then, now) => {
            if then != now {
                let message = format!("content of secret `{}` cannot be compared", live.name);
                draft.note(Diagnostic::note(CONTENT_UNKNOWN, message).about(about), None);
            }
            draft.versions.choose(Kind::Secret, &desired.name, &desired.name);
            draft.changes.extend(relabel_secret(live, desired));
        }
    }
}
