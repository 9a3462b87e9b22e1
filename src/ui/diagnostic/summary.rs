//! "2 errors, 1 warning".

use crate::diagnostic::{Diagnostics, Severity};

/// Errors and warnings, counted; `None` where there are neither.
pub fn summary(diagnostics: &Diagnostics) -> Option<String> {
    let parts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning")]
        .into_iter()
        .map(|(severity, word)| (diagnostics.count(severity), word))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| count(n as u64, word))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `1 task`, `2 tasks`.
pub fn count(n: u64, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, code};

    #[test]
    fn counts_errors_before_warnings() {
        let mut diagnostics = Diagnostics::default();
        assert_eq!(summary(&diagnostics), None);
        diagnostics.push(Diagnostic::warning(code::UNKNOWN_KEY, "a"));
        assert_eq!(summary(&diagnostics).as_deref(), Some("1 warning"));
        diagnostics.extend([Diagnostic::error(code::UNKNOWN_KEY, "b"), Diagnostic::error(code::UNKNOWN_KEY, "c")]);
        assert_eq!(summary(&diagnostics).as_deref(), Some("2 errors, 1 warning"));
    }
}
