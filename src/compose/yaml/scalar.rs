//! What an unquoted word is, by the rules of Go's yaml.v3: `yes` is text, `0440` is octal, `1_000` a number.

use std::borrow::Cow;

use super::Kind;
use super::timestamp;

/// Reads a plain scalar.
pub fn resolve(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Kind::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Kind::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Kind::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-') => number(&without_underscores(text)),
        Some(b'.') if is_decimal(text) => text.parse().ok().map(Kind::Float),
        _ => None,
    };
    number.unwrap_or_else(|| Kind::Text(text.to_owned()))
}

fn without_underscores(text: &str) -> Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
}

/// The date that a plain scalar is, written as Go prints it, which is what docker stores.
pub fn date(text: &str) -> Option<String> {
    text.as_bytes().first().filter(|b| b.is_ascii_digit()).and_then(|_| timestamp::printed(text))
}

fn number(text: &str) -> Option<Kind> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(magnitude) = integer(digits) {
        let value = if negative { -magnitude } else { magnitude };
        let fits = (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value);
        if fits && !(text.starts_with('+') && value > i128::from(i64::MAX)) {
            return Some(Kind::Int(value));
        }
    }
    if is_decimal(text) { text.parse::<f64>().ok().filter(|f| f.is_finite()).map(Kind::Float) } else { None }
}

/// Digits with Go's prefixes for a base; a leading 0 alone is octal.
fn integer(digits: &str) -> Option<i128> {
    let (base, rest) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if rest.is_empty() || rest.starts_with(['+', '-']) {
        return None;
    }
    i128::from_str_radix(rest, base).ok()
}

/// `[-+]?(\.d+|d+(\.d*)?)([eE][-+]?d+)?`
fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, Some(e)),
        None => (text, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_ok = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let exponent_ok = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    mantissa_ok && exponent_ok
}

/// A float as Go prints it (`%v`): shortest digits, with an exponent below 1e-04 and from 1e+06 up.
pub fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match resolve(text) {
            Kind::Null => "null".into(),
            Kind::Bool(b) => b.to_string(),
            Kind::Int(i) => format!("int {i}"),
            Kind::Float(f) => format!("float {}", go_float(f)),
            Kind::Text(t) => format!("text {t}"),
            Kind::List(_) | Kind::Map(_) => unreachable!(),
        }
    }

    #[test]
    fn words_are_what_yaml_v3_makes_of_them() {
        for (text, expected) in [
            ("yes", "text yes"),
            ("no", "text no"),
            ("on", "text on"),
            ("True", "true"),
            ("~", "null"),
            ("0440", "int 288"),
            ("0o440", "int 288"),
            ("0x10", "int 16"),
            ("0b11", "int 3"),
            ("1_000", "int 1000"),
            ("-5", "int -5"),
            ("08", "float 8"),
            ("1e3", "float 1000"),
            (".5", "float 0.5"),
            ("1.", "float 1"),
            ("1.50", "float 1.5"),
            ("80:80", "text 80:80"),
            ("22:22", "text 22:22"),
            ("1.2.3", "text 1.2.3"),
            ("-", "text -"),
            ("+", "text +"),
            ("0x", "text 0x"),
            ("0x-1", "text 0x-1"),
            ("18446744073709551615", "int 18446744073709551615"),
            ("18446744073709551616", "float 1.8446744073709552e+19"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
