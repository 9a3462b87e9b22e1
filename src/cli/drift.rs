//! `stackup drift`

use serde_json::json;

use super::failure::Failure;
use super::files::FilesArgs;
use super::history::unreadable;
use super::invocation::Invocation;
use super::lock;
use super::looking::{engine, say};
use crate::app::adopt::{Found, accept_drift, look};
use crate::app::event::{Event, RowKind};
use crate::app::exit::{Changed, ExitCode};
use crate::app::load;
use crate::app::look::ago_between;
use crate::app::name;
use crate::diagnostic::{Sources, closest};
use crate::engine::Reader;
use crate::plan::document;
use crate::plan::drift::{Drift, What};
use crate::plan::{Base, Redactor};
use crate::release::history::Unreadable;
use crate::swarm::{NAMESPACE_LABEL, Recorded};
use crate::ui::diagnostic::count;
use crate::ui::drift;

/// Show what was changed outside stackup since the last release
///
/// Needs no file: what is live is compared with what was last applied.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DriftArgs {
    /// Name of the stack; default: name: of the file, STACKUP_STACK, or the folder's name
    pub stack: Option<String>,
    /// Exit 0 without drift, 2 with drift
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// The swarm owns this field: not shown (deploy.replicas, web:deploy.replicas; repeat)
    #[arg(long, value_name = "PATH")]
    pub ignore: Vec<String>,
    /// What is live of this service is what was meant: record it (repeat; without a name, all that drifted)
    #[arg(long, value_name = "SERVICE", num_args = 0..=1, default_missing_value = "")]
    pub accept: Vec<String>,
}

pub async fn run(args: &DriftArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let stack = stack(args, invocation)?;
    let mut found = look(reader, &stack, &args.ignore).await.map_err(engine)?;
    let Some(newest) = found.known.history.newest().map(|e| e.number) else {
        let words = format!(
            "no release of {stack} is recorded, so nobody knows what was changed: `stackup adopt {stack}` records what is live"
        );
        return Err(Failure::words(ExitCode::Error, words));
    };
    let Some(recorded) = found.known.recorded.clone() else {
        let why = found.known.damaged.clone().unwrap_or_default();
        return Err(unreadable(Unreadable::Damaged { number: newest, why: tail(&why) }));
    };
    hide(&recorded, &mut found, invocation);
    // Who is writing just now; the rest is said below.
    invocation.warn(&found.known.notes(&Base::default()), &Sources::default());
    if !args.accept.is_empty() {
        return accept(args, &stack, newest, &recorded, &found, reader, invocation).await;
    }
    report(&stack, newest, &found, invocation)?;
    let drifted = found.drift.iter().any(|d| d.what != What::Resubmitted);
    Ok(if args.detailed_exitcode && drifted { ExitCode::Changes } else { ExitCode::Ok })
}

/// The stack as named, else as every command that reads files finds it.
fn stack(args: &DriftArgs, invocation: &Invocation) -> Result<String, Failure> {
    let settings = &invocation.settings;
    let loaded = match &args.stack {
        Some(_) => None,
        // Whatever is wrong with the files: only their name matters here.
        None => {
            let request = FilesArgs::default().request(settings, false);
            Some(load::load(&load::Request { unseal: request.unseal.clone().or_masked(), ..request }))
        }
    };
    let folder = loaded.as_ref().map(|l| l.working_dir.clone()).unwrap_or_default();
    let file = loaded.as_ref().and_then(|l| l.stack.as_ref());
    let name = name::choose(args.stack.as_deref(), file, settings.stack.as_deref(), &folder)
        .map_err(|error| Failure::words(ExitCode::Usage, error.to_string()))?;
    Ok(name.name)
}

/// Without "release #3 is damaged: " before it.
fn tail(why: &str) -> String {
    why.split_once(": ").map_or(why, |(_, tail)| tail).to_owned()
}

/// Nothing sensitive of the record or of what is live is shown.
fn hide(recorded: &Recorded, found: &mut Found, invocation: &Invocation) {
    let own = found.live.services.iter().filter(|s| s.label(NAMESPACE_LABEL) == Some(found.live.stack.as_str()));
    let redactor = Redactor::default().and_recorded(recorded).and(own.map(|s| &*s.spec));
    found.drift.iter_mut().for_each(|one| one.redact(&redactor));
    invocation.output.hide(move |text| redactor.scrub(text).into_owned());
}

