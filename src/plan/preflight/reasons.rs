//! Why nodes take no task, in words.

use std::collections::BTreeMap;

use crate::plan::{Reason, Refusal};

/// `drained: n1; not matching node.labels.disk == ssd: n2, n3`: every node once, by the first thing in its way.
pub(super) fn reasons(refused: &[Refusal]) -> String {
    let mut groups: BTreeMap<&Reason, Vec<&str>> = BTreeMap::new();
    let mut order: Vec<(String, Vec<&str>)> = Vec::new();
    for refusal in refused {
        if let Some(reason) = refusal.reasons.first() {
            groups.entry(reason).or_default().push(&refusal.hostname);
        }
    }
    for (reason, nodes) in groups {
        let words = words(reason);
        match order.iter_mut().find(|(known, _)| *known == words) {
            Some((_, known)) => known.extend(nodes),
            None => order.push((words, nodes)),
        }
    }
    let parts = order.iter().map(|(words, nodes)| format!("{words}: {}", short_list(nodes)));
    parts.collect::<Vec<_>>().join("; ")
}

fn words(reason: &Reason) -> String {
    match reason {
        Reason::Drained => "drained".to_owned(),
        Reason::Paused => "paused".to_owned(),
        Reason::NotReady(state) => (*state).to_owned(),
        Reason::Cpu { wanted, .. } => format!("less than {} CPU free", cpus(*wanted)),
        Reason::Memory { wanted, .. } => format!("less than {} of memory free", bytes(*wanted)),
        Reason::Generic { kind, wanted, .. } => format!("less than {wanted} {kind} free"),
        Reason::Plugin { kind, name } => format!("without the {kind} plugin {name}"),
        Reason::Constraint(text) => format!("not matching {text}"),
        Reason::Platform(platform) => format!("{platform}, for which there is no image"),
        Reason::HostPort(port) => format!("port {port} taken"),
        Reason::MaxReplicas(most) => format!("{most} a node reached"),
    }
}

/// `free: n1 1.2 GiB, n2 0 B`, of what runs short.
pub(super) fn free(refused: &[Refusal]) -> Option<String> {
    let parts: Vec<String> = refused
        .iter()
        .filter_map(|refusal| {
            let short: Vec<String> = refusal.reasons.iter().filter_map(amount).collect();
            (!short.is_empty()).then(|| format!("{} {}", refusal.hostname, short.join(" and ")))
        })
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    (!parts.is_empty()).then(|| format!("free: {}", short_list(&parts)))
}

fn amount(reason: &Reason) -> Option<String> {
    match reason {
        Reason::Cpu { free, .. } => Some(format!("{} CPU", cpus(*free))),
        Reason::Memory { free, .. } => Some(bytes(*free)),
        Reason::Generic { kind, free, .. } => Some(match free {
            Some(free) => format!("{free} {kind}"),
            None => format!("no {kind}"),
        }),
        _ => None,
    }
}

fn short_list(names: &[&str]) -> String {
    match names {
        [a, b, c, d, rest @ ..] if !rest.is_empty() => format!("{a}, {b}, {c}, {d} and {} more", rest.len()),
        all => all.join(", "),
    }
}

/// From 10⁻⁹: `0.25`, `2`.
fn cpus(nano: i64) -> String {
    let text = format!("{:.3}", nano as f64 / 1e9);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Rounded down, so that nobody is promised what is not there: `1.2 GiB`.
fn bytes(bytes: i64) -> String {
    let units = [(1_i64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (size, unit) in units {
        if bytes.abs() >= size {
            let text = format!("{:.1}", (bytes as f64 / size as f64 * 10.0).floor() / 10.0);
            return format!("{} {unit}", text.trim_end_matches(".0"));
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (nano, text) in [(2_000_000_000, "2"), (250_000_000, "0.25"), (0, "0"), (-500_000_000, "-0.5")] {
            assert_eq!(cpus(nano), text);
        }
        for (size, text) in [(0, "0 B"), (1 << 30, "1 GiB"), ((1 << 30) + (1 << 28), "1.2 GiB"), (1 << 20, "1 MiB")] {
            assert_eq!(bytes(size), text);
        }
    }
}
