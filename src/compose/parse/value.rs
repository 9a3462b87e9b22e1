//! Scalars of the kinds that Compose knows.

use super::units;
use crate::compose::context::Context;
use crate::compose::model::{Bytes, Extensions, Nanos, Text};
use crate::compose::yaml::{Kind, Map, Node, go_float, json};
use crate::diagnostic::{Spanned, code};

/// `None` for what is no text: the shape check has said so.
pub fn text(node: &Node) -> Option<Text> {
    node.as_text().map(|t| Spanned::new(t.to_owned(), node.span))
}

/// A text or a list of them.
pub fn texts(node: &Node) -> Vec<Text> {
    match node.as_list() {
        Some(items) => items.iter().filter_map(text).collect(),
        None => text(node).into_iter().collect(),
    }
}

/// A scalar as docker prints it: `1.50` is `1.5`, `0x10` is `16`; `None` for null and for collections.
pub fn printed(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        Kind::Bool(b) => Some(b.to_string()),
        Kind::Int(i) => Some(i.to_string()),
        Kind::Float(f) => Some(go_float(*f)),
        Kind::Null | Kind::List(_) | Kind::Map(_) => None,
    }
}

pub fn printed_text(node: &Node) -> Option<Text> {
    printed(node).map(|t| Spanned::new(t, node.span))
}

/// `true`, or a text that says it (a variable).
pub fn boolean(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<bool>> {
    let value = match &node.kind {
        Kind::Bool(b) => *b,
        Kind::Text(text) => match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "on" => true,
            "false" | "no" | "n" | "off" => false,
            _ => {
                cx.error(
                    code::BAD_BOOL,
                    format!("`{text}` is neither true nor false"),
                    node.span,
                    "write true or false",
                );
                return None;
            }
        },
        _ => return None,
    };
    Some(Spanned::new(value, node.span))
}

/// A whole number, or a text of decimal digits (a variable).
pub fn integer(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<i64>> {
    let value = match &node.kind {
        Kind::Int(i) => i64::try_from(*i).ok(),
        Kind::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => Some(*f as i64),
        Kind::Text(text) => text.parse().ok(),
        // Any other has been said by the shape check.
        _ => return None,
    };
    if value.is_none() {
        let written = printed(node).unwrap_or_default();
        let empty = written.is_empty() && node.interpolated;
        let (message, help) = match &node.kind {
            Kind::Int(_) => (format!("`{written}` is too large"), "write a smaller number"),
            _ if empty => (
                "a whole number is needed, and the variable is empty".to_owned(),
                "set the variable, or give it a default: `${NAME:-1}`",
            ),
            _ => (format!("`{written}` is no whole number"), "write a whole number"),
        };
        cx.error(code::BAD_NUMBER, message, node.span, help);
    }
    value.map(|v| Spanned::new(v, node.span))
}

/// A whole number that is not negative.
pub fn unsigned(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<u64>> {
    let value = integer(cx, node)?;
    match u64::try_from(value.value) {
        Ok(v) => Some(Spanned::new(v, value.span)),
        Err(_) => {
            cx.error(code::BAD_NUMBER, format!("`{}` is negative", value.value), value.span, "write 0 or more");
            None
        }
    }
}

pub fn number(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<f64>> {
    let value = match &node.kind {
        Kind::Int(i) => Some(*i as f64),
        Kind::Float(f) => Some(*f),
        Kind::Text(text) => text.parse::<f64>().ok(),
        _ => return None,
    };
    let value = value.filter(|v| v.is_finite());
    if value.is_none() {
        let written = printed(node).unwrap_or_default();
        cx.error(code::BAD_NUMBER, format!("`{written}` is no number"), node.span, "write a number such as 0.5");
    }
    value.map(|v| Spanned::new(v, node.span))
}

pub fn duration(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<Nanos>> {
    let text = node.as_text()?;
    match units::duration(text) {
        Ok(nanos) => Some(Spanned::new(Nanos(nanos), node.span)),
        Err(why) => {
            let help = "write a number with a unit for each part: 500ms, 10s, 1m30s, 24h";
            cx.error(code::BAD_DURATION, format!("`{text}` is no duration: {why}"), node.span, help);
            None
        }
    }
}

pub fn bytes(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<Bytes>> {
    let text = printed(node)?;
    let size = match node.kind {
        Kind::Int(i) => i64::try_from(i).ok().filter(|i| *i >= 0),
        _ => units::bytes(&text),
    };
    if size.is_none() {
        let help = "write a number with b, k, m or g: 50M, 1.5g";
        cx.error(code::BAD_SIZE, format!("`{text}` is no size"), node.span, help);
    }
    size.map(|s| Spanned::new(Bytes(s), node.span))
}

pub fn nano_cpus(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<i64>> {
    let text = printed(node)?;
    match units::nano_cpus(&text) {
        Ok(nano) => Some(Spanned::new(nano, node.span)),
        Err(why) => {
            let help = "write a number of CPUs such as \"0.5\" or \"2\"";
            cx.error(code::BAD_CPUS, format!("`{text}` is no number of CPUs: {why}"), node.span, help);
            None
        }
    }
}

/// Permission bits: a number (`0440` is octal to YAML), or a text of octal digits.
pub fn mode(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<u32>> {
    let value = match &node.kind {
        Kind::Text(text) if node.interpolated => {
            // docker reads a variable here as a decimal number.
            let value = text.parse::<u32>().ok();
            if value.is_some() && text.starts_with('0') && text.len() > 1 {
                let message = format!("docker reads `{text}` from a variable as a decimal number, and so does stackup");
                cx.warning(code::DECIMAL_MODE, message, node.span, "write the mode into the file: mode: 0440");
            }
            value
        }
        Kind::Text(text) => u32::from_str_radix(text.strip_prefix("0o").unwrap_or(text), 8).ok(),
        Kind::Int(i) => u32::try_from(*i).ok(),
        Kind::Float(f) if f.fract() == 0.0 && (0.0..4e9).contains(f) => Some(*f as u32),
        _ => None,
    };
    if value.is_none() {
        let written = printed(node).unwrap_or_default();
        cx.error(code::BAD_NUMBER, format!("`{written}` is no file mode"), node.span, "write it in octal: mode: 0440");
    }
    value.map(|v| Spanned::new(v, node.span))
}

/// One of some words; another is said and kept.
pub fn word(cx: &mut Context<'_>, node: &Node, words: &[&str]) -> Option<Text> {
    let text = text(node)?;
    if !words.contains(&text.value.as_str()) {
        let near = crate::diagnostic::closest(&text.value, words.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", words.join(", ")),
        };
        cx.error(code::BAD_WORD, format!("`{}` is not known here", text.value), text.span, help);
    }
    Some(text)
}

/// The `x-…` keys of a mapping.
pub fn extensions(map: &Map) -> Extensions {
    map.entries
        .iter()
        .filter(|e| e.key.value.starts_with("x-"))
        .map(|e| (e.key.value.clone(), Spanned::new(json(&e.value), e.key.span)))
        .collect()
}
