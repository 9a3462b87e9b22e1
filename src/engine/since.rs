//! `--since` as docker takes it: Unix seconds, a duration before now, or a date, with or without a zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::EngineError;

/// The Unix seconds (`1700000000.000000000`) that the engine wants.
pub fn engine_time(text: &str, now: Timestamp) -> Result<String, EngineError> {
    let text = text.trim();
    if is_unix(text) {
        return Ok(text.to_owned());
    }
    let time = duration(text)
        .and_then(|ago| now.checked_sub(ago).ok())
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| local(text));
    let Some(time) = time else {
        return Err(EngineError::Local(format!(
            "`{text}` is no time: write a duration such as `10m` or `1h30m`, a date such as `2026-01-31T15:04:05`, or Unix seconds"
        )));
    };
    Ok(format!("{}.{:09}", time.as_second(), time.subsec_nanosecond().max(0)))
}

fn is_unix(text: &str) -> bool {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(seconds) && digits(fraction) && fraction.len() <= 9
}

/// Go's: `1h30m`, `1.5s`, `300ms`.
fn duration(text: &str) -> Option<SignedDuration> {
    let mut rest = text;
    let mut total = SignedDuration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(letters);
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let part = SignedDuration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = next;
    }
    Some(total)
}

/// A date without a zone is the person's own time; hours, minutes and seconds may be left off.
fn local(text: &str) -> Option<Timestamp> {
    let (text, zone) = match text.strip_suffix('Z') {
        Some(text) => (text, TimeZone::UTC),
        None => (text, TimeZone::system()),
    };
    let full = match text.len() {
        10 => format!("{text}T00:00:00"),
        13 => format!("{text}:00:00"),
        16 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    full.parse::<DateTime>().ok()?.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_docker_takes() {
        let now: Timestamp = "2026-11-21T12:00:00.5Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let cases = [
            ("10m", at("2026-11-21T11:50:00.5Z")),
            ("1h30m", at("2026-11-21T10:30:00.5Z")),
            ("1.5s", at("2026-11-21T11:59:59Z")),
            ("2026-01-31T15:04:05Z", at("2026-01-31T15:04:05Z")),
            ("2026-01-31T15:04:05.25+02:00", at("2026-01-31T13:04:05.25Z")),
            ("2026-01-31T15:04Z", at("2026-01-31T15:04:00Z")),
            ("2026-01-31T15Z", at("2026-01-31T15:00:00Z")),
            ("2026-01-31Z", at("2026-01-31T00:00:00Z")),
        ];
        for (text, time) in cases {
            let expected = format!("{}.{:09}", time.as_second(), time.subsec_nanosecond());
            assert_eq!(engine_time(text, now).unwrap(), expected, "{text}");
        }
        assert_eq!(engine_time("1700000000.25", now).unwrap(), "1700000000.25");
        assert!(engine_time("2026-01-31T15:04:05", now).is_ok());
    }

    #[test]
    fn names_what_it_cannot_read() {
        for text in ["", "yesterday", "10 m", "5x", "1h-5m", ".", "-", "99999999999999999999h"] {
            assert!(engine_time(text, Timestamp::UNIX_EPOCH).is_err(), "{text}");
        }
    }
}
