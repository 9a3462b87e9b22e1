//! Bytes to settings, with every problem at its place.

use super::{Settings, meaning, schema, shape};
use crate::compose::yaml::{decode, json, parse};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, code};

/// Reads a file. Without errors in the diagnostics there are settings. The text is added to `sources`, where the spans point.
pub fn read(path: &str, bytes: &[u8], sources: &mut Sources) -> (Option<Settings>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let settings = settings(path, bytes, sources, &mut diagnostics);
    let settings = settings.filter(|_| !diagnostics.has_errors());
    (settings, diagnostics)
}

fn settings(path: &str, bytes: &[u8], sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Settings> {
    let mut reading = Diagnostics::default();
    let root = decode(path, bytes, sources, &mut reading)
        .and_then(|file| Some((file, sources.get(file)?.text.clone())))
        .and_then(|(file, text)| parse(file, &text, &mut reading));
    diagnostics.extend(reading.into_iter().map(reworded));
    let root = root?;
    shape::check(&root, &schema(), diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    match serde_json::from_value::<Settings>(json(&root)) {
        Ok(settings) => {
            meaning::check(&settings, &root, diagnostics);
            Some(settings)
        }
        // Schema and types are made from one source; this is for the day when they part.
        Err(error) => {
            let problem = Diagnostic::error(code::SETTINGS_VALUE, format!("the file cannot be understood: {error}"));
            diagnostics.push(problem.at(root.span).help("compare it with `stackup schema config`"));
            None
        }
    }
}

/// The reader speaks of Compose files.
fn reworded(mut diagnostic: Diagnostic) -> Diagnostic {
    let start = "start with `sources:` and `stacks:`";
    if diagnostic.code == code::EMPTY_FILE || diagnostic.code == code::ROOT_NOT_MAPPING {
        diagnostic.message = diagnostic.message.replace("a Compose file", "stackup.yaml");
        diagnostic.help = Some(start.to_owned());
    }
    diagnostic
}
