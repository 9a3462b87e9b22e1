//! `stackup history`

use jiff::Timestamp;

use super::failure::Failure;
use super::invocation::Invocation;
use super::looking::{engine, print};
use crate::app::event::{Event, RowKind};
use crate::app::exit::ExitCode;
use crate::app::look::{ReleaseRow, release_rows};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::RECORD_DAMAGED;
use crate::engine::Reader;
use crate::plan::Redactor;
use crate::release::history::{self, Unreadable};
use crate::ui::listing::Format;
use crate::ui::release;

/// Show the releases of a stack: when, who, from which commit, and how it went
///
/// They are kept in the swarm itself, the ten newest, and outlive `docker stack rm`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct HistoryArgs {
    /// Name of the stack
    pub stack: String,
    /// One release in full
    #[arg(long, value_name = "RELEASE", value_parser = number)]
    pub show: Option<u64>,
    /// Print as `table`, `table TEMPLATE`, `json` or a Go template over .Release .When .Who .Commit .Plan .Result
    #[arg(long, value_name = "FORMAT", default_value = "", hide_default_value = true)]
    pub format: String,
}

/// `14`, or `#14` as it is shown.
pub fn number(word: &str) -> Result<u64, String> {
    word.trim_start_matches('#').parse().map_err(|_| "a release is a number, such as 14".to_owned())
}

pub async fn run(args: &HistoryArgs, reader: &Reader, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let history = history::list(reader, &args.stack).await.map_err(engine)?;
    let now = reader.clock().await.map_err(engine)?.unwrap_or_else(Timestamp::now);
    let rows = release_rows(&history.entries, now);
    let Some(number) = args.show else {
        if rows.is_empty() {
            invocation.output.note(&format!("no release of {} is recorded", args.stack));
        }
        print(&rows, &Format::of::<ReleaseRow>(&args.format, false), invocation)?;
        return Ok(ExitCode::Ok);
    };
    let (Some(entry), Some(row)) = (history.get(number), rows.iter().find(|r| r.number == number)) else {
        return Err(Failure::words(ExitCode::Error, no_such(&args.stack, number, rows.iter().map(|r| r.number))));
    };
    let record = history::read(reader, &args.stack, entry).await.map_err(unreadable)?;
    let redactor = Redactor::default().and_recorded(&record.stack);
    invocation.output.hide(move |text| redactor.scrub(text).into_owned());
    invocation.output.text(&release::text(row, &record))?;
    let msg = format!("release #{number} {}", row.result);
    let fields = serde_json::json!({"release": release::json(row, &record)});
    invocation.tell(&Event::Row { kind: RowKind::Release, address: None, fields, message: msg })?;
    Ok(ExitCode::Ok)
}

/// The numbers that there are, for somebody who named another.
pub fn no_such(stack: &str, number: u64, kept: impl Iterator<Item = u64>) -> String {
    let kept: Vec<String> = kept.map(|n| format!("#{n}")).collect();
    if kept.is_empty() {
        return format!("no release of {stack} is recorded");
    }
    format!("{stack} has no release #{number}; kept are {}", kept.join(", "))
}

/// A record that cannot be read, as the end of a command.
pub fn unreadable(error: Unreadable) -> Failure {
    match error {
        Unreadable::Engine(error) => engine(error),
        damaged @ Unreadable::Damaged { .. } => {
            let problem = Diagnostic::error(RECORD_DAMAGED, damaged.to_string());
            Failure::new(
                ExitCode::Error,
                problem.help("nothing that runs depends on it; the next apply records a release again"),
            )
        }
    }
}
