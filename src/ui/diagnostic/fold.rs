//! Advice that repeats itself is shown a few times and then counted.

use std::collections::BTreeMap;

use super::summary::count;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, code};

/// So many warnings of one rule are shown.
const SHOWN: usize = 3;

/// The problems to show in full, and a line for each rule with more: `12 more SU0401 (no health check): …`. Errors and
/// warnings that are no advice are all shown.
pub fn fold(diagnostics: &Diagnostics) -> (Diagnostics, Vec<String>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown = Diagnostics::default();
    for diagnostic in diagnostics {
        let n = seen.entry(diagnostic.code.id).or_default();
        if is_advice(diagnostic) {
            *n += 1;
        }
        if *n <= SHOWN {
            shown.push(diagnostic.clone());
        }
    }
    let more = code::LINT.iter().filter_map(|code| {
        let n = seen.get(code.id).filter(|n| **n > SHOWN)? - SHOWN;
        Some(format!(
            "and {} of {} ({}); --format compact lists all",
            count(n as u64, "more warning"),
            code.id,
            code.title
        ))
    });
    (shown, more.collect())
}

fn is_advice(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Warning && code::LINT.contains(&diagnostic.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_folded_and_nothing_else() {
        let mut diagnostics = Diagnostics::default();
        for _ in 0..5 {
            diagnostics.push(Diagnostic::warning(code::NO_HEALTHCHECK, "a"));
            diagnostics.push(Diagnostic::error(code::NO_FAILURE_ACTION, "denied"));
            diagnostics.push(Diagnostic::warning(code::UNSET_VARIABLE, "b"));
        }
        let (shown, more) = fold(&diagnostics);
        assert_eq!(shown.len(), 3 + 5 + 5);
        assert_eq!(more, ["and 2 more warnings of SU0401 (no health check); --format compact lists all"]);
    }
}
