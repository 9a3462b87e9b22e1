//! The bytes of configs and secrets. What they are is never said.

use std::path::Path;

use crate::compose::budget::Budget;
use crate::compose::model::{Content, FileObject, Stack};
use crate::compose::options::{FileError, Files as _, Options};
use crate::diagnostic::{Diagnostic, Diagnostics, code};

pub fn read(stack: &mut Stack, options: &Options, files: &Budget<'_>, diagnostics: &mut Diagnostics) {
    let sections = [("config", &mut stack.configs), ("secret", &mut stack.secrets)];
    for (kind, objects) in sections {
        for (name, object) in objects {
            if object.external.is_some() {
                continue;
            }
            match content(object, options, files) {
                Ok(content) => object.content = content.filter(|_| options.contents),
                Err((problem, help)) => {
                    let span = object.file.as_ref().or(object.environment.as_ref()).map_or(object.span, |t| t.span);
                    let problem = Diagnostic::error(problem.0, format!("{kind} `{name}`: {}", problem.1));
                    diagnostics.push(problem.at(span).help(help).about(format!("{kind}/{name}")));
                }
            }
        }
    }
}

type Problem = ((crate::diagnostic::Code, String), String);

fn content(object: &FileObject, options: &Options, files: &Budget<'_>) -> Result<Option<Content>, Problem> {
    if let Some(text) = &object.inline {
        return Ok(Some(Content(text.value.as_bytes().into())));
    }
    if let Some(variable) = &object.environment {
        return match options.environment.get(&variable.value) {
            Some(value) => Ok(Some(Content(value.as_bytes().into()))),
            None => Err((
                (code::NO_CONTENT, format!("the variable `{}` is not set", variable.value)),
                format!("export {}=…", variable.value),
            )),
        };
    }
    if let Some(file) = object.file.as_ref().filter(|_| options.contents) {
        return match files.read(Path::new(&file.value)) {
            Ok(bytes) => Ok(Some(Content(bytes.into()))),
            Err(FileError::Spent) => Ok(None),
            Err(why) => Err(((why.code(), format!("`{}` cannot be read: {why}", file.value)), why.help().to_owned())),
        };
    }
    Ok(None)
}
