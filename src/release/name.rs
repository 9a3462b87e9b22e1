//! How stackup's own objects are called, and what their labels say.

use sha2::{Digest, Sha256};

/// The stack that a record or a lock belongs to. No namespace label: nothing of ours is part of the stack itself.
pub const STACK: &str = "stackup.stack";
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

/// `stackup.lock.<hash>`.
pub(super) fn lock(stack: &str) -> String {
    format!("stackup.lock.{}", hash(stack))
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
        assert_ne!(lock("shop"), lock("shop2"));
    }
}
