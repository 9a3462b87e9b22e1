//! What all drawings share.

/// A length or place: a tenth is enough for the eye.
pub fn number(n: f64) -> String {
    format!("{n:.1}")
}
