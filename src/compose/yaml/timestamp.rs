//! Dates. Docker stores what Go prints for them, not what the file says.

/// Go's print of a date that yaml.v3 takes for one: `2006-1-2`, or with a time, and maybe with a zone.
pub fn printed(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('-')?;
    if year.len() != 4 {
        return None;
    }
    let (month, rest) = rest.split_once('-')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, rest) = rest.split_at(end);
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest.is_empty() {
        return Some(format!("{date} 00:00:00 +0000 UTC"));
    }
    let (zoned, clock) = match rest.strip_prefix(['T', 't']) {
        Some(clock) => (true, clock),
        None => (false, rest.strip_prefix(' ')?),
    };
    let (clock, zone) = if zoned { split_zone(clock)? } else { (clock, "+0000 UTC".to_owned()) };
    Some(format!("{date} {} {zone}", time(clock)?))
}

fn digits(text: &str, most: usize) -> Option<u32> {
    let good = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `Z` or `±hh:mm`, as Go prints it.
fn split_zone(clock: &str) -> Option<(&str, String)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock, "+0000 UTC".to_owned()));
    }
    let at = clock.rfind(['+', '-'])?;
    let (clock, zone) = clock.split_at(at);
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let good = digits(hours, 2)? < 25 && digits(minutes, 2)? < 60 && hours.len() == 2 && minutes.len() == 2;
    let zone = format!("{}{hours}{minutes}", zone.get(..1)?);
    good.then(|| (clock, format!("{zone} {zone}")))
}

fn time(clock: &str) -> Option<String> {
    let mut parts = clock.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || fraction.len() > 9 {
        return None;
    }
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hour:02}:{minute:02}:{second:02}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_dates_as_go_does() {
        assert_eq!(printed("2020-01-01").as_deref(), Some("2020-01-01 00:00:00 +0000 UTC"));
        assert_eq!(printed("2001-12-14t21:59:43.10-05:00").as_deref(), Some("2001-12-14 21:59:43.1 -0500 -0500"));
        assert_eq!(printed("2001-12-14 21:59:43.10").as_deref(), Some("2001-12-14 21:59:43.1 +0000 UTC"));
        for no in ["2020-13-01", "20-1-1", "2020-02-30", "2020-01", "2020-01-01x", "192.168-1-1", "2020-01-01T10"] {
            assert_eq!(printed(no), None, "{no}");
        }
    }
}
