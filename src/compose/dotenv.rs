//! `.env`, `--env-file`, and `env_file` of an include: variables for `${NAME}` in Compose files.

use std::collections::BTreeMap;
use std::path::Path;

use super::options::{Environment, FileError, Files};
use crate::diagnostic::{Diagnostic, code};

/// Variables of several files, the last of which wins, and over them `process`. `shown` is how a path is named.
pub fn environment<'p>(
    paths: impl IntoIterator<Item = &'p Path>,
    process: &Environment,
    files: &dyn Files,
    shown: impl Fn(&Path) -> String,
    mut problem: impl FnMut(&Path, Diagnostic),
) -> Environment {
    let mut variables = Environment::new();
    for path in paths {
        match one(path, process, files, &shown(path)) {
            Ok(found) => variables.extend(found),
            Err(why) => problem(path, *why),
        }
    }
    variables.extend(process.iter().map(|(name, value)| (name.clone(), value.clone())));
    variables
}

fn one(path: &Path, process: &Environment, files: &dyn Files, shown: &str) -> Result<Environment, Box<Diagnostic>> {
    let bytes = files.read(path).map_err(|why| {
        let message = format!("`{shown}` cannot be read: {why}");
        let help = match &why {
            FileError::Sealed { help, .. } => help,
            _ => "create it, or correct the path",
        };
        Box::new(Diagnostic::error(why.code(), message).help(help))
    })?;
    // The line itself is not shown: it may hold a secret.
    parse(&String::from_utf8_lossy(&bytes), process).map_err(|problem| {
        Box::new(match problem {
            Problem::NoVariable(line) => {
                let message = format!("`{shown}` line {line} is no `NAME=value`");
                let help = "write `NAME=value`, one a line; a value of several lines goes in quotes";
                Diagnostic::error(code::FILE_UNREADABLE, message).help(help)
            }
            Problem::TooLong(line) => {
                let most = MOST_BYTES >> 20;
                let message = format!("`{shown}` line {line}: with it, the values have more than {most} MB");
                let help = "is this the right file? Lines that name those above grow quickly";
                Diagnostic::error(code::FILE_TOO_LARGE, message).help(help)
            }
        })
    })
}

/// Of all values together: lines that name each other double in length.
const MOST_BYTES: usize = 10 << 20;

/// What is wrong, and with which line, from 1.
#[derive(Debug, PartialEq, Eq)]
enum Problem {
    /// It is none of `KEY=value`, a comment, a bare name.
    NoVariable(usize),
    /// With it the values have more than [`MOST_BYTES`].
    TooLong(usize),
}

/// The variables of a file in Compose's syntax: `KEY=value`, `export KEY=value`, quotes, `#` comments. A value in double
/// quotes or none sees `$NAME` and `${NAME}` of `known` and of the lines above. The first problem is the end.
fn parse(text: &str, known: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Problem> {
    let mut variables = BTreeMap::new();
    let mut room = MOST_BYTES;
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let Some((name, value)) = line.split_once('=') else {
            // A bare name stands for the process's own variable, which is there already.
            if is_name(line) {
                continue;
            }
            return Err(Problem::NoVariable(index + 1));
        };
        let name = name.trim_end();
        if !is_name(name) {
            return Err(Problem::NoVariable(index + 1));
        }
        let value = value.trim_start();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let mut inner = String::new();
                let mut line = value.get(1..).unwrap_or_default();
                // A quoted value may go on for several lines.
                loop {
                    if let Some(end) = closing(line, quote) {
                        inner.push_str(line.get(..end).unwrap_or_default());
                        break;
                    }
                    inner.push_str(line);
                    inner.push('\n');
                    line = lines.next().ok_or(Problem::NoVariable(index + 1))?.1;
                }
                if quote == '"' { expand(&inner, true, known, &variables) } else { inner }
            }
            _ => {
                let end = value.find(" #").unwrap_or(value.len());
                expand(value.get(..end).unwrap_or(value).trim_end(), false, known, &variables)
            }
        };
        room = room.checked_sub(value.len()).ok_or(Problem::TooLong(index + 1))?;
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// Byte of the quote that ends the text.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return Some(index),
            _ => {}
        }
    }
    None
}

/// Escapes (in double quotes) and variables.
fn expand(text: &str, escapes: bool, known: &BTreeMap<String, String>, above: &BTreeMap<String, String>) -> String {
    let value = |name: &str| known.get(name).or_else(|| above.get(name)).cloned().unwrap_or_default();
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    // One that is longer is refused.
    while let Some(c) = rest.next().filter(|_| out.len() <= MOST_BYTES) {
        match c {
            '\\' if escapes => match rest.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(c @ ('"' | '\\' | '$')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            '$' if rest.peek() == Some(&'{') => {
                rest.next();
                let name: String = std::iter::from_fn(|| rest.next().filter(|c| *c != '}')).collect();
                match name.split_once(":-") {
                    Some((name, default)) if value(name).is_empty() => out.push_str(default),
                    Some((name, _)) => out.push_str(&value(name)),
                    None => out.push_str(&value(&name)),
                }
            }
            '$' if rest.peek().is_some_and(|c| c.is_ascii_alphabetic() || *c == '_') => {
                let mut name = String::new();
                while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                out.push_str(&value(&name));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_compose_reads() {
        let known = BTreeMap::from([("HOME".to_owned(), "/h".to_owned())]);
        let cases = [
            ("A=1", "1"),
            ("export A = 1", "1"),
            ("A=a b # c", "a b"),
            ("A=a#b", "a#b"),
            ("A='$HOME # x'", "$HOME # x"),
            ("A=\"$HOME/a\\n\\\"\"", "/h/a\n\""),
            ("A=${HOME}/x", "/h/x"),
            ("A=${NONE:-d}", "d"),
            ("A=", ""),
            ("A=\"two\nlines\"", "two\nlines"),
            ("\u{feff}# c\n\nB=2\nA=$B", "2"),
            ("A=100$", "100$"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text, &known).unwrap().get("A").map(String::as_str), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_variable_is_named() {
        for (text, line) in [("A=1\nB C D", 2), ("=x", 1), ("A=\"open\n", 1)] {
            assert_eq!(parse(text, &BTreeMap::new()), Err(Problem::NoVariable(line)), "{text:?}");
        }
        assert_eq!(parse("BARE\n", &BTreeMap::new()), Ok(BTreeMap::new()));
    }

    #[test]
    fn lines_that_double_each_other_and_quotes_that_never_end_are_soon_refused() {
        let start = std::time::Instant::now();
        let mut text = String::from("V0=0123456789\n");
        for i in 1..60 {
            text += &format!("V{i}=$V{0}$V{0}\n", i - 1);
        }
        // The twentieth doubling is of 10 MB, and all lines above it together have as many.
        assert_eq!(parse(&text, &BTreeMap::new()), Err(Problem::TooLong(21)));
        let text = format!("A=0123456789\nB=\"{}\"", "$A".repeat(5_000_000));
        assert_eq!(parse(&text, &BTreeMap::new()), Err(Problem::TooLong(2)));
        let text = format!("A=\"{}", "x\n".repeat(1_000_000));
        assert_eq!(parse(&text, &BTreeMap::new()), Err(Problem::NoVariable(1)));
        assert!(start.elapsed() < std::time::Duration::from_secs(120), "{:?}", start.elapsed());
    }
}
