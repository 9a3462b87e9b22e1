//! How swarm will roll a service over, from the spec that will be written.

use serde_json::Value;

use crate::plan::{Action, Change, Write};

/// `2 at a time, start-first, delay 10s, monitor 30s, on failure: rollback; at least ~1m00s`. Only for what rolls.
pub fn words(change: &Change) -> Option<String> {
    let Write::UpdateService { spec, .. } = &change.write else { return None };
    if change.action != Action::Restart {
        return None;
    }
    let get = |key: &str| spec.pointer("/UpdateConfig").and_then(|config| config.get(key));
    // What swarm does where nothing is written.
    let mut parts = vec![match get("Parallelism").map(|n| n.as_u64().unwrap_or(1)).unwrap_or(1) {
        0 => "all at once".to_owned(),
        n => format!("{n} at a time"),
    }];
    parts.push(
        get("Order").and_then(Value::as_str).filter(|order| !order.is_empty()).unwrap_or("stop-first").to_owned(),
    );
    if let Some(delay) = get("Delay").and_then(Value::as_i64).filter(|delay| *delay > 0) {
        parts.push(format!("delay {}", duration(delay)));
    }
    let monitor = get("Monitor").and_then(Value::as_i64).filter(|monitor| *monitor > 0).unwrap_or(5_000_000_000);
    parts.push(format!("monitor {}", duration(monitor)));
    let failure = get("FailureAction").and_then(Value::as_str).filter(|action| !action.is_empty()).unwrap_or("pause");
    parts.push(format!("on failure: {failure}"));
    let least = match change.impact.min_seconds {
        0 => String::new(),
        seconds => format!("; at least ~{}", clock(seconds)),
    };
    Some(format!("{}{least}", parts.join(", ")))
}

/// Nanoseconds as a Compose file writes them: `1m30s`, `500ms`.
pub fn duration(nanos: i64) -> String {
    let units =
        [(3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
    let mut rest = nanos;
    let mut out = String::new();
    for (size, unit) in units {
        if rest >= size {
            out.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if rest > 0 || out.is_empty() {
        out.push_str(&format!("{rest}ns"));
    }
    out
}

/// `45s`, `1m00s`, `2h05m`.
pub fn clock(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_they_are_written() {
        for (nanos, text) in
            [(0, "0ns"), (10_000_000_000, "10s"), (90_000_000_000, "1m30s"), (1_500_000_000, "1s500ms")]
        {
            assert_eq!(duration(nanos), text);
        }
        for (seconds, text) in [(5, "5s"), (60, "1m00s"), (7500, "2h05m")] {
            assert_eq!(clock(seconds), text);
        }
    }
}
