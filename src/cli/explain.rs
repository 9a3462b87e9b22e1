//! `stackup explain`

use super::environment;
use super::failure::Failure;
use super::invocation::Invocation;
use crate::app::exit::ExitCode;
use crate::diagnostic::{self, Code};
use crate::ui::exit_table;
use crate::ui::wrap::wrap;

/// Explain a code such as SU0201, or a topic: exit, environment, codes
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// SU0201, exit, environment or codes
    pub topic: String,
}

pub fn run(args: &ExplainArgs, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let width = invocation.settings.theme.width;
    let text = match args.topic.as_str() {
        "exit" => exit_table::text(width),
        "environment" => environment_text(width),
        "codes" => diagnostic::code::all().map(|code| format!("{}  {}\n", code.id, code.title)).collect(),
        topic => match diagnostic::code::all().find(|code| code.id.eq_ignore_ascii_case(topic)) {
            Some(code) => explanation(code, width),
            None => return Err(unknown(topic)),
        },
    };
    invocation.output.raw(&text)?;
    Ok(ExitCode::Ok)
}

fn explanation(code: Code, width: usize) -> String {
    format!("{}: {}\n\n{}\n", code.id, code.title, wrap(code.explanation, width, ""))
}

fn environment_text(width: usize) -> String {
    let column = environment::ALL.iter().map(|variable| variable.name.len()).max().unwrap_or(0) + 2;
    let indent = " ".repeat(column);
    environment::ALL
        .iter()
        .map(|variable| {
            let text = wrap(variable.does, width, &indent);
            format!("{:column$}{}\n", variable.name, text.trim_start())
        })
        .collect()
}

fn unknown(topic: &str) -> Failure {
    let ids: Vec<&str> = diagnostic::code::all().map(|code| code.id).chain(["exit", "environment", "codes"]).collect();
    let near = diagnostic::closest(topic, ids.iter().copied());
    let hint = near.map(|id| format!(" Did you mean {id}?")).unwrap_or_default();
    Failure::words(
        ExitCode::Usage,
        format!("nothing is known about `{topic}`.{hint} `stackup explain codes` lists all codes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_within_the_width() {
        for code in diagnostic::code::all() {
            let text = explanation(code, 80);
            assert!(text.lines().all(|line| line.len() <= 80 || !line.trim().contains(' ')), "{text}");
        }
    }
}
