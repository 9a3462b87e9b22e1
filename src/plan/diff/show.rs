//! Values as a Compose file would say them.

use serde_json::Value;

use super::rule::Show;

/// A spec's value in Compose words; what is not of the expected type stays as it is.
pub(super) fn compose_words(value: &Value, show: Show) -> Value {
    match (show, value) {
        (Show::Bytes, Value::Number(n)) => n.as_i64().map_or_else(|| value.clone(), |n| bytes(n).into()),
        (Show::Duration, Value::Number(n)) => n.as_i64().map_or_else(|| value.clone(), |n| duration(n).into()),
        (Show::Cpus, Value::Number(n)) => n.as_i64().map_or_else(|| value.clone(), |n| cpus(n).into()),
        (Show::Spread, Value::Array(list)) => {
            list.iter().map(|p| p.pointer("/Spread/SpreadDescriptor").unwrap_or(p).clone()).collect()
        }
        _ => value.clone(),
    }
}

/// `50M`; exact, so what is no whole unit is in bytes.
fn bytes(n: i64) -> String {
    for (unit, size) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)] {
        if n != 0 && n % size == 0 {
            return format!("{}{unit}", n / size);
        }
    }
    n.to_string()
}

/// `0.5`.
fn cpus(nano: i64) -> String {
    let whole = nano / 1_000_000_000;
    let rest = format!("{:09}", (nano % 1_000_000_000).abs());
    match rest.trim_end_matches('0') {
        "" => whole.to_string(),
        rest => format!("{whole}.{rest}"),
    }
}

/// `1m30s`, as Go says it.
pub(in crate::plan) fn duration(nanos: i64) -> String {
    let (minus, mut rest) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut said = minus.to_owned();
    for (unit, size) in [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ] {
        if rest >= size {
            said.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!([bytes(52_428_800), bytes(1 << 30), bytes(1000), bytes(0)], ["50M", "1G", "1000", "0"]);
        assert_eq!([cpus(500_000_000), cpus(2_000_000_000), cpus(1_000_000)], ["0.5", "2", "0.001"]);
        assert_eq!([duration(90_000_000_000), duration(5_000_000), duration(0)], ["1m30s", "5ms", "0s"]);
    }
}
