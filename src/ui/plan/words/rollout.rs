//! How a service is rolled over, and what that costs.

use crate::plan::{Rollout, Shape};
use crate::ui::diagnostic::count;

/// `2 at a time, start-first, delay 10s, monitor 30s, on failure: rollback; at least ~1m00s; 5 -> 3 running`
pub fn rollout(rollout: &Rollout) -> String {
    let mut out = settings(rollout);
    if let seconds @ 1.. = rollout.shape.least_ms / 1000 {
        out.push_str(&format!("; at least ~{}", clock(seconds)));
    }
    for words in [lowest(&rollout.shape), peak(&rollout.shape)].into_iter().flatten() {
        out.push_str(&format!("; {words}"));
    }
    out
}

/// What swarm goes by.
pub fn settings(rollout: &Rollout) -> String {
    let mut parts = vec![match rollout.parallelism {
        0 => "all at once".to_owned(),
        n => format!("{n} at a time"),
    }];
    parts.push(rollout.order.clone());
    if rollout.delay != "0s" {
        parts.push(format!("delay {}", rollout.delay));
    }
    parts.push(format!("monitor {}", rollout.monitor));
    parts.push(match rollout.max_failure_ratio {
        ratio if ratio > 0.0 => format!("on failure of more than {:.0}%: {}", ratio * 100.0, rollout.failure_action),
        _ => format!("on failure: {}", rollout.failure_action),
    });
    parts.join(", ")
}

/// `5 -> 3 running for at least 6s`, where fewer tasks serve on the way.
pub fn lowest(shape: &Shape) -> Option<String> {
    if shape.lowest >= shape.running.min(shape.wanted) {
        return None;
    }
    let long = match shape.low_ms() / 1000 {
        0 => String::new(),
        seconds => format!(" for at least {}", clock(seconds)),
    };
    Some(format!("{} -> {} running{long}", shape.running, shape.lowest))
}

/// `peak 7 to 10 tasks, up to 512M more memory reserved`, where old and new tasks run side by side.
pub fn peak(shape: &Shape) -> Option<String> {
    if shape.peak_most <= shape.running.max(shape.wanted) {
        return None;
    }
    let tasks = match (shape.peak, shape.peak_most) {
        (least, most) if least == most => format!("peak {}", count(most, "task")),
        (least, most) => format!("peak {least} to {most} tasks"),
    };
    let memory = match shape.more_memory {
        Some(bytes) if bytes > 0 => format!(", up to {} more memory reserved", size(bytes)),
        _ => String::new(),
    };
    Some(format!("{tasks}{memory}"))
}

/// `512M`, `1.5G`.
fn size(bytes: u64) -> String {
    let in_units = |unit: u64| (bytes as f64 / unit as f64 * 10.0).round() / 10.0;
    match bytes {
        0..0x10_0000 => format!("{}K", in_units(1 << 10)),
        0x10_0000..0x4000_0000 => format!("{}M", in_units(1 << 20)),
        _ => format!("{}G", in_units(1 << 30)),
    }
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
    fn what_a_rollout_costs_is_said_where_it_costs_something() {
        let even = Shape {
            tasks: 5,
            batch: 2,
            rounds: 3,
            round_ms: 0,
            gap_ms: 0,
            watch_ms: 0,
            least_ms: 0,
            running: 5,
            lowest: 5,
            wanted: 5,
            peak: 5,
            peak_most: 5,
            more_memory: None,
        };
        assert_eq!((lowest(&even), peak(&even)), (None, None));
        let stop_first = Shape { lowest: 3, gap_ms: 2000, ..even };
        assert_eq!(lowest(&stop_first).as_deref(), Some("5 -> 3 running for at least 6s"));
        let start_first = Shape { peak: 7, peak_most: 7, more_memory: Some(3 << 29), ..even };
        assert_eq!(peak(&start_first).as_deref(), Some("peak 7 tasks, up to 1.5G more memory reserved"));
        let slow = Shape { peak_most: 10, more_memory: None, ..start_first };
        assert_eq!(peak(&slow).as_deref(), Some("peak 7 to 10 tasks"));
    }

    #[test]
    fn clocks() {
        for (seconds, text) in [(5, "5s"), (60, "1m00s"), (7500, "2h05m")] {
            assert_eq!(clock(seconds), text);
        }
    }
}
