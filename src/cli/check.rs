//! `stackup check`

use clap::ValueEnum;

use super::deny::DenyArgs;
use super::failure::Failure;
use super::files::FilesArgs;
use super::invocation::Invocation;
use crate::app::check::{Checked, check};
use crate::app::exit::ExitCode;
use crate::app::load::{Loaded, Request};
use crate::diagnostic::DiagnosticJson;
use crate::ui::Tone;
use crate::ui::diagnostic::{compact, count, fold, github, sarif, summary, text};

/// Show every problem in the files; needs no engine
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub files: FilesArgs,
    /// How to show problems
    #[arg(long, value_enum, default_value_t)]
    pub format: CheckFormat,
    #[command(flatten)]
    pub deny: DenyArgs,
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
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

pub fn run(args: &CheckArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let settings = &invocation.settings;
    let request = args.files.request(settings, true);
    let request = Request { unseal: request.unseal.clone().or_masked(), ..request };
    let Checked { loaded, redactor } = check(&request, settings.stack.as_deref(), &args.deny.deny()?)
        .map_err(|error| Failure::words(ExitCode::Usage, error.to_string()))?;
    let output = &invocation.output;
    let scrub = |text: &str| output.scrub(text);
    let (diagnostics, sources) = (&loaded.diagnostics, &loaded.sources);
    invocation.tell_all(diagnostics, sources)?;
    match args.format {
        _ if settings.json => {}
        CheckFormat::Text => {
            let (shown, more) = fold(diagnostics);
            // Only this form shows lines of the files, and they may hold secrets.
            let swept = |text: &str| redactor.scrub(text).into_owned();
            output.text(&text(&shown, sources, &settings.theme, &swept))?;
            if !more.is_empty() {
                output.text(&format!("\n{}", settings.theme.paint(Tone::Dim, &more.join("\n"))))?;
            }
            output.text(&last_line(&loaded, invocation))?;
        }
        CheckFormat::Compact => output.text(&compact(diagnostics, sources, &scrub))?,
        CheckFormat::Github => output.text(&github(diagnostics, sources, &scrub))?,
        CheckFormat::Sarif => output.document(&sarif(diagnostics, sources, &scrub))?,
        CheckFormat::Json => {
            let all: Vec<DiagnosticJson> =
                diagnostics.iter().map(|one| DiagnosticJson::new(one, sources, &scrub)).collect();
            output.document(&serde_json::to_value(all).unwrap_or_default())?;
        }
    }
    Ok(if diagnostics.has_errors() { ExitCode::Invalid } else { ExitCode::Ok })
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