fn report(stack: &str, newest: u64, found: &Found, invocation: &Invocation) -> Result<(), Failure> {
    let output = &invocation.output;
    let scrub = |text: &str| output.scrub(text);
    let shown: Vec<document::Drift> = found.drift.iter().map(|one| document::Drift::new(one, &scrub)).collect();
    for one in &shown {
        let message = format!("{} {} {}", one.address, one.what.as_str(), drift::dotted(&one.path));
        invocation.tell(&Event::Drift {
            address: one.address.clone(),
            path: one.path.clone(),
            message: message.trim_end().to_owned(),
            detail: serde_json::to_value(one).unwrap_or_default(),
        })?;
    }
    let head = found.known.history.newest().and_then(|e| e.head.as_ref().ok());
    let ago = found.live.taken.and_then(|now| ago_between(head.map(|h| h.at), now));
    let since = format!("release #{newest}{}", ago.map(|ago| format!(" ({ago})")).unwrap_or_default());
    if found.drift.is_empty() {
        output.text(&format!("No drift. {stack} is as {since} left it."))?;
        return Ok(());
    }
    let lines = drift::lines(&shown, &invocation.settings.theme);
    // Swarm itself writes a service right after it was made.
    if found.drift.iter().all(|one| one.what == What::Resubmitted) {
        output.text(&format!("No drift. {stack} is as {since} left it.\n{}", lines.trim_end()))?;
        return Ok(());
    }
    let tool = if found.other_tool { "; last deployed by another tool" } else { "" };
    output.text(&format!("Drift in {stack} since {since}{tool}\n{lines}{}", counts(stack, &found.drift)))?;
    Ok(())
}

/// `3 drifted, 1 unmanaged.` and the ways on.
fn counts(stack: &str, all: &[Drift]) -> String {
    let drifted = all.iter().filter(|d| d.counts()).count();
    let unmanaged = all.iter().filter(|d| d.what == What::Unmanaged).count();
    let mut parts = vec![format!("{drifted} drifted")];
    if unmanaged > 0 {
        parts.push(format!("{unmanaged} unmanaged"));
    }
    let first = all.iter().find(|d| d.what != What::Resubmitted);
    let ways = first.map(|first| {
        format!(
            "   put back: stackup apply    keep: edit the compose file, or  stackup drift --accept {} {stack}",
            first.key
        )
    });
    format!("{}.{}", parts.join(", "), ways.unwrap_or_default())
}

async fn accept(
    args: &DriftArgs,
    stack: &str,
    newest: u64,
    recorded: &Recorded,
    found: &Found,
    reader: &Reader,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    let services: Vec<String> = args.accept.iter().filter(|s| !s.is_empty()).cloned().collect();
    for service in &services {
        let known = || found.drift.iter().map(|d| d.key.as_str());
        if !known().any(|key| key == service) && !recorded.services.iter().any(|s| s.key == *service) {
            let hint = closest(service, known()).map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            return Err(Failure::words(ExitCode::Error, format!("{stack} has no service {service}{hint}")));
        }
    }
    let taken: Vec<&Drift> = found
        .drift
        .iter()
        .filter(
            |d| if services.is_empty() { d.counts() } else { services.contains(&d.key) && d.what != What::Resubmitted },
        )
        .collect();
    if taken.is_empty() {
        let msg = format!("nothing to accept: {stack} is as release #{newest} left it");
        say(invocation, &Event::Unchanged { fields: json!({"stack": stack, "release": newest}), message: msg });
        return Ok(ExitCode::Ok);
    }
    let actor = &invocation.settings.actor;
    let number = accept_drift(found, recorded, &services, actor, reader)
        .await
        .map_err(|error| lock::not_started(error, stack))?;
    invocation.changed(Changed::Yes);
    let msg = format!("Release #{number} of {stack}: {} accepted as live.", count(taken.len() as u64, "difference"));
    let fields = json!({"stack": stack, "release": {"release": number, "result": "accepted"}});
    say(invocation, &Event::Row { kind: RowKind::Release, address: None, fields, message: msg });
    Ok(ExitCode::Ok)
}
