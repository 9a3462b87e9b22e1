//! `stackup apply PLAN`: a saved plan, carried out if the same would still be done.

use std::path::Path;

use super::apply::{ApplyArgs, OnStale, approve, show};
use super::failure::Failure;
use super::invocation::Invocation;
use super::planning;
use super::rollout::finish;
use crate::app::event::Event;
use crate::app::exit::ExitCode;
use crate::app::saved;
use crate::plan::saved::Saved;
use crate::plan::{Against, Freshness, Stale, freshness, is_same};
use crate::ui::stale;

pub async fn run(args: &ApplyArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let path = args.stack.as_deref().unwrap_or_default();
    let saved = open(Path::new(path))?;
    agrees(args, &saved)?;
    let settings = &invocation.settings;
    let request = saved::request(
        &saved,
        &settings.variables,
        settings.home.clone(),
        settings.unseal.clone(),
        settings.address.clone(),
    );
    let changed = saved::stale_files(&saved, &request.load);
    if !changed.is_empty() {
        return Ok(refuse(&saved, &changed, invocation));
    }
    let planned = planning::make_from(request, invocation).await?;
    let changed = saved::stale_inputs(&saved, &planned);
    let verdict = match changed.is_empty() {
        true => freshness(&saved.approved, &planned.plan),
        false => Freshness::Stale(changed),
    };
    match verdict {
        Freshness::Stale(objects) => {
            let exit = refuse(&saved, &objects, invocation);
            if !(args.on_stale == OnStale::Replan && settings.interactive) {
                return Ok(exit);
            }
            invocation.output.note("This is the plan as it would be now.\n");
            show(&planned, args.planning.full, invocation)?;
            if planned.plan.applyable() && !planned.plan.is_empty() {
                approve(args.approve_plan.as_deref(), args.auto_approve, &planned.plan, invocation)?;
            }
        }
        Freshness::Done => {
            let words = format!("No changes. What plan {} does is live already.\n", saved.document.short_id());
            invocation.output.text(&words)?;
        }
        Freshness::Fits { moved } => {
            show(&planned, args.planning.full, invocation)?;
            for message in moved {
                say(message, invocation)?;
            }
            let message = format!("plan {} was approved when it was saved", saved.document.short_id());
            invocation.tell(&Event::Approval { approved: true, message })?;
        }
    }
    // Approved above, or when it was saved.
    finish(&planned, &args.rollout, args.detach, args.with_registry_auth, |_| Ok(()), invocation).await
}

/// The saved plan, or why there is none.
pub fn open(path: &Path) -> Result<Saved, Failure> {
    let words = |why: String| Failure::words(ExitCode::Invalid, format!("the plan `{}` {why}", path.display()));
    saved::open(path).map_err(words)
}

/// A saved plan has its files and options in it; nothing on the command line may say otherwise.
fn agrees(args: &ApplyArgs, saved: &Saved) -> Result<(), Failure> {
    if !args.files.files.is_empty() || !args.files.env_file.is_empty() || args.planning.decides() {
        let words =
            "a saved plan knows its files and what to do: leave out `-c`, `--env-file` and the flags of planning";
        return Err(Failure::words(ExitCode::Usage, words));
    }
    if !args.skip_preflight.is_empty() {
        let words = "`--skip-preflight` belongs to `plan`, where what it skips is seen";
        return Err(Failure::words(ExitCode::Usage, words));
    }
    let document = &saved.document;
    if document.against != Against::Swarm {
        let words =
            "this plan was not made from a live swarm (`--live`), so nothing is known of one; plan again without it";
        return Err(Failure::words(ExitCode::Preflight, words));
    }
    match &args.approve_plan {
        Some(id) if !is_same(id, &document.plan_id) => {
            let words =
                format!("the saved plan is {} and not the approved {id}; nothing was done", document.short_id());
            Err(Failure::words(ExitCode::Stale, words))
        }
        _ => Ok(()),
    }
}

/// Says what is not as it was.
fn refuse(saved: &Saved, objects: &[Stale], invocation: &Invocation) -> ExitCode {
    let scrub = |text: &str| invocation.output.scrub(text);
    let head = format!("plan {} is stale; nothing was done", saved.document.short_id());
    let words = stale::text(&head, objects, &invocation.settings.error_theme, &scrub);
    if !invocation.settings.json {
        invocation.output.note(&words);
    }
    let diagnostics = stale::diagnostics(objects);
    // Whoever has gone misses it.
    let _ = invocation.tell_all(&diagnostics, &crate::diagnostic::Sources::default());
    ExitCode::Stale
}

fn say(message: String, invocation: &Invocation) -> Result<(), Failure> {
    if !invocation.settings.quiet && !invocation.settings.json {
        invocation.output.note(&format!("{message}\n"));
    }
    invocation.tell(&Event::Refresh { message })?;
    Ok(())
}
