//! A checked Compose stack to what swarm stores: docker's conversion, field for field.

use super::Desired;
use crate::compose::model::Stack;
use crate::diagnostic::Diagnostics;

/// The specs that the stack `name` wants. Problems that only show here (an unknown mode, a duplicate target) are added.
pub fn convert(stack: &Stack, name: &str, diagnostics: &mut Diagnostics) -> Desired {
    let _ = (stack, name, diagnostics);
    todo!("being built")
}
