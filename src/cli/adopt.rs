//! `stackup adopt`

use serde_json::json;

use super::failure::Failure;
use super::invocation::Invocation;
use super::lock;
use super::looking::{engine, say};
use super::prompt::{Approval, ask};
use crate::app::adopt::{adopt, look};
use crate::app::event::{Event, RowKind};
use crate::app::exit::{Changed, ExitCode};
use crate::engine::Reader;
use crate::plan::drift::What;
use crate::ui::diagnostic::count;

/// Record what is live as a release: for a stack that docker made
///
/// Changes nothing of the stack. From then on `drift`, `plan` and `rollback` know what it was.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AdoptArgs {
    /// Name of the stack
    pub stack: String,
    /// Do not ask
    #[arg(short = 'y', long)]
    pub auto_approve: bool,
}

pub async fn run(args: &AdoptArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let stack = &args.stack;
    let found = look(reader, stack, &[]).await.map_err(engine)?;
    let services = found.live.own_services().count() as u64;
    if services == 0 {
        let words = format!("nothing found in stack: {stack} (`stackup ls` shows the stacks of this swarm)");
        return Err(Failure::words(ExitCode::Error, words));
    }
    let newest = found.known.history.newest().map(|e| e.number);
    if let (Some(newest), Some(_)) = (newest, &found.known.recorded)
        && found.drift.iter().all(|d| d.what == What::Resubmitted)
    {
        let msg = format!("release #{newest} of {stack} is what is live: nothing to adopt");
        say(invocation, &Event::Unchanged { fields: json!({"stack": stack, "release": newest}), message: msg });
        return Ok(ExitCode::Ok);
    }
    let what = format!("{} of {stack} as they are live", count(services, "service"));
    if !args.auto_approve {
        if !invocation.settings.interactive {
            let words = format!("adopt would record {what}: -y says yes where nobody can be asked");
            return Err(Failure::words(ExitCode::Declined, words));
        }
        if !ask(&format!("Record {what}?"), &Approval::Yes, invocation) {
            return Err(Failure::words(ExitCode::Declined, "nothing was recorded"));
        }
    }
    let number = adopt(&found, &invocation.settings.actor, reader).await.map_err(|e| lock::not_started(e, stack))?;
    invocation.changed(Changed::Yes);
    let msg = format!("Release #{number}: {what}.");
    let fields = json!({"stack": stack, "release": {"release": number, "result": "adopted"}});
    say(invocation, &Event::Row { kind: RowKind::Release, address: None, fields, message: msg });
    Ok(ExitCode::Ok)
}
