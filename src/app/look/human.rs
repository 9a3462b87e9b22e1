//! Times and words as docker says them.

use jiff::{SignedDuration, Timestamp};

/// How long, in docker's words: `Less than a second`, `About an hour`, `3 weeks`. A time in the future is no time at all.
pub fn ago(long: SignedDuration) -> String {
    let seconds = long.as_secs().max(0);
    let minutes = seconds / 60;
    // Hours are rounded, all else is cut.
    let hours = (seconds + 1800) / 3600;
    match () {
        () if seconds < 1 => "Less than a second".into(),
        () if seconds == 1 => "1 second".into(),
        () if seconds < 60 => format!("{seconds} seconds"),
        () if minutes == 1 => "About a minute".into(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".into(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 14 => format!("{} days", hours / 24),
        () if hours < 24 * 60 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 730 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", seconds / 3600 / 24 / 365),
    }
}

/// `2 hours ago`, in lower case; nothing for a time that is not known.
pub fn ago_between(since: Option<Timestamp>, now: Timestamp) -> Option<String> {
    since.map(|since| format!("{} ago", ago(now.duration_since(since)).to_lowercase()))
}

/// The first letter large.
pub fn pretty(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// At most `limit` bytes, with `…` for what is left out; never in the middle of a letter.
pub fn ellipsis(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit.saturating_sub(1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(-5, "Less than a second")]
    #[case(0, "Less than a second")]
    #[case(1, "1 second")]
    #[case(59, "59 seconds")]
    #[case(60, "About a minute")]
    #[case(119, "About a minute")]
    #[case(120, "2 minutes")]
    #[case(59 * 60 + 59, "59 minutes")]
    #[case(3600, "About an hour")]
    #[case(5399, "About an hour")]
    #[case(5400, "2 hours")]
    #[case(47 * 3600 + 1799, "47 hours")]
    #[case(47 * 3600 + 1800, "2 days")]
    #[case(13 * 86400, "13 days")]
    #[case(14 * 86400, "2 weeks")]
    #[case(59 * 86400, "8 weeks")]
    #[case(60 * 86400, "2 months")]
    #[case(729 * 86400, "24 months")]
    #[case(730 * 86400, "2 years")]
    fn says_how_long(#[case] seconds: i64, #[case] words: &str) {
        assert_eq!(ago(SignedDuration::from_secs(seconds)), words);
    }

    #[test]
    fn cuts_between_letters() {
        assert_eq!(ellipsis("No such image: 10.98.0.1:5000/missing", 30), "No such image: 10.98.0.1:5000…");
        assert_eq!(ellipsis("ééé", 4), "é…");
        assert_eq!(ellipsis("short", 5), "short");
        assert_eq!(ellipsis("short", 0), "…");
    }

    #[test]
    fn capitals() {
        assert_eq!(pretty("running"), "Running");
        assert_eq!(pretty(""), "");
    }
}
