//! `stackup lock`

use clap::Subcommand;
use serde_json::{Value, json};

use super::failure::Failure;
use super::invocation::Invocation;
use super::looking::{engine, say};
use crate::app::deliver::NotStarted;
use crate::app::event::{Event, RowKind};
use crate::app::exit::{Changed, ExitCode};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::LOCKED;
use crate::engine::Reader;
use crate::release::lease::{Held, Holder, Standing, Timing, lock_by_hand, look, remove};
use crate::ui::lock;

/// See, take or give back the lock of a stack: who holds it is the only one to write
///
/// An apply takes it by itself, and gives it back. One taken here stays until somebody releases it.
#[derive(Clone, Debug, clap::Args)]
pub struct LockArgs {
    #[command(subcommand)]
    pub command: LockCommand,
}

/// What to do with the lock.
#[derive(Clone, Debug, Subcommand)]
pub enum LockCommand {
    /// Show who holds it, and since when
    Status {
        /// Name of the stack
        stack: String,
    },
    /// Take it: no apply gets through until it is released
    Acquire {
        /// Name of the stack
        stack: String,
        /// Why, for everybody who meets it
        #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        message: String,
    },
    /// Give back one that was taken with `acquire`
    Release {
        /// Name of the stack
        stack: String,
    },
    /// Take it away from whoever has it; an apply that works starts no further write
    Break {
        /// Name of the stack
        stack: String,
    },
}

pub async fn run(args: &LockArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    match &args.command {
        LockCommand::Status { stack } => status(stack, reader, invocation).await,
        LockCommand::Acquire { stack, message } => acquire(stack, message, reader, invocation).await,
        LockCommand::Release { stack } => release(stack, reader, invocation).await,
        LockCommand::Break { stack } => take_away(stack, reader, invocation).await,
    }
}

fn tell(invocation: &Invocation, stack: &str, msg: &str, held: bool, lock: &Value) {
    let fields = json!({"stack": stack, "held": held, "lock": lock});
    say(invocation, &Event::Row { kind: RowKind::Lock, address: None, fields, message: msg.to_owned() });
}

async fn status(stack: &str, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    match look(reader, stack).await.map_err(engine)? {
        None => tell(invocation, stack, &format!("{stack} is not locked"), false, &Value::Null),
        Some(held) => {
            let msg = format!("{stack}: {}\n  {}", lock::holder(&held), lock::details(&held).join("\n  "));
            tell(invocation, stack, &msg, true, &lock::json(&held));
        }
    }
    Ok(ExitCode::Ok)
}

async fn acquire(stack: &str, message: &str, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let holder = Holder { message: message.to_owned(), ..invocation.settings.actor.holder("") };
    lock_by_hand(&reader.writer(), stack, holder).await.map_err(|error| not_started(error.into(), stack))?;
    invocation.changed(Changed::Yes);
    let msg = format!("{stack} is locked until `stackup lock release {stack}`");
    tell(invocation, stack, &msg, true, &Value::Null);
    Ok(ExitCode::Ok)
}

async fn release(stack: &str, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let Some(held) = look(reader, stack).await.map_err(engine)? else {
        tell(invocation, stack, &format!("{stack} is not locked"), false, &Value::Null);
        return Ok(ExitCode::Ok);
    };
    if held.standing(&Timing::default()) == Standing::Live {
        return Err(busy(&held, stack));
    }
    drop_lock(&held, "released", stack, reader, invocation).await
}

async fn take_away(stack: &str, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let Some(held) = look(reader, stack).await.map_err(engine)? else {
        tell(invocation, stack, &format!("{stack} is not locked"), false, &Value::Null);
        return Ok(ExitCode::Ok);
    };
    drop_lock(&held, "broken", stack, reader, invocation).await
}

async fn drop_lock(
    held: &Held,
    word: &str,
    stack: &str,
    reader: &Reader,
    invocation: &Invocation,
) -> Result<ExitCode, Failure> {
    remove(&reader.writer(), held).await.map_err(engine)?;
    invocation.changed(Changed::Yes);
    let msg = format!("lock of {stack} {word}; it was held by: {}", lock::holder(held));
    tell(invocation, stack, &msg, false, &lock::json(held));
    Ok(ExitCode::Ok)
}

/// Why something was not started, as the end of a command.
pub fn not_started(error: NotStarted, stack: &str) -> Failure {
    match error {
        NotStarted::Busy(held) => busy(&held, stack),
        NotStarted::Interrupted(code) => Failure::words(code, "interrupted before anything was done"),
        NotStarted::Engine(error) => engine(error),
    }
}

/// Exit 5, with the holder and the ways on.
fn busy(held: &Held, stack: &str) -> Failure {
    let message = format!("{stack} is locked: {}", lock::holder(held));
    let mut help = lock::details(held);
    help.push(if held.holder.manual {
        format!("when it may go on: `stackup lock release {stack}`")
    } else {
        format!("wait: `--lock-timeout 10m`; if it will never end: `stackup lock break {stack}`")
    });
    Failure::new(ExitCode::Busy, Diagnostic::error(LOCKED, message).help(help.join("\n")))
}
