//! `.env` and `--env-file`: variables for `${NAME}` in Compose files.

use std::collections::BTreeMap;

/// The variables of a file in Compose's syntax: `KEY=value`, `export KEY=value`, quotes, `#` comments. A value in double
/// quotes or none sees `$NAME` and `${NAME}` of `known` and of the lines above. A line that is none of that is an `Err`
/// with its number, from 1.
pub fn parse(text: &str, known: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, usize> {
    let mut variables = BTreeMap::new();
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
            return Err(index + 1);
        };
        let name = name.trim_end();
        if !is_name(name) {
            return Err(index + 1);
        }
        let value = value.trim_start();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let mut raw = value.get(1..).unwrap_or_default().to_owned();
                // A quoted value may go on for several lines.
                let inner = loop {
                    if let Some(end) = closing(&raw, quote) {
                        break raw.get(..end).unwrap_or_default().to_owned();
                    }
                    let Some((_, next)) = lines.next() else { return Err(index + 1) };
                    raw.push('\n');
                    raw.push_str(next);
                };
                if quote == '"' { expand(&inner, true, known, &variables) } else { inner }
            }
            _ => {
                let end = value.find(" #").unwrap_or(value.len());
                expand(value.get(..end).unwrap_or(value).trim_end(), false, known, &variables)
            }
        };
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
    while let Some(c) = rest.next() {
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
            assert_eq!(parse(text, &BTreeMap::new()), Err(line), "{text:?}");
        }
        assert_eq!(parse("BARE\n", &BTreeMap::new()), Ok(BTreeMap::new()));
    }
}
