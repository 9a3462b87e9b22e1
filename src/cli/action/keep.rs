//! The files that later steps read.

use std::path::{Path, PathBuf};

use super::step::{Done, Step};
use crate::action::inputs::Command;
use crate::action::{files, summary};
use crate::app::check::{Checked, check};
use crate::app::deny::Deny;
use crate::cli::files::FilesArgs;
use crate::cli::settings::{Settings, Streams};
use crate::ui::Theme;
use crate::ui::diagnostic::sarif;
use crate::ui::plan::markdown::{COMMENT, markdown};
use crate::ui::plan::text::PlanView;
use serde_json::Value;

/// JSON, text and Markdown of one result.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub json: Option<PathBuf>,
    pub text: Option<PathBuf>,
    pub markdown: Option<PathBuf>,
}

impl Step {
    /// The result in three forms.
    pub fn keep(&self, done: &Done) -> Result<Kept, String> {
        let report = &done.report;
        let (json, text, shown) = match &report.plan {
            Some(plan) => {
                let theme = Theme { color: false, ascii: false, width: 120 };
                let text = PlanView { plan, compact: false, full: false, theme: &theme }.render();
                (serde_json::to_value(plan).unwrap_or_default(), text, markdown(plan, COMMENT))
            }
            None if self.command == Command::Drift => (
                serde_json::to_value(&report.drift).unwrap_or_default(),
                report.drift_words.join("\n"),
                summary::drift(report).chars().take(COMMENT).collect(),
            ),
            None => {
                let lines: Vec<String> = report.diagnostics.iter().map(summary::line).collect();
                let shown = crate::ui::plan::markdown::block("text", &lines);
                (serde_json::to_value(&report.diagnostics).unwrap_or_default(), lines.join("\n"), shown)
            }
        };
        let put = |name: &str, text: &str| {
            let path = self.folder.join(name);
            files::write(&path, &format!("{}\n", text.trim_end())).map(|()| Some(path))
        };
        Ok(Kept {
            json: put("result.json", &serde_json::to_string_pretty(&json).unwrap_or_default())?,
            text: put("result.txt", &text)?,
            markdown: put("result.md", &shown)?,
        })
    }

    /// What `check` says about the files, as SARIF; its places count from the top of the repository.
    pub fn keep_sarif(&self) -> Result<(), String> {
        let Some(path) = &self.inputs.sarif_file else { return Ok(()) };
        let files_args = FilesArgs { files: self.inputs.files.clone(), env_file: self.inputs.env_files.clone() };
        let settings = Settings::resolve(&Default::default(), &self.environment, Streams::default());
        let Checked { loaded, redactor } =
            check(&files_args.request(&settings, true), self.inputs.stack.as_deref(), &Deny::default())
                .map_err(|error| error.to_string())?;
        let scrub = |text: &str| redactor.scrub(text).into_owned();
        let mut report = sarif(&loaded.diagnostics, &loaded.sources, &scrub);
        let here = std::env::current_dir().unwrap_or_default();
        rename(&mut report, &|file| self.runner.in_repository(&here, file));
        files::write(Path::new(path), &report.to_string())
    }
}

fn rename(value: &mut Value, named: &dyn Fn(&str) -> String) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(uri)) = map.get_mut("artifactLocation").and_then(|place| place.get_mut("uri")) {
                *uri = named(uri);
            }
            map.values_mut().for_each(|inner| rename(inner, named));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| rename(inner, named)),
        _ => {}
    }
}
