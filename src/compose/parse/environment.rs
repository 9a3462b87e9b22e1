//! `environment` and `env_file`.

use std::collections::BTreeMap;

use super::pairs::pairs;
use super::value::{boolean, text};
use crate::compose::budget::Spent;
use crate::compose::context::Context;
use crate::compose::model::Text;
use crate::compose::yaml::{MAX_BYTES, MAX_NODES, Node};
use crate::compose::{FileError, Files as _};
use crate::diagnostic::{Span, Spanned, code};

pub type Variables = BTreeMap<String, Spanned<Option<String>>>;

/// The files in order, then `environment` over them; files that are not there and need not be are taken out. Unset and empty values take the process's, as with docker.
pub fn environment(cx: &mut Context<'_>, own: Option<&Node>, files: &mut Vec<EnvFile>) -> Variables {
    let mut from_files = Variables::new();
    files.retain(|file| read(cx, file, &mut from_files));
    let mut variables = Variables::new();
    for (key, value) in from_files.into_iter().chain(own.map(pairs).unwrap_or_default()) {
        let value = match cx.options.environment.get(&key) {
            Some(process) if value.value.as_deref().unwrap_or_default().is_empty() => {
                value.map(|_| Some(process.clone()))
            }
            _ => value,
        };
        variables.insert(key, value);
    }
    variables
}

/// One entry of `env_file`.
pub struct EnvFile {
    /// Absolute.
    pub path: Text,
    pub required: bool,
}

pub fn env_files(cx: &mut Context<'_>, node: &Node) -> Vec<EnvFile> {
    let items = match node.as_list() {
        Some(items) => items,
        None => std::slice::from_ref(node),
    };
    let mut files = Vec::new();
    for item in items {
        let path = match item.as_map() {
            None => text(item),
            Some(map) => {
                if let Some(format) = map.get("format").and_then(text).filter(|f| f.value != "raw") {
                    let message = format!("`{}` is no format of an env_file", format.value);
                    cx.error(code::BAD_WORD, message, format.span, "leave `format` out, or write raw");
                }
                if map.get("path").is_none() {
                    cx.error(code::MISSING_KEY, "this env_file has no `path`", item.span, "add path: FILE");
                }
                map.get("path").and_then(text)
            }
        };
        let required = item.get("required").and_then(|n| boolean(cx, n)).is_none_or(|r| r.value);
        files.extend(path.map(|p| EnvFile { path: Spanned::new(cx.path(&p.value), p.span), required }));
    }
    files
}

/// Values keep the place that names the file: what is in it may be secret and is never shown. `false`: there is none.
fn read(cx: &mut Context<'_>, file: &EnvFile, into: &mut Variables) -> bool {
    let (path, span) = (&file.path.value, file.path.span);
    let bytes = match cx.files.read(std::path::Path::new(path)) {
        Ok(bytes) => bytes,
        Err(FileError::Missing) if !file.required => return false,
        Err(FileError::Spent) => return true,
        Err(why) => {
            let help = match &why {
                FileError::Sealed { help, .. } => help.clone(),
                _ => format!("{}, or write {{path: …, required: false}}", why.help()),
            };
            cx.error(why.code(), format!("env_file `{path}` cannot be read: {why}"), span, help);
            return true;
        }
    };
    if bytes.len() > MAX_BYTES {
        let message = format!("env_file `{path}` is larger than {} MB", MAX_BYTES >> 20);
        cx.error(
            code::FILE_TOO_LARGE,
            message,
            span,
            "is this the right file? Large data belongs into a config or secret",
        );
        return true;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    for (number, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Err(spent) = cx.files.line() {
            if spent == Spent::Now {
                let message = format!("the env_files of all services have more than {MAX_NODES} lines");
                cx.error(code::TOO_MANY_VALUES, message, span, "name smaller files, or name them less often");
            }
            return true;
        }
        if let Err(problem) = take_line(cx, line, span, into) {
            let (message, help) = problem;
            cx.error(code::BAD_ENV_FILE, format!("line {} of `{path}`: {message}", number + 1), span, help);
        }
    }
    true
}

fn take_line(
    cx: &Context<'_>,
    line: &[u8],
    span: Span,
    into: &mut Variables,
) -> Result<(), (&'static str, &'static str)> {
    let line = std::str::from_utf8(line).map_err(|_| ("it is not UTF-8", "save the file as UTF-8"))?;
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    let (key, value) = match line.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (line, None),
    };
    if line.contains('\0') {
        return Err(("it has a NUL character", "is this the right file? It is one of text, a variable a line"));
    }
    if key.is_empty() {
        return Err(("there is no name before the `=`", "write NAME=value"));
    }
    if key.contains(char::is_whitespace) {
        let export = key.starts_with("export ");
        let help = if export { "leave `export` out" } else { "write NAME=value without spaces before the `=`" };
        return Err(("the name has a space in it", help));
    }
    let value = value.map(str::to_owned).or_else(|| cx.options.environment.get(key).cloned());
    if let Some(value) = value {
        into.insert(key.to_owned(), Spanned::new(Some(value), span));
    }
    Ok(())
}
