//! Stable codes, each with a title and an explanation (`stackup explain CODE`). One file a range.

mod compose;
mod engine;
mod interpolate;
mod lint;
mod plan;
mod preflight;
mod reading;
mod rollout;
mod settings;
mod watch;

pub use compose::*;
pub use engine::*;
pub use interpolate::*;
pub use lint::*;
pub use plan::*;
pub use preflight::*;
pub use reading::*;
pub use rollout::*;
pub use settings::*;
pub use watch::*;

/// A stable name for one kind of problem, such as `SU0201`. Never given to another kind later.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    pub id: &'static str,
    /// A few words, for lists.
    pub title: &'static str,
    /// What it means, why it matters and what to do, for `stackup explain`.
    pub explanation: &'static str,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Code {}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// Declares the codes of one range and `ALL` of them.
macro_rules! codes {
    ($all:ident: $($name:ident = $id:literal, $title:literal, $explanation:literal;)*) => {
        $(#[doc = $title] pub const $name: super::Code =
            super::Code { id: $id, title: $title, explanation: $explanation };)*
        pub const $all: &[super::Code] = &[$($name),*];
    };
}
use codes;

/// Every code there is, by range.
pub fn all() -> impl Iterator<Item = Code> {
    [READING, INTERPOLATE, COMPOSE, LINT, PREFLIGHT, ENGINE, PLAN, ROLLOUT, SETTINGS, WATCH]
        .into_iter()
        .flatten()
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for code in all() {
            assert!(seen.insert(code.id), "{} is given twice", code.id);
            assert!(code.id.len() == 6 && code.id.starts_with("SU"), "{}", code.id);
            assert!(code.explanation.len() > code.title.len(), "{} says nothing", code.id);
        }
    }
}
