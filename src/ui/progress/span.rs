//! Lengths of time for people.

use jiff::SignedDuration;

/// `0.4s`, `12s`, `2m29s`, `1h05m`.
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..=9 => format!("{:.1}s", duration.as_secs_f64().max(0.0)),
        10..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_times_have_tenths_and_long_ones_do_not() {
        for (seconds, text) in [(0.44, "0.4s"), (12.9, "12s"), (149.0, "2m29s"), (3900.0, "1h05m"), (-3.0, "0.0s")] {
            assert_eq!(span(SignedDuration::try_from_secs_f64(seconds).unwrap()), text);
        }
    }
}
