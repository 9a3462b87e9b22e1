//! Durations as Go writes them, sizes as docker does, CPUs as exact fractions.

/// Nanoseconds of `1h30m`, `1.5s`, `100ms`; the error says what is wrong.
pub fn duration(text: &str) -> Result<i64, String> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err("there is no number".to_owned());
    }
    let mut total: i128 = 0;
    let mut rest = rest;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let width = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(width);
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err("the unit is missing".to_owned()),
            unit => return Err(format!("there is no unit `{unit}`")),
        };
        total += scaled(number, scale).ok_or_else(|| format!("`{number}` is no number"))?;
        if total > i128::from(i64::MAX) {
            return Err("it is longer than 292 years".to_owned());
        }
        rest = next;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| "it is too long".to_owned())
}

/// `number` (digits, maybe a point) times `scale`, rounded down.
fn scaled(number: &str, scale: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok().filter(|w| *w < 1 << 63)? };
    let mut value = whole.checked_mul(scale)?;
    let mut place = scale;
    for digit in fraction.bytes().take(20) {
        value += i128::from(digit - b'0') * place / 10;
        place /= 10;
    }
    Some(value)
}

/// Nanoseconds as Go prints them: `1m30s`, `500ms`, `0s`.
pub fn go_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let n = nanos.unsigned_abs();
    if n == 0 {
        return "0s".to_owned();
    }
    if n < 1_000_000_000 {
        let (unit, size) = match n {
            0..1_000 => ("ns", 1),
            1_000..1_000_000 => ("µs", 1_000),
            _ => ("ms", 1_000_000),
        };
        return format!("{sign}{}{unit}", decimal(n, size));
    }
    let seconds = n / 1_000_000_000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = decimal(n % 60_000_000_000, 1_000_000_000);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{rest}s"),
        (0, m) => format!("{sign}{m}m{rest}s"),
        (h, m) => format!("{sign}{h}h{m}m{rest}s"),
    }
}

/// `n / size` as a decimal without needless zeros; `size` is a power of ten.
pub fn decimal(n: u64, size: u64) -> String {
    let (whole, fraction) = (n / size, n % size);
    if fraction == 0 {
        return whole.to_string();
    }
    let width = size.ilog10() as usize;
    let fraction = format!("{fraction:0width$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// Bytes of `64m`, `1.5gb`, `10 KiB`, `1024`: all multiples are binary.
pub fn bytes(text: &str) -> Option<i64> {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, suffix) = text.split_at(end + 1);
    let number = number.strip_suffix(' ').unwrap_or(number);
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: f64 = if plain { number.parse().ok()? } else { return None };
    let shift = match suffix.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        "p" | "pb" | "pib" => 50,
        _ => return None,
    };
    let total = value * (1u64 << shift) as f64;
    if total < i64::MAX as f64 { Some(total as i64) } else { None }
}

/// Billionths of a CPU of `0.5`, `1/2`, `1e-1`; an error says what is wrong.
pub fn nano_cpus(text: &str) -> Result<i64, &'static str> {
    const BILLION: i128 = 1_000_000_000;
    let bad = "it is no number";
    let (numerator, denominator) = match text.split_once('/') {
        Some((n, d)) => (fraction(n).ok_or(bad)?, fraction(d).ok_or(bad)?),
        None => (fraction(text).ok_or(bad)?, (1, 1)),
    };
    // (a/b) / (c/d)
    let top = numerator.0.checked_mul(denominator.1).and_then(|n| n.checked_mul(BILLION)).ok_or("it is too large")?;
    let bottom = numerator.1.checked_mul(denominator.0).ok_or("it is too large")?;
    if bottom == 0 {
        return Err(bad);
    }
    if top % bottom != 0 {
        return Err("it is finer than a billionth of a CPU");
    }
    i64::try_from(top / bottom).map_err(|_| "it is too large")
}

/// A decimal as numerator and denominator.
fn fraction(text: &str) -> Option<(i128, i128)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().ok().filter(|e| e.abs() < 18)?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let all = format!("{whole}{part}");
    if digits.is_empty() || digits == "." || !all.bytes().all(|b| b.is_ascii_digit()) || part.len() > 18 {
        return None;
    }
    let mut top: i128 = if all.is_empty() { 0 } else { all.parse().ok().filter(|n| *n < 1 << 80)? };
    let mut bottom = 10i128.checked_pow(part.len() as u32)?;
    let scale = 10i128.checked_pow(exponent.unsigned_abs())?;
    if exponent >= 0 {
        top = top.checked_mul(scale)?;
    } else {
        bottom = bottom.checked_mul(scale)?;
    }
    Some((if negative { -top } else { top }, bottom))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_gos() {
        for (text, nanos) in [
            ("10s", 10_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("100ms", 100_000_000),
            ("1us", 1_000),
            ("0", 0),
            ("-1s", -1_000_000_000),
            (".5s", 500_000_000),
        ] {
            assert_eq!(duration(text), Ok(nanos), "{text}");
        }
        for text in ["", "10", "1d", "s", "1s2", "1 s", "1..5s", "99999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_printed_as_go_prints_them() {
        for (nanos, text) in [
            (0, "0s"),
            (90_000_000_000, "1m30s"),
            (60_000_000_000, "1m0s"),
            (3_600_000_000_000, "1h0m0s"),
            (1_500_000_000, "1.5s"),
            (100_000_000, "100ms"),
            (1_500, "1.5µs"),
            (7, "7ns"),
            (-1_000_000_000, "-1s"),
        ] {
            assert_eq!(go_duration(nanos), text);
            assert_eq!(duration(text), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn sizes_are_binary() {
        for (text, size) in [
            ("50M", 52_428_800),
            ("64m", 67_108_864),
            ("1.5gb", 1_610_612_736),
            ("1024", 1024),
            ("10 KiB", 10_240),
            ("7b", 7),
            ("1GiB", 1 << 30),
        ] {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        for text in ["", "M", "-1", "1x", "1mbb", "1bk", "1e3", "99999999999p"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn cpus_are_exact() {
        for (text, nano) in [("0.1", 100_000_000), ("1", 1_000_000_000), ("1/4", 250_000_000), ("5e-1", 500_000_000)] {
            assert_eq!(nano_cpus(text), Ok(nano), "{text}");
        }
        for text in ["", "x", "1/0", "0.0000000001", "1/3", "99999999999"] {
            assert!(nano_cpus(text).is_err(), "{text}");
        }
    }
}
