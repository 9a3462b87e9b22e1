//! Warnings that are to be errors.

use crate::diagnostic::{Code, Diagnostics, Severity};

/// Which warnings count as errors.
#[derive(Clone, Debug, Default)]
pub struct Deny {
    pub all: bool,
    pub codes: Vec<Code>,
}

impl Deny {
    pub fn is_empty(&self) -> bool {
        !self.all && self.codes.is_empty()
    }

    fn denies(&self, code: Code) -> bool {
        self.all || self.codes.contains(&code)
    }

    /// Makes errors of the warnings that are denied; they come first then.
    pub fn apply(&self, diagnostics: Diagnostics) -> Diagnostics {
        if self.is_empty() {
            return diagnostics;
        }
        let mut all: Vec<_> = diagnostics.into_iter().collect();
        for diagnostic in &mut all {
            if diagnostic.severity == Severity::Warning && self.denies(diagnostic.code) {
                diagnostic.severity = Severity::Error;
            }
        }
        all.sort_by_key(|d| d.severity);
        let mut sorted = Diagnostics::default();
        sorted.extend(all);
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, code};

    #[test]
    fn denied_warnings_are_errors_and_come_first() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::warning(code::FLOATING_TAG, "a"));
        diagnostics.push(Diagnostic::warning(code::NO_HEALTHCHECK, "b"));
        diagnostics.push(Diagnostic::note(code::NO_HEALTHCHECK, "c"));
        let shown = |deny: Deny| -> Vec<String> {
            deny.apply(diagnostics.clone()).iter().map(|d| format!("{} {}", d.severity.as_str(), d.message)).collect()
        };
        assert_eq!(shown(Deny::default()), ["warning a", "warning b", "note c"]);
        assert_eq!(shown(Deny { all: false, codes: vec![code::NO_HEALTHCHECK] }), ["error b", "warning a", "note c"]);
        assert_eq!(shown(Deny { all: true, codes: vec![] }), ["error a", "error b", "note c"]);
    }
}
