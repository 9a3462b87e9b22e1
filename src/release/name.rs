//! How stackup's own objects are called, and what their labels say.

use sha2::{Digest, Sha256};

/// The stack that a record or a lock belongs to. No namespace label: nothing of ours is part of the stack itself.
pub const STACK: &str = "stackup.stack";
/// The watchers that a leader's lock belongs to.
const WATCH: &str = "stackup.watch";
/// The number of a release, on its head alone: so that heads can be listed without the parts.
pub(super) const RELEASE: &str = "stackup.release";

const DIGITS: usize = 16;

/// Stacks by a digest of their name: names of stacks are longer than what is left of a config's 64 characters.
fn hash(stack: &str) -> String {
    let digest = Sha256::digest(stack.as_bytes());
    digest.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// What all release objects of a stack begin with.
pub(super) fn heads(stack: &str) -> String {
    format!("stackup.release.{}", hash(stack))
}

/// `stackup.release.<hash>.<n>`.
pub(super) fn head(stack: &str, number: u64) -> String {
    format!("{}.{number}", heads(stack))
}

/// `stackup.release.<hash>.<n>.<part>`, parts from 0.
pub(super) fn part(stack: &str, number: u64, part: u64) -> String {
    format!("{}.{part}", head(stack, number))
}

/// It is a piece of a record, by its name: nobody looks into one but who goes back to that release.
pub fn is_part(name: &str) -> bool {
    name.strip_prefix("stackup.release.").is_some_and(|rest| rest.matches('.').count() == 2)
}

/// What a lease is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// A stack: who holds it may write to it.
    Stack(String),
    /// Watchers that follow the same: who holds it leads. No stack can be called so that its lock were this one.
    Watch(String),
}

impl Lock {
    /// `stackup.lock.<hash>`, `stackup.watch.<hash>`.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stack(stack) => format!("stackup.lock.{}", hash(stack)),
            Self::Watch(followed) => format!("stackup.watch.{}", hash(followed)),
        }
    }

    /// The label that says whose it is. A leader's lock is no stack's, so nothing that looks for a stack's finds it.
    pub(super) fn label(&self) -> (&'static str, &str) {
        match self {
            Self::Stack(stack) => (STACK, stack),
            Self::Watch(followed) => (WATCH, followed),
        }
    }

    /// `the stack`, in sentences.
    pub(super) fn whose(&self) -> &'static str {
        match self {
            Self::Stack(_) => "the stack",
            Self::Watch(_) => "the watchers",
        }
    }
}

impl From<&str> for Lock {
    fn from(stack: &str) -> Self {
        Self::Stack(stack.to_owned())
    }
}

impl From<&String> for Lock {
    fn from(stack: &String) -> Self {
        Self::Stack(stack.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_begin_with_no_other() {
        let longest = part(&"x".repeat(200), u64::from(u32::MAX), 9_999);
        assert!(longest.len() <= 64, "{longest}");
        assert_eq!(head("shop", 3), "stackup.release.8d9001d32c6a703d.3");
        assert!(part("shop", 3, 0).starts_with(&format!("{}.", head("shop", 3))));
        assert!(is_part(&part("shop", 3, 0)) && !is_part(&head("shop", 3)) && !is_part("shop.release.a.1.2"));
        let lock = |stack: &str| Lock::from(stack).name();
        assert_ne!(lock("shop"), lock("shop2"));
        assert_eq!(lock("shop"), "stackup.lock.8d9001d32c6a703d");
        let leader = Lock::Watch("shop".into());
        assert_eq!((leader.name().as_str(), leader.label()), ("stackup.watch.8d9001d32c6a703d", (WATCH, "shop")));
        assert!(
            [leader.name(), "stackup.watch.8d9001d32c6a703d".into()].iter().all(|name| lock(name) != leader.name())
        );
    }
}
