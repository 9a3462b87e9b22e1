//! JSON values as block YAML. A text stays without quotes only where every reader takes it for the same text, YAML 1.1
//! readers (`yes`, `0440`, `1_000`, `22:22`) included.

use serde_json::{Map, Value};

pub fn text(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, &mut out),
        other => {
            scalar(other, &mut out);
            out.push('\n');
        }
    }
    out
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn mapping(map: &Map<String, Value>, depth: usize, out: &mut String) {
    for (key, value) in map {
        indent(depth, out);
        entry(key, value, depth, out);
    }
}

/// `key: value`, from where the line stands.
fn entry(key: &str, value: &Value, depth: usize, out: &mut String) {
    word(key, out);
    out.push(':');
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            mapping(map, depth + 1, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            list(items, depth + 1, out);
        }
        value => {
            out.push(' ');
            scalar(value, out);
            out.push('\n');
        }
    }
}

fn list(items: &[Value], depth: usize, out: &mut String) {
    for item in items {
        indent(depth, out);
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => {
                for (i, (key, value)) in map.iter().enumerate() {
                    if i > 0 {
                        indent(depth + 1, out);
                    }
                    entry(key, value, depth + 1, out);
                }
            }
            Value::Array(inner) if !inner.is_empty() => {
                out.push('\n');
                list(inner, depth + 1, out);
            }
            item => {
                scalar(item, out);
                out.push('\n');
            }
        }
    }
}

fn scalar(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => word(text, out),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        other => out.push_str(&other.to_string()),
    }
}

fn word(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (' '..='~').contains(&c) || (c >= '\u{A1}' && c.is_alphanumeric()) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02X}", c as u32)),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push_str(&format!("\\U{:08X}", c as u32)),
        }
    }
    out.push('"');
}

/// Starts with a letter or a path, and holds nothing that YAML might look at twice.
fn is_plain(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    let reserved = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"].contains(&word.as_str());
    let good = |c: char| c.is_ascii_alphanumeric() || " -_./:=@+$(){}[]<>^*;|~%,&!?'".contains(c);
    // 10s, 1m30s
    let duration =
        text.ends_with('s') && text.chars().all(|c| c.is_ascii_digit() || "hms.".contains(c)) && text.len() > 1;
    let word_like = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '$')
        && text.chars().all(good)
        && !text.contains(": ")
        && !text.ends_with([' ', ':'])
        && !reserved;
    word_like || (duration && text.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_readers_may_take_for_something_else() {
        for (value, written) in [
            ("plain", "plain"),
            ("a: b", "\"a: b\""),
            ("a:b", "a:b"),
            ("1m30s", "1m30s"),
            ("yes", "\"yes\""),
            ("0440", "\"0440\""),
            ("1.5", "\"1.5\""),
            ("", "\"\""),
            ("a\nb", "\"a\\nb\""),
            ("~", "\"~\""),
            ("- a", "\"- a\""),
            ("a #b", "\"a #b\""),
            ("/a b", "/a b"),
            ("\u{1b}", "\"\\x1B\""),
        ] {
            let mut out = String::new();
            word(value, &mut out);
            assert_eq!(out, written);
        }
    }
}
