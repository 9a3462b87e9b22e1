//! `stackup check`

use clap::ValueEnum;

use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use crate::app::check::check;
use crate::app::exit::ExitCode;
use crate::app::load::Loaded;
use crate::diagnostic::Severity;
use crate::ui::Tone;
use crate::ui::diagnostic::{DiagnosticJson, compact, count, github, summary, text};

/// Show every problem in the files; needs no engine
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub files: FilesArgs,
    /// How to show problems
    #[arg(long, value_enum, default_value_t)]
    pub format: CheckFormat,
    /// Warnings are errors
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Forms of a list of problems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    #[default]
    Text,
    /// file:line:column: error[CODE]: message
    Compact,
    /// A list of objects
    Json,
    /// Annotations for GitHub Actions
    Github,
}

pub fn run(args: &CheckArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let settings = &invocation.settings;
    let loaded = check(&args.files.request(settings, true), settings.stack.as_deref())
        .map_err(|error| Failure::words(ExitCode::Usage, error.to_string()))?;
    let output = &invocation.output;
    let scrub = |text: &str| output.scrub(text);
    let (diagnostics, sources) = (&loaded.diagnostics, &loaded.sources);
    invocation.tell_all(diagnostics, sources)?;
    match args.format {
        _ if settings.json => {}
        CheckFormat::Text => {
            output.text(&text(diagnostics, sources, &settings.theme, &scrub))?;
            output.text(&last_line(&loaded, invocation))?;
        }
        CheckFormat::Compact => output.text(&compact(diagnostics, sources, &scrub))?,
        CheckFormat::Github => output.text(&github(diagnostics, sources, &scrub))?,
        CheckFormat::Json => {
            let all: Vec<DiagnosticJson> =
                diagnostics.iter().map(|one| DiagnosticJson::new(one, sources, &scrub)).collect();
            output.document(&serde_json::to_value(all).unwrap_or_default())?;
        }
    }
    let denied = args.deny_warnings && diagnostics.count(Severity::Warning) > 0;
    Ok(if diagnostics.has_errors() || denied { ExitCode::Invalid } else { ExitCode::Ok })
}

/// `2 errors, 1 warning`, or what is fine.
fn last_line(loaded: &Loaded, invocation: &Invocation) -> String {
    let theme = &invocation.settings.theme;
    let files: Vec<&str> = loaded.source.files.iter().map(|file| file.path.as_str()).collect();
    match summary(&loaded.diagnostics) {
        Some(counts) => {
            let tone = if loaded.diagnostics.has_errors() { Tone::Bad } else { Tone::Warn };
            format!("\n{}", theme.paint(tone, &counts))
        }
        None => {
            let services = loaded.stack.as_ref().map_or(0, |stack| stack.services.len()) as u64;
            let fine = theme.paint(Tone::Good, "No problems.");
            format!("{fine} {} ({})", files.join(", "), count(services, "service"))
        }
    }
}
